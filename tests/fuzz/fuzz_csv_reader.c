/*
 * csv/reader against a plain reader of the same rules, at several block sizes. With it
 * csv/line_split, which must count lines alike, and csv/raw_record, which must find fields alike.
 *
 * The first byte chooses a block size; the second, which fields are kept after the first record;
 * the third, after which record or fault the reading is stopped (0: after none). The rest is the
 * file.
 */
#include "csv/line_split.h"
#include "csv/raw_record.h"
#include "csv/reader.h"
#include "input/decompressor.h"
#include "value/utf8.h"

#include "fuzz_target.h"
#include "memory_file.h"
#include "plain_csv.h"

#include <inttypes.h>

enum { OPTION_BYTES = 3, DEFAULT_BLOCK_SIZE = 256 * 1024 };
enum { REPEAT = 0x1f, PIECE_SIZE = 255, FILE_MAX = 128 * 1024, SMALL_FILE = 1024 };

/* A reading, and how far it is in what is expected. */
struct reading {
    struct csv_reader *reader;
    const struct plain_csv *expected;
    size_t seen;
    size_t stop_after; /* 0: do not stop */
    size_t block_size;
    uint64_t mask[CSV_FIELDS_MAX / 64];
};

static bool is_kept(const struct reading *reading, size_t record, size_t field)
{
    return record == 0 || (reading->mask[field / 64] >> (field % 64) & 1) != 0;
}

static void compare_fields(const struct reading *reading, const struct csv_field *fields,
                           size_t count)
{
    const struct plain_csv *csv = reading->expected;
    const struct plain_field *expected = plain_csv_fields(csv, &csv->records[reading->seen]);

    for (size_t i = 0; i < count && i < CSV_FIELDS_MAX; i++) {
        bool has_text = is_kept(reading, reading->seen, i) && !expected[i].is_null;

        REQUIRE((fields[i].text != NULL) == has_text, "block size %zu: record %zu, field %zu",
                reading->block_size, reading->seen, i);
        REQUIRE(fields[i].length == expected[i].length,
                "block size %zu: record %zu, field %zu has %zu bytes", reading->block_size,
                reading->seen, i, fields[i].length);
        REQUIRE(!has_text || expected[i].length == 0 ||
                    memcmp(fields[i].text, plain_csv_text(csv, &expected[i]), fields[i].length) ==
                        0,
                "block size %zu: record %zu, field %zu", reading->block_size, reading->seen, i);
    }
}

static const struct plain_record *next_expected(const struct reading *reading, const char *what)
{
    REQUIRE(reading->seen < reading->expected->record_count, "block size %zu: %s %zu too many",
            reading->block_size, what, reading->seen);
    REQUIRE(reading->stop_after == 0 || reading->seen < reading->stop_after,
            "block size %zu: %s %zu after a stop", reading->block_size, what, reading->seen);
    return &reading->expected->records[reading->seen];
}

static bool goes_on(struct reading *reading)
{
    if (reading->seen == 0)
        csv_reader_keep(reading->reader, reading->mask);
    reading->seen++;
    return reading->seen != reading->stop_after;
}

static bool take_record(void *context, const struct csv_record *record)
{
    struct reading *reading = context;
    const struct plain_record *expected = next_expected(reading, "record");

    REQUIRE(expected->wrong == NULL, "block size %zu: record %zu is none: %s", reading->block_size,
            reading->seen, expected->wrong);
    REQUIRE(record->line == expected->line && record->end_line == expected->end_line,
            "block size %zu: record %zu: lines %" PRIu64 " to %" PRIu64 ", not %" PRIu64
            " to %" PRIu64,
            reading->block_size, reading->seen, record->line, record->end_line, expected->line,
            expected->end_line);
    REQUIRE(record->field_count == expected->field_count, "block size %zu: record %zu: %zu fields",
            reading->block_size, reading->seen, record->field_count);
    compare_fields(reading, record->fields, record->field_count);
    return goes_on(reading);
}

/* Whether a record is wrong as the fault says: bytes that are no text explain it before all else.
 * Those of fields that are not kept are not looked at, nor those behind a line that ends the
 * reading. */
