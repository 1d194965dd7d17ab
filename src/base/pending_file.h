/*
 * A file that has its name only when it is complete: it is written under a temporary one in the
 * same folder, with mode 0600, and renamed. Whoever sees the name sees all of it, or the file that
 * had the name before. A symbolic link stays: what it leads to is made or replaced.
 */
#ifndef BASE_PENDING_FILE_H
#define BASE_PENDING_FILE_H

#include "base/error.h"

#include <stdbool.h>
#include <stdio.h>

struct pending_file;

/* Who claims the folder (base/temporary_file): the file itself, or the caller, who has a claim for
 * all the time that the file has a temporary name, or could get none. */
enum pending_file_claim { PENDING_FILE_CLAIMS, PENDING_FILE_CLAIMED, PENDING_FILE_UNCLAIMED };

/* Creates the file beside `path` (borrowed), which names a regular file or nothing yet: a folder or
 * a device cannot be replaced by a file, or ought not to be. ERROR_FILE. */
bool pending_file_open(const char *path, enum pending_file_claim claim, struct pending_file **file,
                       struct error *error);

/* What to write to; NULL while the file rests, and once it is complete. Owned by the file. */
FILE *pending_file_stream(const struct pending_file *file);

/* Closes the stream, for more files than may be open at once, and opens it again, to go on. What
 * has no stream, or has one, is left as it is. ERROR_FILE. */
bool pending_file_rest(struct pending_file *file, struct error *error);
bool pending_file_resume(struct pending_file *file, struct error *error);

/* Sets the ERROR_FILE of a write to the stream that failed, from errno. Always returns false. */
bool pending_file_error(const struct pending_file *file, struct error *error);

/* Writes what is left to the disk; nothing can be added after it. ERROR_FILE. */
bool pending_file_complete(struct pending_file *file, struct error *error);

/* Whether another file has the same bytes as a complete one; false when it cannot be read. */
bool pending_file_is_same(const struct pending_file *file, const char *path);

/* Gives a complete file its name, over a file of that name. ERROR_FILE. */
bool pending_file_publish(struct pending_file *file, struct error *error);

/*
 * The same, but never over anything that has the name by now. A file that cannot have it keeps its
 * temporary one, which the error tells: it may be all that is left of what it holds.
 */
bool pending_file_publish_new(struct pending_file *file, struct error *error);

/* Frees; a file that was not published is removed. NULL is fine. */
void pending_file_free(struct pending_file *file);

#endif
