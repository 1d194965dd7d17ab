#include "compressed.h"
#include "input/decompressor.h"
#include "suite.h"

#include <stdio.h>
#include <string.h>

/* Small, so that every size can be tried; long runs make more output than input. */
#define ONE   "order_id,user_id\n1,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n2,7\n"
#define OTHER "3,4000000000000000000000000000000000000000000000000000000000\n"

enum { ROOM = 1024, PARTS = 3 };

enum part { END, GZIP, GZIP_WITH_HEADER_FIELDS, ZSTD, ZSTD_SKIPPABLE };

/* Every form that a file may have: its members or frames, and what they hold. */
static const struct {
    const char *name;
    enum part parts[PARTS];
    const char *texts[PARTS];
} forms[] = {
    {"gzip", {GZIP}, {ONE}},
    {"zstd", {ZSTD}, {ONE}},
    {"gzip of nothing", {GZIP}, {""}},
    {"zstd of nothing", {ZSTD}, {""}},
    {"gzip with header fields", {GZIP_WITH_HEADER_FIELDS}, {ONE}},
    {"two members", {GZIP, GZIP}, {ONE, OTHER}},
    {"three members", {GZIP, GZIP, GZIP_WITH_HEADER_FIELDS}, {ONE, "", OTHER}},
    {"two frames", {ZSTD, ZSTD}, {ONE, OTHER}},
    {"three frames", {ZSTD, ZSTD, ZSTD}, {ONE, "", OTHER}},
    {"a skippable frame between", {ZSTD, ZSTD_SKIPPABLE, ZSTD}, {ONE, "", OTHER}},
    {"a skippable frame first", {ZSTD_SKIPPABLE, ZSTD}, {"", OTHER}},
};

enum { FORMS = TABLE_ROWS(forms) };

struct form {
    const char *name;
    enum compression compression;
    struct compressed data;
    char text[ROOM];
    size_t ends[PARTS]; /* where the data may end */
};

static void add_part(struct compressed *data, enum part part, const char *text)
{
    switch (part) {
    case END:
        break;
    case GZIP:
        compressed_add_gzip(data, text, strlen(text), 0);
        break;
    case GZIP_WITH_HEADER_FIELDS:
        compressed_add_gzip(data, text, strlen(text), 3);
        break;
    case ZSTD:
        compressed_add_zstd(data, text, strlen(text));
        break;
    case ZSTD_SKIPPABLE:
        compressed_add_zstd_skippable(data, 20);
        break;
    }
}

static void make_form(struct form *form, int number)
{
    *form = (struct form){.name = forms[number].name,
                          .compression = forms[number].parts[0] <= GZIP_WITH_HEADER_FIELDS
                                             ? COMPRESSION_GZIP
                                             : COMPRESSION_ZSTD};
    for (int i = 0; i < PARTS; i++) {
        const char *text = forms[number].texts[i] != NULL ? forms[number].texts[i] : "";
        size_t used = strlen(form->text);

        add_part(&form->data, forms[number].parts[i], text);
        ck_assert_uint_lt(used + strlen(text), ROOM);
        memcpy(form->text + used, text, strlen(text));
        form->ends[i] = form->data.length;
    }
}

static bool may_end_at(const struct form *form, size_t length)
{
    bool may_end = length == 0;

    for (int i = 0; i < PARTS; i++)
        may_end = may_end || length == form->ends[i];
    return may_end;
}

static struct decompressor *make(enum compression compression)
{
    struct decompressor *decompressor = decompressor_new(compression);

    ck_assert_ptr_nonnull(decompressor);
    return decompressor;
}

/* What came out of a decompressor. */
struct output {
    char bytes[ROOM];
    size_t length;
    const char *wrong;
};

