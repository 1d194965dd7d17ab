#include "input/decompressed.h"

#include "input/archive_stream.h"
#include "input/decompressor.h"

#include <stdlib.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct decompressed {
    struct file_reading *reading;
    enum compression compression;
    struct archive_stream *archive; /* bzip2, lz4; else NULL */

    struct decompressor *decompressor; /* gzip, zstd, xz; else NULL */
    struct decompression step;         /* its input is what is left of the block */
    bool more_inside; /* the decompressor filled the buffer and may have more without new input */
    uint8_t block[BLOCK_SIZE];
};

static bool start_archive(struct decompressed *decompressed, enum archive_stream_kind kind,
                          struct error *error)
{
    struct byte_source source = file_reading_source(decompressed->reading);

    return archive_stream_open(kind, &source, stored_file_name(decompressed->reading->file),
                               &decompressed->archive, error);
}

static bool start(struct decompressed *decompressed, struct error *error)
{
    switch (decompressed->compression) {
    case COMPRESSION_BZIP2:
        return start_archive(decompressed, ARCHIVE_STREAM_BZIP2, error);
    case COMPRESSION_LZ4:
        return start_archive(decompressed, ARCHIVE_STREAM_LZ4, error);
    default:
        decompressed->decompressor = decompressor_new(decompressed->compression);
        return decompressed->decompressor != NULL || error_memory(error);
    }
}

bool decompressed_new(struct file_reading *reading, enum compression compression,
                      struct decompressed **decompressed, struct error *error)
{
    struct decompressed *made = calloc(1, sizeof *made);

    if (made == NULL)
        return error_memory(error);
    made->reading = reading;
    made->compression = compression;
    if (!start(made, error)) {
        decompressed_free(made);
        return false;
    }
    *decompressed = made;
    return true;
}

static bool refuse(const struct decompressed *decompressed, const char *wrong, struct error *error)
{
    const char *name = stored_file_name(decompressed->reading->file);
    const char *form = compression_name(decompressed->compression);

    if (wrong == decompressor_no_memory)
        return error_memory(error);
    if (wrong != decompressor_memory_limit)
        return error_set(error, ERROR_FILE, "cannot read %s: damaged %s data: %s", name, form,
                         wrong);
    (void)error_set(error, ERROR_FILE, "cannot read %s: its %s data %s", name, form, wrong);
    return error_hint(error, "Decompress it first, or compress it with a smaller window.");
}

/* A file that ends inside a member, frame or stream is an error. */
static bool read_by_steps(struct decompressed *decompressed, void *buffer, size_t size,
                          size_t *length, struct error *error)
{
    struct decompression *step = &decompressed->step;
    const char *wrong;

    for (*length = 0; *length == 0;) {
        if (step->in_length == 0 && !decompressed->more_inside) {
            step->in = decompressed->block;
            if (!file_reading_read(decompressed->reading, decompressed->block, BLOCK_SIZE,
                                   &step->in_length, error))
                return false;
            if (step->in_length == 0)
                break;
        }
        step->out = buffer;
        step->out_size = size;
        wrong = decompressor_step(decompressed->decompressor, step);
        if (wrong != NULL)
            return refuse(decompressed, wrong, error);
        *length = step->out_length;
        decompressed->more_inside =
            *length == size && !decompressor_may_end(decompressed->decompressor);
    }
    if (*length == 0 && !decompressor_may_end(decompressed->decompressor))
        return error_set(error, ERROR_FILE, "cannot read %s: truncated %s data",
                         stored_file_name(decompressed->reading->file),
                         compression_name(decompressed->compression));
    return true;
}

bool decompressed_read(struct decompressed *decompressed, void *buffer, size_t size, size_t *length,
                       struct error *error)
{
    return decompressed->archive != NULL
               ? archive_stream_read(decompressed->archive, buffer, size, length, error)
               : read_by_steps(decompressed, buffer, size, length, error);
}

static bool read_source(void *context, void *buffer, size_t size, size_t *length,
                        struct error *error)
{
    return decompressed_read(context, buffer, size, length, error);
}

struct byte_source decompressed_source(struct decompressed *decompressed)
{
    return (struct byte_source){.read = read_source, .context = decompressed};
}

void decompressed_free(struct decompressed *decompressed)
{
    if (decompressed == NULL)
        return;
    archive_stream_free(decompressed->archive);
    decompressor_free(decompressed->decompressor);
    free(decompressed);
}
