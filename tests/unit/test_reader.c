#include "base/interrupt.h"
#include "csv/input.h"
#include "csv/reader.h"
#include "suite.h"

#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define BYTES(literal) literal, sizeof(literal) - 1

#define MARK "\xEF\xBB\xBF"

enum { LONG_FIELD = 64, HUGE_FIELD = 100 * 1024 * 1024 };

/* A file in memory with a name to open it by. */
struct file {
    int descriptor;
    char path[32];
    struct input *input;
};

/* What came out of a reading, as text: see write_record and write_fault. */
struct transcript {
    FILE *stream;
    char *text;
    size_t length;
};

static struct csv_reader *reader;

static void make_reader(void)
{
    struct error error = {0};

    ck_assert(csv_reader_new(&reader, &error));
}

static void drop_reader(void)
{
    csv_reader_free(reader);
}

static void file_create(struct file *file)
{
    file->input = NULL;
    file->descriptor = memfd_create("test_reader", MFD_CLOEXEC);
    ck_assert_int_ge(file->descriptor, 0);
    ck_assert_int_gt(snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor),
                     0);
}

static void file_append(const struct file *file, const char *bytes, size_t length)
{
    ck_assert_int_eq(write(file->descriptor, bytes, length), (ssize_t)length);
}

static void file_append_repeated(const struct file *file, char byte, size_t count)
{
    char *bytes = malloc(count);

    ck_assert_ptr_nonnull(bytes);
    memset(bytes, byte, count);
    file_append(file, bytes, count);
    free(bytes);
}

static void file_open(struct file *file)
{
    struct error error = {0};

    ck_assert_msg(input_open(file->path, &file->input, &error), "%s", error.message);
}

static void file_with(struct file *file, const char *bytes, size_t length)
{
    file_create(file);
    file_append(file, bytes, length);
    file_open(file);
}

static void file_close(struct file *file)
{
    input_free(file->input);
    (void)close(file->descriptor);
}

