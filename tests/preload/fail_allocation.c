/*
 * Preloaded (LD_PRELOAD) into the program by tests/e2e/out_of_memory.bats and tests/torture/starve:
 * one allocation fails, or all from one on.
 *
 *     FAIL_ALLOCATION=N  the Nth allocation of the process fails
 *     FAIL_FROM=N        the Nth allocation and all that follow fail
 *     FAIL_STREAM=N      the Nth stream of open_memstream finds no memory as it is closed
 *     FAIL_COUNTS=FILE   at the end FILE gets a line: how many allocations and streams there were
 *
 * Allocations of all threads are counted together: where several run, the Nth is another one each
 * time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { STREAMS_MAX = 64 };

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static struct {
    FILE *stream;
    char **text;
    bool fails;
} streams[STREAMS_MAX];
static pthread_mutex_t streams_mutex = PTHREAD_MUTEX_INITIALIZER;
static atomic_long allocations, streams_opened;
static long failing_allocation, failing_from, failing_stream;

static long number(const char *name)
{
    const char *text = getenv(name);

    return text != NULL ? strtol(text, NULL, 10) : 0;
}

__attribute__((constructor)) static void begin(void)
{
    failing_allocation = number("FAIL_ALLOCATION");
    failing_from = number("FAIL_FROM");
    failing_stream = number("FAIL_STREAM");
    atomic_store(&allocations, 0);
}

/* Programs that the program starts have other allocations. */
__attribute__((destructor)) static void end(void)
{
    const char *path = getenv("FAIL_COUNTS");
    FILE *file = NULL;

    failing_from = 0;
    if (path != NULL)
        file = fopen(path, "w");
    if (file == NULL)
        return;
    (void)fprintf(file, "%ld %ld\n", atomic_load(&allocations), atomic_load(&streams_opened));
    (void)fclose(file);
}

static bool fails(void)
{
    long place = atomic_fetch_add(&allocations, 1) + 1;

    if (place != failing_allocation && (failing_from == 0 || place < failing_from))
        return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return fails() ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    void *aligned = memalign(alignment, size);

    if (aligned == NULL)
        return ENOMEM;
    *memory = aligned;
    return 0;
}

FILE *open_memstream(char **text, size_t *size)
{
    FILE *(*real)(char **, size_t *);
    FILE *stream;

    *(void **)&real = dlsym(RTLD_NEXT, "open_memstream");
    stream = real(text, size);
    (void)pthread_mutex_lock(&streams_mutex);
    for (int i = 0; stream != NULL && i < STREAMS_MAX; i++)
        if (streams[i].stream == NULL) {
            streams[i].stream = stream;
            streams[i].text = text;
            streams[i].fails = atomic_fetch_add(&streams_opened, 1) + 1 == failing_stream;
            break;
        }
    (void)pthread_mutex_unlock(&streams_mutex);
    return stream;
}

/* As glibc does it: fclose gives 0, and there is no text. */
int fclose(FILE *stream)
{
    int (*real)(FILE *);
    char **text = NULL;
    int result;

    *(void **)&real = dlsym(RTLD_NEXT, "fclose");
    (void)pthread_mutex_lock(&streams_mutex);
    for (int i = 0; i < STREAMS_MAX; i++)
        if (streams[i].stream == stream) {
            streams[i].stream = NULL;
            if (streams[i].fails)
                text = streams[i].text;
            break;
        }
    (void)pthread_mutex_unlock(&streams_mutex);
    result = real(stream);
    if (text != NULL) {
        free(*text);
        *text = NULL;
    }
    return result;
}
