/*
 * input/input with an archive: its members are listed, and each is read in their order, then again
 * from the last to the first. Both times the same bytes come out, as many as the list says, or the
 * same error. Whatever the archive holds, an error is its fault, and memory has bounds.
 *
 * The input is the archive. Half of the changes are made to what is compressed in it, when it is.
 */
#include "input/input.h"

#include "compressed_file.h"
#include "fuzz_target.h"
#include "memory_file.h"

#include <xxhash.h>

/* What an archive may hold is read up to here: zeros are packed well. */
enum { MEMBERS_READ = 16, BYTES_READ = 256 * 1024, PLAIN_MAX = 128 * 1024 };

/* What came out of a member. */
struct outcome {
    enum error_kind kind; /* ERROR_NONE: all of it could be read, or BYTES_READ of it */
    uint64_t length;
    XXH64_hash_t hash;
    bool ended;
};

static bool is_archives_fault(const struct error *error)
{
    return error->kind == ERROR_FILE || error->kind == ERROR_DATA;
}

static void require_fault(const struct error *error)
{
    REQUIRE(is_archives_fault(error) && error->message[0] != '\0', "%d: %s", (int)error->kind,
            error->message);
}

static struct outcome read_member(struct input *member, XXH64_state_t *state)
{
    struct outcome outcome = {.kind = ERROR_NONE};
    struct error error = {0};
    char block[1000];
    size_t length = 1;

    (void)XXH64_reset(state, 0);
    while (length > 0 && outcome.length < BYTES_READ) {
        if (!input_read(member, block, sizeof block, &length, &error)) {
            require_fault(&error);
            outcome.kind = error.kind;
            break;
        }
        (void)XXH64_update(state, block, length);
        outcome.length += length;
    }
    outcome.ended = length == 0;
    outcome.hash = XXH64_digest(state);
    return outcome;
}

static void require_same(const struct outcome *one, const struct outcome *other)
{
    REQUIRE(one->kind == other->kind && one->length == other->length && one->hash == other->hash,
            "%llu bytes, then %llu", (unsigned long long)one->length,
            (unsigned long long)other->length);
}

/* NULL: it is refused. */
static struct input *open_member(struct input *archive, const struct archive_member *member)
{
    struct input *input = NULL;
    struct error error = {0};

    if (!input_open_member(archive, member, &input, &error))
        require_fault(&error);
    return input;
}

static void read_members(struct input *archive, const struct member_list *list)
{
    size_t count = list->count < MEMBERS_READ ? list->count : MEMBERS_READ;
    struct input *members[MEMBERS_READ];
    struct outcome outcomes[MEMBERS_READ], again;
    XXH64_state_t *state = XXH64_createState();
    struct error error = {0};

    REQUIRE(state != NULL, "out of memory");
    for (size_t i = 0; i < count; i++) {
        REQUIRE(list->members[i].name[0] != '\0' && list->members[i].index == i, "member %zu", i);
        members[i] = open_member(archive, &list->members[i]);
        if (members[i] == NULL)
            continue;
        REQUIRE(list->members[i].kind == MEMBER_FILE && !list->members[i].is_encrypted,
                "member %zu is no file", i);
        outcomes[i] = read_member(members[i], state);
        REQUIRE(!outcomes[i].ended || outcomes[i].length == input_size(members[i]), "%llu bytes",
                (unsigned long long)outcomes[i].length);
        input_end(members[i]);
    }
    for (size_t i = count; i-- > 0;) {
        if (members[i] == NULL)
            continue;
        REQUIRE(input_rewind(members[i], &error), "%s", error.message);
        again = read_member(members[i], state);
        require_same(&outcomes[i], &again);
        input_free(members[i]);
    }
    (void)XXH64_freeState(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_file file;
    struct member_list list = {0};
    struct input *input = NULL;
    struct error error = {0};

    if (!input_open(memory_file_write(&file, data, size), &input, &error)) {
        require_fault(&error);
        return 0;
    }
    if (input_is_archive(input)) {
        if (input_list_members(input, &list, &error))
            read_members(input, &list);
        else
            require_fault(&error);
    }
    member_list_free(&list);
    input_free(input);
    return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t maximum, unsigned seed)
{
    static uint8_t plain[PLAIN_MAX];
    enum compression compression = compression_detect(data, size);
    size_t length;

    if (seed % 2 == 0 || (compression != COMPRESSION_GZIP && compression != COMPRESSION_ZSTD) ||
        !compressed_file_open(data, size, plain, sizeof plain, &length))
        return LLVMFuzzerMutate(data, size, maximum);
    length = LLVMFuzzerMutate(plain, length, maximum < sizeof plain ? maximum : sizeof plain);
    return compressed_file_make(plain, length, seed / 2, data, maximum);
}
