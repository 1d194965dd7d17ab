/*
 * Whether a row's key and its other unique values are free: in the files read so far and in the
 * database. Duplicates are refused, or one of the rows is left out.
 */
#ifndef CHECK_KEY_H
#define CHECK_KEY_H

#include "check/checked_row.h"
#include "plan/dataset.h"

#include <stdbool.h>
#include <stdint.h>

enum key_verdict {
    KEY_FREE,    /* the row may be loaded, and has taken its key */
    KEY_REFUSED, /* a problem was added */
    KEY_SKIPPED, /* an earlier row with the key, or the database's, is kept instead */
    KEY_FAILED   /* the error is set */
};

/*
 * Judges the row and, when it may be loaded, takes its key. A row that takes the place of an
 * earlier one leaves what follows from both to the database, in the plan's derived values. Events
 * are judged after their files, by out_of_order_judge. For a row in the database with the same id
 * the dataset's mode says what to do; the line of a row that is to be updated, or to take the place
 * of a placeholder, is in `updates` then. A unique value that another row of the database has may
 * be taken over where rows are updated, see check/takeover.
 */
enum key_verdict key_take(const struct checked_row *checked);

/* Whether the database's row stays, whatever else this one with its id says: in MODE_SKIP, where it
 * is no placeholder. */
bool key_stays(const struct dataset *dataset, const struct row *row);

/* A key of two parts; `child` as row_key_child gives it. */
struct key_pair {
    int64_t parent, child;
};

/* Adds a problem for a row that was read before: the line is left out as bad, and the last column
 * of its key named with the value that `child` stands for. False when memory ran out. */
bool key_refuse(struct dataset *dataset, uint32_t line, const struct key_pair *key,
                enum problem_code code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Frees the key of a row that has taken it and is bad for another reason. Where bad rows are set
 * aside, a good row with the same key may follow. False when memory ran out. */
bool key_give_back(struct dataset *dataset, const struct row *row);

/*
 * Remembers the id of a bad row, so that rows that refer to it are not reported as wrong too. Where
 * bad rows are set aside, those rows are rejected with it, unless a good row has the id. False when
 * memory ran out.
 */
bool key_note_bad(struct dataset *dataset, const struct row *row, uint32_t line);

/* "line 7", or "line 7 of other.csv" seen from another file; `text` is returned. */
enum { KEY_PLACE_SIZE = 160 };
const char *key_place(const struct dataset *dataset, const struct source *source, uint32_t line,
                      char text[KEY_PLACE_SIZE]);

#endif
