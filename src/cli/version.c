#include "cli/version.h"

#include <csv.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <openssl/crypto.h>
#include <roaring/roaring.h>
#include <zlib.h>
#include <zstd.h>

/* The Makefile says which, for this file alone. */
#ifndef TIMELE_LOAD_COMMIT
#define TIMELE_LOAD_COMMIT ""
#endif

void version_print(FILE *stream)
{
    static const char commit[] = TIMELE_LOAD_COMMIT;
    int libpq = PQlibVersion();

    (void)fputs("timele-load " TIMELE_LOAD_VERSION, stream);
    if (commit[0] != '\0')
        (void)fprintf(stream, " (%s)", commit);
    (void)fprintf(stream, "\nlibpq %d.%d\n", libpq / 10000, libpq % 10000);
    (void)fprintf(stream, "zlib %s\n", zlibVersion());
    (void)fprintf(stream, "libzstd %s\n", ZSTD_versionString());
    (void)fprintf(stream, "OpenSSL %s\n", OpenSSL_version(OPENSSL_VERSION_STRING));
    (void)fprintf(stream, "Jansson %s\n", jansson_version_str());
    (void)fprintf(stream, "libcsv %d.%d.%d (built with)\n", CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
    (void)fprintf(stream, "CRoaring %d.%d.%d (built with)\n", ROARING_VERSION_MAJOR,
                  ROARING_VERSION_MINOR, ROARING_VERSION_REVISION);
}