/* Gives one block of input, and takes all that comes of it in pieces of up to `piece` bytes. */
static void give_block(struct decompressor *decompressor, const uint8_t *bytes, size_t length,
                       size_t piece, struct output *output)
{
    struct decompression step = {.in = bytes, .in_length = length, .out_size = piece};

    do {
        ck_assert_uint_le(output->length + piece, ROOM);
        step.out = output->bytes + output->length;
        output->wrong = decompressor_step(decompressor, &step);
        if (output->wrong != NULL)
            return;
        ck_assert_uint_le(step.out_length, piece);
        ck_assert_ptr_eq(step.in, bytes + (length - step.in_length));
        output->length += step.out_length;
    } while (step.in_length > 0 ||
             (step.out_length == piece && !decompressor_may_end(decompressor)));
}

static void give(struct decompressor *decompressor, const uint8_t *bytes, size_t length,
                 size_t block, size_t piece, struct output *output)
{
    *output = (struct output){.length = 0};
    for (size_t given = 0; given < length && output->wrong == NULL; given += block)
        give_block(decompressor, bytes + given, block < length - given ? block : length - given,
                   piece, output);
}

static void expect_whole(const struct form *form, const struct decompressor *decompressor,
                         const struct output *output)
{
    ck_assert_msg(output->wrong == NULL, "%s: %s", form->name, output->wrong);
    ck_assert_msg(output->length == strlen(form->text) &&
                      memcmp(output->bytes, form->text, output->length) == 0,
                  "%s: %.*s", form->name, (int)output->length, output->bytes);
    ck_assert_msg(decompressor_may_end(decompressor), "%s: something is missing", form->name);
}

/* Decompresses all of it, from blocks of one size in pieces of another. */
static void expect_decompression(const struct form *form, size_t block, size_t piece)
{
    struct decompressor *decompressor = make(form->compression);
    struct output output;

    ck_assert(decompressor_may_end(decompressor));
    give(decompressor, form->data.bytes, form->data.length, block, piece, &output);
    expect_whole(form, decompressor, &output);
    decompressor_free(decompressor);
}

START_TEST(decompresses_at_every_size)
{
    static const size_t pieces[] = {1, 2, 3, 7, 61, 64, 100};
    struct form form;

    make_form(&form, _i);
    ck_assert_int_eq(compression_detect(form.data.bytes, form.data.length), form.compression);
    for (size_t block = 1; block <= form.data.length; block++)
        for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
            expect_decompression(&form, block, pieces[i]);
    compressed_free(&form.data);
}
END_TEST

START_TEST(gives_pieces_of_every_size)
{
    struct form form;

    make_form(&form, _i);
    for (size_t piece = 1; piece <= strlen(form.text) + 1; piece++)
        expect_decompression(&form, form.data.length, piece);
    compressed_free(&form.data);
}
END_TEST

/* Cut anywhere but between two members, what is there is right and the rest is missed. */
START_TEST(notices_every_truncation)
{
    struct output output;
    struct form form;

    make_form(&form, _i);
    for (size_t length = 0; length < form.data.length; length++)
        for (size_t block = 1; block <= 2; block++) {
            struct decompressor *decompressor = make(form.compression);

            give(decompressor, form.data.bytes, length, block == 1 ? 1 : ROOM, 10, &output);
            ck_assert_msg(output.wrong == NULL, "%s, %zu bytes: %s", form.name, length,
                          output.wrong);
            ck_assert_msg(decompressor_may_end(decompressor) == may_end_at(&form, length),
                          "%s, %zu of %zu bytes", form.name, length, form.data.length);
            ck_assert_uint_le(output.length, strlen(form.text));
            ck_assert_mem_eq(output.bytes, form.text, output.length);
            decompressor_free(decompressor);
        }
    compressed_free(&form.data);
}
END_TEST

