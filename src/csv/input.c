#include "csv/input.h"

#include "base/interrupt.h"
#include "csv/decompressor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_BLOCK_SIZE = 64 * 1024, COMPRESSED_BLOCK_SIZE = 64 * 1024 };

/* What fstat(2) says of a file's contents. When it differs, the rows may be others. */
struct version {
    off_t size;
    struct timespec modified;
};

struct input {
    const char *path;
    int descriptor;
    off_t start;       /* standard input may have been read from before */
    uint64_t position; /* bytes after the start that were read */
    dev_t device;      /* of what was named, not of its copy */
    ino_t inode;
    struct version version;
    struct fingerprint *fingerprint; /* NULL: nobody wants it */

    enum compression compression;
    struct decompressor *decompressor; /* NULL: the file is not compressed */
    struct decompression step;         /* its input is what is left of the block */
    bool more_inside; /* the decompressor filled the buffer and may have more without new input */
    uint8_t block[COMPRESSED_BLOCK_SIZE];
};

/* The path, for messages. */
static const char *shown_path(const struct input *input)
{
    return strcmp(input->path, "-") == 0 ? "standard input" : input->path;
}

static bool file_error(const struct input *input, const char *action, int reason,
                       struct error *error)
{
    return error_set(error, ERROR_FILE, "cannot %s %s: %s", action, shown_path(input),
                     strerror(reason));
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
    if (now.size == input->version.size && same_time(&now.modified, &input->version.modified))
        return true;
    (void)error_set(error, ERROR_FILE, "%s has changed since it was opened", shown_path(input));
    return error_hint(error, "Run again when nothing writes to the file.");
}

/*
 * Moves a descriptor away from 0, 1 and 2, which are free when the program was started without
 * them: the file would be taken for standard input, or a message would be written into the copy.
 * For -1, which is no descriptor, it returns -1 and leaves errno alone.
 */
static int above_standard(int descriptor)
{
    int moved;

    if (descriptor < 0 || descriptor > STDERR_FILENO)
        return descriptor;
    moved = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    (void)close(descriptor);
    return moved;
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
    descriptor = above_standard(descriptor);
    if (descriptor < 0)
        return file_error(input, "open", errno, error);
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

static int open_unnamed(const char *directory)
{
    char *name;
    int descriptor = open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);

    if (descriptor >= 0)
        return above_standard(descriptor);

    /* Not every file system has files without a name. */
    if (asprintf(&name, "%s/timele-load-XXXXXX", directory) < 0)
        return -1;
    descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor >= 0)
        (void)unlink(name);
    free(name);
    return above_standard(descriptor);
}

/* Waits for bytes, and for a signal: one that comes just before a read(2) would not end it. */
static bool wait_readable(int descriptor, struct error *error)
{
    struct pollfd source = {.fd = descriptor, .events = POLLIN};
    sigset_t wait_mask;

    interrupt_hold(&wait_mask);
    while (!interrupt_pending() && ppoll(&source, 1, NULL, &wait_mask) < 0 && errno == EINTR)
        continue;
    interrupt_release(&wait_mask);
    return interrupt_pending() ? interrupt_error(error) : true;
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
    return input->fingerprint == NULL ||
           fingerprint_take(input->fingerprint, input->position - *length, buffer, *length, error);
}

/* Writes all bytes; false, with the reason in errno, when it cannot. */
static bool write_whole(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);

        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            length -= (size_t)written;
        }
    }
    return true;
}

static bool copy_error(const struct input *input, const char *directory, struct error *error)
{
    (void)error_set(error, ERROR_FILE, "cannot copy %s to a temporary file in %s: %s",
                    shown_path(input), directory, strerror(errno));
    return error_hint(error, "Set TMPDIR to a writable directory with enough room.");
}

static bool copy_to(struct input *input, int copy, const char *directory, struct error *error)
{
    char block[COPY_BLOCK_SIZE];
    size_t length;

    do {
        if (!wait_readable(input->descriptor, error) ||
            !read_some(input, block, sizeof block, &length, error))
            return false;
        if (!write_whole(copy, block, length))
            return copy_error(input, directory, error);
    } while (length > 0);
    return true;
}

/* Puts a copy in the place of what cannot be read twice. */
static bool spool(struct input *input, struct error *error)
{
    const char *directory = getenv("TMPDIR");
    int copy;

    if (directory == NULL || directory[0] == '\0')
        directory = "/tmp";
    copy = open_unnamed(directory);
    if (copy < 0)
        return copy_error(input, directory, error);
    if (!copy_to(input, copy, directory, error)) {
        (void)close(copy);
        return false;
    }
    (void)close(input->descriptor);
    input->descriptor = copy;
    if (lseek(copy, 0, SEEK_SET) < 0)
        return copy_error(input, directory, error);
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

static bool detect_compression(struct input *input, struct error *error)
{
    uint8_t magic[COMPRESSION_MAGIC_SIZE];
    ssize_t got = pread(input->descriptor, magic, sizeof magic, input->start);

    if (got < 0)
        return file_error(input, "read", errno, error);
    input->compression = compression_detect(magic, (size_t)got);
    if (input->compression == COMPRESSION_NONE)
        return true;
    input->decompressor = decompressor_new(input->compression);
    return input->decompressor != NULL || error_memory(error);
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
    return S_ISREG(status.st_mode) || spool(input, error);
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

uint64_t input_position(const struct input *input)
{
    return input->position;
}

bool input_same(const struct input *one, const struct input *other)
{
    return one->device == other->device && one->inode == other->inode;
}

bool input_rewind(struct input *input, struct error *error)
{
    if (!check_unchanged(input, error))
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
            if (!read_some(input, input->block, sizeof input->block, &step->in_length, error))
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
    bool read = input->decompressor != NULL ? read_compressed(input, buffer, size, length, error)
                                            : read_some(input, buffer, size, length, error);

    return read && (*length > 0 || check_unchanged(input, error));
}

bool input_start_fingerprint(struct input *input, struct error *error)
{
    return input->fingerprint != NULL || fingerprint_new(&input->fingerprint, error);
}

bool input_finish_fingerprint(struct input *input, struct error *error)
{
    struct fingerprint *fingerprint = input->fingerprint;
    char block[COPY_BLOCK_SIZE];
    ssize_t got;

    if (fingerprint == NULL)
        return true;
    while (fingerprint_length(fingerprint) < input_size(input)) {
        uint64_t offset = fingerprint_length(fingerprint);

        if (interrupt_pending())
            return interrupt_error(error);
        got = pread(input->descriptor, block, sizeof block, input->start + (off_t)offset);
        if (got < 0 && errno != EINTR)
            return file_error(input, "read", errno, error);
        if (got == 0)
            break;
        if (got > 0 && !fingerprint_take(fingerprint, offset, block, (size_t)got, error))
            return false;
    }
    return check_unchanged(input, error);
}

bool input_fingerprint(const struct input *input, char text[FINGERPRINT_TEXT_SIZE])
{
    return input->fingerprint != NULL &&
           fingerprint_length(input->fingerprint) == input_size(input) &&
           fingerprint_text(input->fingerprint, text);
}

void input_free(struct input *input)
{
    if (input == NULL)
        return;
    if (input->descriptor >= 0)
        (void)close(input->descriptor);
    decompressor_free(input->decompressor);
    fingerprint_free(input->fingerprint);
    free(input);
}