static bool all_same(const char *bytes, size_t length)
{
    return memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* "-" for NULL, "<text>" with \xNN for what is not printable, "<x*1000>" for a long one. */
static void write_field(FILE *stream, const struct csv_field *field)
{
    if (field->text == NULL) {
        ck_assert_uint_eq(field->length, 0);
        (void)fputs(" -", stream);
        return;
    }
    (void)fputs(" <", stream);
    if (field->length > LONG_FIELD && all_same(field->text, field->length)) {
        (void)fprintf(stream, "%c*%zu>", field->text[0], field->length);
        return;
    }
    for (size_t i = 0; i < field->length; i++) {
        unsigned char byte = (unsigned char)field->text[i];

        (void)fprintf(stream, byte >= ' ' && byte < 0x7F ? "%c" : "\\x%02X", byte);
    }
    (void)fputc('>', stream);
}

/* "line-end_line" and the fields. */
static bool write_record(void *context, const struct csv_record *record)
{
    struct transcript *transcript = context;

    (void)fprintf(transcript->stream, "%" PRIu64 "-%" PRIu64, record->line, record->end_line);
    for (size_t i = 0; i < record->field_count; i++)
        write_field(transcript->stream, &record->fields[i]);
    (void)fputc('\n', transcript->stream);
    return true;
}

/* "line-end_line field: message"; a fatal one has no end_line. */
static bool write_fault(void *context, const struct csv_fault *fault)
{
    struct transcript *transcript = context;

    (void)fprintf(transcript->stream, "%" PRIu64 "-", fault->line);
    if (fault->fatal)
        (void)fputs("fatal", transcript->stream);
    else
        (void)fprintf(transcript->stream, "%" PRIu64, fault->end_line);
    (void)fprintf(transcript->stream, " %zu: %s\n", fault->field, fault->message);
    return true;
}

static void transcript_start(struct transcript *transcript)
{
    transcript->stream = open_memstream(&transcript->text, &transcript->length);
    ck_assert_ptr_nonnull(transcript->stream);
}

static void transcript_expect(struct transcript *transcript, const char *expected, const char *name,
                              size_t block_size)
{
    ck_assert_int_eq(fclose(transcript->stream), 0);
    ck_assert_msg(strcmp(transcript->text, expected) == 0,
                  "%s, block size %zu: expected\n%s\nbut got\n%s", name, block_size, expected,
                  transcript->text);
    free(transcript->text);
}

/* Reads the file from its start and compares what came with what was expected. */
static void expect_reading(struct file *file, size_t block_size, const char *name,
                           const char *expected)
{
    struct transcript transcript;
    struct error error = {0};
    const struct csv_handler handler = {
        .record = write_record, .fault = write_fault, .context = &transcript};

    transcript_start(&transcript);
    csv_reader_set_block_size(reader, block_size);
    ck_assert_msg(input_rewind(file->input, &error), "%s", error.message);
    ck_assert_msg(csv_reader_read(reader, file->input, &handler, &error), "%s", error.message);
    transcript_expect(&transcript, expected, name, block_size);
}

struct reading {
    const char *name;
    const char *bytes;
    size_t length;
    const char *expected;
};

#define BARE_QUOTE "quote inside an unquoted field"
#define TEXT_AFTER "text after the closing quote of a field"
#define UNCLOSED   "quoted field is not closed before the end of the file"
#define TOO_LONG   "field is longer than 1 MiB; a closing quote may be missing"
#define TOO_MANY   "more than 256 fields"

static const struct reading readings[] = {
    /* Line ends. */
    {"nothing", BYTES(""), ""},
    {"lf", BYTES("a,b\n1,2\n"), "1-2 <a> <b>\n2-3 <1> <2>\n"},
    {"crlf", BYTES("a,b\r\n1,2\r\n"), "1-2 <a> <b>\n2-3 <1> <2>\n"},
    {"cr", BYTES("a,b\r1,2\r"), "1-2 <a> <b>\n2-3 <1> <2>\n"},
    {"mixed line ends", BYTES("a\r\nb\rc\nd\n\re\r\r\nf"),
     "1-2 <a>\n2-3 <b>\n3-4 <c>\n4-5 <d>\n6-7 <e>\n8-9 <f>\n"},
    {"no last line end", BYTES("a,b\n1,2"), "1-2 <a> <b>\n2-3 <1> <2>\n"},
    {"no last line end after a comma", BYTES("a\nb,"), "1-2 <a>\n2-3 <b> -\n"},
    {"no last line end after a quote", BYTES("a\n\"b\""), "1-2 <a>\n2-3 <b>\n"},
    {"no last line end after two quotes", BYTES("\"\""), "1-2 <>\n"},
    {"no last line end after a doubled quote", BYTES("\"a\"\"\""), "1-2 <a\">\n"},

    /* Blank lines. */
    {"only lf", BYTES("\n"), ""},
    {"only crlf", BYTES("\r\n"), ""},
    {"only cr", BYTES("\r"), ""},
    {"blank lines first", BYTES("\n\r\n\ra\n"), "4-5 <a>\n"},
    {"blank lines between", BYTES("a\n\n\r\n\r\rb\n"), "1-2 <a>\n6-7 <b>\n"},
    {"blank lines between crlf", BYTES("a\r\n\r\n\r\nb\r\n"), "1-2 <a>\n4-5 <b>\n"},
    {"blank lines last", BYTES("a\n\n\r\n\r"), "1-2 <a>\n"},
    {"a line of blanks is a record", BYTES(" \n\t\n"), "1-2 < >\n2-3 <\\x09>\n"},

    /* Fields. */
    {"empty and quoted empty", BYTES(",\"\",\n\"\"\n\"\",\"\"\n"),
     "1-2 - <> -\n2-3 <>\n3-4 <> <>\n"},
    {"only commas", BYTES(",,\n,\n"), "1-2 - - -\n2-3 - -\n"},
    {"blanks are kept", BYTES(" a ,\tb\t, ,\" c \"\n"),
     "1-2 < a > <\\x09"
     "b\\x09> < > < c >\n"},
    {"doubled quotes", BYTES("\"\"\"a\"\"b\"\"\",\"\"\"\"\n\"\"\"\"\"\"\n"),
     "1-2 <\"a\"b\"> <\">\n2-3 <\"\">\n"},
    {"quoted commas", BYTES("\"a,b\",\",\"\n"), "1-2 <a,b> <,>\n"},
    {"backslashes mean nothing", BYTES("\\,\\n,\"\\\"\n"), "1-2 <\\> <\\n> <\\>\n"},
    {"nul bytes", BYTES("a\0b,\0,\"\0\"\n\0\n"), "1-2 <a\\x00b> <\\x00> <\\x00>\n2-3 <\\x00>\n"},
    {"not utf-8", BYTES("\xFF,\"\xC3\",\x80\xFE\n"), "1-2 <\\xFF> <\\xC3> <\\x80\\xFE>\n"},
    {"records of different lengths", BYTES("a\nb,c\nd,e,f\ng\n"),
     "1-2 <a>\n2-3 <b> <c>\n3-4 <d> <e> <f>\n4-5 <g>\n"},

    /* Newlines inside quotes. */
    {"quoted lf", BYTES("\"a\nb\",c\nd\n"), "1-3 <a\\x0Ab> <c>\n3-4 <d>\n"},
    {"quoted crlf", BYTES("\"a\r\nb\"\r\nd\r\n"), "1-3 <a\\x0D\\x0Ab>\n3-4 <d>\n"},
    {"quoted cr", BYTES("\"a\rb\"\nd\n"), "1-3 <a\\x0Db>\n3-4 <d>\n"},
    {"quoted cr before lf", BYTES("\"a\r\"\nd\n"), "1-3 <a\\x0D>\n3-4 <d>\n"},
    {"quoted cr before lf in the next field", BYTES("\"\r\",\"\n\"\nd\n"),
     "1-4 <\\x0D> <\\x0A>\n4-5 <d>\n"},
    {"quoted lf cr", BYTES("\"\n\r\"\nd\n"), "1-4 <\\x0A\\x0D>\n4-5 <d>\n"},
    {"quoted mixture", BYTES("\"\r\r\n\n\r\"\nd\n"), "1-6 <\\x0D\\x0D\\x0A\\x0A\\x0D>\n6-7 <d>\n"},
    {"quoted newlines in several fields", BYTES("\"1\n2\",,\"\n\",x\n\"\n\",y\nz\n"),
     "1-4 <1\\x0A"
     "2> - <\\x0A> <x>\n4-6 <\\x0A> <y>\n6-7 <z>\n"},
    {"quoted newline last, no line end", BYTES("a,\"b\n\""), "1-3 <a> <b\\x0A>\n"},
    {"quoted long text", BYTES("\"one\ntwo\nthree\nfour\nfive\",6\n7\n"),
     "1-6 <one\\x0Atwo\\x0Athree\\x0A"
     "four\\x0A"
     "five> <6>\n6-7 <7>\n"},

    /* What is no byte order mark. */
    {"first byte of a mark alone", BYTES("\xEF"), "1-2 <\\xEF>\n"},
    {"two bytes of a mark alone", BYTES("\xEF\xBB"), "1-2 <\\xEF\\xBB>\n"},
    {"first byte of a mark",
     BYTES("\xEF"
           "a\nb\n"),
     "1-2 <\\xEF"
     "a>\n2-3 <b>\n"},
    {"two bytes of a mark", BYTES("\xEF\xBB\nb\n"), "1-2 <\\xEF\\xBB>\n2-3 <b>\n"},
    {"a mark later", BYTES("a\n" MARK "b\n"),
     "1-2 <a>\n2-3 <\\xEF\\xBB\\xBF"
     "b>\n"},

    /* Broken records, and what comes after them. */
    {"bare quote", BYTES("a\nb,c\"d,e\nf\n"), "1-2 <a>\n2-3 1: " BARE_QUOTE "\n3-4 <f>\n"},
    {"bare quote after a blank", BYTES(" \"a\"\nb\n"), "1-2 0: " BARE_QUOTE "\n2-3 <b>\n"},
    {"bare quote at crlf", BYTES("a\"\r\nb\r\n"), "1-2 0: " BARE_QUOTE "\n2-3 <b>\n"},
    {"bare quote at cr", BYTES("a\"\rb\r"), "1-2 0: " BARE_QUOTE "\n2-3 <b>\n"},
    {"bare quote at blank lines", BYTES("a\"x\r\n\r\n\nb\n"), "1-2 0: " BARE_QUOTE "\n4-5 <b>\n"},
    {"bare quote at cr and blank lf", BYTES("a\"x\r\n\nb\n"), "1-2 0: " BARE_QUOTE "\n3-4 <b>\n"},
    {"bare quote, no line end", BYTES("a\nb\"c"), "1-2 <a>\n2-3 0: " BARE_QUOTE "\n"},
    {"bare quote last", BYTES("a\nb\""), "1-2 <a>\n2-3 0: " BARE_QUOTE "\n"},
    {"bare quotes in each line", BYTES("a\"\nb\"\r\nc\"\rd\"\ne\n"),
     "1-2 0: " BARE_QUOTE "\n2-3 0: " BARE_QUOTE "\n3-4 0: " BARE_QUOTE "\n4-5 0: " BARE_QUOTE
     "\n5-6 <e>\n"},
    {"nothing of a skipped line is read", BYTES("a\"b,\"c\nd,\"e\"\n"),
     "1-2 0: " BARE_QUOTE "\n2-3 <d> <e>\n"},
    {"text after a quote", BYTES("\"a\"b,c\nd\n"), "1-2 0: " TEXT_AFTER "\n2-3 <d>\n"},
    {"blank after a quote", BYTES("x,\"a\" ,c\nd\n"), "1-2 1: " TEXT_AFTER "\n2-3 <d>\n"},
    {"text after a quote at crlf", BYTES("\"a\"b\r\nd\r\n"), "1-2 0: " TEXT_AFTER "\n2-3 <d>\n"},
    {"text after a quote, no line end", BYTES("\"a\"b"), "1-2 0: " TEXT_AFTER "\n"},
    {"broken in its third line", BYTES("\"a\r\nb\n\"x,\"\nc\n"),
     "1-4 0: " TEXT_AFTER "\n4-5 <c>\n"},
    {"broken after newlines in two fields", BYTES("z\n\"\n\",\"\r\"x\nc\n"),
     "1-2 <z>\n2-5 1: " TEXT_AFTER "\n5-6 <c>\n"},
    {"missing quote swallows a line", BYTES("1,\"a\n2,\"b\"\n3,c\n"),
     "1-3 1: " TEXT_AFTER "\n3-4 <3> <c>\n"},
    {"newlines after a broken record", BYTES("a\"\n\"b\nc\"\nd\n"),
     "1-2 0: " BARE_QUOTE "\n2-4 <b\\x0A"
     "c>\n4-5 <d>\n"},

    /* Quotes that are not closed. */
    {"unclosed quote", BYTES("a\n1,2,\"b\nc\n"), "1-2 <a>\n2-fatal 2: " UNCLOSED "\n"},
    {"unclosed quote last", BYTES("a\nb,\""), "1-2 <a>\n2-fatal 1: " UNCLOSED "\n"},
    {"unclosed quote alone", BYTES("\""), "1-fatal 0: " UNCLOSED "\n"},
    {"unclosed after a doubled quote", BYTES("\"a\"\""), "1-fatal 0: " UNCLOSED "\n"},
    {"unclosed after a newline in the record", BYTES("\"\n\",\"\n"), "1-fatal 1: " UNCLOSED "\n"},
};

static const struct reading marked_readings[] = {
    {"mark alone", BYTES(MARK), ""},
    {"mark before a header", BYTES(MARK "a,b\n1,2\n"), "1-2 <a> <b>\n2-3 <1> <2>\n"},
    {"mark before a quote", BYTES(MARK "\"a\"\n"), "1-2 <a>\n"},
    {"mark before a line end", BYTES(MARK "\r\na\n"), "2-3 <a>\n"},
    {"two marks", BYTES(MARK MARK "a\n"),
     "1-2 <\\xEF\\xBB\\xBF"
     "a>\n"},
};

/* One reader for all of it: what a reading leaves behind must not matter to the next one. */
static void replay(const char *name, const char *prefix, const char *bytes, size_t length,
                   const char *expected)
{
    struct file file;

    file_create(&file);
    file_append(&file, prefix, strlen(prefix));
    file_append(&file, bytes, length);
    file_open(&file);
    for (size_t block_size = 1; block_size <= strlen(prefix) + length + 1; block_size++)
        expect_reading(&file, block_size, name, expected);
    file_close(&file);
}

START_TEST(replays_at_every_block_size)
{
    const struct reading *reading = &readings[_i];

    replay(reading->name, "", reading->bytes, reading->length, reading->expected);
}
END_TEST

/* The first three bytes are read as one; behind a mark, every byte is a chunk of its own. */
START_TEST(replays_behind_a_mark)
{
    const struct reading *reading = &readings[_i];

    replay(reading->name, MARK, reading->bytes, reading->length, reading->expected);
}
END_TEST

START_TEST(drops_a_mark)
{
    const struct reading *reading = &marked_readings[_i];

    replay(reading->name, "", reading->bytes, reading->length, reading->expected);
}
END_TEST

static const size_t block_sizes[] = {4099, 65536, SIZE_MAX};

enum { BLOCK_SIZES = sizeof block_sizes / sizeof block_sizes[0] };

START_TEST(takes_as_many_fields_as_there_may_be)
{
    struct file file;
    char expected[CSV_FIELDS_MAX * 2 + 32] = "1-2";

    file_create(&file);
    file_append_repeated(&file, ',', CSV_FIELDS_MAX - 1);
    file_append(&file, BYTES("\na\n"));
    file_open(&file);
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++)
        (void)strcat(expected, " -");
    (void)strcat(expected, "\n2-3 <a>\n");
    expect_reading(&file, block_sizes[_i], "256 fields", expected);
    file_close(&file);
}
END_TEST

