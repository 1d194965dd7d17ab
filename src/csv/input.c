#include "csv/input.h"

#include "base/interrupt.h"
#include "base/standard_streams.h"
#include "csv/decompressor.h"
#include "csv/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK_SIZE = 64 * 1024, COMPRESSED_BLOCK_SIZE = 64 * 1024 };

/* What fstat(2) says of a file's contents. When it differs, the rows may be others. */
struct version {
    off_t size;
    struct timespec modified;
};

struct input {
    const char *path;
    int descriptor;       /* -1: closed between two readings */
    bool can_be_reopened; /* a regular file with a name */
    bool is_kept_closed;  /* between two readings */
    off_t start;          /* standard input may have been read from before */
    uint64_t position;    /* bytes after the start that were read */
    dev_t device;         /* of what was named, not of its copy */
    ino_t inode;
    struct version version;
    struct fingerprint *fingerprint; /* NULL: nobody wants it */

    enum compression compression;
    struct decompressor *decompressor; /* NULL: the file is closed, or not compressed */
    struct decompression step;         /* its input is what is left of the block */
    bool more_inside; /* the decompressor filled the buffer and may have more without new input */
    uint8_t *block;   /* COMPRESSED_BLOCK_SIZE; NULL with the decompressor */
};

/* The path, for messages. */
static const char *shown_path(const struct input *input)
{
    return strcmp(input->path, "-") == 0 ? "standard input" : input->path;
}

static bool file_error(const struct input *input, const char *action, int reason,
                       struct error *error)
{
    return error_set(error, error_kind_of_file(reason), "cannot %s %s: %s", action,
                     shown_path(input), strerror(reason));
}

static bool same_time(const struct timespec *one, const struct timespec *other)
{
    return one->tv_sec == other->tv_sec && one->tv_nsec == other->tv_nsec;
}

static void note_version(struct version *version, const struct stat *status)
{
    *version = (struct version){.size = status->st_size, .modified = status->st_mtim};
}

static bool check_unchanged(const struct input *input, struct error *error)
{
    struct stat status;
    struct version now;

    if (fstat(input->descriptor, &status) != 0)
        return file_error(input, "read", errno, error);
    note_version(&now, &status);
    if (now.size == input->version.size && same_time(&now.modified, &input->version.modified) &&
        (!input->can_be_reopened ||
         (status.st_dev == input->device && status.st_ino == input->inode)))
        return true;
    (void)error_set(error, ERROR_FILE, "%s has changed since it was opened", shown_path(input));
    return error_hint(error, "Run again when nothing writes to the file.");
}

/* A shell passes on a pattern that matches nothing. */
static bool refuse_path(const struct input *input, int reason, struct error *error)
{
    (void)file_error(input, "open", reason, error);
    return reason == ENOENT && strpbrk(input->path, "*?[") != NULL &&
           error_hint(error, "The pattern matches no file.");
}

