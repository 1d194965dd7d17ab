#include "compressed.h"
#include "input_file.h"
#include "memory_file.h"
#include "suite.h"

enum { SMALL_PIECE = 100, INPUT_BLOCK = 64 * 1024, LARGE = 1024 * 1024 };

#define LINES "order_id,user_id\n1,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n"

/* Both kinds of compression, by the number of the test. */
static const char *const compressions[] = {"gzip", "zstd"};

enum { COMPRESSIONS = TABLE_ROWS(compressions) };

static void add_compressed(struct compressed *data, int compression, const char *bytes,
                           size_t length)
{
    if (compression == 0)
        compressed_add_gzip(data, bytes, length, 0);
    else
        compressed_add_zstd(data, bytes, length);
}

static void write_file(char path[PATH_SIZE * 2], const struct compressed *data)
{
    make_file(path, "a.csv", (const char *)data->bytes, data->length);
}

/* A file of compressed data, and the input that reads it. */
struct compressed_file {
    struct compressed data;
    char path[PATH_SIZE * 2];
    struct input *input;
};

static void open_compressed(struct compressed_file *file, int compression, const char *bytes,
                            size_t length)
{
    file->data = (struct compressed){0};
    add_compressed(&file->data, compression, bytes, length);
    write_file(file->path, &file->data);
    file->input = open_input(file->path);
}

static void close_compressed(struct compressed_file *file)
{
    input_free(file->input);
    compressed_free(&file->data);
}

/* How compressed data come to the input. */
enum way { NAMED, REDIRECTED, PIPED };

enum { MEMBERS = 3 };

/* One member after another is what `cat one.gz other.gz` makes. What stands before the place that
 * a redirected file is read from is not looked at. */
static const struct {
    const char *name;
    enum way way;
    const char *before;
    const char *members[MEMBERS];
    const char *expected;
} readings[] = {
    {"a file without the ending", NAMED, "", {LINES}, LINES},
    {"nothing", NAMED, "", {""}, ""},
    {"three members", NAMED, "", {"id\n1\n", "", "2\n"}, "id\n1\n2\n"},
    {"a pipe", PIPED, "", {LINES}, LINES},
    {"a redirected file", REDIRECTED, "read\n", {LINES}, LINES},
};

static struct input *open_by(enum way way, const struct compressed *data, size_t before)
{
    char path[PATH_SIZE * 2];
    int end;

    if (way == PIPED) {
        end = pipe_to_standard_input();
        ck_assert_int_eq(write(end, data->bytes, data->length), (ssize_t)data->length);
        ck_assert_int_eq(close(end), 0);
        return open_input("-");
    }
    write_file(path, data);
    if (way == NAMED)
        return open_input(path);
    redirect_standard_input(path, (off_t)before);
    return open_input("-");
}

/* Each reading with each compression. */
START_TEST(decompresses)
{
    const int row = _i / COMPRESSIONS, compression = _i % COMPRESSIONS;
    const size_t before = strlen(readings[row].before);
    struct compressed data = {0};
    struct input *input;
    char name[PATH_SIZE];

    memcpy(compressed_extend(&data, before + 1), readings[row].before, before);
    data.length = before;
    for (int i = 0; i < MEMBERS && readings[row].members[i] != NULL; i++)
        add_compressed(&data, compression, readings[row].members[i],
                       strlen(readings[row].members[i]));
    (void)snprintf(name, sizeof name, "%s, %s", readings[row].name, compressions[compression]);
    input = open_by(readings[row].way, &data, before);
    expect_contents_twice(name, input, data.length - before, readings[row].expected,
                          strlen(readings[row].expected));
    input_free(input);
    compressed_free(&data);
}
END_TEST

START_TEST(a_name_compresses_nothing)
{
    char path[PATH_SIZE * 2];
    struct input *input;

    make_file(path, _i == 0 ? "a.csv.gz" : "a.csv.zst", BYTES(LINES));
    input = open_input(path);
    expect_contents_twice(compressions[_i], input, strlen(LINES), BYTES(LINES));
    input_free(input);
}
END_TEST

