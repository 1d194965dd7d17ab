/*
 * One table's part in a run: its files, the ids known of it, and what became of its rows.
 */
#ifndef PLAN_DATASET_H
#define PLAN_DATASET_H

#include "index/id_set.h"
#include "index/line_index.h"
#include "index/paged_array.h"
#include "index/pair_index.h"
#include "index/text_index.h"
#include "plan/lookup.h"
#include "plan/mode.h"
#include "plan/value_takeover.h"
#include "row/row_digest.h"
#include "row/source.h"
#include "schema/catalog.h"
#include "schema/publication.h"
#include "schema/sequence.h"
#include "table/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the database has of the table, and how it was made ready for the load. Written by target; of
 * new tables the last two by run and build. */
struct dataset_database {
    struct catalog_table catalog;
    struct publication publication;
    enum lookup lookup;              /* of which rows the next members tell */
    struct id_set existing;          /* ids of its rows, inferred ones too */
    struct id_set existing_inferred; /* those that are placeholders */
    bool has_real_row;               /* it has a row that is no placeholder; for tables without
                                      * files, from which placeholders may be made */
    /* Hashes (uint64_t) of the columns that the files would update; empty where none are compared:
     * of a row by its id, or of all rows of a parent, added up, by the parent's id. 0: none. */
    struct paged_array digests;
    struct row_digest_columns compared; /* those columns */
    bool updatable;       /* nothing keeps the run from setting derived values of its rows */
    bool sequence_sought; /* what the next member says is known */
    struct sequence sequence;
    struct catalog_foreign_key foreign_keys[TABLE_COLUMNS_MAX];
    bool rebuilt;      /* its indexes and constraints are dropped for the load */
    bool frozen;       /* and it was empty: COPY ... FREEZE is allowed */
    bool filled_apart; /* by a transaction of its own, whose time is not that of the run */
};

/*
 * What the files have for the table, and what was found of it. Written by check, but for the unique
 * values of the database's rows, which target has put there before.
 */
struct dataset_files {
    struct named_keys named; /* where the lookup is LOOKUP_NAMED */

    uint32_t line_count;     /* of all files read so far */
    struct line_index lines; /* key of one id: id to line */
    struct pair_index pairs; /* key of parent and child */
    struct text_index unique[TABLE_COLUMNS_MAX];
    struct list takeovers;   /* of struct value_takeover */
    struct id_set left_out;  /* lines that are not loaded: bad rows, duplicates not kept, and rows
                              * that the database has and keeps */
    struct id_set updates;   /* lines whose row is in the database: it is updated, or a placeholder
                              * whose place the line's row takes */
    struct id_set unchanged; /* lines whose row is in the database just like that: not sent */
    struct id_set complete_parents; /* parents whose rows in the database are all in the files */
    bool incomplete;                /* a file could not be read to its end: ids may be missing */

    bool infer;             /* make a placeholder for an id that is nowhere */
    struct id_set inferred; /* the placeholders to make */

    bool sets_aside;                 /* its bad rows are rejected, and the rest is loaded */
    struct id_set rejected;          /* lines of bad rows */
    struct id_set continued;         /* lines on which a record goes on that began before */
    struct line_index rejected_rows; /* the ids of bad rows, to their first line */

    uint64_t references_checked[TABLE_COLUMNS_MAX]; /* per column with a foreign key */
    uint64_t references_violated[TABLE_COLUMNS_MAX];
};

/* What was done to the table's rows, beside what each source counts. Written by write. */
struct dataset_done {
    bool sent; /* the files' rows are in the database */
    uint64_t inferred_loaded;
    uint64_t placeholders_staged; /* rows in the stage that are to take a placeholder's place */
    uint64_t rows_to_delete;      /* in no file; placeholders among them may stay */
    uint64_t rows_deleted;
};

/* One table's part. What stands before its three parts is written by plan; the floor by target, or,
 * where the files alone are checked, by run. */
struct dataset {
    enum table_id id;
    const struct table *table;
    struct source **sources; /* in the order of the command line; owned by the plan */
    size_t source_count;
    enum mode mode;
    int64_t floor;                        /* 0: the table has none */
    size_t copy_of[TABLE_COLUMNS_MAX];    /* index of the column that a column's copy_of names */
    size_t references[TABLE_COLUMNS_MAX]; /* indexes of the columns with a foreign key */
    size_t reference_count;

    struct dataset_database database;
    struct dataset_files files;
    struct dataset_done done;
};

/* Whether a row with this id will be there after the run: it is in the files, in the database and
 * not to be deleted, or will be inferred. */
bool dataset_has(const struct dataset *dataset, int64_t id);

/* The highest id that leaves the table's sequence a next one; INT64_MAX: any does. Where no
 * database has been asked, the sequence that the table's description makes is meant. */
int64_t dataset_last_id(const struct dataset *dataset);

/* Whether any of the files has a column. */
bool dataset_has_column(const struct dataset *dataset, size_t column);

/* The file of a line numbered through, and the line in it. */
struct source *dataset_source_of_line(const struct dataset *dataset, uint32_t line,
                                      uint64_t *line_in_file);

/* Whether the run deletes the rows of the table that no file names: its mode is MODE_REPLACE, there
 * are files, and none of their rows is bad. */
bool dataset_replaces(const struct dataset *dataset);

/* Whether the run deletes the row with this id (of a table with a single-column key) if no file
 * names it. False for placeholders, which stay as long as something refers to them. */
bool dataset_deletes(const struct dataset *dataset, int64_t id);

/* Leaves a line out because another row with its key is kept: one of the files, or of the database.
 * False when memory ran out. */
bool dataset_skip_line(struct dataset *dataset, uint32_t line);
bool dataset_keep_existing(struct dataset *dataset, uint32_t line);

/* A line that was kept so gives way to a later one with its key. */
void dataset_skip_kept(struct dataset *dataset, uint32_t line);

/* Leaves a line out because its row is bad; false when memory ran out. */
bool dataset_reject_line(struct dataset *dataset, uint32_t line);

/* Notes that the database has the line's row as it is, and counts it (rows_unchanged). When the
 * line is left out later, it is counted as that alone. False when memory ran out. */
bool dataset_note_unchanged(struct dataset *dataset, uint32_t line);

/* Whether the run sends rows to the table: from files, or inferred. */
bool dataset_is_loaded(const struct dataset *dataset);

/* Rows inserted, placeholders too. */
uint64_t dataset_rows_loaded(const struct dataset *dataset);

/* Frees what the dataset holds, not the dataset. */
void dataset_free(struct dataset *dataset);

#endif
