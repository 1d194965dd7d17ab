/*
 * Archives that are damaged, cut off, or not for us: whatever happens, what is read of them is
 * right, or there is an error.
 */
#include "compressed.h"
#include "suite.h"
#include "written_archive.h"

/* What members hold in the order in which write_form adds them. */
static const char *const contents[] = {ORDERS, USERS};

enum { CONTENTS = TABLE_ROWS(contents) };

/* Reads a member to its end; false with an error. What it gives must be how the text begins. */
static bool read_as(struct input *member, const char *text, struct error *error)
{
    char block[1000];
    size_t seen = 0, length = 1;

    while (length > 0) {
        if (!input_read(member, block, sizeof block, &length, error))
            return false;
        ck_assert_uint_le(seen + length, strlen(text));
        ck_assert_mem_eq(block, text + seen, length);
        seen += length;
    }
    ck_assert_uint_eq(seen, strlen(text));
    return true;
}

static bool read_members(struct input *archive, const struct member_list *list, struct error *error)
{
    bool read = true;

    ck_assert_uint_eq(list->count, CONTENTS);
    for (int i = 0; read && i < CONTENTS; i++) {
        struct input *member = NULL;

        /* Who lists refuses them: nothing is passed over in silence. */
        if (list->members[i].kind == MEMBER_OTHER)
            return error_set(error, ERROR_FILE, "no file");
        ck_assert_int_eq(list->members[i].kind, MEMBER_FILE);
        read = input_open_member(archive, &list->members[i], &member, error) &&
               read_as(member, contents[i], error);
        input_free(member);
    }
    return read;
}

/* Lists and reads all of it; false with an error. */
static bool read_archive(const char *path, struct error *error)
{
    struct member_list list = {0};
    struct input *archive = NULL;
    char block[1000];
    size_t length = 1;
    bool read = input_open(path, &archive, error);

    if (read && input_is_archive(archive)) {
        read = input_list_members(archive, &list, error) && read_members(archive, &list, error);
    } else if (read) {
        /* Without its beginning it is a file like others. */
        while (read && length > 0)
            read = input_read(archive, block, sizeof block, &length, error);
        read = read && error_set(error, ERROR_DATA, "no archive");
    }
    member_list_free(&list);
    input_free(archive);
    ck_assert(read == (error->kind == ERROR_NONE));
    return read;
}

/* As a new file: some file systems write one at once that takes the place of its own bytes. */
static void put_again(const char *path, const char *bytes, size_t length)
{
    ck_assert_int_eq(unlink(path), 0);
    put(path, O_CREAT | O_EXCL, bytes, length);
}

/* Cut off anywhere, but for the blocks that fill a tar. */
START_TEST(notices_every_truncation)
{
    char path[PATH_SIZE * 2];
    struct file_bytes file;
    size_t step;

    write_form(path, "all", _i);
    file = read_file(path);
    step = _i < TAR_USTAR ? 1 : 16;
    for (size_t length = 1; length < file.length; length += step) {
        struct error error = {0};
        bool read, complete = false;

        if (_i >= TAR_USTAR) {
            complete = true;
            for (size_t i = length < 512 ? 0 : length - 512; i < length; i++)
                complete = complete && file.bytes[i] == 0;
            for (size_t i = length; i < file.length; i++)
                complete = complete && file.bytes[i] == 0;
        }
        put_again(path, file.bytes, length);
        read = read_archive(path, &error);
        ck_assert_msg(!read || complete, "cut at %zu", length);
    }
    free(file.bytes);
}
END_TEST

/* Each byte is another: its lowest bit, or all of them. libarchive writes Zstandard without its
 * checksum. */
