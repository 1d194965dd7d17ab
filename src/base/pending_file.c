#include "base/pending_file.h"

#include "base/file_place.h"
#include "base/temporary_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pending_file {
    const char *path;
    char *target;    /* the path with its symbolic links resolved, so that none is replaced */
    int claim;       /* on the target's directory; -1: there is none, or it is the caller's */
    char *temporary; /* NULL once it is published */
    FILE *stream;
};

bool pending_file_error(const struct pending_file *file, struct error *error)
{
    return error_set(error, error_kind_of_file(errno), "cannot write %s: %s", file->path,
                     strerror(errno));
}

/* In the same folder a rename cannot cross file systems. */
static bool create(struct pending_file *file, bool claimed, struct error *error)
{
    int descriptor = temporary_file_create(file->target, claimed, &file->temporary);

    if (descriptor < 0)
        return pending_file_error(file, error);
    file->stream = fdopen(descriptor, "w");
    if (file->stream != NULL)
        return true;
    (void)pending_file_error(file, error);
    (void)close(descriptor);
    return false;
}

/* A name with a slash at its end is a folder's. */
static bool may_be_made(const char *path)
{
    return path[0] != '\0' && path[strlen(path) - 1] != '/';
}

static bool require_replaceable(const char *path, struct error *error)
{
    struct stat status;

    if (stat(path, &status) != 0)
        return (errno == ENOENT && may_be_made(path)) ||
               error_set(error, error_kind_of_file(errno), "cannot write %s: %s", path,
                         strerror(errno));
    return S_ISREG(status.st_mode) ||
           error_set(error, ERROR_FILE, "cannot write %s: not a regular file", path);
}

static bool claim_directory(struct pending_file *file, struct error *error)
{
    const char *slash = strrchr(file->target, '/');
    char *directory =
        slash == NULL ? strdup(".") : strndup(file->target, (size_t)(slash - file->target) + 1);

    if (directory == NULL)
        return error_memory(error);
    file->claim = temporary_file_claim(directory);
    free(directory);
    return true;
}

static bool open_file(struct pending_file *file, enum pending_file_claim claim, struct error *error)
{
    file->target = file_place_path(file->path);
    if (file->target == NULL)
        return error_memory(error);
    if (claim != PENDING_FILE_CLAIMS)
        return create(file, claim == PENDING_FILE_CLAIMED, error);
    return claim_directory(file, error) && create(file, file->claim >= 0, error);
}

bool pending_file_open(const char *path, enum pending_file_claim claim, struct pending_file **file,
                       struct error *error)
{
    struct pending_file *opened;

    if (!require_replaceable(path, error))
        return false;
    opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return error_memory(error);
    opened->path = path;
    opened->claim = -1;
    if (!open_file(opened, claim, error)) {
        pending_file_free(opened);
        return false;
    }
    *file = opened;
    return true;
}

FILE *pending_file_stream(const struct pending_file *file)
{
    return file->stream;
}

bool pending_file_rest(struct pending_file *file, struct error *error)
{
    FILE *stream = file->stream;

    file->stream = NULL;
    return stream == NULL || fclose(stream) == 0 || pending_file_error(file, error);
}

bool pending_file_resume(struct pending_file *file, struct error *error)
{
    int descriptor;

    if (file->stream != NULL)
        return true;
    descriptor = open(file->temporary, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    if (descriptor < 0)
        return pending_file_error(file, error);
    file->stream = fdopen(descriptor, "a");
    if (file->stream != NULL)
        return true;
    (void)pending_file_error(file, error);
    (void)close(descriptor);
    return false;
}

bool pending_file_complete(struct pending_file *file, struct error *error)
{
    FILE *stream = file->stream;
    bool flushed = fflush(stream) == 0 && fsync(fileno(stream)) == 0;

    if (!flushed)
        (void)pending_file_error(file, error);
    file->stream = NULL;
    return (fclose(stream) == 0 || pending_file_error(file, error)) && flushed;
}

static bool have_same_bytes(FILE *one, FILE *other)
{
    char block[4096], other_block[sizeof block];
    size_t length;

    do {
        length = fread(block, 1, sizeof block, one);
        if (fread(other_block, 1, sizeof other_block, other) != length ||
            memcmp(block, other_block, length) != 0)
            return false;
    } while (length == sizeof block);
    return ferror(one) == 0 && ferror(other) == 0;
}

bool pending_file_is_same(const struct pending_file *file, const char *path)
{
    FILE *one = fopen(file->temporary, "re");
    FILE *other = fopen(path, "re");
    bool same = one != NULL && other != NULL && have_same_bytes(one, other);

    if (one != NULL)
        (void)fclose(one);
    if (other != NULL)
        (void)fclose(other);
    return same;
}

bool pending_file_publish(struct pending_file *file, struct error *error)
{
    if (rename(file->temporary, file->target) != 0)
        return pending_file_error(file, error);
    free(file->temporary);
    file->temporary = NULL;
    return true;
}

/* The folder is told as the path has it. */
static bool tell_where(const struct pending_file *file, int reason, struct error *error)
{
    const char *slash = strrchr(file->path, '/');

    return error_set(error, error_kind_of_file(reason), "cannot write %s: %s; it is in %.*s%s",
                     file->path, strerror(reason),
                     slash == NULL ? 0 : (int)(slash + 1 - file->path), file->path,
                     strrchr(file->temporary, '/') + 1);
}

bool pending_file_publish_new(struct pending_file *file, struct error *error)
{
    bool named =
        renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, RENAME_NOREPLACE) == 0 ||
        /* Not every file system has that flag; link(2) never replaces a file either. */
        (errno == EINVAL && link(file->temporary, file->path) == 0 && unlink(file->temporary) == 0);
    int reason = errno;

    if (!named) {
        temporary_file_keep(&file->temporary);
        (void)tell_where(file, reason, error);
    }
    free(file->temporary);
    file->temporary = NULL;
    return named;
}

void pending_file_free(struct pending_file *file)
{
    if (file == NULL)
        return;
    if (file->stream != NULL)
        (void)fclose(file->stream);
    if (file->temporary != NULL)
        (void)unlink(file->temporary);
    if (file->claim >= 0)
        (void)close(file->claim);
    free(file->temporary);
    free(file->target);
    free(file);
}
