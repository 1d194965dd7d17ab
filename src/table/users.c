#include "table/users.h"

/* What an order of the user takes over. */
#define DELIVERED(column, limit, number, other_names)                                              \
    {                                                                                              \
        .name = column, .header = column, .synonyms = (other_names), .type = COLUMN_TEXT,          \
        .length = (limit), .absent = ABSENT_NULL, .role = ROLE_DELIVERY, .detail = (number)        \
    }
#define TIME(column, other_names)                                                                  \
    {                                                                                              \
        .name = column, .header = column, .synonyms = (other_names), .type = COLUMN_TIMESTAMPTZ,   \
        .absent = ABSENT_NULL                                                                      \
    }

/* A time that follows from the user's last login. */
#define AFTER_LOGIN(column, days)                                                                  \
    {                                                                                              \
        .name = column, .type = COLUMN_TIMESTAMPTZ, .absent = ABSENT_COPY,                         \
        .copy_of = "last_login", .copy_offset = (days)*MICROSECONDS_A_DAY                          \
    }

#define MICROSECONDS_A_DAY (INT64_C(24) * 60 * 60 * 1000000)

/* How often TimeL-E reminds a user to order, unless the user says otherwise. */
enum { NOTIFICATION_DAYS = 7 };

/* A file's plain-text `password` column has no entry and so is never read. */
static const struct column user_columns[] = {
    {.name = "id",
     .header = "user_id",
     .synonyms = "customer_id",
     .type = COLUMN_BIGINT,
     .identifies = true,
     .minimum = 1},
    {.name = "external_user_id",
     .header = "external_user_id",
     .synonyms = "user_uuid uuid",
     .type = COLUMN_UUID_V4,
     .unique = true,
     .stable = true,
     .absent = ABSENT_RANDOM_UUID},
    {.name = "first_name",
     .header = "first_name",
     .synonyms = "given_name forename",
     .type = COLUMN_TEXT,
     .absent = ABSENT_NULL,
     .role = ROLE_FIRST_NAME},
    {.name = "last_name",
     .header = "last_name",
     .synonyms = "surname family_name",
     .type = COLUMN_TEXT,
     .absent = ABSENT_NULL,
     .role = ROLE_LAST_NAME},
    {.name = "email_address",
     .header = "email_address",
     .synonyms = "email mail",
     .type = COLUMN_TEXT,
     .identifies = true,
     .unique = true},
    {.name = "hashed_password",
     .header = "hashed_password",
     .synonyms = "password_hash",
     .type = COLUMN_TEXT,
     .length = 128,
     .secret = true,
     .absent = ABSENT_NULL},
    DELIVERED("phone_number", 50, DELIVERY_PHONE_NUMBER, "phone phone_no telephone mobile"),
    DELIVERED("street_address", 255, DELIVERY_STREET_ADDRESS, "address street address_line"),
    DELIVERED("city", 100, DELIVERY_CITY, "town"),
    DELIVERED("postal_code", 20, DELIVERY_POSTAL_CODE, "postcode post_code zip zip_code"),
    DELIVERED("country", 100, DELIVERY_COUNTRY, "country_name"),
    TIME("last_login", "last_login_at"),
    TIME("last_notifications_viewed_at", "last_notifications_viewed"),
    {.name = "days_between_order_notifications",
     .type = COLUMN_INTEGER,
     .absent = ABSENT_INTEGER,
     .default_integer = NOTIFICATION_DAYS},
    AFTER_LOGIN("order_notifications_start_date_time", 0),
    AFTER_LOGIN("order_notifications_next_scheduled_time", NOTIFICATION_DAYS),
    AFTER_LOGIN("last_notification_sent_at", 0),
    {.name = "pending_order_notification",
     .type = COLUMN_BOOLEAN,
     .absent = ABSENT_INTEGER,
     .default_integer = true},
    {.name = "order_notifications_via_email",
     .type = COLUMN_BOOLEAN,
     .absent = ABSENT_INTEGER,
     .default_integer = false},
    {.name = "inferred", .type = COLUMN_BOOLEAN, .optional = true, .absent = ABSENT_INFERRED},
};

const struct table table_users = {
    .dataset = "users",
    .schema = "users",
    .name = "users",
    .row_name = "user",
    .unused_columns = "password",
    .columns = user_columns,
    .column_count = sizeof user_columns / sizeof *user_columns,
    .key = {0},
    .key_count = 1,
    .floor = 400000,
    .sequence_column = "id",
    .inferable = true,
};
