/*
 * A file as it is, embedded in the program. The Makefile assembles this once for each file, with
 * TEXT_FILE the file's path and TEXT_NAME its name with `_` for the dot:
 *
 *     extern const char schema_sql[];     schema.sql, with a NUL after it
 */
        .section .rodata

        .globl  TEXT_NAME
        .type   TEXT_NAME, %object
TEXT_NAME:
        .incbin TEXT_FILE
        .byte   0
        .size   TEXT_NAME, . - TEXT_NAME

        .section .note.GNU-stack, "", %progbits
