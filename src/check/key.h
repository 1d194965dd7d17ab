/*
 * Whether a row's key and its other unique values are free: in the files read so far and in the
 * database. Duplicates are refused, or one of the rows is left out.
 */
#ifndef CHECK_KEY_H
#define CHECK_KEY_H

#include "derive/derived.h"
#include "plan/dataset.h"
#include "row/row.h"

#include <stdbool.h>
#include <stdint.h>

/* What to do with the same key twice in the input. */
enum duplicates { DUPLICATES_ERROR, DUPLICATES_FIRST, DUPLICATES_LAST };

enum key_verdict {
    KEY_FREE,    /* the row may be loaded, and has taken its key */
    KEY_REFUSED, /* a problem was added */
    KEY_SKIPPED, /* an earlier row with the key, or the database's, is kept instead */
    KEY_NO_MEMORY
};

/*
 * Judges the row on `line` (numbered through the table's files) and, when it may be loaded, takes
 * its key. A row that takes the place of an earlier one leaves what follows from both to the
 * database, in `derived`. Events are judged after their files, by scattered_judge. `floor` is where
 * the application's range starts for the key's first column, 0: nowhere. For a row in the database
 * with the same id the dataset's mode says what to do; the line of a row that is to be updated, or
 * to take the place of a placeholder, is in `updates` then. A unique value that another row of the
 * database has may be taken over where rows are updated, see contest_settle.
 */
enum key_verdict key_take(struct dataset *dataset, struct source *source,
                          const struct csv_record *record, const struct row *row, uint32_t line,
                          int64_t floor, enum duplicates duplicates, struct derived *derived);

/* The key within its parent as one number: the child's id, or time and status. */
int64_t key_child(const struct table *table, const struct row *row);

/* Adds a problem for a row that was read before: the line is left out as bad, and the last column
 * of its key named with the value that `child` stands for. False when memory ran out. */
bool key_refuse(struct dataset *dataset, uint32_t line, int64_t parent, int64_t child,
                enum problem_code code, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

/* Takes the key of a row away again that has taken it, and is bad for another reason: where bad
 * rows are set aside, a good one with the key may follow. False when memory ran out. */
bool key_give_back(struct dataset *dataset, const struct row *row);

/*
 * Remembers the id of a bad row. Rows which point to it are not called wrong as well; where bad
 * rows are set aside, they are rejected for that, unless another row has the id.
 */
bool key_note_bad(struct dataset *dataset, const struct row *row, uint32_t line);

/* "line 7", or "line 7 of other.csv" seen from another file; `text` is returned. */
enum { KEY_PLACE_SIZE = 160 };
const char *key_place(const struct dataset *dataset, const struct source *source, uint32_t line,
                      char text[KEY_PLACE_SIZE]);

#endif