/* A reader that has no more bytes may say so. */
START_TEST(no_bytes_begin_nothing)
{
    struct decompressor *decompressor;
    struct output output;
    struct form form;

    make_form(&form, _i);
    decompressor = make(form.compression);
    give_block(decompressor, form.data.bytes, 0, 10, &(struct output){.length = 0});
    ck_assert(decompressor_may_end(decompressor));
    give(decompressor, form.data.bytes, form.data.length, 10, 10, &output);
    for (int i = 0; i < 100; i++) {
        give_block(decompressor, form.data.bytes, 0, 10, &output);
        expect_whole(&form, decompressor, &output);
    }
    decompressor_free(decompressor);
    compressed_free(&form.data);
}
END_TEST

/* The first bytes of a member say what it is and when it was made, and have no checksum. */
enum { GZIP_HEADER_SIZE = 10 };

START_TEST(notices_every_damaged_byte)
{
    struct output output;
    struct form form;

    make_form(&form, _i);
    for (size_t i = _i == 0 ? GZIP_HEADER_SIZE : 0; i < form.data.length; i++) {
        struct decompressor *decompressor = make(form.compression);

        form.data.bytes[i] ^= 0xff;
        give(decompressor, form.data.bytes, form.data.length, ROOM, 10, &output);
        form.data.bytes[i] ^= 0xff;
        ck_assert_msg(output.wrong != NULL || !decompressor_may_end(decompressor),
                      "byte %zu of %zu", i, form.data.length);
        ck_assert(output.wrong == NULL || output.wrong[0] != '\0');
        decompressor_free(decompressor);
    }
    compressed_free(&form.data);
}
END_TEST

/* What is wrong, as the libraries say it. */
static const struct {
    int form;
    int from_end; /* which byte is damaged */
    const char *wrong;
} damages[] = {
    {0, 8, "incorrect data check"},
    {0, 1, "incorrect length check"},
    {1, 1, "Restored data doesn't match checksum"},
};

static void expect_wrong(const struct form *form, size_t block, const char *wrong)
{
    struct decompressor *decompressor = make(form->compression);
    struct output output;

    give(decompressor, form->data.bytes, form->data.length, block, 10, &output);
    ck_assert_msg(output.wrong != NULL, "%s: nothing was wrong", form->name);
    ck_assert_msg(strcmp(output.wrong, wrong) == 0, "%s: %s", form->name, output.wrong);
    decompressor_free(decompressor);
}

START_TEST(says_what_is_wrong)
{
    struct form form;

    make_form(&form, damages[_i].form);
    form.data.bytes[form.data.length - (size_t)damages[_i].from_end] ^= 1;
    expect_wrong(&form, ROOM, damages[_i].wrong);
    compressed_free(&form.data);
}
END_TEST

START_TEST(refuses_something_else_behind_the_end)
{
    struct form form;

    make_form(&form, _i);
    memcpy(compressed_extend(&form.data, 4), "id\n1", 4);
    form.data.length += 4;
    expect_wrong(&form, 10,
                 form.compression == COMPRESSION_GZIP ? "incorrect header check"
                                                      : "Unknown frame descriptor");
    compressed_free(&form.data);
}
END_TEST

START_TEST(frees_nothing)
{
    decompressor_free(NULL);
    decompressor_free(make(COMPRESSION_GZIP));
    decompressor_free(make(COMPRESSION_ZSTD));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decompressor");
    TCase *tests = tcase_create("streams");

    tcase_add_loop_test(tests, decompresses_at_every_size, 0, FORMS);
    tcase_add_loop_test(tests, gives_pieces_of_every_size, 0, FORMS);
    tcase_add_loop_test(tests, notices_every_truncation, 0, FORMS);
    tcase_add_loop_test(tests, no_bytes_begin_nothing, 0, FORMS);
    tcase_add_loop_test(tests, notices_every_damaged_byte, 0, 2);
    tcase_add_loop_test(tests, says_what_is_wrong, 0, TABLE_ROWS(damages));
    tcase_add_loop_test(tests, refuses_something_else_behind_the_end, 0, FORMS);
    tcase_add_test(tests, frees_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
