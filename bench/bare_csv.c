/*
 * What libcsv alone costs: parses files with callbacks that do nothing but count rows.
 *
 * bare_csv [--default] FILE... prints the number of rows of each file, headers included. The
 * parser's options are those of timele-load; with --default, libcsv's own.
 */
#include <csv.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 256 * 1024 };

static void ignore_field(void *text, size_t length, void *context)
{
    (void)text;
    (void)length;
    (void)context;
}

static void count_row(int terminator, void *context)
{
    unsigned long long *rows = context;

    (void)terminator;
    ++*rows;
}

static void parse_blocks(struct csv_parser *parser, FILE *file, const char *path,
                         unsigned long long *rows)
{
    static char block[BLOCK_SIZE];
    size_t length;

    while ((length = fread(block, 1, sizeof block, file)) > 0)
        if (csv_parse(parser, block, length, ignore_field, count_row, rows) != length)
            errx(EXIT_FAILURE, "%s: %s", path, csv_strerror(csv_error(parser)));
    if (ferror(file) != 0)
        err(EXIT_FAILURE, "%s", path);
    if (csv_fini(parser, ignore_field, count_row, rows) != 0)
        errx(EXIT_FAILURE, "%s: %s", path, csv_strerror(csv_error(parser)));
}

static unsigned long long parse_file(const char *path, unsigned char options)
{
    struct csv_parser parser;
    unsigned long long rows = 0;
    FILE *file = fopen(path, "rb");

    if (file == NULL)
        err(EXIT_FAILURE, "%s", path);
    /* The blocks are large enough; a second buffer would only add copies to libcsv's work. */
    (void)setvbuf(file, NULL, _IONBF, 0);
    if (csv_init(&parser, options) != 0)
        errx(EXIT_FAILURE, "cannot set up the CSV parser");
    parse_blocks(&parser, file, path, &rows);
    csv_free(&parser);
    (void)fclose(file);
    return rows;
}

int main(int argc, char **argv)
{
    bool defaults = argc > 1 && strcmp(argv[1], "--default") == 0;
    unsigned char options =
        defaults ? 0 : CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL;

    if (argc < (defaults ? 3 : 2))
        errx(EXIT_FAILURE, "usage: bare_csv [--default] FILE...");
    for (int i = defaults ? 2 : 1; i < argc; i++)
        (void)printf("%llu %s\n", parse_file(argv[i], options), argv[i]);
    return EXIT_SUCCESS;
}