START_TEST(goes_on_after_too_many_fields)
{
    struct file file;

    file_create(&file);
    file_append_repeated(&file, ',', CSV_FIELDS_MAX);
    file_append(&file, BYTES("\na\n\"\n\""));
    file_append_repeated(&file, ',', 3 * CSV_FIELDS_MAX);
    file_append(&file, BYTES("\"\r\n\"\r\nb\n"));
    file_append_repeated(&file, ',', CSV_FIELDS_MAX);
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "too many fields",
                   "1-2 256: " TOO_MANY "\n"
                   "2-3 <a>\n"
                   "3-6 256: " TOO_MANY "\n"
                   "6-7 <b>\n"
                   "7-8 256: " TOO_MANY "\n");
    file_close(&file);
}
END_TEST

/* A field of so many bytes, with what stands before and after it, in the second record. */
static void expect_field(size_t block_size, const char *before, size_t length, const char *after,
                         const char *expected)
{
    struct file file;

    file_create(&file);
    file_append(&file, BYTES("a,b\n"));
    file_append(&file, before, strlen(before));
    file_append_repeated(&file, 'x', length);
    file_append(&file, after, strlen(after));
    file_open(&file);
    expect_reading(&file, block_size, after, expected);
    file_close(&file);
}

START_TEST(takes_the_longest_field)
{
    const size_t size = block_sizes[_i];
    const size_t longest = CSV_FIELD_SIZE_MAX;

    expect_field(size, "1,", longest, "\nc\n", "1-2 <a> <b>\n2-3 <1> <x*1048576>\n3-4 <c>\n");
    expect_field(size, "1,", longest, ",2", "1-2 <a> <b>\n2-3 <1> <x*1048576> <2>\n");
    expect_field(size, "1,", longest, "", "1-2 <a> <b>\n2-3 <1> <x*1048576>\n");
    expect_field(size, "\"", longest, "\"", "1-2 <a> <b>\n2-3 <x*1048576>\n");
    expect_field(size, "\"", longest, "\",2\nc\n", "1-2 <a> <b>\n2-3 <x*1048576> <2>\n3-4 <c>\n");
}
END_TEST

