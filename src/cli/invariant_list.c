#include "cli/invariant_list.h"

#include "cli/number.h"
#include "cli/text_table.h"

#include <stdio.h>
#include <string.h>

/* The label has "ok", "FAILED" or "-" before the name. */
enum { STATE_WIDTH = 6, NAME_INDENT = STATE_WIDTH + 2, EXAMPLE_INDENT = NAME_INDENT + 2 };

enum { CELL_LABEL, CELL_ROWS, CELL_WRONG, CELL_PROOF, CELL_COUNT };

static const struct text_column columns_of_invariants[CELL_COUNT] = {
    [CELL_LABEL] = {.title = "        invariant"},
    [CELL_ROWS] = {.title = "rows", .is_number = true},
    [CELL_WRONG] = {.title = "wrong", .is_number = true},
    [CELL_PROOF] = {.title = "", .rank = 1},
};

static bool lacks_constraint(const struct verify_result *result)
{
    return result->constraint != NULL && strcmp(result->constraint, "valid") != 0;
}

static const char *state(const struct verify_result *result)
{
    if (result->not_checked != NULL)
        return "-";
    return result->broken > 0 ? "FAILED" : "ok";
}

static bool add_reason(struct text_table *table, const struct verify_result *result)
{
    char text[128];

    (void)snprintf(text, sizeof text, "(%s)", result->not_checked);
    return text_table_add_note(table, NAME_INDENT, text);
}

static bool add_examples(struct text_table *table, const struct verify_result *result)
{
    char text[64];
    bool added = true;

    if (lacks_constraint(result)) {
        (void)snprintf(text, sizeof text, "(the constraint is %s)", result->constraint);
        added = text_table_add_note(table, NAME_INDENT, text);
    }
    for (size_t i = 0; added && i < result->example_count; i++)
        added = text_table_add_note(table, EXAMPLE_INDENT, result->examples[i]);
    return added && (result->broken <= result->example_count ||
                     text_table_add_note(table, EXAMPLE_INDENT, "..."));
}

/* What the server keeps has no rows that were looked at. */
static bool add_result(struct text_table *table, const struct verify_result *result)
{
    char label[160], rows[NUMBER_SIZE], wrong[NUMBER_SIZE], proof[128] = "";
    const char *cells[CELL_COUNT] = {label, number_format((int64_t)result->checked, rows), NULL,
                                     proof};

    (void)snprintf(label, sizeof label, "%-*s  %s", STATE_WIDTH, state(result), result->name);
    if (result->not_checked != NULL) {
        cells[CELL_ROWS] = "not checked";
    } else if (result->proven_by[0] != '\0') {
        cells[CELL_ROWS] = "proven";
        (void)snprintf(proof, sizeof proof, "by %s", result->proven_by);
    } else if (result->broken > 0) {
        cells[CELL_WRONG] = number_format((int64_t)result->broken, wrong);
    } else if (lacks_constraint(result)) {
        cells[CELL_WRONG] = result->constraint;
    }
    return text_table_add(table, cells, NULL) &&
           (result->not_checked == NULL || add_reason(table, result)) &&
           (result->broken == 0 || add_examples(table, result));
}

bool invariant_list_print(const struct verify_results *invariants, int columns, FILE *stream)
{
    struct text_table table = {
        .columns = columns_of_invariants, .column_count = CELL_COUNT, .label_indent = NAME_INDENT};
    bool printed = true;

    for (size_t i = 0; printed && i < invariants->list.count; i++)
        printed = add_result(&table, (const struct verify_result *)invariants->list.items + i);
    printed = printed && text_table_print(&table, columns, stream);
    text_table_free(&table);
    return printed && fflush(stream) == 0 && ferror(stream) == 0;
}

void invariant_list_warn(const struct verify_results *invariants, struct log *log)
{
    char rows[NUMBER_SIZE], wrong[NUMBER_SIZE];
    char examples[VERIFY_EXAMPLES_MAX * (VERIFY_EXAMPLE_SIZE + 2)];

    for (size_t i = 0; i < invariants->list.count; i++) {
        const struct verify_result *result =
            (const struct verify_result *)invariants->list.items + i;
        size_t used = 0;

        if (result->broken == 0)
            continue;
        for (size_t j = 0; j < result->example_count && used < sizeof examples; j++)
            used += (size_t)snprintf(examples + used, sizeof examples - used, "%s%s",
                                     j == 0 ? "" : "; ", result->examples[j]);
        log_warning(log, "%s: %s of %s wrong: %s%s", result->name,
                    number_format((int64_t)result->broken, wrong),
                    number_format((int64_t)result->checked, rows), examples,
                    result->broken > result->example_count ? "; ..." : "");
    }
}
