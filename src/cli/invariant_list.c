#include "cli/invariant_list.h"

#include "base/display.h"
#include "cli/number.h"

#include <string.h>

/* Widths that make a line of 78 characters; "product_enriched.product_id -> products.products" is
 * the longest name. */
enum { STATE_WIDTH = 6, NAME_WIDTH = 48, ROWS_WIDTH = 10 };

static bool lacks_constraint(const struct verify_result *result)
{
    return result->constraint != NULL && strcmp(result->constraint, "valid") != 0;
}

static void print_examples(const struct verify_result *result, FILE *stream)
{
    if (lacks_constraint(result))
        display_line(stream, "%*s(the constraint is %s)", STATE_WIDTH + 2, "", result->constraint);
    for (size_t i = 0; i < result->example_count; i++)
        display_line(stream, "%*s%s", STATE_WIDTH + 4, "", result->examples[i]);
    if (result->broken > result->example_count)
        display_line(stream, "%*s...", STATE_WIDTH + 4, "");
}

/* What the server keeps has no rows that were looked at. */
static void print_proven(const struct verify_result *result, FILE *stream)
{
    display_line(stream, "%-*s  %-*s %*s by %s", STATE_WIDTH, "ok", NAME_WIDTH, result->name,
                 ROWS_WIDTH, "proven", result->proven_by);
}

static void print_result(const struct verify_result *result, FILE *stream)
{
    char rows[NUMBER_SIZE], wrong[NUMBER_SIZE];
    const char *note = lacks_constraint(result) ? result->constraint : "";

    if (result->proven_by[0] != '\0') {
        print_proven(result, stream);
        return;
    }
    if (result->broken > 0)
        note = number_format((int64_t)result->broken, wrong);
    display_print(stream, "%-*s  %-*s %*s", STATE_WIDTH, result->broken > 0 ? "FAILED" : "ok",
                  NAME_WIDTH, result->name, ROWS_WIDTH,
                  number_format((int64_t)result->checked, rows));
    if (note[0] != '\0')
        display_print(stream, " %*s", ROWS_WIDTH, note);
    display_end(stream);
    if (result->broken > 0)
        print_examples(result, stream);
}

bool invariant_list_print(const struct verify_results *invariants, FILE *stream)
{
    display_line(stream, "%-*s  %-*s %*s %*s", STATE_WIDTH, "", NAME_WIDTH, "invariant", ROWS_WIDTH,
                 "rows", ROWS_WIDTH, "wrong");
    for (size_t i = 0; i < invariants->list.count; i++)
        print_result((const struct verify_result *)invariants->list.items + i, stream);
    return fflush(stream) == 0 && ferror(stream) == 0;
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