START_TEST(ends_at_a_longer_field)
{
    const size_t size = block_sizes[_i];
    const size_t longer = CSV_FIELD_SIZE_MAX + 1;
    const char *expected = "1-2 <a> <b>\n2-fatal 1: " TOO_LONG "\n";

    expect_field(size, "1,", longer, "\nc\n", expected);
    expect_field(size, "1,", longer, ",2", expected);
    expect_field(size, "1,", longer, "", expected);
    expect_field(size, "1,\"", longer, "\"", expected);
    expect_field(size, "1,\"", longer, "\"\nc\n", expected);
    expect_field(size, "1,\"", longer - 1, "\"\"\",2\nc\n", expected);
    expect_field(size, "1,\"", longer + 1, "\n", expected);
    expect_field(size, "1,", longer + 100000, "\n", expected);
}
END_TEST

START_TEST(ends_at_a_huge_field)
{
    struct file file;

    file_create(&file);
    file_append(&file, BYTES("a,b\n1,\""));
    ck_assert_int_eq(ftruncate(file.descriptor, HUGE_FIELD), 0);
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "huge", "1-2 <a> <b>\n2-fatal 1: " TOO_LONG "\n");
    file_close(&file);
}
END_TEST

/* A header, and a record of four fields of the greatest length and a short one. */
static void long_record(struct file *file)
{
    file_create(file);
    file_append(file, BYTES("a,b,c,d,e\n"));
    for (size_t i = 0; i < 4; i++) {
        file_append_repeated(file, 'x', CSV_FIELD_SIZE_MAX);
        file_append(file, BYTES(","));
    }
}

