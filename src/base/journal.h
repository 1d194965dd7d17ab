/*
 * systemd's journal (systemd.exec(5), sd-daemon(3)): a line that begins with "<N>" has priority N.
 */
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H

#include <stdbool.h>

/* Whether the descriptor leads straight to the journal: $JOURNAL_STREAM names its device and inode.
 * A service may have sent it elsewhere since. */
bool journal_is(int descriptor);

#endif
