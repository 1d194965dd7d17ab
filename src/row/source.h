/*
 * One CSV file of a run: what its header says it is, and which field feeds which column.
 */
#ifndef ROW_SOURCE_H
#define ROW_SOURCE_H

#include "base/clock.h"
#include "base/error.h"
#include "csv/reader.h"
#include "input/input.h"
#include "row/header.h"
#include "row/problem.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reject_file;

struct source {
    const char *path;      /* for messages; borrowed */
    const char *file_name; /* for the names of other files: a part of the path; "stdin" for "-" */
    struct input *input;
    enum table_id table_id;
    const struct table *table;

    size_t field_count;
    char *header_names[CSV_FIELDS_MAX];     /* fit to be shown where source_shows_name */
    bool likely_header;                     /* no name looks like a value */
    int column_of_field[CSV_FIELDS_MAX];    /* -1: ignored */
    int field_of_column[TABLE_COLUMNS_MAX]; /* -1: the file has no such column */
    struct source_binding {
        size_t column, field;
        bool is_integer;
        int64_t minimum, maximum;  /* of an integer */
    } bindings[TABLE_COLUMNS_MAX]; /* the columns that the file has */
    size_t binding_count;
    uint64_t keep_mask[CSV_FIELDS_MAX / 64];

    /* The lines of all files of a table are numbered one after the other, so that one number names
     * a file and a line: line_base and the line in the file. line_base is UINT32_MAX until the file
     * is read. */
    uint32_t line_base;
    uint32_t line_count;

    /* With --skip-loaded: the run that loaded the same bytes, and when; then this one does not. */
    int64_t loaded_before; /* 0: none */
    char loaded_at[CLOCK_TEXT_SIZE];

    uint64_t rows_read;
    uint64_t rows_bad;
    uint64_t rows_skipped; /* another row with the same key was kept */
    uint64_t rows_kept;    /* the database has the row, and it stays as it is */
    uint64_t rows_loaded;  /* inserted, or put in the place of a placeholder */
    uint64_t rows_updated;
    uint64_t rows_unchanged; /* to be updated, but nothing differed */
    uint64_t rows_staged;    /* on their way to be one of the last three */
    double seconds;

    uint64_t header_end;      /* the line after the header */
    uint64_t unreadable_from; /* the line of a fatal fault; 0: the file was read to its end */
    bool has_password;        /* in plain text, which the rejects must not show */
    struct reject_file *reject_file; /* where its bad rows are set aside; NULL: nowhere; borrowed */
    struct problem_list problems;
};

/*
 * Recognises an opened file by its header. The input is the source's from now on, and is freed when
 * it cannot be one. The path is for messages; it is borrowed and must outlive the source.
 *
 * ERROR_FILE when it cannot be read; ERROR_DATA when it is empty, or its header is no dataset's
 * (row/header). *purpose tells whom a file is for whose header is no dataset's.
 */
bool source_open(struct input *input, const char *path, enum header_purpose *purpose,
                 struct source **source, struct error *error);

/* Whether the header's name of a field may be shown: a column's, or one that cannot be a value.
 * Where a line end is missing behind the header, values of the first row are among its names. */
bool source_shows_name(const struct source *source, size_t field);

/* The column that the file lacks and that a field without a place may be meant for; -1: none. */
int source_column_meant(const struct source *source, size_t field);

/* The name of a field, for messages: the header's, or "field N" where that must not be shown, or
 * beyond the header; `text` holds it. */
const char *source_field_name(const struct source *source, size_t field,
                              char text[PROBLEM_COLUMN_SIZE]);

/* What has to be said of a record that is too broken to tell its fields apart: that it is not among
 * the rejects, where it could show a password; else "". */
const char *source_withholding(const struct source *source);

/* How many bytes of text the file has, guessed where it is compressed. */
double source_text_bytes(const struct source *source);

/* Closes and frees; NULL is fine. */
void source_free(struct source *source);

#endif