START_TEST(takes_the_longest_record)
{
    struct file file;

    long_record(&file);
    file_append(&file, BYTES("\nz\n"));
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "4 MiB",
                   "1-2 <a> <b> <c> <d> <e>\n"
                   "2-3 <x*1048576> <x*1048576> <x*1048576> <x*1048576> -\n"
                   "3-4 <z>\n");
    file_close(&file);
}
END_TEST

START_TEST(ends_at_a_longer_record)
{
    struct file file;

    long_record(&file);
    file_append(&file, BYTES("y\nz\n"));
    file_open(&file);
    expect_reading(&file, block_sizes[_i], "4 MiB and 1 byte",
                   "1-2 <a> <b> <c> <d> <e>\n"
                   "2-fatal 4: record is longer than 4 MiB\n");
    file_close(&file);
}
END_TEST

/* What a handler of the tests below does at a record or a fault, besides writing it down. */
struct intervention {
    struct transcript transcript;
    size_t events_left; /* until it stops the reading */
    uint64_t masks[2][CSV_FIELDS_MAX / 64];
    size_t masks_used;
};

static bool go_on(struct intervention *intervention)
{
    intervention->events_left--;
    return intervention->events_left > 0;
}

static bool stop_at_record(void *context, const struct csv_record *record)
{
    struct intervention *intervention = context;

    (void)write_record(&intervention->transcript, record);
    return go_on(intervention);
}

