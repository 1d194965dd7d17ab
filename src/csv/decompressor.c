#include "csv/decompressor.h"

#include <stdlib.h>
#include <string.h>
/* Lets zlib take const input. */
#define ZLIB_CONST
#include <zlib.h>
#include <zstd.h>

struct decompressor {
    enum compression compression;
    bool between; /* no member or frame is open */
    z_stream gzip;
    ZSTD_DStream *zstd;
};

/* zlib's window size for gzip and nothing else (zlib.h, inflateInit2). */
enum { GZIP_WINDOW_BITS = 16 + MAX_WBITS };

struct decompressor *decompressor_new(enum compression compression)
{
    struct decompressor *made = calloc(1, sizeof *made);

    if (made == NULL)
        return NULL;
    made->compression = compression;
    made->between = true;
    if (compression == COMPRESSION_GZIP) {
        if (inflateInit2(&made->gzip, GZIP_WINDOW_BITS) == Z_OK)
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
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return stream->msg != NULL ? stream->msg : zError(result);
    return NULL;
}

static const char *step_zstd(struct decompressor *decompressor, struct decompression *step)
{
    ZSTD_inBuffer input = {.src = step->in, .size = step->in_length};
    ZSTD_outBuffer output = {.dst = step->out, .size = step->out_size};
    size_t left = ZSTD_decompressStream(decompressor->zstd, &output, &input);

    if (ZSTD_isError(left))
        return ZSTD_getErrorName(left);
    step->in += input.pos;
    step->in_length -= input.pos;
    step->out_length = output.pos;
    decompressor->between = left == 0;
    return NULL;
}

const char *decompressor_step(struct decompressor *decompressor, struct decompression *step)
{
    /* A call without bytes would make both libraries begin a member or frame. */
    if (decompressor->between && step->in_length == 0) {
        step->out_length = 0;
        return NULL;
    }
    return decompressor->compression == COMPRESSION_GZIP ? step_gzip(decompressor, step)
                                                         : step_zstd(decompressor, step);
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
    ZSTD_freeDStream(decompressor->zstd);
    free(decompressor);
}
