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

static const uint8_t gzip_magic[] = {0x1f, 0x8b};
static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};

/* The first bytes of a skippable frame (RFC 8878, 3.1.2), which pzstd begins with; the low half of
 * the first byte may be anything. */
static const uint8_t zstd_skippable_magic[] = {0x50, 0x2a, 0x4d, 0x18};

static bool is_zstd(const uint8_t *bytes)
{
    return memcmp(bytes, zstd_magic, sizeof zstd_magic) == 0 ||
           ((bytes[0] & 0xf0) == zstd_skippable_magic[0] &&
            memcmp(bytes + 1, zstd_skippable_magic + 1, sizeof zstd_skippable_magic - 1) == 0);
}

enum compression compression_detect(const uint8_t *bytes, size_t length)
{
    if (length >= sizeof gzip_magic && memcmp(bytes, gzip_magic, sizeof gzip_magic) == 0)
        return COMPRESSION_GZIP;
    if (length >= sizeof zstd_magic && is_zstd(bytes))
        return COMPRESSION_ZSTD;
    return COMPRESSION_NONE;
}

const char *compression_name(enum compression compression)
{
    return compression == COMPRESSION_GZIP ? "gzip" : "zstd";
}

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

void decompressor_reset(struct decompressor *decompressor)
{
    decompressor->between = true;
    if (decompressor->compression == COMPRESSION_GZIP)
        (void)inflateReset(&decompressor->gzip);
    else
        (void)ZSTD_DCtx_reset(decompressor->zstd, ZSTD_reset_session_only);
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