static bool stop_at_fault(void *context, const struct csv_fault *fault)
{
    struct intervention *intervention = context;

    (void)write_fault(&intervention->transcript, fault);
    return go_on(intervention);
}

START_TEST(stops_when_told)
{
    static const char *const expected[] = {"1-2 <a>\n", "1-2 <a>\n2-3 0: " BARE_QUOTE "\n",
                                           "1-2 <a>\n2-3 0: " BARE_QUOTE "\n3-4 <c>\n",
                                           "1-2 <a>\n2-3 0: " BARE_QUOTE
                                           "\n3-4 <c>\n4-5 0: " TEXT_AFTER "\n"};
    static const char bytes[] = "a\nb\"\nc\n\"d\"d\n\"e\"e\nf\"\n\"g";
    struct intervention intervention = {0};
    const struct csv_handler handler = {
        .record = stop_at_record, .fault = stop_at_fault, .context = &intervention};
    struct error error = {0};
    struct file file;

    file_with(&file, BYTES(bytes));
    for (size_t block_size = 1; block_size <= sizeof bytes; block_size++) {
        intervention.events_left = (size_t)_i + 1;
        transcript_start(&intervention.transcript);
        csv_reader_set_block_size(reader, block_size);
        ck_assert(input_rewind(file.input, &error));
        ck_assert(csv_reader_read(reader, file.input, &handler, &error));
        transcript_expect(&intervention.transcript, expected[_i], "stop", block_size);
    }
    file_close(&file);
}
END_TEST

