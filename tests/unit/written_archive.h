/*
 * Archives, and files compressed with bzip2 and lz4, written by libarchive.
 */
#ifndef TESTS_UNIT_WRITTEN_ARCHIVE_H
#define TESTS_UNIT_WRITTEN_ARCHIVE_H

#include "input_file.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <string.h>

#define MUST(archive, call) ck_assert_msg((call) == ARCHIVE_OK, "%s", archive_error_string(archive))

/* Makes a file in the test's directory; the format is libarchive's name for it, the filter its
 * code. `options` may be NULL. */
static inline struct archive *archive_create(char path[PATH_SIZE * 2], const char *name,
                                             const char *format, int filter, const char *options)
{
    struct archive *archive = archive_write_new();

    ck_assert_ptr_nonnull(archive);
    path_in(path, name);
    MUST(archive, archive_write_set_format_by_name(archive, format));
    MUST(archive, archive_write_add_filter(archive, filter));
    if (options != NULL)
        MUST(archive, archive_write_set_options(archive, options));
    MUST(archive, archive_write_open_filename(archive, path));
    return archive;
}

static inline void archive_add_header(struct archive *archive, struct archive_entry *entry)
{
    MUST(archive, archive_write_header(archive, entry));
    archive_entry_free(entry);
}

static inline struct archive_entry *archive_file_entry(const char *name, size_t length)
{
    struct archive_entry *entry = archive_entry_new();

    ck_assert_ptr_nonnull(entry);
    archive_entry_set_pathname(entry, name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, (la_int64_t)length);
    return entry;
}

static inline void archive_add(struct archive *archive, const char *name, const char *bytes,
                               size_t length)
{
    archive_add_header(archive, archive_file_entry(name, length));
    ck_assert_int_eq(archive_write_data(archive, bytes, length), (la_ssize_t)length);
}

static inline void archive_complete(struct archive *archive)
{
    MUST(archive, archive_write_close(archive));
    MUST(archive, archive_write_free(archive));
}

/* What a member of these names holds. */
#define ORDERS "order_id,user_id\n1,7\n2,8\n"
#define USERS  "user_id\n7\n8\n"

/* Two members, orders.csv and users.csv. */
static inline void write_two_members(char path[PATH_SIZE * 2], const char *name, const char *format,
                                     int filter, const char *options)
{
    struct archive *archive = archive_create(path, name, format, filter, options);

    archive_add(archive, "orders.csv", BYTES(ORDERS));
    archive_add(archive, "users.csv", BYTES(USERS));
    archive_complete(archive);
}

/* All members; the caller frees the list. */
static inline struct member_list list_members(struct input *archive)
{
    struct member_list list = {0};
    struct error error = {0};

    ck_assert(input_is_archive(archive));
    ck_assert_msg(input_list_members(archive, &list, &error), "%s", error.message);
    return list;
}

static inline struct input *open_member(struct input *archive, const struct archive_member *member)
{
    struct input *input = NULL;
    struct error error = {0};

    ck_assert_msg(input_open_member(archive, member, &input, &error), "%s", error.message);
    return input;
}

/* The forms in which the damages of an archive are tried. */
struct archive_form {
    const char *name;
    const char *format; /* libarchive's name for it */
    int filter;         /* libarchive's code */
    const char *options;
};

static const struct archive_form archive_forms[] = {
    {"zip, deflated", "zip", ARCHIVE_FILTER_NONE, NULL},
    {"zip, stored", "zip", ARCHIVE_FILTER_NONE, "zip:compression=store"},
    {"zip64", "zip", ARCHIVE_FILTER_NONE, "zip:zip64"},
    {"tar.gz", "paxr", ARCHIVE_FILTER_GZIP, NULL},
    {"tar.zst", "paxr", ARCHIVE_FILTER_ZSTD, NULL},
    {"tar.bz2", "paxr", ARCHIVE_FILTER_BZIP2, NULL},
    {"tar.xz", "paxr", ARCHIVE_FILTER_XZ, NULL},
    {"tar.lz4", "paxr", ARCHIVE_FILTER_LZ4, NULL},
    {"tar, ustar", "ustar", ARCHIVE_FILTER_NONE, NULL},
    {"tar, pax", "pax", ARCHIVE_FILTER_NONE, NULL},
    {"tar, GNU", "gnutar", ARCHIVE_FILTER_NONE, NULL},
    {"tar, v7", "v7tar", ARCHIVE_FILTER_NONE, NULL},
};

enum {
    ZIP_DEFLATED,
    ZIP_STORED,
    ZIP64,
    TAR_GZIP,
    TAR_ZSTD,
    TAR_BZIP2,
    TAR_XZ,
    TAR_LZ4,
    TAR_USTAR,
    TAR_PAX,
    TAR_GNU,
    TAR_V7,
    ARCHIVE_FORMS
};

/* Two members, orders.csv and users.csv. */
static inline void write_form(char path[PATH_SIZE * 2], const char *name, int form)
{
    write_two_members(path, name, archive_forms[form].format, archive_forms[form].filter,
                      archive_forms[form].options);
}

/* A file in memory. Caller-owned. */
struct file_bytes {
    char *bytes;
    size_t length;
};

static inline struct file_bytes read_file(const char *path)
{
    struct file_bytes file = {0};
    struct stat status;
    int descriptor = open(path, O_RDONLY);

    ck_assert_int_ge(descriptor, 0);
    ck_assert_int_eq(fstat(descriptor, &status), 0);
    file.length = (size_t)status.st_size;
    file.bytes = malloc(file.length + 1);
    ck_assert_ptr_nonnull(file.bytes);
    ck_assert_int_eq(read(descriptor, file.bytes, file.length), (ssize_t)file.length);
    ck_assert_int_eq(close(descriptor), 0);
    return file;
}

#endif
