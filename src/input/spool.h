/*
 * A copy of what can be read only once: a pipe, a FIFO, a terminal.
 */
#ifndef INPUT_SPOOL_H
#define INPUT_SPOOL_H

#include "base/error.h"

/*
 * Copies all that can be read from a descriptor to an unnamed file in $TMPDIR (else /tmp), mode
 * 0600, gone when it is closed. Returns its descriptor, at the start of the copy; -1 with
 * ERROR_FILE or the interrupt's error. The source stays open; `name` is what messages call it.
 */
int spool(int source, const char *name, struct error *error);

#endif