static bool explains(const struct plain_csv *csv, const struct plain_record *record,
                     const struct csv_fault *fault)
{
    const char *bytes = csv->bytes + record->start;
    size_t length = record->end - record->start, characters;

    if (!fault->is_no_text)
        return strcmp(record->wrong, fault->message) == 0;
    if (strstr(fault->message, "NUL") != NULL)
        return memchr(bytes, '\0', length) != NULL;
    return strstr(fault->message, "UTF-8") != NULL &&
           utf8_check(bytes, length, &characters) != NULL;
}

static bool take_fault(void *context, const struct csv_fault *fault)
{
    struct reading *reading = context;
    const struct plain_record *expected = next_expected(reading, "fault");

    REQUIRE(expected->wrong != NULL && explains(reading->expected, expected, fault),
            "block size %zu: record %zu: %s", reading->block_size, reading->seen, fault->message);
    REQUIRE(fault->fatal == expected->fatal, "block size %zu: record %zu: %s", reading->block_size,
            reading->seen, fault->message);
    REQUIRE(fault->line == expected->line && fault->field == expected->wrong_field,
            "block size %zu: record %zu: line %" PRIu64 ", field %zu", reading->block_size,
            reading->seen, fault->line, fault->field);
    REQUIRE(fault->fatal || fault->end_line == expected->end_line,
            "block size %zu: record %zu: goes on at line %" PRIu64, reading->block_size,
            reading->seen, fault->end_line);
    REQUIRE(fault->fatal == (fault->fields == NULL), "block size %zu: record %zu",
            reading->block_size, reading->seen);
    if (fault->fields != NULL)
        compare_fields(reading, fault->fields, fault->field);
    return goes_on(reading);
}

static void read_file(struct reading *reading, struct input *input, size_t block_size)
{
    const struct csv_handler handler = {
        .record = take_record, .fault = take_fault, .context = reading};
    struct error error = {0};
    size_t all = reading->expected->record_count;
    bool stops = reading->stop_after > 0 && reading->stop_after <= all;

    reading->seen = 0;
    reading->block_size = block_size;
    csv_reader_set_block_size(reading->reader, block_size);
    REQUIRE(input_rewind(input, &error) &&
                csv_reader_read(reading->reader, input, &handler, &error),
            "block size %zu: %s", block_size, error.message);
    REQUIRE(reading->seen == (stops ? reading->stop_after : all),
            "block size %zu: %zu records of %zu", block_size, reading->seen, all);
    REQUIRE(stops || csv_reader_unended_line(reading->reader) == reading->expected->unended_line,
            "block size %zu: line %" PRIu64 " has no end, not %" PRIu64, block_size,
            csv_reader_unended_line(reading->reader), reading->expected->unended_line);
}

/* The line of each byte, in pieces of some size, against the records' lines. */
static void split_lines(const struct plain_csv *csv, size_t piece)
{
    struct line_split split;
    size_t at = 0, record = 0;

    line_split_start(&split);
    while (at < csv->length) {
        size_t length = csv->length - at < piece ? csv->length - at : piece;
        size_t used = line_split_next(&split, csv->bytes + at, length);

        REQUIRE(used > 0 && used <= length, "%zu of %zu bytes", used, length);
        while (record < csv->record_count && csv->records[record].start < at)
            record++;
        REQUIRE(record == csv->record_count || csv->records[record].start != at ||
                    csv->records[record].line == split.line,
                "record %zu is in line %" PRIu64 ", not %" PRIu64, record,
                csv->records[record].line, split.line);
        at += used;
    }
}

static void copy_bytes(const struct plain_csv *csv, size_t start, size_t end, char *bytes,
                       size_t *length)
{
    memcpy(bytes + *length, csv->bytes + start, end - start);
    *length += end - start;
}

static bool is_masked(const uint64_t mask[CSV_FIELDS_MAX / 64], size_t field)
{
    return (mask[field / 64] >> (field % 64) & 1) != 0;
}

/* Takes a record's bytes apart, in pieces of some size, and leaves out the fields of a mask.
 * Returns how many bytes are left. */
static size_t leave_out(const struct plain_csv *csv, const struct plain_record *record,
                        const uint64_t mask[CSV_FIELDS_MAX / 64], size_t piece,
                        struct raw_record *raw, char *left)
{
    size_t kept = 0;