static bool open_path(struct input *input, struct error *error)
{
    int descriptor;

    do {
        /* Opening a FIFO waits for its writer, and a signal ends that wait. */
        if (interrupt_pending())
            return interrupt_error(error);
        descriptor = open(input->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    } while (descriptor < 0 && errno == EINTR);
    descriptor = standard_streams_avoid(descriptor);
    if (descriptor < 0)
        return refuse_path(input, errno, error);
    input->descriptor = descriptor;
    return true;
}

/* A descriptor of its own, so that every input is closed in the same way. */
static bool open_standard_input(struct input *input, struct error *error)
{
    input->descriptor = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (input->descriptor >= 0)
        return true;
    if (errno == EBADF)
        return error_set(error, ERROR_FILE, "cannot read standard input: it is closed");
    return file_error(input, "read", errno, error);
}

/* read(2) that goes on after a signal which does not end the run. */
static bool read_some(struct input *input, void *buffer, size_t size, size_t *length,
                      struct error *error)
{
    ssize_t got;

    while ((got = read(input->descriptor, buffer, size)) < 0) {
        if (errno != EINTR)
            return file_error(input, "read", errno, error);
        if (interrupt_pending())
            return interrupt_error(error);
    }
    *length = (size_t)got;
    input->position += *length;
    if (input->fingerprint != NULL)
        fingerprint_take(input->fingerprint, input->position - *length, buffer, *length);
    return true;
}

/* Notes where the contents begin and what version of the file they are, for input_rewind. */
static bool note_contents(struct input *input, struct error *error)
{
    struct stat status;

    input->position = 0;
    input->start = lseek(input->descriptor, 0, SEEK_CUR);
    if (input->start < 0 || fstat(input->descriptor, &status) != 0)
        return file_error(input, "read", errno, error);
    note_version(&input->version, &status);
    (void)posix_fadvise(input->descriptor, input->start, 0, POSIX_FADV_SEQUENTIAL);
    return true;
}

static bool start_decompressor(struct input *input, struct error *error)
{
    if (input->compression == COMPRESSION_NONE)
        return true;
    input->decompressor = decompressor_new(input->compression);
    input->block = malloc(COMPRESSED_BLOCK_SIZE);
    return (input->decompressor != NULL && input->block != NULL) || error_memory(error);
}

static bool detect_compression(struct input *input, struct error *error)
{
    uint8_t magic[COMPRESSION_MAGIC_SIZE];
    ssize_t got = pread(input->descriptor, magic, sizeof magic, input->start);

    if (got < 0)
        return file_error(input, "read", errno, error);
    input->compression = compression_detect(magic, (size_t)got);
    return start_decompressor(input, error);
}

/* Puts a copy in the place of what cannot be read twice. */
static bool replace_by_copy(struct input *input, struct error *error)
{
    int copy = spool(input->descriptor, shown_path(input), error);

    if (copy < 0)
        return false;
    (void)close(input->descriptor);
    input->descriptor = copy;
    return true;
}

static bool make_rereadable(struct input *input, struct error *error)
{
    struct stat status;

    if (fstat(input->descriptor, &status) != 0)
        return file_error(input, "open", errno, error);
    if (S_ISDIR(status.st_mode))
        return error_set(error, ERROR_FILE, "cannot open %s: is a directory", shown_path(input));
    input->device = status.st_dev;
    input->inode = status.st_ino;
    input->can_be_reopened = S_ISREG(status.st_mode) && strcmp(input->path, "-") != 0;
    return S_ISREG(status.st_mode) || replace_by_copy(input, error);
}

bool input_open(const char *path, struct input **input, struct error *error)
{
    struct input *opened = calloc(1, sizeof *opened);
    bool found;

    if (opened == NULL)
        return error_memory(error);
    opened->path = path;
    opened->descriptor = -1;
    found = strcmp(path, "-") == 0 ? open_standard_input(opened, error) : open_path(opened, error);
    if (!found || !make_rereadable(opened, error) || !note_contents(opened, error) ||
        !detect_compression(opened, error)) {
        input_free(opened);
        return false;
    }
    *input = opened;
    return true;
}

uint64_t input_size(const struct input *input)
{
    return input->version.size > input->start ? (uint64_t)(input->version.size - input->start) : 0;
}

bool input_is_compressed(const struct input *input)
{
    return input->compression != COMPRESSION_NONE;
}

uint64_t input_position(const struct input *input)
{
    return input->position;
}

int input_compare(const struct input *one, const struct input *other)
{
    if (one->device != other->device)
        return one->device < other->device ? -1 : 1;
    return (one->inode > other->inode) - (one->inode < other->inode);
}

static void close_file(struct input *input)
{
    if (input->descriptor >= 0)
        (void)close(input->descriptor);
    input->descriptor = -1;
    decompressor_free(input->decompressor);
    input->decompressor = NULL;
    free(input->block);
    input->block = NULL;
}

void input_end(struct input *input)
{
    if (input->is_kept_closed)
        close_file(input);
}

void input_keep_closed(struct input *input)
{
    input->is_kept_closed = input->can_be_reopened;
    input_end(input);
}

/* Opens what was closed after the last reading, and looks whether the file is the same as then. */
static bool reopen(struct input *input, struct error *error)
{
    if (input->descriptor < 0 && !(open_path(input, error) && start_decompressor(input, error)))
        return false;
    return check_unchanged(input, error);
}

bool input_rewind(struct input *input, struct error *error)
{
    if (!reopen(input, error))
        return false;
    if (lseek(input->descriptor, input->start, SEEK_SET) < 0)
        return file_error(input, "read", errno, error);
    input->position = 0;
    input->step.in_length = 0;
    input->more_inside = false;
    if (input->decompressor != NULL)
        decompressor_reset(input->decompressor);
    return true;
}

/* Gives the next bytes of a compressed file; *length is 0 at its end. A file that ends inside a
 * member is an error. */
static bool read_compressed(struct input *input, void *buffer, size_t size, size_t *length,
                            struct error *error)
{
    struct decompression *step = &input->step;
    const char *wrong;

    for (*length = 0; *length == 0;) {
        if (step->in_length == 0 && !input->more_inside) {
            step->in = input->block;
            if (!read_some(input, input->block, COMPRESSED_BLOCK_SIZE, &step->in_length, error))
                return false;
            if (step->in_length == 0)
                break;
        }
        step->out = buffer;
        step->out_size = size;
        wrong = decompressor_step(input->decompressor, step);
        if (wrong != NULL)
            return error_set(error, ERROR_FILE, "cannot read %s: damaged %s data: %s",
                             shown_path(input), compression_name(input->compression), wrong);
        *length = step->out_length;
        input->more_inside = *length == size && !decompressor_may_end(input->decompressor);
    }
    if (*length == 0 && !decompressor_may_end(input->decompressor))
        return error_set(error, ERROR_FILE, "cannot read %s: truncated %s data", shown_path(input),
                         compression_name(input->compression));
    return true;
}

bool input_read(struct input *input, void *buffer, size_t size, size_t *length, struct error *error)
{
    bool read = input->compression != COMPRESSION_NONE
                    ? read_compressed(input, buffer, size, length, error)
                    : read_some(input, buffer, size, length, error);

    return read && (*length > 0 || check_unchanged(input, error));
}

bool input_start_fingerprint(struct input *input, struct error *error)
{
    return input->fingerprint != NULL || fingerprint_new(&input->fingerprint, error);
}

static bool read_rest(struct input *input, struct error *error)
{
    struct fingerprint *fingerprint = input->fingerprint;
    char block[BLOCK_SIZE];
    ssize_t got;

    while (fingerprint_length(fingerprint) < input_size(input)) {
        uint64_t offset = fingerprint_length(fingerprint);

        if (interrupt_pending())
            return interrupt_error(error);
        got = pread(input->descriptor, block, sizeof block, input->start + (off_t)offset);
        if (got < 0 && errno != EINTR)
            return file_error(input, "read", errno, error);
        if (got == 0)
            break;
        if (got > 0)
            fingerprint_take(fingerprint, offset, block, (size_t)got);
    }
    return check_unchanged(input, error);
}

bool input_finish_fingerprint(struct input *input, struct error *error)
{
    bool finished;

    if (input->fingerprint == NULL)
        return true;
    finished = reopen(input, error) && read_rest(input, error);
    input_end(input);
    return finished;
}

bool input_fingerprint(const struct input *input, char text[FINGERPRINT_TEXT_SIZE])
{
    if (input->fingerprint == NULL || fingerprint_length(input->fingerprint) != input_size(input))
        return false;
    fingerprint_text(input->fingerprint, text);
    return true;
}

void input_free(struct input *input)
{
    if (input == NULL)
        return;
    close_file(input);
    fingerprint_free(input->fingerprint);
    free(input);
}
