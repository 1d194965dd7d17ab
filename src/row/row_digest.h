/*
 * A row's digest: 64 bits that tell whether two rows have the same values in some columns, one row
 * from a file, the other from the database. So a row that nothing changes is known without being
 * sent.
 *
 * Two different rows have the same digest with a probability of 2^-64, and 2^-64 more for each text
 * in which they differ: with a billion rows compared, once in billions of runs. The hash is XXH3,
 * because it is the fastest of good quality: a digest of three numbers takes 15 ns, one of a user's
 * eleven columns 60 ns, a tenth of what the row's way through the CSV parser takes. It keeps nobody
 * from looking for rows that collide, so it is seeded from the system's random bytes, which nobody
 * knows in advance.
 */
#ifndef ROW_ROW_DIGEST_H
#define ROW_ROW_DIGEST_H

#include "pg/copy_out.h"
#include "pg/statement.h"
#include "row/row.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which columns of a table's rows are compared, and from where the hash starts. Caller-owned. */
struct row_digest_columns {
    const struct table *table; /* NULL: its rows are not compared */
    size_t columns[TABLE_COLUMNS_MAX];
    size_t count;
    uint64_t seed;
};

/* Draws a seed. False when the system gives no random bytes: errno says why. */
bool row_digest_draw_seed(uint64_t *seed);

/*
 * The digest of a file's row. False when it is unknown what the row would set a column to: the file
 * gives no value, and the column's rule (enum column_absent) looks at other rows, or leaves what is
 * there.
 */
bool row_digest(const struct row_digest_columns *columns, const struct row *row, uint64_t *digest);

/* Appends the compared columns to a SELECT, each with a comma before it. */
void row_digest_add_columns(struct statement *query, const struct row_digest_columns *columns);

/* The digest of a row of the database; `fields` are its compared columns, in their order. */
uint64_t row_digest_of_fields(const struct row_digest_columns *columns,
                              const struct copy_out_field *fields);

#endif