START_TEST(says_the_end_of_compressed_data_again)
{
    struct compressed_file file;
    char block[16];
    struct error error = {0};
    size_t length;

    open_compressed(&file, _i, BYTES("id\n1\n"));
    expect_contents(compressions[_i], file.input, BYTES("id\n1\n"));
    for (int i = 0; i < 3; i++) {
        ck_assert(input_read(file.input, block, sizeof block, &length, &error));
        ck_assert_uint_eq(length, 0);
    }
    close_compressed(&file);
}
END_TEST

/* From everywhere in the data, also while the decompressor holds something back. */
START_TEST(rewinds_compressed_data_before_the_end)
{
    struct compressed_file file;
    char block[sizeof LINES];
    struct error error = {0};
    size_t length;

    open_compressed(&file, _i, BYTES(LINES));
    for (size_t size = 1; size < sizeof LINES; size++) {
        ck_assert(input_read(file.input, block, size, &length, &error));
        ck_assert_uint_eq(length, size);
        ck_assert_mem_eq(block, LINES, size);
        ck_assert(input_rewind(file.input, &error));
    }
    expect_contents(compressions[_i], file.input, BYTES(LINES));
    close_compressed(&file);
}
END_TEST

static char *large_contents(char (*byte)(size_t index))
{
    char *bytes = malloc(LARGE);

    ck_assert_ptr_nonnull(bytes);
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] = byte(i);
    return bytes;
}

static char always_a(size_t index)
{
    (void)index;
    return 'a';
}

/* A mixing function (splitmix64's) leaves nothing to compress. */
static char anything(size_t index)
{
    uint64_t mixed = (index + 1) * UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (char)(mixed >> 56);
}

/* The whole file is one block of input, so that nearly all comes from what the decompressor holds.
 */
START_TEST(reads_in_pieces_smaller_than_what_is_held_back)
{
    char *bytes = large_contents(always_a);
    struct compressed_file file;
    char piece[SMALL_PIECE];
    struct error error = {0};
    size_t seen = 0, length;

    open_compressed(&file, _i, bytes, LARGE);
    ck_assert_uint_lt(file.data.length, INPUT_BLOCK);
    do {
        ck_assert_msg(input_read(file.input, piece, sizeof piece, &length, &error), "%s",
                      error.message);
        ck_assert_uint_le(seen + length, LARGE);
        ck_assert_mem_eq(piece, bytes, length);
        seen += length;
    } while (length > 0);
    ck_assert_uint_eq(seen, LARGE);
    close_compressed(&file);
    free(bytes);
}
END_TEST

START_TEST(reads_large_compressed_data)
{
    char *bytes = large_contents(anything);
    struct compressed_file file;

    open_compressed(&file, _i, bytes, LARGE);
    ck_assert_uint_gt(file.data.length, LARGE * 9 / 10);
    expect_contents_twice(compressions[_i], file.input, file.data.length, bytes, LARGE);
    close_compressed(&file);
    free(bytes);
}
END_TEST

/* Fills up the data to `length` bytes, with a member or frame that ends there. */
static void fill_up(struct compressed *data, int compression, size_t length)
{
    enum { EXTRA = 1000 };
    struct compressed member = {0};

    if (compression == 1) {
        compressed_add_zstd_skippable(data, length - data->length);
        return;
    }
    compressed_add_gzip(&member, "", 0, EXTRA);
    compressed_add_gzip(data, "", 0, (unsigned)(length - data->length - member.length) + EXTRA);
    compressed_free(&member);
}

/* The first `length` bytes of the data. */
static void expect_beginning(const struct compressed *data, size_t length, const char *expected)
{
    struct memory_file file;
    struct input *input;
    char name[PATH_SIZE];

    memory_file_open(&file, (const char *)data->bytes, length);
    input = open_input(file.path);
    (void)snprintf(name, sizeof name, "%zu bytes", length);
    expect_contents_twice(name, input, length, expected, strlen(expected));
    input_free(input);
    memory_file_close(&file);
}

/* Around the end of the block that is read at once. */
START_TEST(a_member_may_end_with_a_block)
{
    for (size_t length = INPUT_BLOCK - 20; length <= INPUT_BLOCK + 20; length++) {
        struct compressed data = {0};

        add_compressed(&data, _i, BYTES("id\n1\n"));
        fill_up(&data, _i, length);
        ck_assert_uint_eq(data.length, length);
        add_compressed(&data, _i, BYTES("2\n"));
        expect_beginning(&data, data.length, "id\n1\n2\n");
        expect_beginning(&data, length, "id\n1\n");
        compressed_free(&data);
    }
}
END_TEST

