/*
 * Kinds of files that certain bytes at a certain place tell, as data.
 */
#ifndef INPUT_FILE_MAGIC_H
#define INPUT_FILE_MAGIC_H

#include <stddef.h>
#include <stdint.h>

/* What a file holds others in. A spreadsheet, which is a zip file, is none of these. */
enum file_container {
    FILE_CONTAINER_NONE,
    FILE_CONTAINER_ZIP,
    FILE_CONTAINER_TAR,
    FILE_CONTAINER_COMPRESSED /* one file: bzip2, gzip, lz4, xz, Zstandard, ... */
};

/* Static: nobody frees it. */
struct file_kind {
    const char *name; /* for a message: "an Excel workbook (.xlsx)" */
    const char *hint; /* what to do: sentences, or one that ends with a colon and a command for a
                       * shell, where FILE is the file, NEW the one that the command writes, OTHER
                       * another database */
    enum file_container container;
};

/* What mends a kind of which no command makes CSV. */
#define FILE_KIND_SOURCE_HINT "Get the data as CSV, in UTF-8, from where it comes from."

/* What makes CSV of a spreadsheet: 44, 34 and 76 are a comma, a quote and UTF-8. */
#define FILE_KIND_SHEET_HINT                                                                       \
    "Save each sheet as \"CSV UTF-8\", or convert the first one: libreoffice --headless "          \
    "--convert-to 'csv:Text - txt - csv (StarCalc):44,34,76' FILE"

/* What to do with the tables of a dump, once they are in another database. */
#define FILE_KIND_DUMP_HINT                                                                        \
    " and write each table: psql -d OTHER -c \"\\copy TABLE to 'NEW' (format csv, header)\""

/* The kind whose bytes these begin with; NULL when there is none. A text may begin as some of those
 * do that are none: "PAR1", "ORC". */
const struct file_kind *file_magic_of_binary(const uint8_t *bytes, size_t length);
const struct file_kind *file_magic_of_text(const uint8_t *bytes, size_t length);

#endif
