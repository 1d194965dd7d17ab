#include "input/file_kind.h"
#include "suite.h"
#include "table/table.h"

#include <stdio.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1

/* The first member's header in a zip file, up to its name; the name has `length` bytes. */
#define ZIP_MEMBER(length)                                                                         \
    "PK\x03\x04\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0" length "\0\0\0"

static const struct {
    const char *bytes;
    size_t length;
    const char *name;
    const char *hint; /* what it has among others */
    enum file_container container;
} kinds[] = {
    /* Encodings. */
    {BYTES("\xff\xfeu\0s\0"), "text in UTF-16", "iconv -f UTF-16 -t UTF-8 <FILE >NEW", 0},
    {BYTES("\xfe\xff\0u\0s"), "text in UTF-16", "iconv -f UTF-16 -t", 0},
    {BYTES("\xff\xfe"), "text in UTF-16", "iconv -f UTF-16 -t", 0},
    {BYTES("\xff\xfe\0\0u\0\0\0"), "text in UTF-32", "iconv -f UTF-32 -t", 0},
    {BYTES("\0\0\xfe\xff\0\0\0u"), "text in UTF-32", "iconv -f UTF-32 -t", 0},
    {BYTES("u\0s\0,\0a\0"), "text in UTF-16", "iconv -f UTF-16LE -t", 0},
    {BYTES("\0u\0s\0,\0a\0"), "text in UTF-16", "iconv -f UTF-16BE -t", 0},
    {BYTES("u\0s\0\n\0\x42\x04\x43"), "text in UTF-16", "iconv -f UTF-16LE -t", 0},
    {BYTES("u\0\0\0s\0\0\0"), "text in UTF-32", "iconv -f UTF-32LE -t", 0},
    {BYTES("\0\0\0u\0\0\0s"), "text in UTF-32", "iconv -f UTF-32BE -t", 0},
    {BYTES("user_id,stra\xdf"
           "e\n"),
     "text in another encoding than UTF-8", "iconv -f WINDOWS-1252 -t UTF-8 <FILE >NEW", 0},
    {BYTES("\r\n\nstra\xdf"), "text in another encoding than UTF-8", "iconv", 0},
    {BYTES("user_id,\xdf\x01\n"), "binary data", "as CSV", 0},
    {BYTES("user_id,\0\n"), "binary data", "as CSV", 0},
    {BYTES("u\0"), "binary data", "as CSV", 0},
    {BYTES("PK\7\10PK\3\4"), "a part of a zip archive", "zip -s 0", 0},
    {BYTES("\0"), "a file that begins with nothing but NUL bytes", "get the file again", 0},
    {BYTES("\0\0\0\0\0\0\0\0"), "a file that begins with nothing but NUL bytes",
     "get the file again", 0},
    /* Other texts, with a byte order mark or blanks before them. */
    {BYTES("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
     "a Git LFS pointer, and the file itself is not here", "git lfs pull", 0},
    {BYTES("/annex/objects/SHA256E-s1--0\n"),
     "a git-annex pointer, and the file itself is not here", "git annex get FILE", 0},
    {BYTES("outs:\n- md5: 0\n"), "a DVC pointer, and the file itself is not here", "dvc pull", 0},
    {BYTES("<<<<<<< HEAD\na,b\n"), "a file with a merge conflict of Git", "Resolve", 0},
    {BYTES("<!DOCTYPE html>\n<html>"), "an HTML page", "download the file again", 0},
    {BYTES("\xef\xbb\xbf\r\n  <HTML lang=\"en\">"), "an HTML page", "login or error page", 0},
    {BYTES("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"\">\n<html>"), "an HTML page", "", 0},
    {BYTES("<!-- saved -->\n<html>"), "an HTML page", "", 0},
    {BYTES("<?xml version=\"1.0\"?>\n<Workbook>"), "XML", "as CSV", 0},
    {BYTES("{\"user_id\": 1}\n"), "JSON", "mlr --ijson --ocsv cat FILE >NEW", 0},
    {BYTES("[\n  {\n"), "JSON", "mlr", 0},
    {BYTES("{}"), "JSON", "mlr", 0},
    {BYTES("[]"), "JSON", "mlr", 0},
    {BYTES("--\n-- PostgreSQL database dump\n--\n"), "an SQL script or dump",
     "psql -d OTHER -f FILE", 0},
    {BYTES("-- orders\ncreate table orders (\n"), "an SQL script or dump", "\\copy TABLE", 0},
    {BYTES("INSERT INTO users VALUES (1, 'a');\n"), "an SQL script or dump", "\\copy TABLE", 0},
    {BYTES("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n"), "an SQL script or dump", "", 0},
    {BYTES("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), "a PDF document", "as CSV", 0},
    {BYTES("-----BEGIN PGP MESSAGE-----\n"), "encrypted data (OpenPGP)", "gpg -d FILE >NEW", 0},
    /* Compressed files and archives. */
    {BYTES("\x1f\x8b\x08\0"), "gzip data", "gzip -dc <FILE >NEW", FILE_CONTAINER_COMPRESSED},
    {BYTES("\x28\xb5\x2f\xfd\x04\x01"), "Zstandard data", "zstd -dc", FILE_CONTAINER_COMPRESSED},
    {BYTES("BZh91AY&SY\x01\x02"), "bzip2 data", "bzip2 -dc", FILE_CONTAINER_COMPRESSED},
    {BYTES("\xfd\x37zXZ\0\0\x04"), "xz data", "xz -dc", FILE_CONTAINER_COMPRESSED},
    {BYTES("\x04\x22\x4d\x18\x64"), "lz4 data", "lz4 -dc", FILE_CONTAINER_COMPRESSED},
    {BYTES("\x1f\x9d\x90"), "compress data (.Z)", "gzip -dc", FILE_CONTAINER_COMPRESSED},
    {BYTES("7z\xbc\xaf\x27\x1c\0\x04"), "a 7-Zip archive (.7z)", "7z x FILE", 0},
    {BYTES("Rar!\x1a\x07\x01\0"), "a RAR archive (.rar)", "unrar x FILE", 0},
    {BYTES("MSCF\0\0\0\0"), "a cabinet archive (.cab)", "cabextract FILE", 0},
    {BYTES("PK\x05\x06\0\0"), "a zip archive", "unzip FILE", FILE_CONTAINER_ZIP},
    {BYTES("PK\x03\x04"), "a zip archive", "unzip FILE", FILE_CONTAINER_ZIP},
    {BYTES(ZIP_MEMBER("\x0a") "orders.csv"), "a zip archive", "unzip", FILE_CONTAINER_ZIP},
    {BYTES(ZIP_MEMBER("\x0d") "xl/orders.csv"), "a zip archive", "unzip", FILE_CONTAINER_ZIP},
    /* Office documents are zip files. */
    {BYTES(ZIP_MEMBER("\x13") "[Content_Types].xml PK\x03\x04 xl/workbook.xml"),
     "an Excel workbook (.xlsx)", "libreoffice --headless --convert-to", 0},
    {BYTES(ZIP_MEMBER("\x10") "docProps/app.xml"), "an Excel workbook (.xlsx)", "libreoffice", 0},
    {BYTES(ZIP_MEMBER("\x0f") "xl/workbook.xml"), "an Excel workbook (.xlsx)", "libreoffice", 0},
    {BYTES(ZIP_MEMBER("\x13") "[Content_Types].xml PK\x03\x04 word/document.xml"),
     "an Office document, and no spreadsheet", "as CSV", 0},
    {BYTES(ZIP_MEMBER("\x08") "mimetypeapplication/vnd.oasis.opendocument.spreadsheetPK"),
     "a spreadsheet (.ods)", "libreoffice", 0},
    {BYTES(ZIP_MEMBER("\x08") "mimetypeapplication/epub+zipPK"),
     "an Office document, and no spreadsheet", "as CSV", 0},
    {BYTES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
     "an old Excel workbook (.xls) or another old Office document", "libreoffice", 0},
    /* Tables in files of other programs. */
    {BYTES("PAR1\x15\x04"), "a Parquet file", "pandas.read_parquet('FILE').to_csv('NEW'", 0},
    {BYTES("ORC\n\x0b\x0a\x03\0"), "an ORC file", "pandas.read_orc", 0},
    {BYTES("ARROW1\0\0"), "an Arrow or Feather file", "pandas.read_feather", 0},
    {BYTES("Obj\x01\x04\x14"
           "avro.codec"),
     "an Avro file", "as CSV", 0},
    {BYTES("\x80\x04\x95\x01\0"), "a Python pickle", "pandas.read_pickle", 0},
    {BYTES("SQLite format 3\0\x10"), "an SQLite database", "sqlite3 -header -csv FILE", 0},
    {BYTES("01234567DUCK@\0\0\0"), "a DuckDB database", "duckdb -csv FILE", 0},
    {BYTES("PGDMP\x01\x0e\0"), "a dump of pg_dump's custom form", "pg_restore -d OTHER FILE", 0},
    {BYTES("PGCOPY\n\xff\r\n\0\0"), "binary data of PostgreSQL's COPY", "\\copy TABLE", 0},
    {BYTES("\0\x05\x16\x07\0\x02"), "what macOS keeps beside a file (AppleDouble)", "leave it", 0},
    {BYTES("\x7f\x45LF\x02\x01\x01\0\0"), "a program (ELF)", "as CSV", 0},
};

START_TEST(tells_kinds_and_what_mends_them)
{
    const struct file_kind *kind =
        file_kind_recognise((const uint8_t *)kinds[_i].bytes, kinds[_i].length);

    ck_assert_msg(kind != NULL, "no kind instead of %s", kinds[_i].name);
    ck_assert_str_eq(kind->name, kinds[_i].name);
    ck_assert_msg(strstr(kind->hint, kinds[_i].hint) != NULL, "%s: %s", kind->name, kind->hint);
    ck_assert_int_eq(kind->container, kinds[_i].container);
}
END_TEST

START_TEST(tells_a_tar_archive)
{
    uint8_t bytes[512] = "orders.csv";
    const struct file_kind *kind;

    memcpy(bytes + 257, "ustar\00000", 8);
    kind = file_kind_recognise(bytes, sizeof bytes);
    ck_assert_ptr_nonnull(kind);
    ck_assert_str_eq(kind->name, "a tar archive");
    ck_assert_int_eq(kind->container, FILE_CONTAINER_TAR);
}
END_TEST

/* Texts that may be CSV, whatever their header is worth. */
static const char *const texts[] = {
    "",
    "\n",
    "\xef\xbb\xbf",
    "7\n",
    "1,Ann,<b>,{}\n",
    "user_id;email_address\n",
    "caf\xc3\xa9,user_id\n",
    "PAR1,user_id\n",
    "ORCHARD,user_id\n",
    "BZhang,user_id\n",
    "[user_id],[email_address]\n",
    "{user_id},{email_address}\n",
    "-- users of today\nuser_id,email_address\n",
    "Set of users\nuser_id,email_address\n",
    "'user_id','email_address'\n",
    "na\033me,user_id\n",
    "<user_id>,<email_address>\n",
    /* What is wrong with a later line is told with that line. */
    "user_id,city\n1,K\xf6ln\n",
    "user_id,city\n1,\x01\n",
};

START_TEST(leaves_what_may_be_csv)
{
    const struct file_kind *kind =
        file_kind_recognise((const uint8_t *)texts[_i], strlen(texts[_i]));

    ck_assert_msg(kind == NULL, "%s is %s", texts[_i], kind->name);
}
END_TEST

/* A row with a NUL byte, after the header. */
START_TEST(leaves_a_nul_of_a_later_line)
{
    ck_assert_ptr_null(file_kind_recognise((const uint8_t *)BYTES("user_id,city\n1,\0\n")));
}
END_TEST

enum { HEADER_SIZE = 2048 };

/* A header with all columns of a table, between quotes or not. */
static size_t write_header(const struct table *table, const char *before, const char *quote,
                           const char *line_end, char text[HEADER_SIZE])
{
    size_t length = (size_t)snprintf(text, HEADER_SIZE, "%s", before);

    for (size_t i = 0, named = 0; i < table->column_count; i++)
        if (table->columns[i].header != NULL)
            length +=
                (size_t)snprintf(text + length, HEADER_SIZE - length, "%s%s%s%s",
                                 named++ > 0 ? "," : "", quote, table->columns[i].header, quote);
    length += (size_t)snprintf(text + length, HEADER_SIZE - length, "%s1,2,\xc3\xa9,%s", line_end,
                               line_end);
    ck_assert_uint_lt(length, HEADER_SIZE);
    return length;
}

START_TEST(leaves_the_header_of_a_dataset)
{
    static const char *const befores[] = {"", "\xef\xbb\xbf", "\n", "\r\n\r\n"};
    static const char *const line_ends[] = {"\n", "\r\n", "\r"};
    char text[HEADER_SIZE];

    for (size_t before = 0; before < TABLE_ROWS(befores); before++)
        for (size_t end = 0; end < TABLE_ROWS(line_ends); end++)
            for (int quoted = 0; quoted < 2; quoted++) {
                size_t length = write_header(table_get((enum table_id)_i), befores[before],
                                             quoted ? "\"" : "", line_ends[end], text);

                ck_assert_ptr_null(file_kind_recognise((const uint8_t *)text, length));
            }
}
END_TEST

/* Its last character may have one to four bytes, of which the last ones are not among the first
 * bytes. */
START_TEST(leaves_a_header_that_is_cut)
{
    static const char character[] = "\xf0\x9f\x98\x80";
    uint8_t text[FILE_KIND_SIZE];

    memset(text, 'x', sizeof text);
    memcpy(text, "user_id,", 8);
    memcpy(text + sizeof text - (size_t)_i, character, (size_t)_i);
    ck_assert_ptr_null(file_kind_recognise(text, sizeof text));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("file_kind");
    TCase *tests = tcase_create("kinds");

    tcase_add_loop_test(tests, tells_kinds_and_what_mends_them, 0, TABLE_ROWS(kinds));
    tcase_add_test(tests, tells_a_tar_archive);
    tcase_add_loop_test(tests, leaves_what_may_be_csv, 0, TABLE_ROWS(texts));
    tcase_add_test(tests, leaves_a_nul_of_a_later_line);
    tcase_add_loop_test(tests, leaves_the_header_of_a_dataset, 0, TABLE_COUNT);
    tcase_add_loop_test(tests, leaves_a_header_that_is_cut, 0, 5);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
