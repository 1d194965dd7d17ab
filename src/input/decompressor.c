#include "input/decompressor.h"

#include <lzma.h>
#include <stdlib.h>
/* Lets zlib take const input. */
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

struct decompressor {
    enum compression compression;
    bool between; /* no member or frame is open */
    z_stream gzip;
    ZSTD_DStream *zstd;
    lzma_stream xz;
};

const char decompressor_no_memory[] = "out of memory";
const char decompressor_memory_limit[] = "need more than 128 MiB of memory";

/* A window of 128 MiB, and what comes with it. `xz -9` asks for 65 MiB. */
enum { XZ_MEMORY_MAX = 129 * 1024 * 1024 };

/* zlib's window size for gzip and nothing else (zlib.h, inflateInit2). */
enum { GZIP_WINDOW_BITS = 16 + MAX_WBITS };

struct decompressor *decompressor_new(enum compression compression)
{
    struct decompressor *made = calloc(1, sizeof *made);

    if (made == NULL)
        return NULL;
    made->compression = compression;
    made->between = true;
    made->xz = (lzma_stream)LZMA_STREAM_INIT;
    if (compression == COMPRESSION_GZIP) {
        if (inflateInit2(&made->gzip, GZIP_WINDOW_BITS) == Z_OK)
            return made;
    } else if (compression == COMPRESSION_XZ) {
        if (lzma_stream_decoder(&made->xz, XZ_MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK) == LZMA_OK)
            return made;
    } else {
        made->zstd = ZSTD_createDStream();
        if (made->zstd != NULL)
            return made;
    }
    free(made);
    return NULL;
}

/* zlib takes lengths of 32 bits; the blocks read are far smaller. */
static const char *step_gzip(struct decompressor *decompressor, struct decompression *step)
{
    z_stream *stream = &decompressor->gzip;
    int result;

    if (decompressor->between && stream->total_in > 0)
        (void)inflateReset(stream);
    stream->next_in = step->in;
    stream->avail_in = (uInt)step->in_length;
    stream->next_out = step->out;
    stream->avail_out = (uInt)step->out_size;
    decompressor->between = false;
    result = inflate(stream, Z_NO_FLUSH);
    step->in += step->in_length - stream->avail_in;
    step->in_length = stream->avail_in;
    step->out_length = step->out_size - stream->avail_out;
    if (result == Z_STREAM_END)
        decompressor->between = true;
    else if (result == Z_MEM_ERROR)
        return decompressor_no_memory;
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return stream->msg != NULL ? stream->msg : zError(result);
    return NULL;
}

static const char *step_zstd(struct decompressor *decompressor, struct decompression *step)
{
    ZSTD_inBuffer input = {.src = step->in, .size = step->in_length};
    ZSTD_outBuffer output = {.dst = step->out, .size = step->out_size};
    size_t left = ZSTD_decompressStream(decompressor->zstd, &output, &input);

    if (ZSTD_getErrorCode(left) == ZSTD_error_memory_allocation)
        return decompressor_no_memory;
    if (ZSTD_getErrorCode(left) == ZSTD_error_frameParameter_windowTooLarge)
        return decompressor_memory_limit;
    if (ZSTD_isError(left))
        return ZSTD_getErrorName(left);
    step->in += input.pos;
    step->in_length -= input.pos;
    step->out_length = output.pos;
    decompressor->between = left == 0;
    return NULL;
}

static const char *wrong_with_xz(lzma_ret result)
{
    switch (result) {
    case LZMA_OK:
    case LZMA_STREAM_END:
    case LZMA_BUF_ERROR: /* it needs more input or room */
        return NULL;
    case LZMA_MEM_ERROR:
        return decompressor_no_memory;
    case LZMA_MEMLIMIT_ERROR:
        return decompressor_memory_limit;
    case LZMA_FORMAT_ERROR:
        return "not the beginning of a stream";
    case LZMA_OPTIONS_ERROR:
    case LZMA_UNSUPPORTED_CHECK:
        return "unsupported options";
    default:
        return "incorrect data or checksum";
    }
}

/* Streams may be padded with zeros (.xz file format, 2.2). */
static void pass_padding(struct decompression *step)
{
    for (; step->in_length > 0 && *step->in == 0; step->in_length--)
        step->in++;
}

static const char *step_xz(struct decompressor *decompressor, struct decompression *step)
{
    lzma_stream *stream = &decompressor->xz;
    lzma_ret result = LZMA_OK;

    step->out_length = 0;
    if (decompressor->between && stream->total_in > 0) {
        pass_padding(step);
        if (step->in_length == 0)
            return NULL;
        result = lzma_stream_decoder(stream, XZ_MEMORY_MAX, LZMA_TELL_UNSUPPORTED_CHECK);
        if (result != LZMA_OK)
            return wrong_with_xz(result);
    }
    stream->next_in = step->in;
    stream->avail_in = step->in_length;
    stream->next_out = step->out;
    stream->avail_out = step->out_size;
    decompressor->between = false;
    result = lzma_code(stream, LZMA_RUN);
    step->in += step->in_length - stream->avail_in;
    step->in_length = stream->avail_in;
    step->out_length = step->out_size - stream->avail_out;
    decompressor->between = result == LZMA_STREAM_END;
    return wrong_with_xz(result);
}

const char *decompressor_step(struct decompressor *decompressor, struct decompression *step)
{
    /* A call without bytes would make both libraries begin a member or frame. */
    if (decompressor->between && step->in_length == 0) {
        step->out_length = 0;
        return NULL;
    }
    switch (decompressor->compression) {
    case COMPRESSION_GZIP:
        return step_gzip(decompressor, step);
    case COMPRESSION_XZ:
        return step_xz(decompressor, step);
    default:
        return step_zstd(decompressor, step);
    }
}

bool decompressor_may_end(const struct decompressor *decompressor)
{
    return decompressor->between;
}

void decompressor_free(struct decompressor *decompressor)
{
    if (decompressor == NULL)
        return;
    if (decompressor->compression == COMPRESSION_GZIP)
        (void)inflateEnd(&decompressor->gzip);
    lzma_end(&decompressor->xz);
    ZSTD_freeDStream(decompressor->zstd);
    free(decompressor);
}
