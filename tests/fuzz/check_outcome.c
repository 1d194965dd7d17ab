#include "check_outcome.h"

#include "check/reject_file.h"
#include "check/reject_name.h"

#include "examined_file.h"
#include "fuzz_target.h"
#include "hash_form.h"
#include "shown_text.h"

#include <inttypes.h>
#include <jansson.h>

enum { SECRET_MIN = 8 };

static bool some_are_compressed(const struct check_case *given)
{
    for (size_t i = 0; i < given->file_count; i++)
        if (case_file_is_compressed(&given->files[i]))
            return true;
    return false;
}

/* Counts -------------------------------------------------------------------------------------- */

static uint64_t count_bad(const struct run *run)
{
    uint64_t bad = 0;

    for (size_t i = 0; i < run->plan.source_count; i++)
        bad += run->plan.sources[i]->rows_bad;
    return bad;
}

/* Records of which nobody can tell which field is which are bad. */
static void require_counts(const struct examined_file *file)
{
    const struct source *source = file->source;
    uint64_t records = file->csv.record_count - 1, broken = 0;

    for (size_t i = 1; i < file->csv.record_count; i++)
        broken += file->csv.records[i].wrong != NULL ||
                  file->csv.records[i].field_count != source->field_count;
    REQUIRE(source->rows_read == records, "%" PRIu64 " rows read of %" PRIu64, source->rows_read,
            records);
    REQUIRE(source->rows_bad >= broken, "%" PRIu64 " rows bad, %" PRIu64 " broken",
            source->rows_bad, broken);
    REQUIRE(source->rows_bad + source->rows_skipped <= source->rows_read,
            "%" PRIu64 " rows bad, %" PRIu64 " skipped", source->rows_bad, source->rows_skipped);
    REQUIRE(source->rows_loaded + source->rows_updated + source->rows_unchanged +
                    source->rows_kept ==
                0,
            "there is no database");
    REQUIRE((source->problems.count > 0) == (source->rows_bad > 0), "%" PRIu64 " problems",
            source->problems.count);
}

/* What is left out is bad or skipped. */
static void require_lines(const struct check_case *given, const struct run *run)
{
    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &run->plan.datasets[id];
        uint64_t bad = 0, skipped = 0;

        for (size_t i = 0; i < dataset->source_count; i++) {
            bad += dataset->sources[i]->rows_bad;
            skipped += dataset->sources[i]->rows_skipped;
        }
        REQUIRE(id_set_count(&dataset->files.left_out) == bad + skipped,
                "%s: %" PRIu64 " lines are left out", dataset->table->name,
                id_set_count(&dataset->files.left_out));
        REQUIRE(id_set_count(&dataset->files.rejected) == (given->rejects ? bad : 0),
                "%s: %" PRIu64 " lines are rejected", dataset->table->name,
                id_set_count(&dataset->files.rejected));
    }
}

/* The exit status ------------------------------------------------------------------------------ */

static bool is_unreadable(const struct run *run)
{
    for (size_t i = 0; i < run->plan.source_count; i++)
        if (run->plan.sources[i]->unreadable_from != 0)
            return true;
    return false;
}

static bool may_be_refused(const struct check_case *given, const struct run *run,
                           const struct error *error)
{
    bool limited = strstr(error->message, "--max-rejects") != NULL;
    bool unnamed = strstr(error->message, "placeholders need") != NULL;

    return run->plan.source_count < given->file_count || unnamed ||
           (given->rejects ? is_unreadable(run) || limited : count_bad(run) > 0);
}

static void require_status(const struct check_case *given, const struct run *run,
                           const struct error *error)
{
    enum error_kind outcome = run_outcome(run, error);

    REQUIRE(outcome == ERROR_NONE || error->kind == ERROR_NONE || error->message[0] != '\0',
            "an error without a message");
    switch (outcome) {
    case ERROR_NONE:
        REQUIRE(count_bad(run) == 0 && run->plan.source_count == given->file_count,
                "%" PRIu64 " bad rows", count_bad(run));
        break;
    case ERROR_REJECTS:
        REQUIRE(given->rejects && count_bad(run) > 0 && !is_unreadable(run), "%" PRIu64 " bad rows",
                count_bad(run));
        break;
    case ERROR_DATA:
        REQUIRE(may_be_refused(given, run, error), "%s", error->message);
        break;
    case ERROR_FILE:
        REQUIRE(some_are_compressed(given), "%s", error->message);
        break;
    default:
        REQUIRE(false, "%s: %s", error_kind_name(outcome), error->message);
    }
}

/* Reject files --------------------------------------------------------------------------------- */

/* What a reject file is to have. */
struct expected_rejects {
    struct written file;
    size_t withheld; /* records */
};

