/*
 * Threads that cannot be made: the linker puts this in the place of pthread_create (Makefile,
 * `wrapped`).
 */
#ifndef TESTS_UNIT_THREAD_FAILURE_H
#define TESTS_UNIT_THREAD_FAILURE_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

/* Whether the next ones fail. */
static bool no_threads;

typedef void *thread_start(void *context);

/* NOLINTBEGIN: the linker's names */
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_start *start,
                          void *context);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_start *start,
                          void *context);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes, thread_start *start,
                          void *context)
{
    return no_threads ? EAGAIN : __real_pthread_create(thread, attributes, start, context);
}
/* NOLINTEND */

#endif
