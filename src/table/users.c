#include "table/users.h"

#define TEXT(column, limit)                                                                        \
    {                                                                                              \
        .name = column, .header = column, .type = COLUMN_TEXT, .length = (limit),                  \
        .absent = ABSENT_NULL                                                                      \
    }
#define TIME(column)                                                                               \
    {                                                                                              \
        .name = column, .header = column, .type = COLUMN_TIMESTAMPTZ, .absent = ABSENT_NULL        \
    }

/* A file's plain-text `password` column has no entry and so is never read. */
static const struct column user_columns[] = {
    {.name = "id", .header = "user_id", .type = COLUMN_BIGINT, .identifies = true, .minimum = 1},
    {.name = "external_user_id",
     .header = "external_user_id",
     .type = COLUMN_UUID_V4,
     .unique = true,
     .stable = true,
     .absent = ABSENT_RANDOM_UUID},
    TEXT("first_name", 0),
    TEXT("last_name", 0),
    {.name = "email_address",
     .header = "email_address",
     .type = COLUMN_TEXT,
     .identifies = true,
     .unique = true},
    {.name = "hashed_password",
     .header = "hashed_password",
     .type = COLUMN_TEXT,
     .length = 128,
     .secret = true,
     .absent = ABSENT_NULL},
    TEXT("phone_number", 50),
    TEXT("street_address", 255),
    TEXT("city", 100),
    TEXT("postal_code", 20),
    TEXT("country", 100),
    TIME("last_login"),
    TIME("last_notifications_viewed_at"),
    {.name = "pending_order_notification",
     .type = COLUMN_BOOLEAN,
     .absent = ABSENT_INTEGER,
     .absent_integer = true},
    {.name = "order_notifications_via_email",
     .type = COLUMN_BOOLEAN,
     .absent = ABSENT_INTEGER,
     .absent_integer = false},
};

const struct table table_users = {
    .dataset = "users",
    .schema = "users",
    .name = "users",
    .row_name = "user",
    .columns = user_columns,
    .column_count = sizeof user_columns / sizeof *user_columns,
    .key = {0},
    .key_count = 1,
    .floor = 400000,
    .has_sequence = true,
};
