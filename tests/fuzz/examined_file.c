#include "examined_file.h"

#include "check/reject_file.h"
#include "input/decompressor.h"

#include "fuzz_target.h"

bool case_file_is_compressed(const struct case_file *file)
{
    return compression_detect((const uint8_t *)file->bytes, file->length) != COMPRESSION_NONE;
}

static void read_written(const char *path, struct written *written)
{
    FILE *stream = fopen(path, "re");

    REQUIRE(stream != NULL, "%s is not there", path);
    written->length = fread(written->bytes, 1, WRITTEN_MAX, stream);
    REQUIRE(written->length < WRITTEN_MAX && fclose(stream) == 0, "%s is too long", path);
}

static bool is_password(const char *name, size_t length)
{
    while (length > 0 && (*name == ' ' || *name == '\t')) {
        name++;
        length--;
    }
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t'))
        length--;
    return length == strlen("password") && strncasecmp(name, "password", length) == 0;
}

static void find_passwords(struct examined_file *file)
{
    const struct plain_record *header = &file->csv.records[0];
    const struct plain_field *fields = plain_csv_fields(&file->csv, header);

    file->has_some_password = false;
    for (size_t i = 0; i < header->field_count; i++) {
        file->has_password[i] =
            is_password(plain_csv_text(&file->csv, &fields[i]), fields[i].length);
        file->has_some_password = file->has_some_password || file->has_password[i];
    }
}

struct examined_file *examined_file_read(const struct check_case *given, const struct run *run,
                                         size_t file, bool published)
{
    static struct examined_file examined[CASE_FILES_MAX];
    struct examined_file *one = &examined[file];

    one->given = &given->files[file];
    one->source = run->plan.sources[file];
    one->rejects.length = one->reasons.length = one->reasons_csv.record_count = 0;
    plain_csv_read(&one->csv, one->given->bytes, one->given->length);
    find_passwords(one);
    if (published && one->source->rows_bad > 0) {
        read_written(reject_file_path(one->source->reject_file), &one->rejects);
        read_written(reject_file_reasons_path(one->source->reject_file), &one->reasons);
        plain_csv_read(&one->reasons_csv, one->reasons.bytes, one->reasons.length);
    }
    return one;
}

uint64_t examined_file_line(const struct examined_file *file, const struct plain_record *reason)
{
    const struct plain_field *line = plain_csv_fields(&file->reasons_csv, reason) + 1;
    char digits[24] = "";

    REQUIRE(line->length < sizeof digits, "a line number of %zu digits", line->length);
    memcpy(digits, plain_csv_text(&file->reasons_csv, line), line->length);
    return strtoull(digits, NULL, 10);
}

bool examined_file_is_bad(const struct examined_file *file, const struct plain_record *record)
{
    for (size_t i = 1; i < file->reasons_csv.record_count; i++)
        if (examined_file_line(file, &file->reasons_csv.records[i]) == record->line)
            return true;
    return false;
}
