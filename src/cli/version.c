#include "cli/version.h"

#include "base/display.h"

#include <archive.h>
#include <csv.h>
#include <jansson.h>
#include <libpq-fe.h>
#include <lzma.h>
#include <openssl/crypto.h>
#include <xxhash.h>
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
    unsigned xxhash = XXH_versionNumber();

    display_print(stream, "timele-load " TIMELE_LOAD_VERSION);
    if (commit[0] != '\0')
        display_print(stream, " (%s)", commit);
    display_end(stream);
    display_line(stream, "libpq %d.%d", libpq / 10000, libpq % 10000);
    display_line(stream, "zlib %s", zlibVersion());
    display_line(stream, "libzstd %s", ZSTD_versionString());
    display_line(stream, "liblzma %s", lzma_version_string());
    /* It says its name itself. */
    display_line(stream, "%s", archive_version_string());
    display_line(stream, "xxHash %u.%u.%u", xxhash / 10000, xxhash / 100 % 100, xxhash % 100);
    display_line(stream, "OpenSSL %s", OpenSSL_version(OPENSSL_VERSION_STRING));
    display_line(stream, "Jansson %s", jansson_version_str());
    display_line(stream, "libcsv %d.%d.%d (built with)", CSV_MAJOR, CSV_MINOR, CSV_RELEASE);
}
