/*
 * Digests of the rows that the database has (row/row_digest), so that the files' rows can be
 * compared with them: 8 bytes for each row of a table with a single-column key, else for each
 * parent.
 */
#ifndef TARGET_EXISTING_DIGEST_H
#define TARGET_EXISTING_DIGEST_H

#include "pg/copy_out.h"
#include "pg/session.h"
#include "pg/statement.h"
#include "plan/plan.h"

#include <stdbool.h>
#include <stdint.h>

/* Chooses the columns that are compared; none where nothing is: in an empty table, in one without
 * files, where the mode looks at no value of a row that is there, and where the files are so small
 * (LOOKUP_NAMED) that their keys of several parts are better asked for. ERROR_INTERNAL when the
 * system gives no random bytes. */
bool existing_digest_choose(struct dataset *dataset, struct error *error);

/* Notes a row of a table with a single-column key; `fields` are the compared columns. */
bool existing_digest_note(struct dataset *dataset, int64_t id, const struct copy_out_field *fields,
                          struct error *error);

/* Reads all rows of a table whose key has several parts, those above the floor left out, and adds
 * up their digests by parent. Nothing is read where nothing is compared. */
bool existing_digest_read(const struct plan *plan, struct dataset *dataset,
                          const struct session *session);

#endif
