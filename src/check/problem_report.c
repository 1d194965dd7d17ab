#include "check/problem_report.h"

#include "base/short_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What to do next, as a warning or as a part of the error's hint. */
struct advice {
    struct log *log; /* of warnings; NULL: it becomes the hint */
    char hint[ERROR_TEXT_SIZE];
    size_t length;
};

/* Takes a text without a full stop, in lower case. A hint is made of sentences. */
static void advise(struct advice *advice, const char *text)
{
    size_t room = sizeof advice->hint - advice->length;
    int written;

    if (advice->log != NULL) {
        log_warning(advice->log, "%s", text);
        return;
    }
    written = snprintf(advice->hint + advice->length, room, "%s%c%s.",
                       advice->length > 0 ? " " : "", toupper((unsigned char)text[0]), text + 1);
    if (written > 0)
        advice->length += (size_t)written < room ? (size_t)written : room - 1;
}

/* What stands before the place-th part of a list of `count`: "a, b and c". */
static const char *separator(size_t place, size_t count, const char *last)
{
    if (place == 0)
        return "";
    return place + 1 < count ? ", " : last;
}

/* The columns without which a file is not recognised as the table's. */
static void append_columns(struct short_text *text, const struct table *table)
{
    size_t count = 0, place = 0;

    for (size_t i = 0; i < table->column_count; i++)
        count += table->columns[i].identifies;
    for (size_t i = 0; i < table->column_count; i++)
        if (table->columns[i].identifies) {
            short_text_append(text, "%s%s", separator(place, count, " and "),
                              table->columns[i].header);
            place++;
        }
}

/* Rows that refer to a row of the table which is nowhere. */
static uint64_t count_orphans(const struct plan *plan, enum table_id id)
{
    uint64_t rows = 0;

    for (int other = 0; other < TABLE_COUNT; other++) {
        const struct dataset *dataset = &plan->datasets[other];

        for (size_t i = 0; i < dataset->reference_count; i++)
            if (dataset->table->columns[dataset->references[i]].references == id)
                rows += dataset->files.references_violated[dataset->references[i]];
    }
    return rows;
}

/* A table of which nobody brings a row was forgotten. */
static void advise_of_forgotten(struct advice *advice, const struct plan *plan)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *parent = &plan->datasets[id];
        struct short_text text = {0};

        if (parent->source_count > 0 || parent->files.infer || !parent->database.catalog.empty ||
            count_orphans(plan, parent->id) == 0)
            continue;
        short_text_append(&text,
                          "no file has %s, and the database has none: add a file with the columns ",
                          parent->table->dataset);
        append_columns(&text, parent->table);
        if (parent->table->inferable)
            short_text_append(&text, ", or make placeholders with --infer=%s", parent->table->name);
        advise(advice, text.bytes);
    }
}

static bool has_wrong_status(const struct source *source)
{
    for (size_t i = 0; i < source->problems.kept; i++) {
        const struct problem *problem = &source->problems.first[i];
        int column =
            table_column_of_header(source->table, problem->column, strlen(problem->column));

        if (problem->code == PROBLEM_TYPE && column >= 0 &&
            source->table->columns[column].type == COLUMN_ORDER_STATUS)
            return true;
    }
    return false;
}

static void advise_of_statuses(struct advice *advice, const struct plan *plan)
{
    struct short_text text = {0};

    for (size_t i = 0; i < plan->source_count; i++) {
        if (!has_wrong_status(plan->sources[i]))
            continue;
        short_text_append(&text, "a status is ");
        for (int status = 0; status < ORDER_STATUS_COUNT; status++)
            short_text_append(&text, "%s%s", separator((size_t)status, ORDER_STATUS_COUNT, " or "),
                              table_order_status(status));
        advise(advice, text.bytes);
        return;
    }
}

/* What is to be done about rows that have a problem of this kind, once. */
struct row_advice {
    enum problem_code code;
    const char *reason; /* or what it has */
    const char *text;
};

static const struct row_advice row_advices[] = {
    {PROBLEM_DUPLICATE, "stands twice",
     "of rows with the same key, --duplicates=first or --duplicates=last keeps one"},
    {PROBLEM_FORMAT, problem_separators_alone,
     "spreadsheets write separators below a table: take such lines away by \"grep -aEv "
     "'^(\"\")?(,(\"\")?)+\\s*$' FILE >NEW\""},
    {PROBLEM_FORMAT, problem_header_again,
     "files that are put one behind the other keep their headers: take all but the first away by "
     "\"awk 'NR==1{h=$0} NR==1||$0!=h' FILE >NEW\""},
    {PROBLEM_ENCODING, "NUL byte",
     "NUL bytes are there where a disk was full or a copy was cut off: get the file again"},
    {PROBLEM_ENCODING, "UTF-8",
     "where a whole file has another encoding, convert it, for example by \"iconv -f WINDOWS-1252 "
     "-t UTF-8 <FILE >NEW\""},
};

