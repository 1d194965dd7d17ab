#include "base/pending_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct pending_file {
    const char *path;
    char *target;    /* the path with its symbolic links resolved, so that none is replaced */
    char *temporary; /* NULL once it is published */
    FILE *stream;
};

bool pending_file_error(const struct pending_file *file, struct error *error)
{
    return error_set(error, ERROR_FILE, "cannot write %s: %s", file->path, strerror(errno));
}

/* mkostemp creates with mode 0600, and in the same folder a rename cannot cross file systems. */
static bool create(struct pending_file *file, struct error *error)
{
    int descriptor;

    if (asprintf(&file->temporary, "%s.XXXXXX", file->target) < 0) {
        file->temporary = NULL;
        return error_memory(error);
    }
    descriptor = mkostemp(file->temporary, O_CLOEXEC);
    if (descriptor < 0) {
        (void)pending_file_error(file, error);
        free(file->temporary);
        file->temporary = NULL;
        return false;
    }
    file->stream = fdopen(descriptor, "w");
    if (file->stream != NULL)
        return true;
    (void)pending_file_error(file, error);
    (void)close(descriptor);
    return false;
}

static bool require_replaceable(const char *path, struct error *error)
{
    struct stat status;

    if (stat(path, &status) != 0 || S_ISREG(status.st_mode))
        return true;
    return error_set(error, ERROR_FILE, "cannot write %s: not a regular file", path);
}

bool pending_file_open(const char *path, struct pending_file **file, struct error *error)
{
    struct pending_file *opened;

    if (!require_replaceable(path, error))
        return false;
    opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return error_memory(error);
    opened->path = path;
    opened->target = realpath(path, NULL);
    if (opened->target == NULL)
        opened->target = strdup(path);
    if (opened->target == NULL)
        (void)error_memory(error);
    if (opened->target == NULL || !create(opened, error)) {
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

bool pending_file_publish_new(struct pending_file *file, struct error *error)
{
    bool named =
        renameat2(AT_FDCWD, file->temporary, AT_FDCWD, file->path, RENAME_NOREPLACE) == 0 ||
        /* Not every file system has that flag; link(2) never replaces a file either. */
        (errno == EINVAL && link(file->temporary, file->path) == 0 && unlink(file->temporary) == 0);

    if (!named)
        (void)error_set(error, ERROR_FILE, "cannot write %s: %s; it is in %s", file->path,
                        strerror(errno), file->temporary);
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
    free(file->temporary);
    free(file->target);
    free(file);
}