static bool change_mask(void *context, const struct csv_record *record)
{
    struct intervention *intervention = context;

    if (intervention->masks_used < 2) {
        csv_reader_keep(reader, intervention->masks[intervention->masks_used]);
        intervention->masks_used++;
    }
    return write_record(&intervention->transcript, record);
}

START_TEST(keeps_only_what_is_asked_for)
{
    static const char bytes[] =
        "a,b,c\n1,\"2\n\",3,4\n\"\r\n\",\"\",\"\"\"\"\n5,6\n\"7\n\"x\n,\"8\",\n";
    static const char expected[] = "1-2 <a> <b> <c>\n"
                                   "2-4 <1> - <3> -\n"
                                   "4-6 - <> <\">\n"
                                   "6-7 - <6>\n"
                                   "7-9 0: " TEXT_AFTER "\n"
                                   "9-10 - <8> -\n";
    struct intervention intervention = {.masks = {{0x5}, {0xE}}};
    const struct csv_handler handler = {
        .record = change_mask, .fault = write_fault, .context = &intervention};
    struct error error = {0};
    struct file file;

    file_with(&file, BYTES(bytes));
    for (size_t block_size = 1; block_size <= sizeof bytes; block_size++) {
        intervention.masks_used = 0;
        transcript_start(&intervention.transcript);
        csv_reader_set_block_size(reader, block_size);
        ck_assert(input_rewind(file.input, &error));
        ck_assert(csv_reader_read(reader, file.input, &handler, &error));
        transcript_expect(&intervention.transcript, expected, "masks", block_size);
    }
    file_close(&file);
}
END_TEST

START_TEST(keeps_the_last_field_there_may_be)
{
    struct intervention intervention = {
        .masks = {[0] = {[3] = UINT64_C(1) << 63}, [1] = {[3] = UINT64_C(1) << 63}}};
    const struct csv_handler handler = {
        .record = change_mask, .fault = write_fault, .context = &intervention};
    struct error error = {0};
    struct file file;
    char expected[CSV_FIELDS_MAX * 2 + 32] = "1-2 <h>\n2-3";

    file_create(&file);
    file_append(&file, BYTES("h\n"));
    for (size_t i = 0; i + 1 < CSV_FIELDS_MAX; i++) {
        file_append(&file, BYTES("x,"));
        (void)strcat(expected, " -");
    }
    (void)strcat(expected, " <y>\n");
    file_append(&file, BYTES("y\n"));
    file_open(&file);
    transcript_start(&intervention.transcript);
    ck_assert(csv_reader_read(reader, file.input, &handler, &error));
    transcript_expect(&intervention.transcript, expected, "last field", 0);
    file_close(&file);
}
END_TEST

/* Fields that are not kept take no room in the record, but have a limit of their own. */
START_TEST(limits_fields_that_are_not_kept)
{
    struct intervention intervention = {.masks = {{0x1}, {0x0}}};
    const struct csv_handler handler = {
        .record = change_mask, .fault = write_fault, .context = &intervention};
    struct error error = {0};
    struct file file;

    long_record(&file);
    file_append(&file, BYTES("y\n"));
    file_append_repeated(&file, 'x', CSV_FIELD_SIZE_MAX + 1);
    file_append(&file, BYTES("\nz\n"));
    file_open(&file);
    transcript_start(&intervention.transcript);
    ck_assert(csv_reader_read(reader, file.input, &handler, &error));
    transcript_expect(&intervention.transcript,
                      "1-2 <a> <b> <c> <d> <e>\n"
                      "2-3 <x*1048576> - - - -\n"
                      "3-fatal 0: " TOO_LONG "\n",
                      "not kept", 0);
    file_close(&file);
}
END_TEST

