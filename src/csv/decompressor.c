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

/* Of a skippable frame (RFC 8878, 3.1.2), which pzstd begins with; the first byte's low half may be
 * anything. */
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
static const char *step_gzip(struct decompressor *decompressor, const uint8_t **in,
                             size_t *in_length, void *out, size_t size, size_t *length)
{
    z_stream *stream = &decompressor->gzip;
    int result;

    if (decompressor->between && stream->total_in > 0)
        (void)inflateReset(stream);
    stream->next_in = *in;
    stream->avail_in = (uInt)*in_length;
    stream->next_out = out;
    stream->avail_out = (uInt)size;
    decompressor->between = false;
    result = inflate(stream, Z_NO_FLUSH);
    *in += *in_length - stream->avail_in;
    *in_length = stream->avail_in;
    *length = size - stream->avail_out;
    if (result == Z_STREAM_END)
        decompressor->between = true;
    else if (result != Z_OK && result != Z_BUF_ERROR)
        return stream->msg != NULL ? stream->msg : zError(result);
    return NULL;
}

static const char *step_zstd(struct decompressor *decompressor, const uint8_t **in,
                             size_t *in_length, void *out, size_t size, size_t *length)
{
    ZSTD_inBuffer input = {.src = *in, .size = *in_length};
    ZSTD_outBuffer output = {.dst = out, .size = size};
    size_t left = ZSTD_decompressStream(decompressor->zstd, &output, &input);

    if (ZSTD_isError(left))
        return ZSTD_getErrorName(left);
    *in += input.pos;
    *in_length -= input.pos;
    *length = output.pos;
    decompressor->between = left == 0;
    return NULL;
}

const char *decompressor_step(struct decompressor *decompressor, const uint8_t **in,
                              size_t *in_length, void *out, size_t size, size_t *length)
{
    /* Both libraries would take a call without bytes for the beginning of a member or frame. */
    if (decompressor->between && *in_length == 0) {
        *length = 0;
        return NULL;
    }
    return decompressor->compression == COMPRESSION_GZIP
               ? step_gzip(decompressor, in, in_length, out, size, length)
               : step_zstd(decompressor, in, in_length, out, size, length);
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
