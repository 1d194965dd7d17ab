/*
 * schema.sql as it is, embedded in the program:
 *
 *     extern const char schema_sql[];         the text, with a NUL after it
 *     extern const size_t schema_sql_size;    its bytes, the NUL not counted
 */
        .section .rodata

        .globl  schema_sql
        .type   schema_sql, %object
schema_sql:
        .incbin "schema.sql"
.Lend:
        .byte   0
        .size   schema_sql, . - schema_sql

        .balign __SIZEOF_SIZE_T__
        .globl  schema_sql_size
        .type   schema_sql_size, %object
schema_sql_size:
#if __SIZEOF_SIZE_T__ == 8
        .quad   .Lend - schema_sql
#else
        .long   .Lend - schema_sql
#endif
        .size   schema_sql_size, . - schema_sql_size

        .section .note.GNU-stack, "", %progbits