static bool append_once(void *context, const struct csv_record *record)
{
    const struct file *file = context;

    if (record->line == 1)
        file_append(file, BYTES("b\n"));
    return true;
}

START_TEST(fails_when_the_file_changes)
{
    struct file file;
    const struct csv_handler handler = {
        .record = append_once, .fault = write_fault, .context = &file};
    struct error error = {0};

    file_with(&file, BYTES("a\n"));
    ck_assert(!csv_reader_read(reader, file.input, &handler, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    file_close(&file);
}
END_TEST

static bool interrupt_run(void *context, const struct csv_record *record)
{
    size_t *records = context;

    ck_assert_uint_eq(record->field_count, 1);
    *records += 1;
    ck_assert_int_eq(raise(SIGINT), 0);
    return true;
}

START_TEST(ends_when_interrupted)
{
    struct file file;
    size_t records = 0;
    const struct csv_handler handler = {
        .record = interrupt_run, .fault = write_fault, .context = &records};
    struct error error = {0};

    ck_assert(interrupt_install(&error));
    file_with(&file, BYTES("a\nb\nc\nd\ne\n"));
    csv_reader_set_block_size(reader, 1);
    ck_assert(!csv_reader_read(reader, file.input, &handler, &error));
    ck_assert_int_eq(error.kind, ERROR_INTERRUPTED);
    ck_assert_uint_eq(records, 1);
    file_close(&file);
}
END_TEST

START_TEST(frees_what_was_not_used)
{
    struct error error = {0};
    struct csv_reader *unused;

    csv_reader_free(NULL);
    ck_assert(csv_reader_new(&unused, &error));
    csv_reader_free(unused);
}
END_TEST

static TCase *replay_case(void)
{
    TCase *tests = tcase_create("replays");

    tcase_add_checked_fixture(tests, make_reader, drop_reader);
    tcase_add_loop_test(tests, replays_at_every_block_size, 0,
                        sizeof readings / sizeof readings[0]);
    tcase_add_loop_test(tests, replays_behind_a_mark, 0, sizeof readings / sizeof readings[0]);
    tcase_add_loop_test(tests, drops_a_mark, 0, sizeof marked_readings / sizeof marked_readings[0]);
    return tests;
}

static TCase *limit_case(void)
{
    TCase *tests = tcase_create("limits");

    tcase_add_checked_fixture(tests, make_reader, drop_reader);
    tcase_add_loop_test(tests, takes_as_many_fields_as_there_may_be, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, goes_on_after_too_many_fields, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, takes_the_longest_field, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, ends_at_a_longer_field, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, ends_at_a_huge_field, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, takes_the_longest_record, 0, BLOCK_SIZES);
    tcase_add_loop_test(tests, ends_at_a_longer_record, 0, BLOCK_SIZES);
    return tests;
}

static TCase *handler_case(void)
{
    TCase *tests = tcase_create("handler");

    tcase_add_checked_fixture(tests, make_reader, drop_reader);
    tcase_add_loop_test(tests, stops_when_told, 0, 4);
    tcase_add_test(tests, keeps_only_what_is_asked_for);
    tcase_add_test(tests, keeps_the_last_field_there_may_be);
    tcase_add_test(tests, limits_fields_that_are_not_kept);
    tcase_add_test(tests, fails_when_the_file_changes);
    tcase_add_test(tests, ends_when_interrupted);
    tcase_add_test(tests, frees_what_was_not_used);
    return tests;
}

int main(void)
{
    Suite *suite = suite_create("reader");

    suite_add_tcase(suite, replay_case());
    suite_add_tcase(suite, limit_case());
    suite_add_tcase(suite, handler_case());
    return suite_run(suite);
}
