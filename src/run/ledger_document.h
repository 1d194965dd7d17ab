/*
 * The report as the ledger takes it: JSON in characters that the database can hold.
 */
#ifndef RUN_LEDGER_DOCUMENT_H
#define RUN_LEDGER_DOCUMENT_H

#include "value/encoding.h"

#include <jansson.h>

/* The text of a report, in which "?" stands for each character that the database cannot hold; the
 * report is changed alike. Freed by the caller; NULL when memory ran out. */
char *ledger_document(json_t *report, struct encoding *encoding);

#endif
