/*
 * The one error object of a run: what went wrong, details, and what to do next.
 *
 * Functions that can fail return bool and take a `struct error *` as their last parameter, or a
 * session, which has it. The function that notices a failure sets the error: it never returns false
 * without one. Everyone above passes the error on untouched, or adds a detail; main prints it,
 * once. Messages are lower case without a full stop; hints are sentences.
 *
 * Functions that can fail only because memory ran out may do without the parameter: the containers
 * (base/list, index/) and those that do little more than to fill containers (in derive/,
 * plan/dataset, check/key). They return false or NULL, their header says so, and their caller sets
 * the error by error_memory.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum error_kind {
#define ERROR_KIND(symbol, status, name, meaning) ERROR_##symbol,
#include "base/error_kind.def"
#undef ERROR_KIND
    ERROR_STOPPED /* a part of a run, because another part has failed: never how a run ends */
};

enum { ERROR_TEXT_SIZE = 1024 };

/* Caller-owned; `struct error error = {0};` is "no error". Longer texts are cut. */
struct error {
    enum error_kind kind;
    bool ignores;  /* the last error_set came too late; its detail and hint are ignored as well */
    char state[6]; /* the server's SQLSTATE, where the server refused; else empty */
    char message[ERROR_TEXT_SIZE];
    char detail[ERROR_TEXT_SIZE];
    char hint[ERROR_TEXT_SIZE];
    char file[ERROR_TEXT_SIZE]; /* that is wrong; empty: none, or its name is too long */
    uint64_t line;              /* in the file; 0: none */
};

/*
 * Sets kind and message and empties the rest. An error that is already set stays: the first
 * failure is the cause, what follows in a clean-up is its consequence. Always returns false, so
 * that a failing function can end with `return error_set(...)`.
 */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Sets the detail or the hint of an error. Always returns false, as error_set does. */
bool error_detail(struct error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool error_hint(struct error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Sets which file is wrong, for logs whose lines lead to files. The line is that of the message,
 * when it begins with FILE:LINE. Always returns false, as error_set does. */
bool error_in_file(struct error *error, const char *file);

/* Sets an ERROR_INTERNAL "out of memory". Always returns false. */
bool error_memory(struct error *error);

/* What kind of error it is that a file cannot be read or written, for a reason as errno has it:
 * ERROR_FILE; ERROR_INTERNAL for want of memory. */
enum error_kind error_kind_of_file(int reason);

/* Sets what another error says, with its detail and hint: one that was set where it could not be
 * returned yet. Always returns false, as error_set does. */
bool error_copy(struct error *error, const struct error *other);

/* The exit status that belongs to a kind (sysexits.h values where one fits). */
int error_exit_status(enum error_kind kind);

/* What a kind is called: "bad data". */
const char *error_kind_name(enum error_kind kind);

#endif
