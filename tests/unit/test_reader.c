#include "csv_transcript.h"
#include "suite.h"

struct reading {
    const char *name;
    const char *bytes;
    size_t length;
    const char *expected;
};

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
    {"bare quote after umlauts", BYTES("\xc3\xa9,\xe2\x82\xac\"\xf0\x9f\x98\x80\nb\n"),
     "1-2 1: " BARE_QUOTE "\n2-3 <b>\n"},
    {"bare quote after a nul byte", BYTES("a\n\0b,c\"d\nf\n"),
     "1-2 <a>\n2-3 1: " HAS_NUL "\n3-4 <f>\n"},
    {"bare quote in a field with a nul byte", BYTES("a\0\"\nf\n"), "1-2 0: " HAS_NUL "\n2-3 <f>\n"},
    {"bare quote before a nul byte", BYTES("a\"b,\xff\0\nf\n"), "1-2 0: " HAS_NUL "\n2-3 <f>\n"},
    {"bare quote after what is not utf-8", BYTES("\xf6,c\"d\nf\n"),
     "1-2 1: " NO_UTF_8 "\n2-3 <f>\n"},
    {"bare quote before what is not utf-8", BYTES("c\"d\xf6\r\nf\n"),
     "1-2 0: " NO_UTF_8 "\n2-3 <f>\n"},
    {"bare quote inside a character", BYTES("c\xe2\x82\"\xac\nf\n"),
     "1-2 0: " NO_UTF_8 "\n2-3 <f>\n"},
    {"bare quote before a character that is cut", BYTES("c\"\xe2\x82"), "1-2 0: " NO_UTF_8 "\n"},
    {"a nul byte behind the line", BYTES("c\"d\n\0\n"), "1-2 0: " BARE_QUOTE "\n2-3 <\\x00>\n"},
    {"text after the closing quote and a nul byte", BYTES("\"a\0\nb\"c\nf\n"),
     "1-3 0: " HAS_NUL "\n3-4 <f>\n"},
    {"an unclosed quote with a nul byte", BYTES("a\n\"b\0"), "1-2 <a>\n2-fatal 0: " HAS_NUL "\n"},
    {"an unclosed quote and a nul byte before it", BYTES("\0,\"b\n"), "1-fatal 1: " HAS_NUL "\n"},
    {"an unclosed quote and a nul byte in another line", BYTES("a\n\"b\n\0\n"),
     "1-2 <a>\n2-fatal 0: " UNCLOSED "\n"},
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

static const struct {
    const char *bytes;
    uint64_t line;
} ends[] = {
    {"", 0},
    {"\n", 0},
    {"a,b\n1,2\n", 0},
    {"a,b\r\n1,2\r\n", 0},
    {"a,b\r1,2\r", 0}, /* a lone CR ends a line */
    {MARK, 0},
    {MARK "a", 1},
    {"a", 1},
    {"a,b\n1,2", 2},
    {"a,b\n1,", 2},
    {"a,b\n1,\"x\"", 2},
    {"a,b\n1,\"x\ny\"", 3},
    {"a,b\n\n\n1,2", 4},
    {"a,b\n1,2\n ", 3},
    {"a,b\n1,x\"y", 2}, /* a broken record */
    {"a,b\n1,\"x", 0},  /* a fault says so */
    {"a,b\n1,x\"y\n", 0},
};

START_TEST(finds_a_last_line_without_an_end)
{
    struct file file;

    file_with(&file, ends[_i].bytes, strlen(ends[_i].bytes));
    for (size_t block_size = 1; block_size < 16; block_size++) {
        struct transcript ignored;
        const struct csv_handler handler = {
            .record = write_record, .fault = write_fault, .context = &ignored};
        struct error error = {0};

        transcript_start(&ignored);
        csv_reader_set_block_size(reader, block_size);
        ck_assert(input_rewind(file.input, &error));
        ck_assert(csv_reader_read(reader, file.input, &handler, &error));
        ck_assert_uint_eq(csv_reader_unended_line(reader), ends[_i].line);
        ck_assert_int_eq(fclose(ignored.stream), 0);
        free(ignored.text);
    }
    file_close(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("reader");
    TCase *tests = tcase_create("replays");

    tcase_add_checked_fixture(tests, make_reader, drop_reader);
    tcase_add_loop_test(tests, replays_at_every_block_size, 0, TABLE_ROWS(readings));
    tcase_add_loop_test(tests, replays_behind_a_mark, 0, TABLE_ROWS(readings));
    tcase_add_loop_test(tests, drops_a_mark, 0, TABLE_ROWS(marked_readings));
    tcase_add_loop_test(tests, finds_a_last_line_without_an_end, 0, TABLE_ROWS(ends));
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
