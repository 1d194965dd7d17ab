#include "check_case.h"

#include "fuzz_target.h"

/* One name would control a terminal. */
static const char *const names[CASE_FILES_MAX] = {
    "1.csv", "2\x1b[31m\n.csv", "3.CSV.gz", "-4.csv", "f\xc3\xbcnf\xff.csv", "6 \xe2\x80\xa8.csv"};

enum first_byte {
    DUPLICATES = 3,
    REJECTS = 4,
    JSON = 8,
    LIMIT = 16,
    VERBOSE = 32,
    AGAIN = 64,
    REPORT = 128
};
enum second_byte {
    PRODUCTS = 1,
    USERS = 2,
    NOTHING = 4,
    USERS_FLOOR = 8,
    ORDERS_FLOOR = 16,
    QUIET = 32,
    MODE_SHIFT = 6
};

static void add(struct check_case *given, bool wanted, const char *argument)
{
    /* getopt may move arguments, and writes to none. */
    if (wanted)
        memcpy(&given->arguments[given->argument_count++], &argument, sizeof argument);
}

static void add_options(struct check_case *given, const uint8_t *data)
{
    static const char *const duplicates[] = {"--duplicates=error", "--duplicates=first",
                                             "--duplicates=last", "--duplicates=last"};
    static const char *const modes[] = {"--mode=insert", "--mode=skip", "--mode=upsert",
                                        "--mode=replace"};

    given->rejects = (data[0] & REJECTS) != 0;
    given->json = (data[0] & JSON) != 0;
    given->report = (data[0] & REPORT) != 0;
    given->again = (data[0] & AGAIN) != 0;
    add(given, true, "timele-load");
    add(given, true, "--check");
    add(given, true, duplicates[data[0] & DUPLICATES]);
    add(given, true, modes[data[1] >> MODE_SHIFT]);
    add(given, given->rejects, "--rejects=" CASE_REJECTS);
    add(given, given->report, "--report=" CASE_REPORT);
    add(given, given->json, "--log-format=json");
    add(given, (data[0] & VERBOSE) != 0, "--verbose");
    add(given, (data[1] & QUIET) != 0, "--quiet");
    add(given, (data[1] & PRODUCTS) != 0, "--infer=products");
    add(given, (data[1] & USERS) != 0, "--infer=users");
    add(given, (data[1] & NOTHING) != 0 && (data[1] & (PRODUCTS | USERS)) == 0, "--infer=none");
    add(given, (data[1] & USERS_FLOOR) != 0, "--floor=users=5");
    add(given, (data[1] & ORDERS_FLOOR) != 0, "--floor=orders=3");
    (void)snprintf(given->limit, sizeof given->limit, "--max-rejects=%d%s", data[2] % 100,
                   data[2] % 2 == 0 ? "" : ".5%");
    add(given, given->rejects && (data[0] & LIMIT) != 0, given->limit);
}

bool check_case_read(struct check_case *given, const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data + CASE_OPTION_BYTES;

    *given = (struct check_case){.file_count = 0};
    if (size < CASE_OPTION_BYTES)
        return false;
    size -= CASE_OPTION_BYTES;
    add_options(given, data);
    for (size_t i = 0; i < CASE_FILES_MAX; i++) {
        const char *end = i + 1 == CASE_FILES_MAX ? NULL : memchr(bytes, CASE_FILE_END, size);
        size_t length = end == NULL ? size : (size_t)(end - bytes);

        given->files[i] = (struct case_file){.name = names[i], .bytes = bytes, .length = length};
        given->file_count++;
        if (end == NULL)
            break;
        bytes = end + 1;
        size -= length + 1;
    }
    add(given, true, "--");
    for (size_t i = 0; i < given->file_count; i++)
        add(given, true, given->files[i].name);
    return true;
}

void check_case_forget_rejects(uint8_t *data)
{
    data[0] &= (uint8_t) ~(REJECTS | LIMIT | REPORT | AGAIN);
}
