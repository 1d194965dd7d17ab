/*
 * A whole run: from files to a committed transaction, or to nothing.
 */
#ifndef RUN_RUN_H
#define RUN_RUN_H

#include "base/error.h"
#include "base/log.h"
#include "run/record.h"
#include "run/report_file.h"

#include <stdbool.h>

/*
 * Checks the files alone, without a database: formats, types, duplicate keys, and foreign keys
 * among the files given; a reference to a table without a file is not checked. ERROR_DATA when
 * something is wrong. `report` is prepared before rejected rows get their names; NULL: none is
 * wanted.
 */
bool run_check(const struct run_options *options, struct report_file *report, struct log *log,
               struct run *run, struct error *error);

/*
 * Does it all: files, connection, lock, schema, every row, proof, sequences, commit; a dry run ends
 * in a rollback instead. The report (NULL: none is wanted) is on the disk before the commit, and is
 * the caller's to finish. False with the error set, and then nothing was changed, unless
 * run->transaction is TRANSACTION_UNKNOWN. `run` has to be freed in either case.
 */
bool run_execute(const struct run_options *options, struct report_file *report, struct log *log,
                 struct run *run, struct error *error);

#endif