    for (size_t at = record->start; at < record->end;) {
        size_t length = record->end - at < piece ? record->end - at : piece;
        char *bytes = copy_exactly((const uint8_t *)csv->bytes + at, length);
        size_t used = raw_record_next(raw, bytes, length);

        REQUIRE(used > 0 && used <= length, "%zu of %zu bytes", used, length);
        if (!raw->in_field || raw->field >= CSV_FIELDS_MAX || !is_masked(mask, raw->field)) {
            memcpy(left + kept, bytes, used);
            kept += used;
        }
        at += used;
        free(bytes);
    }
    return kept;
}

/* Leaves fields out of the bytes of one record, and compares byte by byte. */
static void compare_record(const struct plain_csv *csv, const struct plain_record *record,
                           const uint64_t mask[CSV_FIELDS_MAX / 64], size_t piece)
{
    const struct plain_field *fields = plain_csv_fields(csv, record);
    size_t kept = 0, at = record->start, length;
    char *left = copy_exactly((const uint8_t *)csv->bytes + at, record->end - at);
    char *expected = copy_exactly((const uint8_t *)csv->bytes + at, record->end - at);
    struct raw_record raw = {0};
    bool whole;

    length = leave_out(csv, record, mask, piece, &raw, left);
    whole = raw_record_is_whole(&raw, record->field_count);
    REQUIRE(whole == (record->wrong == NULL), "record in line %" PRIu64, record->line);
    REQUIRE(!raw_record_is_whole(&raw, record->field_count + 1),
            "record in line %" PRIu64 " has %zu fields", record->line, record->field_count);
    for (size_t i = 0; whole && i < record->field_count; i++) {
        copy_bytes(csv, at, is_masked(mask, i) ? fields[i].start : fields[i].end, expected, &kept);
        at = fields[i].end;
    }
    copy_bytes(csv, at, record->end, expected, &kept);
    REQUIRE(!whole || (length == kept && memcmp(left, expected, kept) == 0),
            "record in line %" PRIu64 ": %zu bytes, not %zu", record->line, length, kept);
    free(left);
    free(expected);
}

/* Writes the file out; what goes beyond FILE_MAX is left out. Returns its size. */
static size_t write_out(const uint8_t *data, size_t size, uint8_t file[FILE_MAX])
{
    size_t length = 0;

    for (size_t i = 0; i < size && length < FILE_MAX; i++) {
        size_t count = data[i] == REPEAT && i + 1 < size ? PIECE_SIZE * (size_t)data[++i] : 0;

        count = count > FILE_MAX - length ? FILE_MAX - length : count;
        if (count == 0)
            file[length++] = data[i];
        memset(file + length, 'a' + (int)(i % 16), count);
        length += count;
    }
    return length;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[FILE_MAX];
    static struct plain_csv csv;
    static struct memory_file file;
    struct csv_reader *reader;
    struct reading reading = {.expected = &csv};
    struct input *input = NULL;
    struct error error = {0};
    size_t block_size;

    if (size < OPTION_BYTES)
        return 0;
    block_size = (size_t)data[0] + 1;
    for (size_t i = 0; i < CSV_FIELDS_MAX / 64; i++)
        reading.mask[i] = UINT64_C(0x0101010101010101) * (data[1] ^ 0xff);
    reading.stop_after = data[2];
    size = write_out(data + OPTION_BYTES, size - OPTION_BYTES, bytes);
    /* Each block is a system call. */
    if (size > SMALL_FILE)
        block_size *= 64;
    data = bytes;
    /* A compressed file is another target's. */
    if (compression_detect(data, size) != COMPRESSION_NONE)
        return 0;

    REQUIRE(csv_reader_new(&reader, &error), "%s", error.message);
    reading.reader = reader;
    plain_csv_read(&csv, (const char *)data, size);
    REQUIRE(input_open(memory_file_write(&file, data, size), &input, &error), "%s", error.message);
    if (size <= SMALL_FILE)
        read_file(&reading, input, 1);
    read_file(&reading, input, block_size);
    read_file(&reading, input, DEFAULT_BLOCK_SIZE);
    input_free(input);
    csv_reader_free(reader);

    if (size <= SMALL_FILE)
        split_lines(&csv, 1);
    split_lines(&csv, block_size);
    for (size_t i = 0; i < csv.record_count; i++)
        if (csv.records[i].field_count < CSV_FIELDS_MAX) {
            compare_record(&csv, &csv.records[i], reading.mask, size);
            compare_record(&csv, &csv.records[i], reading.mask,
                           size <= SMALL_FILE ? 1 : block_size);
        }
    return 0;
}
