/*
 * Plays a script: which call comes next, what it does to the connection, and what was given out and
 * must come back. Only scripted_libpq.c, which has libpq's functions, needs it; tests know
 * scripted_libpq.h alone.
 */
#ifndef TESTS_UNIT_SCRIPT_PLAYER_H
#define TESTS_UNIT_SCRIPT_PLAYER_H

#include "scripted_libpq.h"

/* libpq leaves these types to itself, so that here they can be ours. */
struct pg_conn {
    ConnStatusType status;
    const char *message;
    PQnoticeReceiver notice_receiver;
    void *notice_context;
    int socket;
    int server_end; /* of the socket pair */
    int server_version;
    PGTransactionStatusType transaction;
};

struct pg_result {
    const struct scripted_result *script;
};

struct pg_cancel {
    PGconn *connection;
};

/* What libpq gives and its caller must give back. */
enum script_given { GIVEN_CONNECTIONS, GIVEN_RESULTS, GIVEN_MESSAGES, GIVEN_CANCELS, GIVEN_KINDS };

bool script_comes_next(enum scripted_function function);

/* Whether there is no memory before the next call. */
bool script_starves(void);

/* Takes the next call, which must be one of this function, and does to the connection what it says.
 * The call is the script's. Fails the test when another one comes next. */
const struct scripted_call *script_play_call(PGconn *connection, enum scripted_function function);

/* Waits until the script has ended, where the call blocks. */
void script_block(const struct scripted_call *call);

/* Fails the test unless the function was given the text that the call has; NULL: none. */
void script_expect_text(const struct scripted_call *call, const char *text);

/* Fails the test where more than one statement is sent in one message. */
void script_expect_statement(const struct scripted_call *call, const char *sql);

/* The server has something to read: the connection's socket can be read from. */
void script_speak(PGconn *connection);

/* Counts what is given to the caller, and what comes back. */
void script_give(enum script_given kind);
void script_take_back(enum script_given kind);

/* Keeps what PQputCopyData was given, for script_copied. */
void script_keep_copied(const char *bytes, size_t length);

#endif