/* The first file with such a row; NULL: none has one. */
static const struct source *find_problem(const struct plan *plan, const struct row_advice *advice)
{
    for (size_t i = 0; i < plan->source_count; i++) {
        const struct problem_list *problems = &plan->sources[i]->problems;

        for (size_t k = 0; k < problems->kept; k++)
            if (problems->first[k].code == advice->code &&
                strstr(problems->first[k].reason, advice->reason) != NULL)
                return plan->sources[i];
    }
    return NULL;
}

/* What a command is for is the text, which a file that is compressed has not. */
static void advise_of_unpacking(struct advice *advice, const struct source *source,
                                const char *text)
{
    const char *unpack = input_unpack_advice(source->input);
    struct short_text both = {0};

    if (unpack != NULL && strstr(text, "NEW") != NULL)
        short_text_append(&both, "%s; ", unpack);
    short_text_append(&both, "%s", text);
    advise(advice, both.bytes);
}

static void advise_of_rows(struct advice *advice, const struct plan *plan)
{
    for (size_t i = 0; i < sizeof row_advices / sizeof *row_advices; i++) {
        const struct source *source = find_problem(plan, &row_advices[i]);

        if (source != NULL)
            advise_of_unpacking(advice, source, row_advices[i].text);
    }
}

/* Whether rows lack the last field, which has no name. */
static bool has_trailing_comma(const struct source *source)
{
    const char *last = source->header_names[source->field_count - 1];
    char name[PROBLEM_COLUMN_SIZE];

    if (last[0] != '\0')
        return false;
    for (size_t i = 0; i < source->problems.kept; i++)
        if (source->problems.first[i].code == PROBLEM_FORMAT &&
            strcmp(source->problems.first[i].column,
                   source_field_name(source, source->field_count - 1, name)) == 0)
            return true;
    return false;
}

static void advise_of_trailing_comma(struct advice *advice, const struct plan *plan)
{
    for (size_t i = 0; i < plan->source_count; i++)
        if (has_trailing_comma(plan->sources[i])) {
            advise_of_unpacking(advice, plan->sources[i],
                                "the header ends with a comma, and rows do not: take it away by "
                                "\"sed '1s/,\\s*$//' FILE >NEW\"");
            return;
        }
}

/* Whether a row is wrong only because it was loaded before, which another mode would allow. */
static bool is_loaded_already(const struct source *source, const struct dataset *dataset)
{
    const struct table *table = source->table;
    const char *key = table->columns[table->key[table->key_count - 1]].header;

    for (size_t i = 0; dataset->mode == MODE_INSERT && i < source->problems.kept; i++)
        if (source->problems.first[i].code == PROBLEM_EXISTS &&
            strcmp(source->problems.first[i].column, key) == 0)
            return true;
    return false;
}

/* Where bad rows are set aside, those that were loaded before are usual. */
static void advise_of_mode(struct advice *advice, const struct plan *plan)
{
    for (size_t i = 0; i < plan->source_count; i++) {
        const struct source *source = plan->sources[i];
        const struct dataset *dataset = &plan->datasets[source->table_id];

        if (!dataset->files.sets_aside && is_loaded_already(source, dataset)) {
            advise(advice, "rows that were loaded before are left alone by --mode=skip, and "
                           "brought up to date by --mode=upsert");
            return;
        }
    }
}

/* Sets the error when there are bad rows that are not set aside. */
static bool refuse_bad_rows(const struct plan *plan, struct error *error)
{
    uint64_t rows = 0, files = 0;

    for (size_t i = 0; i < plan->source_count; i++) {
        const struct source *source = plan->sources[i];

        if (plan->datasets[source->table_id].files.sets_aside)
            continue;
        rows += source->rows_bad;
        files += source->rows_bad > 0;
    }
    return rows == 0 || error_set(error, ERROR_DATA,
                                  "%" PRIu64 " bad row%s in %" PRIu64 " file%s; nothing was loaded",
                                  rows, rows == 1 ? "" : "s", files, files == 1 ? "" : "s");
}

bool problem_report(const struct plan *plan, struct log *log, struct error *error)
{
    bool failed_before = error->kind != ERROR_NONE, right;
    struct advice advice = {0};

    for (size_t i = 0; i < plan->source_count; i++)
        problem_list_print(&plan->sources[i]->problems, plan->sources[i]->path, log);
    right = refuse_bad_rows(plan, error);
    if (right || failed_before)
        advice.log = log;
    else
        advise_of_mode(&advice, plan);
    advise_of_forgotten(&advice, plan);
    advise_of_statuses(&advice, plan);
    advise_of_rows(&advice, plan);
    advise_of_trailing_comma(&advice, plan);
    return right || error_hint(error, "%s", advice.hint);
}
