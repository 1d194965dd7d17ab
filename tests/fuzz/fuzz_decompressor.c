/*
 * input/decompressor in steps of any size, and input/input above it, against zlib and libzstd given
 * all of the file at once: the same bytes, and the same verdict on where the data may end. xz data
 * are compared with themselves alone.
 *
 * The first byte chooses how many bytes go in at a time; the second, how many may come out. The
 * rest is the file. Half of the changes are made to what is compressed in it.
 */
#include "input/decompressor.h"
#include "input/input.h"

#include "compressed_file.h"
#include "fuzz_target.h"
#include "memory_file.h"

#include <stdbool.h>
#include <zstd_errors.h>

enum { OPTION_BYTES = 2, PLAIN_MAX = 128 * 1024 };

enum outcome { COMPLETE, TRUNCATED, DAMAGED, TOO_LONG };

/* What came out of a file. */
struct plain {
    uint8_t bytes[PLAIN_MAX + 256]; /* one more step than is compared */
    size_t length;
    enum compression compression;
    enum outcome outcome;
};

/* A decompressor that is given a file piece by piece. */
struct steps {
    struct decompressor *decompressor;
    struct decompression step;
    uint8_t *out;
    size_t out_size;
    bool full; /* the last step filled its room, and more may come without new input */
};

/* One step; false when the data is damaged. */
static bool make_step(struct steps *steps, struct plain *plain)
{
    struct decompression *step = &steps->step;
    size_t before = step->in_length;

    step->out = steps->out;
    step->out_size = steps->out_size;
    if (decompressor_step(steps->decompressor, step) != NULL)
        return false;
    REQUIRE(step->out_length <= steps->out_size && step->in_length <= before, "%zu bytes out",
            step->out_length);
    REQUIRE(before == 0 || step->in_length < before || step->out_length > 0,
            "no progress with %zu bytes left", before);
    memcpy(plain->bytes + plain->length, steps->out, step->out_length);
    plain->length += step->out_length;
    steps->full = step->out_length == steps->out_size && !decompressor_may_end(steps->decompressor);
    return true;
}

/* All steps that a piece of the file is good for. */
static enum outcome take_piece(struct steps *steps, const uint8_t *data, size_t size,
                               struct plain *plain)
{
    char *piece = copy_exactly(data, size);
    enum outcome outcome = COMPLETE;

    steps->step.in = (const uint8_t *)piece;
    steps->step.in_length = size;
    do {
        if (!make_step(steps, plain))
            outcome = DAMAGED;
        else if (plain->length > PLAIN_MAX)
            outcome = TOO_LONG;
    } while (outcome == COMPLETE && (steps->step.in_length > 0 || steps->full));
    free(piece);
    return outcome;
}

static void read_in_steps(struct decompressor *decompressor, const uint8_t *data, size_t size,
                          size_t in_size, size_t out_size, struct plain *plain)
{
    struct steps steps = {
        .decompressor = decompressor, .out = malloc(out_size), .out_size = out_size};

    REQUIRE(steps.out != NULL, "out of memory");
    plain->length = 0;
    plain->outcome = COMPLETE;
    for (size_t at = 0; at < size && plain->outcome == COMPLETE; at += in_size)
        plain->outcome =
            take_piece(&steps, data + at, size - at < in_size ? size - at : in_size, plain);
    if (plain->outcome == COMPLETE && !decompressor_may_end(decompressor))
        plain->outcome = TRUNCATED;
    free(steps.out);
}

static enum outcome outcome_of(const struct error *error)
{
    REQUIRE(error->kind == ERROR_FILE, "%s", error->message);
    if (strstr(error->message, "truncated") != NULL)
        return TRUNCATED;
    REQUIRE(strstr(error->message, "damaged") != NULL ||
                strstr(error->message, decompressor_memory_limit) != NULL,
            "%s", error->message);
    return DAMAGED;
}

static void read_input(struct input *input, size_t size, struct plain *plain)
{
    struct error error = {0};
    size_t got = 1;

    plain->length = 0;
    plain->outcome = COMPLETE;
    while (got > 0 && plain->length <= PLAIN_MAX) {
        if (!input_read(input, plain->bytes + plain->length, size, &got, &error)) {
            plain->outcome = outcome_of(&error);
            return;
        }
        plain->length += got;
    }
    if (plain->length > PLAIN_MAX)
        plain->outcome = TOO_LONG;
}

/* Given a whole frame, libzstd sees damage where it would wait for more bytes of a part, or would
 * not look how long the frame ought to be (1.5.4: when its last block is empty). */
static bool is_same_outcome(const struct plain *one, const struct plain *other)
{
    return one->outcome == other->outcome ||
           (one->compression == COMPRESSION_ZSTD && one->outcome != TOO_LONG &&
            other->outcome != TOO_LONG && (one->outcome == DAMAGED || other->outcome == DAMAGED));
}