static void append(struct written *written, const char *bytes, size_t length)
{
    memcpy(written->bytes + written->length, bytes, length);
    written->length += length;
}

/* The record's bytes without its passwords; nothing where they cannot be told. */
static void append_record(const struct examined_file *file, const struct plain_record *record,
                          struct expected_rejects *expected)
{
    const struct plain_field *fields = plain_csv_fields(&file->csv, record);
    const char *bytes = file->given->bytes;
    size_t at = record->start;

    if (file->has_some_password &&
        (record->wrong != NULL || record->field_count != file->source->field_count)) {
        expected->withheld++;
        return;
    }
    for (size_t i = 0; file->has_some_password && i < record->field_count; i++) {
        if (!file->has_password[i])
            continue;
        append(&expected->file, bytes + at, fields[i].start - at);
        at = fields[i].end;
    }
    append(&expected->file, bytes + at, record->end - at);
}

/* A reason may name another file, as it is called. */
static bool names_file(const struct check_case *given, const char *text, size_t length)
{
    for (size_t i = 0; i < given->file_count; i++)
        if (memmem(text, length, given->files[i].name, strlen(given->files[i].name)) != NULL)
            return true;
    return false;
}

static void require_reasons(const struct check_case *given, const struct examined_file *file)
{
    enum { REASON_FIELDS = 6 };

    REQUIRE(strncmp(file->reasons.bytes, REJECT_REASONS_HEADER, strlen(REJECT_REASONS_HEADER)) == 0,
            "the reasons have another header");
    for (size_t i = 1; i < file->reasons_csv.record_count; i++) {
        const struct plain_record *reason = &file->reasons_csv.records[i];
        const struct plain_field *fields = plain_csv_fields(&file->reasons_csv, reason);
        uint64_t line = examined_file_line(file, reason);
        size_t record = 1;

        REQUIRE(reason->wrong == NULL && reason->field_count == REASON_FIELDS, "reason %zu: %s", i,
                reason->wrong != NULL ? reason->wrong : "fields");
        for (size_t k = 2; k < REASON_FIELDS; k++) {
            const char *text = plain_csv_text(&file->reasons_csv, &fields[k]);

            if (!names_file(given, text, fields[k].length))
                require_shown(text, fields[k].length, false);
        }
        REQUIRE(fields[3].length > 0 && fields[4].length > 0, "reason %zu is empty", i);
        while (record < file->csv.record_count && file->csv.records[record].line != line)
            record++;
        REQUIRE(record < file->csv.record_count, "no record begins in line %" PRIu64, line);
    }
}

static void require_rejects(const struct examined_file *file)
{
    static struct expected_rejects rejects;
    struct written *expected = &rejects.file;
    uint64_t bad = 0;

    expected->length = rejects.withheld = 0;
    append(expected, file->given->bytes, file->csv.records[0].end);
    for (size_t i = 1; i < file->csv.record_count; i++)
        if (examined_file_is_bad(file, &file->csv.records[i])) {
            append_record(file, &file->csv.records[i], &rejects);
            bad++;
        }
    if (expected->bytes[expected->length - 1] != '\n' &&
        expected->bytes[expected->length - 1] != '\r')
        append(expected, "\n", 1);
    REQUIRE(bad == file->source->rows_bad, "%" PRIu64 " rows bad, %" PRIu64 " with reasons",
            file->source->rows_bad, bad);
    REQUIRE(reject_file_withheld(file->source->reject_file) == rejects.withheld,
            "%" PRIu64 " records withheld, not %zu",
            reject_file_withheld(file->source->reject_file), rejects.withheld);
    REQUIRE(file->rejects.length == expected->length &&
                memcmp(file->rejects.bytes, expected->bytes, expected->length) == 0,
            "rejected are \"%.*s\", not \"%.*s\"", (int)file->rejects.length, file->rejects.bytes,
            (int)expected->length, expected->bytes);
}

/* Passwords ------------------------------------------------------------------------------------ */

static size_t count_in(const char *bytes, size_t length, const char *secret, size_t size)
{
    size_t count = 0;

    for (const char *found = bytes;
         (found = memmem(found, length - (size_t)(found - bytes), secret, size)) != NULL; found++)
        count++;
    return count;
}

/* How many bytes of a secret would be shown as they are. */
static size_t measure_plain(const char *secret, size_t length)
{
    enum { SHOWN_MAX = 40 };
    size_t plain = 0;

    while (plain < length && plain < SHOWN_MAX && secret[plain] > ' ' && secret[plain] <= '~' &&
           secret[plain] != '"' && secret[plain] != '\\')
        plain++;
    return plain;
}

