/*
 * Value takeover: a row of the run has a unique value (an e-mail address) that another row of the
 * database has. That is fine when the other row gives its value up in the same run, because a file
 * gives it another one or because it is deleted. Whether it does is known when all files of the
 * table are read (check/takeover).
 */
#ifndef PLAN_VALUE_TAKEOVER_H
#define PLAN_VALUE_TAKEOVER_H

#include <stddef.h>
#include <stdint.h>

struct value_takeover {
    size_t column;
    int64_t owner;   /* id of the row that has the value in the database */
    uint64_t offset; /* of the value in the column's text index, which says who takes it over */
    uint32_t length;
};

#endif