static void require_same(const struct plain *one, const struct plain *other, const char *what)
{
    size_t length = one->length < other->length ? one->length : other->length;

    REQUIRE(is_same_outcome(one, other), "%s: outcome %d, not %d", what, other->outcome,
            one->outcome);
    REQUIRE(one->outcome != COMPLETE || other->outcome != COMPLETE || one->length == other->length,
            "%s: %zu bytes, not %zu", what, other->length, one->length);
    REQUIRE(memcmp(one->bytes, other->bytes, length) == 0, "%s: other bytes", what);
}

/* Of a file of frames libzstd knows the whole at once, with windows of any size. */
static void compare_zstd(const uint8_t *data, size_t size, const struct plain *plain)
{
    static uint8_t whole[PLAIN_MAX];
    size_t length = ZSTD_decompress(whole, sizeof whole, data, size);

    if (plain->outcome == TRUNCATED)
        REQUIRE(ZSTD_isError(length), "%zu bytes, and then it is truncated", length);
    if (plain->outcome != COMPLETE || plain->length > sizeof whole)
        return;
    if (ZSTD_isError(length))
        REQUIRE(ZSTD_getErrorCode(length) == ZSTD_error_corruption_detected, "complete, but %s",
                ZSTD_getErrorName(length));
    else
        REQUIRE(length == plain->length && memcmp(whole, plain->bytes, length) == 0,
                "%zu bytes, not %zu", plain->length, length);
}

static void compare_gzip(const uint8_t *data, size_t size, const struct plain *plain)
{
    static struct plain whole;
    z_stream stream = {.next_in = data, .avail_in = (uInt)size};
    int result = Z_OK;

    whole.length = 0;
    REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK, "out of memory");
    while (stream.avail_in > 0 && whole.length < sizeof whole.bytes) {
        stream.next_out = whole.bytes + whole.length;
        stream.avail_out = (uInt)(sizeof whole.bytes - whole.length);
        result = inflate(&stream, Z_SYNC_FLUSH);
        whole.length = sizeof whole.bytes - stream.avail_out;
        if (result != Z_STREAM_END)
            break;
        REQUIRE(inflateReset(&stream) == Z_OK, "zlib cannot be reset");
    }
    REQUIRE(inflateEnd(&stream) == Z_OK, "zlib cannot end");
    if (whole.length > PLAIN_MAX)
        whole.outcome = TOO_LONG;
    else if (result == Z_STREAM_END)
        whole.outcome = COMPLETE;
    else
        whole.outcome = result == Z_OK || result == Z_BUF_ERROR ? TRUNCATED : DAMAGED;
    /* Damage behind PLAIN_MAX is seen by the one and not by the other. */
    if (whole.outcome != TOO_LONG && plain->outcome != TOO_LONG)
        require_same(&whole, plain, "zlib");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_file file;
    static struct plain steps, again, read;
    enum compression compression;
    struct decompressor *decompressor;
    struct input *input = NULL;
    struct error error = {0};
    size_t in_size, out_size;

    if (size < OPTION_BYTES)
        return 0;
    in_size = (size_t)data[0] + 1;
    out_size = (size_t)data[1] + 1;
    data += OPTION_BYTES;
    size -= OPTION_BYTES;
    compression = compression_detect(data, size);
    /* The others are libarchive's. */
    if (compression != COMPRESSION_GZIP && compression != COMPRESSION_ZSTD &&
        compression != COMPRESSION_XZ)
        return 0;

    steps.compression = compression;
    decompressor = decompressor_new(compression);
    REQUIRE(decompressor != NULL, "out of memory");
    read_in_steps(decompressor, data, size, in_size, out_size, &steps);
    decompressor_free(decompressor);
    decompressor = decompressor_new(compression);
    REQUIRE(decompressor != NULL, "out of memory");
    read_in_steps(decompressor, data, size, size, out_size, &again);
    decompressor_free(decompressor);
    require_same(&steps, &again, "again");

    REQUIRE(input_open(memory_file_write(&file, data, size), &input, &error), "%s", error.message);
    REQUIRE(input_is_compressed(input), "it is compressed");
    read_input(input, out_size, &read);
    require_same(&steps, &read, "input");
    REQUIRE(input_rewind(input, &error), "%s", error.message);
    read_input(input, sizeof read.bytes - PLAIN_MAX, &read);
    require_same(&steps, &read, "input again");
    input_free(input);

    if (compression == COMPRESSION_GZIP)
        compare_gzip(data, size, &steps);
    else if (compression == COMPRESSION_ZSTD)
        compare_zstd(data, size, &steps);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maximum, unsigned seed)
{
    static uint8_t plain[PLAIN_MAX];
    size_t length;

    if (seed % 2 == 0 || size < OPTION_BYTES || maximum < OPTION_BYTES ||
        !compressed_file_open(data + OPTION_BYTES, size - OPTION_BYTES, plain, sizeof plain,
                              &length))
        return LLVMFuzzerMutate(data, size, maximum);
    length = LLVMFuzzerMutate(plain, length, maximum < sizeof plain ? maximum : sizeof plain);
    return OPTION_BYTES + compressed_file_make(plain, length, seed / 2, data + OPTION_BYTES,
                                               maximum - OPTION_BYTES);
}