/* Reads until it fails, which it must. */
static void read_to_failure(struct input *input, size_t size, struct error *error)
{
    char block[1021];
    size_t length;

    while (input_read(input, block, size, &length, error))
        ck_assert_msg(length > 0, "nothing was wrong");
    ck_assert_int_eq(error->kind, ERROR_FILE);
}

static void expect_truncation(const struct compressed *data, size_t length, int compression)
{
    char message[PATH_SIZE];
    struct memory_file file;
    struct input *input;

    memory_file_open(&file, (const char *)data->bytes, length);
    input = open_input(file.path);
    (void)snprintf(message, sizeof message, "cannot read %s: truncated %s data", file.path,
                   compressions[compression]);
    for (size_t size = 1; size <= 1021; size += 10) {
        struct error error = {0}, none = {0};

        read_to_failure(input, size, &error);
        ck_assert_str_eq(error.message, message);
        ck_assert_msg(input_rewind(input, &none), "%s", none.message);
    }
    input_free(input);
    memory_file_close(&file);
}

/* At every length by which the data is known as compressed, and in a later member. */
START_TEST(notices_truncated_data)
{
    static const size_t magic_lengths[COMPRESSIONS] = {2, 4};
    struct compressed data = {0};
    size_t end;

    add_compressed(&data, _i, BYTES(LINES));
    end = data.length;
    add_compressed(&data, _i, BYTES("3,7\n"));
    for (size_t length = magic_lengths[_i]; length < data.length; length++)
        if (length != end)
            expect_truncation(&data, length, _i);
    compressed_free(&data);
}
END_TEST

START_TEST(notices_damaged_data)
{
    struct compressed_file file;
    char message[PATH_SIZE * 3];
    struct error error = {0};

    open_compressed(&file, _i, BYTES(LINES));
    file.data.bytes[file.data.length - 1] ^= 1;
    input_free(file.input);
    put(file.path, O_TRUNC, (const char *)file.data.bytes, file.data.length);
    file.input = open_input(file.path);
    read_to_failure(file.input, 10, &error);
    (void)snprintf(message, sizeof message, "cannot read %s: damaged %s data: %s", file.path,
                   compressions[_i],
                   _i == 0 ? "incorrect length check" : "Restored data doesn't match checksum");
    ck_assert_str_eq(error.message, message);
    close_compressed(&file);
}
END_TEST

START_TEST(names_standard_input_when_its_data_is_wrong)
{
    struct compressed data = {0};
    char message[PATH_SIZE];
    struct error error = {0};
    struct input *input;

    add_compressed(&data, _i, BYTES(LINES));
    data.length--;
    input = open_by(PIPED, &data, 0);
    read_to_failure(input, 10, &error);
    (void)snprintf(message, sizeof message, "cannot read standard input: truncated %s data",
                   compressions[_i]);
    ck_assert_str_eq(error.message, message);
    input_free(input);
    compressed_free(&data);
}
END_TEST

START_TEST(notices_a_change_at_the_end_of_compressed_data)
{
    struct compressed_file file;
    char block[sizeof LINES];
    struct error error = {0};
    size_t length;

    open_compressed(&file, _i, BYTES(LINES));
    ck_assert(input_read(file.input, block, 5, &length, &error));
    set_modified(file.path);
    read_to_failure(file.input, sizeof block, &error);
    expect_change(&error, file.path);
    close_compressed(&file);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("input_compression");
    TCase *tests = tcase_create("compression");

    tcase_add_checked_fixture(tests, make_directory, drop_directory);
    tcase_add_loop_test(tests, decompresses, 0, TABLE_ROWS(readings) * COMPRESSIONS);
    tcase_add_loop_test(tests, a_name_compresses_nothing, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, says_the_end_of_compressed_data_again, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, rewinds_compressed_data_before_the_end, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_in_pieces_smaller_than_what_is_held_back, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, reads_large_compressed_data, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, a_member_may_end_with_a_block, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, notices_truncated_data, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, notices_damaged_data, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, names_standard_input_when_its_data_is_wrong, 0, COMPRESSIONS);
    tcase_add_loop_test(tests, notices_a_change_at_the_end_of_compressed_data, 0, COMPRESSIONS);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
