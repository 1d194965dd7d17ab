/*
 * Texts for one column, read by timele-load, sent as a run sends them, and judged on the server by
 * PostgreSQL's own input function.
 */
#ifndef DIFFERENTIAL_JUDGE_H
#define DIFFERENTIAL_JUDGE_H

#include "base/list.h"
#include "differential_column.h"

#include <stdbool.h>
#include <stdint.h>

/* Which texts. */
struct differential_request {
    uint64_t seed;
    uint64_t first, count; /* their numbers */
    uint64_t step, offset; /* of these only those that, divided by step, leave offset */
};

enum differential_verdict {
    DIFFERENTIAL_BOTH_TAKE,
    DIFFERENTIAL_BOTH_REFUSE,
    DIFFERENTIAL_EXCEPTION, /* taken or stored otherwise, as the manual says */
    DIFFERENTIAL_STRICTER,  /* refused here alone, as the manual says */
    DIFFERENTIAL_FINDING    /* what must not be */
};

enum {
    DIFFERENTIAL_EXAMPLES = 5,
    DIFFERENTIAL_WHAT_SIZE = 80,
    DIFFERENTIAL_FORM_SIZE = ERROR_TEXT_SIZE
};

struct differential_example {
    size_t column;                      /* its number */
    uint64_t number;                    /* of the text */
    char forms[DIFFERENTIAL_FORM_SIZE]; /* of a finding: the binary forms, stored and expected */
};

/* How many texts came out the same way. */
struct differential_result {
    enum differential_verdict verdict;
    char what[DIFFERENTIAL_WHAT_SIZE]; /* the class, the finding; else "" */
    uint64_t count;
    size_t example_count;
    struct differential_example examples[DIFFERENTIAL_EXAMPLES]; /* the shortest of a batch first */
};

/*
 * Judges texts of a column, which it opens, and adds to the results, a list of struct
 * differential_result. In the session's transaction, in which differential_judge_prepare was
 * called; what it makes there is gone with it.
 */
bool differential_judge(struct differential_column *column,
                        const struct differential_request *request, struct list *results,
                        const struct session *session);

/* Begins the transaction of a run, with the schema and what judges. */
bool differential_judge_prepare(const struct session *session);

#endif
