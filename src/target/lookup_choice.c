#include "target/lookup_choice.h"

#include <inttypes.h>

/* So many times the rows that files may name are what a table must have for a lookup. */
enum { ROWS_PER_LOOKUP = 4 };

/* A field with its comma takes so many bytes or more, on average of all fields of a file, and so
 * many times its size a compressed file takes when it is read. Both are guesses that make the
 * number of rows rather too large. */
enum { BYTES_PER_FIELD = 4, COMPRESSION_RATIO = 5 };

static uint64_t estimate_rows(const struct source *source)
{
    uint64_t bytes = input_size(source->input);

    if (input_is_compressed(source->input))
        bytes *= COMPRESSION_RATIO;
    return bytes / (source->field_count * BYTES_PER_FIELD);
}

/* About how many rows of a table the files name. */
static uint64_t estimate_named(const struct plan *plan, const struct table *table)
{
    uint64_t rows = 0;

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];

        if (dataset->table != table && table_column_naming(dataset->table, table) < 0)
            continue;
        for (size_t i = 0; i < dataset->source_count; i++)
            rows += estimate_rows(dataset->sources[i]);
    }
    return rows;
}

static void choose(const struct plan *plan, struct dataset *dataset, enum lookup wanted,
                   struct log *log)
{
    uint64_t named = estimate_named(plan, dataset->table);
    uint64_t rows = dataset->database.catalog.rows;
    bool replaced = dataset->mode == MODE_REPLACE && dataset->source_count > 0;
    bool small =
        wanted == LOOKUP_NAMED || (wanted == LOOKUP_BY_SIZE && named <= rows / ROWS_PER_LOOKUP);

    dataset->database.lookup = small && !replaced ? LOOKUP_NAMED : LOOKUP_WHOLE;
    if (replaced)
        log_verbose(log, "%s.%s: all rows are read, as --mode=replace deletes those in no file",
                    dataset->table->schema, dataset->table->name);
    else if (named > 0)
        log_verbose(log,
                    "%s.%s: about %" PRIu64 " rows, of which the files name about %" PRIu64
                    ", by their sizes: %s",
                    dataset->table->schema, dataset->table->name, rows, named < rows ? named : rows,
                    dataset->database.lookup == LOOKUP_NAMED
                        ? "a quarter at most, so only these are looked up"
                        : "more than a quarter, so all are read");
}

void lookup_choose(struct plan *plan, enum lookup wanted, const struct session *session)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &plan->datasets[id];

        if (dataset->database.catalog.read && !dataset->database.catalog.empty)
            choose(plan, dataset, wanted, session->log);
    }
}
