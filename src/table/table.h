/*
 * TimeL-E's tables, as data: columns, types, ranges, keys, references, floors.
 *
 * Everything the program knows of a table is an entry here (one source file a schema); the code
 * that reads, checks, sends and proves rows is the same for all of them.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every table, parents before the tables that reference them: the order of a load. */
enum table_id {
    TABLE_DEPARTMENTS,
    TABLE_AISLES,
    TABLE_PRODUCTS,
    TABLE_USERS,
    TABLE_ORDERS,
    TABLE_ORDER_ITEMS,
    TABLE_CARTS,
    TABLE_COUNT,
    TABLE_NONE = TABLE_COUNT
};

enum { TABLE_COLUMNS_MAX = 32, TABLE_KEY_MAX = 2 };

/* The database's types, and with them how a field's text is read and a value is sent. */
enum column_type {
    COLUMN_BIGINT,
    COLUMN_INTEGER,
    COLUMN_BOOLEAN,
    COLUMN_TEXT,
    COLUMN_UUID_V4,
    COLUMN_TIMESTAMPTZ,
    COLUMN_DOUBLE,
    COLUMN_ORDER_STATUS
};

/* What a column holds where the file has no such column, or an empty field. */
enum column_absent {
    ABSENT_REFUSED, /* an error: every row must bring a value */
    ABSENT_NULL,
    ABSENT_INTEGER,     /* absent_integer, for numbers and booleans too */
    ABSENT_TEXT,        /* absent_text */
    ABSENT_RANDOM_UUID, /* a fresh version 4 UUID: the row's external id */
    ABSENT_LOAD_TIME,   /* when the run began */
    ABSENT_INFERRED     /* true in a placeholder row, false in a row from a file */
};

struct column {
    const char *name;   /* in the database */
    const char *header; /* in a file's header; NULL: never read from a file */
    enum column_type type;
    bool identifies; /* a header without it is another dataset's */
    bool unique;     /* no two rows may share a value (beside the key) */
    bool secret;     /* its values are shown to nobody */
    bool stable;     /* a row that stays keeps its value for ever: the external id */
    bool optional;   /* a database of TimeL-E's service lacks it; --create-schema adds it */

    int64_t minimum, maximum; /* allowed integers; both 0: what the type allows */
    size_t length;            /* most characters of a text; 0: no limit */

    bool has_reference; /* a foreign key to the primary key of `references` */
    enum table_id references;

    enum column_absent absent;
    int64_t absent_integer;
    const char *absent_text;

    /* The column in an inferred member (a placeholder parent), where that differs from `absent`.
     * A text ending in '#' gets the id in its place: "Product #". */
    const char *inferred_text;
    int64_t inferred_integer;
};

struct table {
    const char *dataset; /* what a person calls its files; NULL: no file feeds it */
    const char *schema;
    const char *name;
    const char *row_name; /* one row, in a message: "order" */
    const struct column *columns;
    size_t column_count;
    size_t key[TABLE_KEY_MAX]; /* indexes of the primary key's columns */
    size_t key_count;
    int64_t floor;          /* where the application's range of ids starts; 0: there is none */
    bool has_sequence;      /* key[0] gets its values from a sequence */
    bool inferable;         /* --infer can name it */
    bool inferred_if_empty; /* and is not needed while neither run nor database has a real row */
};

/* The description of a table. */
const struct table *table_get(enum table_id id);

/* The table with this name (without its schema), or TABLE_NONE. */
enum table_id table_find(const char *name);

/* The index of the column that is read from `header`; -1 when there is none. */
int table_column_of_header(const struct table *table, const char *header, size_t length);

/* The index of the column that marks placeholder rows; -1 when there is none. */
int table_inferred_column(const struct table *table);

/* The one type that is not PostgreSQL's own: its schema and name, for --reset. */
#define TABLE_ENUM_SCHEMA "public"
#define TABLE_ENUM_NAME   "order_status_enum"

#endif