/* Not a word of a message, or a number in it. */
static bool is_telling(const char *secret, size_t length)
{
    size_t digits = 0, letters = 0;

    for (size_t i = 0; i < length; i++) {
        digits += secret[i] >= '0' && secret[i] <= '9';
        letters += (secret[i] | 0x20) >= 'a' && (secret[i] | 0x20) <= 'z';
    }
    return length >= SECRET_MIN && digits > 0 && letters > 0;
}

/* A password or hash that stands in one field and nowhere else is shown nowhere; but the rejects
 * have a record's hash. */
static void require_unshown(const struct check_case *given, const struct examined_file *file,
                            size_t index, const struct plain_field *field,
                            const struct check_output *output)
{
    const char *secret = plain_csv_text(&file->csv, field);
    int column = file->source->column_of_field[index];
    size_t length = measure_plain(secret, field->length), count = 0;

    if (!is_telling(secret, length) ||
        !(file->has_password[index] ||
          (column >= 0 && file->source->table->columns[column].secret)))
        return;
    for (size_t i = 0; i < given->file_count; i++)
        count += count_in(given->files[i].bytes, given->files[i].length, secret, length);
    if (count > 1)
        return;
    REQUIRE(count_in(output->log, output->log_length, secret, length) == 0 &&
                count_in(output->summary, output->summary_length, secret, length) == 0 &&
                count_in(file->reasons.bytes, file->reasons.length, secret, length) == 0,
            "%.*s is shown", (int)length, secret);
    REQUIRE(!file->has_password[index] ||
                count_in(file->rejects.bytes, file->rejects.length, secret, length) == 0,
            "the rejects show the password %.*s", (int)length, secret);
}

static void require_no_hash(const char *text, size_t length)
{
    regmatch_t match;

    REQUIRE(!hash_form_find(text, length, &match), "a hash is shown: %.*s", (int)length, text);
}

static void require_discreet(const struct check_case *given, const struct examined_file *file,
                             const struct check_output *output)
{
    for (size_t i = 1; i < file->csv.record_count; i++) {
        const struct plain_record *record = &file->csv.records[i];
        const struct plain_field *fields = plain_csv_fields(&file->csv, record);

        if (record->wrong != NULL || record->field_count != file->source->field_count)
            continue;
        for (size_t k = 0; k < record->field_count; k++)
            require_unshown(given, file, k, &fields[k], output);
    }
}

/* The whole ------------------------------------------------------------------------------------ */

static void require_json(const char *lines, size_t length)
{
    const char *end;

    for (; length > 0; length -= (size_t)(end + 1 - lines), lines = end + 1) {
        json_t *event;

        end = memchr(lines, '\n', length);
        REQUIRE(end != NULL, "a line of the log has no end");
        event =
            json_loadb(lines, (size_t)(end - lines), JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
        REQUIRE(json_is_object(event) && json_is_string(json_object_get(event, "message")),
                "a line of the log is no JSON: %.*s", (int)(end - lines), lines);
        json_decref(event);
    }
}

void check_outcome_require(const struct check_case *given, const struct run *run,
                           const struct error *error, const struct check_output *output)
{
    require_status(given, run, error);
    require_shown(output->log, output->log_length, true);
    require_shown(output->summary, output->summary_length, true);
    require_no_hash(output->log, output->log_length);
    require_no_hash(output->summary, output->summary_length);
    if (given->json)
        require_json(output->log, output->log_length);
    if (run->plan.source_count < given->file_count || error->kind == ERROR_FILE)
        return;
    require_lines(given, run);
    for (size_t i = 0; i < given->file_count; i++) {
        struct examined_file *file;

        if (case_file_is_compressed(&given->files[i]))
            continue;
        file = examined_file_read(given, run, i, run_outcome(run, error) == ERROR_REJECTS);
        require_counts(file);
        if (file->rejects.length > 0) {
            require_reasons(given, file);
            require_no_hash(file->reasons.bytes, file->reasons.length);
            require_rejects(file);
        }
        require_discreet(given, file, output);
    }
}

bool check_outcome_keep(const struct check_case *given, const struct run *run, size_t file,
                        char *kept, size_t *length)
{
    const struct case_file *whole = &given->files[file];
    const struct examined_file *one;

    if (run->plan.sources[file]->rows_bad == 0) {
        memcpy(kept, whole->bytes, whole->length);
        *length += whole->length;
        return true;
    }
    if (case_file_is_compressed(whole))
        return false;
    one = examined_file_read(given, run, file, true);
    for (size_t i = 0, start = 0; i < one->csv.record_count; i++) {
        const struct plain_record *record = &one->csv.records[i];

        if (i == 0 || !examined_file_is_bad(one, record)) {
            memcpy(kept, whole->bytes + start, record->end - start);
            kept += record->end - start;
            *length += record->end - start;
        }
        start = record->end;
    }
    return true;
}
