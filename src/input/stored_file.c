#include "input/stored_file.h"

#include "base/interrupt.h"
#include "base/standard_streams.h"
#include "input/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What fstat(2) says of a file's contents. When it differs, the rows may be others. */
struct version {
    off_t size;
    struct timespec modified;
};

struct stored_file {
    const char *path;
    size_t owners, holders;
    int descriptor;       /* -1: closed, nobody holds it */
    bool can_be_reopened; /* a regular file with a name */
    off_t start;          /* standard input may have been read from before */
    dev_t device;         /* of what was named, not of its copy */
    ino_t inode;
    struct version version;
};

const char *stored_file_name(const struct stored_file *file)
{
    return strcmp(file->path, "-") == 0 ? "standard input" : file->path;
}

static bool file_error(const struct stored_file *file, const char *action, int reason,
                       struct error *error)
{
    return error_set(error, error_kind_of_file(reason), "cannot %s %s: %s", action,
                     stored_file_name(file), strerror(reason));
}

static bool same_time(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

static void note_version(struct version *version, const struct stat *status)
{
    *version = (struct version){.size = status->st_size, .modified = status->st_mtim};
}

bool stored_file_check_unchanged(const struct stored_file *file, struct error *error)
{
    struct stat status;
    struct version now;

    if (fstat(file->descriptor, &status) != 0)
        return file_error(file, "read", errno, error);
    note_version(&now, &status);
    if (now.size == file->version.size && same_time(&now.modified, &file->version.modified) &&
        (!file->can_be_reopened || (status.st_dev == file->device && status.st_ino == file->inode)))
        return true;
    (void)error_set(error, ERROR_FILE, "%s has changed since it was opened",
                    stored_file_name(file));
    return error_hint(error, "Run again when nothing writes to the file.");
}

/* A shell passes on a pattern that matches nothing. */
static bool refuse_path(const struct stored_file *file, int reason, struct error *error)
{
    (void)file_error(file, "open", reason, error);
    return reason == ENOENT && strpbrk(file->path, "*?[") != NULL &&
           error_hint(error, "The pattern matches no file.");
}

static bool open_path(struct stored_file *file, struct error *error)
{
    int descriptor;

    do {
        /* Opening a FIFO waits for its writer, and a signal ends that wait. */
        if (interrupt_pending())
            return interrupt_error(error);
        descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (descriptor < 0 && errno == EINTR);
    descriptor = standard_streams_avoid(descriptor);
    if (descriptor < 0)
        return refuse_path(file, errno, error);
    file->descriptor = descriptor;
    return true;
}

/* A descriptor of its own, so that every file is closed in the same way. */
static bool open_standard_input(struct stored_file *file, struct error *error)
{
    file->descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (file->descriptor >= 0)
        return true;
    if (errno == EBADF)
        return error_set(error, ERROR_FILE, "cannot read standard input: it is closed");
    return file_error(file, "read", errno, error);
}

/* Puts a copy in the place of what cannot be read twice. */
static bool replace_by_copy(struct stored_file *file, struct error *error)
{
    int copy = spool(file->descriptor, stored_file_name(file), error);

    if (copy < 0)
        return false;
    (void)close(file->descriptor);
    file->descriptor = copy;
    return true;
}

static bool make_rereadable(struct stored_file *file, struct error *error)
{
    struct stat status;

    if (fstat(file->descriptor, &status) != 0)
        return file_error(file, "open", errno, error);
    if (S_ISDIR(status.st_mode))
        return error_set(error, ERROR_FILE, "cannot open %s: is a directory",
                         stored_file_name(file));
    file->device = status.st_dev;
    file->inode = status.st_ino;
    file->can_be_reopened = S_ISREG(status.st_mode) && strcmp(file->path, "-") != 0;
    return S_ISREG(status.st_mode) || replace_by_copy(file, error);
}

/* Notes where the contents begin and what version of the file they are. */
static bool note_contents(struct stored_file *file, struct error *error)
{
    struct stat status;

    file->start = lseek(file->descriptor, 0, SEEK_CUR);
    if (file->start < 0 || fstat(file->descriptor, &status) != 0)
        return file_error(file, "read", errno, error);
    note_version(&file->version, &status);
    (void)posix_fadvise(file->descriptor, file->start, 0, POSIX_FADV_SEQUENTIAL);
    return true;
}

bool stored_file_open(const char *path, struct stored_file **file, struct error *error)
{
    struct stored_file *opened = calloc(1, sizeof *opened);
    bool found;

    if (opened == NULL)
        return error_memory(error);
    opened->path = path;
    opened->owners = 1;
    opened->holders = 1;
    opened->descriptor = -1;
    found = strcmp(path, "-") == 0 ? open_standard_input(opened, error) : open_path(opened, error);
    if (!found || !make_rereadable(opened, error) || !note_contents(opened, error)) {
        stored_file_free(opened);
        return false;
    }
    *file = opened;
    return true;
}

struct stored_file *stored_file_share(struct stored_file *file)
{
    file->owners++;
    return file;
}

uint64_t stored_file_size(const struct stored_file *file)
{
    return file->version.size > file->start ? (uint64_t)(file->version.size - file->start) : 0;
}

int stored_file_compare(const struct stored_file *one, const struct stored_file *other)
{
    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    return (one->inode > other->inode) - (one->inode < other->inode);
}

bool stored_file_can_be_reopened(const struct stored_file *file)
{
    return file->can_be_reopened;
}

static void close_file(struct stored_file *file)
{
    if (file->descriptor >= 0)
        (void)close(file->descriptor);
    file->descriptor = -1;
}

bool stored_file_hold(struct stored_file *file, struct error *error)
{
    if (file->descriptor < 0 && !open_path(file, error))
        return false;
    if (!stored_file_check_unchanged(file, error)) {
        if (file->holders == 0 && file->can_be_reopened)
            close_file(file);
        return false;
    }
    file->holders++;
    return true;
}

void stored_file_release(struct stored_file *file)
{
    file->holders--;
    if (file->holders == 0 && file->can_be_reopened)
        close_file(file);
}

bool stored_file_read(const struct stored_file *file, uint64_t offset, void *buffer, size_t size,
                      size_t *length, struct error *error)
{
    ssize_t got;

    while ((got = pread(file->descriptor, buffer, size, file->start + (off_t)offset)) < 0) {
        /* A signal that does not end the run. */
        if (errno != EINTR)
            return file_error(file, "read", errno, error);
        if (interrupt_pending())
            return interrupt_error(error);
    }
    *length = (size_t)got;
    return true;
}

void stored_file_free(struct stored_file *file)
{
    if (file == NULL || --file->owners > 0)
        return;
    close_file(file);
    free(file);
}

bool file_reading_read(struct file_reading *reading, void *buffer, size_t size, size_t *length,
                       struct error *error)
{
    if (!stored_file_read(reading->file, reading->position, buffer, size, length, error))
        return false;
    if (reading->fingerprint != NULL)
        fingerprint_take(reading->fingerprint, reading->position, buffer, *length);
    reading->position += *length;
    return true;
}

static bool read_source(void *context, void *buffer, size_t size, size_t *length,
                        struct error *error)
{
    return file_reading_read(context, buffer, size, length, error);
}

static void seek_source(void *context, uint64_t offset)
{
    struct file_reading *reading = context;

    reading->position = offset;
}

struct byte_source file_reading_source(struct file_reading *reading)
{
    return (struct byte_source){.read = read_source,
                                .seek = seek_source,
                                .size = stored_file_size(reading->file),
                                .position = reading->position,
                                .context = reading};
}