START_TEST(gives_nothing_wrong_when_a_byte_is_damaged)
{
    static const char changes[] = {1, (char)0xff};
    char path[PATH_SIZE * 2];
    struct file_bytes file;

    if (_i == TAR_ZSTD)
        return;
    write_form(path, "all", _i);
    file = read_file(path);
    for (size_t i = 0; i < file.length; i++) {
        for (int change = 0; change < TABLE_ROWS(changes); change++) {
            struct error error = {0};

            file.bytes[i] = (char)(file.bytes[i] ^ changes[change]);
            put_again(path, file.bytes, file.length);
            (void)read_archive(path, &error);
            file.bytes[i] = (char)(file.bytes[i] ^ changes[change]);
        }
    }
    free(file.bytes);
}
END_TEST

static void expect_message(const char *path, const char *begins, const char *ends)
{
    char message[PATH_SIZE * 4];
    struct error error = {0};

    ck_assert(!read_archive(path, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    (void)snprintf(message, sizeof message, "%s%s%s", begins, path, ends);
    ck_assert_msg(strncmp(error.message, message, strlen(message)) == 0, "%s instead of %s",
                  error.message, message);
}

/* One archive behind another, and bytes that belong to none. */
START_TEST(refuses_what_stands_behind_the_end)
{
    char path[PATH_SIZE * 2];
    struct file_bytes file;
    const size_t more[] = {1, 4, 600};

    write_form(path, "all", _i);
    file = read_file(path);
    put(path, O_APPEND, file.bytes, file.length);
    expect_message(path, "cannot read ", "");
    for (int i = 0; i < TABLE_ROWS(more); i++) {
        char bytes[600];

        memset(bytes, 'x', sizeof bytes);
        put_again(path, file.bytes, file.length);
        put(path, O_APPEND, bytes, more[i]);
        /* Four bytes are taken for the beginning of an LZ4 frame that is of no kind: no loss. */
        if (_i != TAR_LZ4 || more[i] != 4)
            expect_message(path, "cannot read ", "");
    }
    free(file.bytes);
}
END_TEST

/* The record at the end of a zip, from its end: what is written where. */
static const struct {
    const char *name;
    size_t from_end;
    char bytes[2];
    const char *message;
} ends[] = {
    {"a member too many", 12, {3, 0}, ": damaged zip data: it has 2 of 3 members"},
    {"no member", 12, {0, 0}, ": damaged zip data: its directory is not where its end says"},
    {"in parts", 18, {1, 0}, ": a zip archive in several parts"},
    {"the directory elsewhere", 6, {1, 0}, ": damaged zip data: its directory is not"},
    {"a directory of another size", 10, {1, 0}, ": damaged zip data: its directory is not"},
    {"a comment that is missing", 2, {1, 0}, ": damaged zip data: its directory is not"},
};

START_TEST(looks_at_the_end_of_a_zip)
{
    char path[PATH_SIZE * 2];
    struct file_bytes file;

    write_form(path, "all", ZIP_DEFLATED);
    file = read_file(path);
    memcpy(file.bytes + file.length - ends[_i].from_end, ends[_i].bytes, 2);
    if (ends[_i].from_end == 12) /* the members of this part, and of all */
        memcpy(file.bytes + file.length - 14, ends[_i].bytes, 2);
    put_again(path, file.bytes, file.length);
    expect_message(path, "cannot read ", ends[_i].message);
    free(file.bytes);
}
END_TEST

START_TEST(names_the_member_that_is_damaged)
{
    char path[PATH_SIZE * 2];
    struct file_bytes file;
    char *place;

    write_form(path, "all", ZIP_STORED);
    file = read_file(path);
    place = memmem(file.bytes, file.length, BYTES("\n7\n8\n"));
    ck_assert_ptr_nonnull(place);
    place[1] = '9';
    put_again(path, file.bytes, file.length);
    expect_message(path, "cannot read ", ":users.csv: damaged zip data: ZIP bad CRC");
    free(file.bytes);
}
END_TEST

/* Its name says that it is a directory, and it has a size: it is not passed over. */
START_TEST(passes_over_no_directory_with_bytes)
{
    char path[PATH_SIZE * 2];
    struct archive *made = archive_create(path, "all", "zip", ARCHIVE_FILTER_NONE, NULL);
    struct input *archive;
    struct member_list list;

    archive_add(made, "users.csv/", BYTES(USERS));
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_int_eq(list.members[0].kind, MEMBER_OTHER);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

static const char *const encryptions[] = {"zip:encryption=zipcrypt", "zip:encryption=aes128",
                                          "zip:encryption=aes256"};

/* A stored member of 12 bytes whose size is 4 GiB and 12 bytes, it says: libarchive compares 32
 * bits of that. */
static const char too_short[] =
    "PK\x03\x04-\x00\x00\x00\x00\x00\x00\x00\x00P\x84\x8d\xbb\x95\xff\xff\xff\xff\xff\xff"
    "\xff\xff\x09\x00\x14\x00users.csv\x01\x00\x10\x00\x0c\x00\x00\x00\x01\x00\x00\x00"
    "\x0c\x00\x00\x00\x00\x00\x00\x00user_id\x0a"
    "7\x0a"
    "8\x0aPK\x01\x02-\x00-\x00\x00"
    "\x00\x00\x00\x00\x00\x00P\x84\x8d\xbb\x95\xff\xff\xff\xff\xff\xff\xff\xff\x09\x00"
    "\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00users.csv\x01\x00"
    "\x10\x00\x0c\x00\x00\x00\x01\x00\x00\x00\x0c\x00\x00\x00\x00\x00\x00\x00PK\x05\x06"
    "\x00\x00\x00\x00\x01\x00\x01\x00K\x00\x00\x00G\x00\x00\x00\x00\x00";

START_TEST(refuses_a_member_of_another_size)
{
    char path[PATH_SIZE * 2];
    struct input *archive, *member = NULL;
    struct member_list list;
    struct error error = {0};

    make_file(path, "all", BYTES(too_short));
    archive = open_input(path);
    list = list_members(archive);
    ck_assert_uint_eq(list.members[0].size, (UINT64_C(1) << 32) + strlen(USERS));
    ck_assert(!input_open_member(archive, &list.members[0], &member, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    ck_assert_ptr_nonnull(strstr(error.message, ":users.csv: damaged zip data: "));
    member_list_free(&list);
    input_free(archive);
}
END_TEST

START_TEST(refuses_encrypted_members)
{
    char path[PATH_SIZE * 2], message[PATH_SIZE * 4];
    struct archive *made = archive_write_new();
    struct member_list list;
    struct input *archive, *member = NULL;
    struct error error = {0};

    path_in(path, "all.zip");
    MUST(made, archive_write_set_format_zip(made));
    if (archive_write_set_options(made, encryptions[_i]) != ARCHIVE_OK) {
        (void)archive_write_free(made);
        return;
    }
    MUST(made, archive_write_set_passphrase(made, "secret"));
    MUST(made, archive_write_open_filename(made, path));
    archive_add(made, "orders.csv", BYTES(ORDERS));
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert(list.members[0].is_encrypted);
    ck_assert(!input_open_member(archive, &list.members[0], &member, &error));
    ck_assert_int_eq(error.kind, ERROR_FILE);
    (void)snprintf(message, sizeof message, "cannot read %s:orders.csv: it is encrypted", path);
    ck_assert_str_eq(error.message, message);
    member_list_free(&list);
    input_free(archive);
}
END_TEST

/* A member of each kind that is packed itself. */
static const struct {
    const char *name;
    int form; /* an archive; -1: gzip, -2: Zstandard */
} packed[] = {
    {"gzip", -1},     {"zstd", -2},          {"bzip2", TAR_BZIP2}, {"xz", TAR_XZ},
    {"lz4", TAR_LZ4}, {"zip", ZIP_DEFLATED}, {"tar", TAR_USTAR},
};

START_TEST(refuses_packed_members)
{
    char path[PATH_SIZE * 2], inner[PATH_SIZE * 2], message[PATH_SIZE * 4];
    struct compressed data = {0};
    struct file_bytes file;
    struct archive *made;
    struct member_list list;
    struct input *archive, *member = NULL;
    struct error error = {0};

    if (packed[_i].form == -1)
        compressed_add_gzip(&data, BYTES(USERS), 0);
    else
        compressed_add_zstd(&data, BYTES(USERS));
    if (packed[_i].form >= 0)
        write_form(inner, "inner", packed[_i].form);
    else
        make_file(inner, "inner", (const char *)data.bytes, data.length);
    file = read_file(inner);
    made = archive_create(path, "outer", "zip", ARCHIVE_FILTER_NONE, NULL);
    archive_add(made, "a.csv", file.bytes, file.length);
    archive_complete(made);
    archive = open_input(path);
    list = list_members(archive);
    ck_assert(!input_open_member(archive, &list.members[0], &member, &error));
    ck_assert_int_eq(error.kind, ERROR_DATA);
    (void)snprintf(message, sizeof message, "%s:a.csv is a %s file inside an archive", path,
                   packed[_i].name);
    ck_assert_str_eq(error.message, message);
    member_list_free(&list);
    input_free(archive);
    compressed_free(&data);
    free(file.bytes);
}
END_TEST

/* LZMA in a zip may ask for gigabytes; the end of this one was made by another program. */
START_TEST(refuses_methods_without_a_limit_of_memory)
{
    char path[PATH_SIZE * 2];
    struct file_bytes file;
    const char methods[] = {14, 95, 98};
    char *directory_entry;

    write_form(path, "all", ZIP_DEFLATED);
    file = read_file(path);
    directory_entry = memmem(file.bytes, file.length, BYTES("PK\1\2"));
    ck_assert_ptr_nonnull(directory_entry);
    file.bytes[8] = directory_entry[10] = methods[_i];
    put_again(path, file.bytes, file.length);
    expect_message(path, "cannot read ", ": unsupported zip data: ZIP ");
    free(file.bytes);
}
END_TEST

START_TEST(refuses_a_method_that_nobody_knows)
{
    char path[PATH_SIZE * 2];
    struct file_bytes file;
    char *directory_entry;

    write_form(path, "all", ZIP_DEFLATED);
    file = read_file(path);
    directory_entry = memmem(file.bytes, file.length, BYTES("PK\1\2"));
    ck_assert_ptr_nonnull(directory_entry);
    file.bytes[8] = directory_entry[10] = 9;
    put_again(path, file.bytes, file.length);
    expect_message(path, "cannot read ", ":orders.csv: unsupported zip data: ");
    free(file.bytes);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input_archive_damage");
    TCase *tests = tcase_create("damages");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, notices_every_truncation, 0, ARCHIVE_FORMS);
    tcase_add_loop_test(tests, gives_nothing_wrong_when_a_byte_is_damaged, 0, TAR_USTAR);
    tcase_add_loop_test(tests, refuses_what_stands_behind_the_end, 0, ARCHIVE_FORMS);
    tcase_add_loop_test(tests, looks_at_the_end_of_a_zip, 0, TABLE_ROWS(ends));
    tcase_add_test(tests, names_the_member_that_is_damaged);
    tcase_add_test(tests, refuses_a_member_of_another_size);
    tcase_add_test(tests, passes_over_no_directory_with_bytes);
    tcase_add_loop_test(tests, refuses_encrypted_members, 0, TABLE_ROWS(encryptions));
    tcase_add_loop_test(tests, refuses_packed_members, 0, TABLE_ROWS(packed));
    tcase_add_loop_test(tests, refuses_methods_without_a_limit_of_memory, 0, 3);
    tcase_add_test(tests, refuses_a_method_that_nobody_knows);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
