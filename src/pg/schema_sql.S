/*
 * schema.sql and api.sql as they are, embedded in the program:
 *
 *     extern const char schema_sql[];     the texts, with a NUL after each
 *     extern const char api_sql[];
 */
        .section .rodata

        .globl  schema_sql
        .type   schema_sql, %object
schema_sql:
        .incbin "schema.sql"
        .byte   0
        .size   schema_sql, . - schema_sql

        .globl  api_sql
        .type   api_sql, %object
api_sql:
        .incbin "api.sql"
        .byte   0
        .size   api_sql, . - api_sql

        .section .note.GNU-stack, "", %progbits
