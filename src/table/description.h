/*
 * What can be said of a table: columns, types, ranges, keys, references, floor.
 */
#ifndef TABLE_DESCRIPTION_H
#define TABLE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Every table, parents before the tables that reference them: the order of a load. */
enum table_id {
    TABLE_DEPARTMENTS,
    TABLE_AISLES,
    TABLE_PRODUCTS,
    TABLE_PRODUCT_ENRICHED,
    TABLE_USERS,
    TABLE_ORDERS,
    TABLE_ORDER_ITEMS,
    TABLE_ORDER_STATUS_HISTORY,
    TABLE_CARTS,
    TABLE_CART_ITEMS,
    TABLE_COUNT,
    TABLE_NONE = TABLE_COUNT
};

enum { TABLE_COLUMNS_MAX = 32, TABLE_KEY_MAX = 3 };

/* The database's types, and with them how a field's text is read and a value is sent. */
enum column_type {
    COLUMN_BIGINT,
    COLUMN_INTEGER,
    COLUMN_BOOLEAN,
    COLUMN_TEXT,
    COLUMN_UUID_V4,
    COLUMN_TIMESTAMPTZ,
    COLUMN_DOUBLE,  /* read as an exact decimal of `scale` fraction digits */
    COLUMN_NUMERIC, /* numeric(precision, scale) */
    COLUMN_ORDER_STATUS
};

/* The labels of an order status, by number. */
enum { ORDER_STATUS_COUNT = 9, ORDER_STATUS_PENDING = 0 };

/* How rows are told apart. */
enum table_key {
    KEY_ID,   /* by one id */
    KEY_PAIR, /* by the ids of a parent and a child; files come grouped by parent */
    KEY_EVENT /* by the id of a parent, a time and a status */
};

/* What a column holds where the file has no such column, or an empty field. */
enum column_absent {
    ABSENT_REFUSED, /* an error: every row must bring a value */
    ABSENT_NULL,
    ABSENT_INTEGER,     /* default_integer; of a boolean: 0 or 1 */
    ABSENT_RANDOM_UUID, /* a fresh version 4 UUID: the row's external id */
    ABSENT_LOAD_TIME,   /* when the run began */
    ABSENT_INFERRED,    /* true in a placeholder row, false in a row from a file */

    /* Derived from other columns and rows. */
    ABSENT_COPY,             /* column `copy_of` of the row, plus copy_offset */
    ABSENT_GIVEN,            /* true where the file gave column `copy_of`, else NULL */
    ABSENT_DELIVERY,         /* the user's `detail` */
    ABSENT_ITEM_COUNT,       /* of an order: how many items it has */
    ABSENT_ITEM_TOTAL,       /* of an order: the exact sum of price × quantity of its items */
    ABSENT_LAST_STATUS,      /* of an order: after its last event, else initial_status */
    ABSENT_LAST_STATUS_TIME, /* of an order: of its last event, else column `copy_of` */
    ABSENT_PREVIOUS_STATUS,  /* of an event: the order's status before it */
    ABSENT_CATALOGUE_PRICE,  /* of an item: what the enriched product costs, else 0 */
    ABSENT_COUNT
};

/* What an order takes over from its user. */
enum delivery_detail {
    DELIVERY_NAME, /* first and last name with a blank between */
    DELIVERY_PHONE_NUMBER,
    DELIVERY_STREET_ADDRESS,
    DELIVERY_CITY,
    DELIVERY_POSTAL_CODE,
    DELIVERY_COUNTRY,
    DELIVERY_COUNT
};

/* What the derived values are made from. */
enum column_role {
    ROLE_NONE,
    ROLE_PRICE,           /* of an item */
    ROLE_QUANTITY,        /* of an item */
    ROLE_CATALOGUE_PRICE, /* of a product: what an item of it costs that has no price of its own */
    ROLE_RECIPIENT,       /* of an order: the user whose delivery details it takes over */
    ROLE_FIRST_NAME,
    ROLE_LAST_NAME,
    ROLE_DELIVERY /* the user's `detail`, one beside the name */
};

struct column {
    const char *name;     /* in the database */
    const char *header;   /* in a file's header; NULL: never read from a file */
    const char *synonyms; /* what others call it, with blanks between; NULL: nothing else */
    enum column_type type;
    bool identifies; /* a header without it is another dataset's */
    bool unique;     /* no two rows may share a value (beside the key) */
    bool secret;     /* its values are shown to nobody */
    bool stable;     /* a row that stays keeps its value for ever: the external id */
    bool optional;   /* a database of TimeL-E's service lacks it; --create-schema adds it */

    int64_t minimum, maximum; /* allowed integers; both 0: what the type allows */
    size_t length;            /* most characters of a text; 0: no limit */
    unsigned precision;       /* most digits of a numeric */
    unsigned scale;           /* fraction digits of a decimal */

    bool has_reference; /* a foreign key to the primary key of `references` */
    enum table_id references;

    enum column_absent absent;
    int64_t default_integer; /* of ABSENT_INTEGER */
    const char *copy_of;     /* a column's name; of ABSENT_COPY, _GIVEN and _LAST_STATUS_TIME */
    int64_t copy_offset;     /* of ABSENT_COPY, in the column's unit */
    int initial_status;      /* of ABSENT_LAST_STATUS, by number */

    enum column_role role;
    enum delivery_detail detail; /* of ROLE_DELIVERY in a user, of ABSENT_DELIVERY in an order */

    /* The column in an inferred member (a placeholder parent), where that differs from `absent`.
     * A text ending in '#' gets the id in its place: "Product #". */
    const char *inferred_text;
    int64_t inferred_integer;
};

struct table {
    const char *dataset; /* what a person calls its files; NULL: no file feeds it */
    const char *schema;
    const char *name;
    const char *row_name;       /* one row, in a message: "order" */
    const char *unused_columns; /* those of its files that have no place in it, with blanks between;
                                 * NULL: none that is known */
    const struct column *columns;
    size_t column_count;
    enum table_key key_kind;
    size_t key[TABLE_KEY_MAX]; /* indexes of the (natural) key's columns */
    size_t key_count;
    const char *sequence_column; /* gets its values from a sequence; NULL: there is none */
    int64_t floor;               /* where the application's ids start; 0: it has no range */
    bool streamed;               /* its rows are sent while they are checked, where possible */
    bool inferable;              /* --infer can name it */
    bool inferred_if_empty; /* and is not needed while neither run nor database has a real row */
};

#endif
