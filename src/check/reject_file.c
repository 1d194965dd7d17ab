#include "check/reject_file.h"

#include "base/interrupt.h"
#include "base/list.h"
#include "base/pending_file.h"
#include "csv/line_split.h"
#include "csv/raw_record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct reject_file {
    struct source *source;
    struct reject_budget *budget;
    char *path, *reasons_path;
    struct pending_file *records, *reasons; /* NULL: not begun */
    uint64_t last_line;                     /* of the last reason */
    uint64_t withheld;
    struct error failure; /* the first of writing a reason */
    uint64_t passwords[CSV_FIELDS_MAX / 64];
};

/* Names ----------------------------------------------------------------------------------------*/

static const char *const endings[] = {".gz", ".zst", ".csv"};

char *reject_file_name(const char *path, size_t attempt)
{
    const char *slash = strrchr(path, '/');
    const char *base = strcmp(path, "-") == 0 ? "stdin" : slash == NULL ? path : slash + 1;
    size_t length = strlen(base);
    char number[24] = "";
    char *name;

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t ending = strlen(endings[i]);

        if (length > ending && memcmp(base + length - ending, endings[i], ending) == 0)
            length -= ending;
    }
    if (attempt > 1)
        (void)snprintf(number, sizeof number, "-%zu", attempt);
    return asprintf(&name, "%.*s%s", (int)length, base, number) < 0 ? NULL : name;
}

/* Whether a text is a name with ".reasons" behind it. */
static bool is_reasons_of(const char *text, const char *name)
{
    size_t length = strlen(name);

    return strncmp(text, name, length) == 0 && strcmp(text + length, ".reasons") == 0;
}

bool reject_file_names_collide(const char *one, const char *other)
{
    return strcmp(one, other) == 0 || is_reasons_of(one, other) || is_reasons_of(other, one);
}

/* Reasons --------------------------------------------------------------------------------------*/

/* A field of the reasons, quoted where it has to be. */
static bool write_field(FILE *stream, const char *text, char after)
{
    if (strpbrk(text, ",\"\r\n") == NULL)
        return fputs(text, stream) != EOF && putc_unlocked(after, stream) != EOF;
    if (putc_unlocked('"', stream) == EOF)
        return false;
    for (; *text != '\0'; text++)
        if ((*text == '"' && putc_unlocked('"', stream) == EOF) ||
            putc_unlocked(*text, stream) == EOF)
            return false;
    return putc_unlocked('"', stream) != EOF && putc_unlocked(after, stream) != EOF;
}

static bool write_reason(FILE *stream, const char *path, const struct problem *problem)
{
    char reason[sizeof problem->reason + sizeof problem->value + 8];

    if (problem->has_value)
        (void)snprintf(reason, sizeof reason, "%s (\"%s\")", problem->reason, problem->value);
    else
        (void)snprintf(reason, sizeof reason, "%s", problem->reason);
    return write_field(stream, path, ',') && fprintf(stream, "%" PRIu64 ",", problem->line) > 0 &&
           write_field(stream, problem->column, ',') &&
           write_field(stream, problem_code_name(problem->code), ',') &&
           write_field(stream, reason, ',') && write_field(stream, problem->key, '\n');
}

static bool begin_reasons(struct reject_file *file)
{
    if (!pending_file_open(file->reasons_path, &file->reasons, &file->failure))
        return false;
    return fputs("file,line,column,code,reason,key\n", pending_file_stream(file->reasons)) != EOF ||
           pending_file_error(file->reasons, &file->failure);
}

/* A failure is kept for reject_file_check: whoever adds a problem has no error to set. */
static void tell(void *listener, const struct problem *problem)
{
    struct reject_file *file = listener;

    if (problem->line != file->last_line)
        file->budget->rows++;
    file->last_line = problem->line;
    if (file->budget->rows > file->budget->most || file->failure.kind != ERROR_NONE ||
        (file->reasons == NULL && !begin_reasons(file)))
        return;
    if (!write_reason(pending_file_stream(file->reasons), file->source->path, problem))
        (void)pending_file_error(file->reasons, &file->failure);
}

bool reject_file_check(const struct reject_file *file, struct error *error)
{
    return file->failure.kind == ERROR_NONE || error_copy(error, &file->failure);
}

/* Records --------------------------------------------------------------------------------------*/

struct copying {
    struct reject_file *file;
    const struct dataset *dataset;
    struct error *error;
    struct line_split split;
    uint64_t line;      /* of the last bytes */
    bool taking;        /* its record is rejected, or it is of the header */
    bool hides;         /* the record is kept until its passwords can be taken out */
    uint64_t rejected;  /* records so far */
    struct list record; /* its bytes, while it is kept */
};

static bool write_bytes(struct copying *copying, const char *bytes, size_t length)
{
    return fwrite(bytes, 1, length, pending_file_stream(copying->file->records)) == length ||
           pending_file_error(copying->file->records, copying->error);
}

static bool keep_bytes(struct copying *copying, const char *bytes, size_t length)
{
    char *place = list_add(&copying->record, 1, length);

    if (place == NULL)
        return error_memory(copying->error);
    memcpy(place, bytes, length);
    return true;
}

/* Writes the record that was kept, if any, without its passwords. */
static bool write_kept(struct copying *copying)
{
    size_t length = copying->record.count;

    copying->record.count = 0;
    if (length == 0)
        return true;
    if (raw_record_blank(copying->record.items, &length, copying->file->source->field_count,
                         copying->file->passwords))
        return write_bytes(copying, copying->record.items, length);
    copying->file->withheld++;
    return true;
}

/* A line that continues a record shares its fate. */
static bool begin_line(struct copying *copying)
{
    const struct source *source = copying->file->source;
    int64_t line = (int64_t)source->line_base + (int64_t)copying->split.line;

    copying->line = copying->split.line;
    if (copying->line < source->header_end) {
        copying->taking = true;
        return true;
    }
    if (id_set_contains(&copying->dataset->files.continued, line))
        return true;
    /* Blank lines behind the last record have the numbers of the next file's first lines. */
    copying->taking = copying->line < source->line_count &&
                      id_set_contains(&copying->dataset->files.rejected, line);
    copying->hides = copying->taking && source->has_password;
    copying->rejected += copying->taking;
    return write_kept(copying);
}

static bool copy_block(struct copying *copying, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t used = line_split_next(&copying->split, bytes, length);

        if (copying->split.line != copying->line && !begin_line(copying))
            return false;
        if (copying->taking && !(copying->hides ? keep_bytes(copying, bytes, used)
                                                : write_bytes(copying, bytes, used)))
            return false;
        bytes += used;
        length -= used;
    }
    return true;
}

static bool copy_lines(struct copying *copying)
{
    struct input *input = copying->file->source->input;
    char block[BLOCK_SIZE];
    size_t length;

    if (!input_rewind(input, copying->error))
        return false;
    line_split_start(&copying->split);
    do {
        if (interrupt_pending())
            return interrupt_error(copying->error);
        if (!input_read(input, block, sizeof block, &length, copying->error) ||
            !copy_block(copying, block, length))
            return false;
    } while (length > 0);
    return write_kept(copying);
}

static bool copy_records(struct reject_file *file, const struct dataset *dataset,
                         struct error *error)
{
    struct copying copying = {.file = file, .dataset = dataset, .error = error};
    bool copied = copy_lines(&copying);

    list_free(&copying.record);
    if (copied && copying.rejected != file->source->rows_bad)
        return error_set(error, ERROR_FILE,
                         "%s: %" PRIu64 " rows were rejected, and %" PRIu64
                         " of them found again: the file changed while it was being loaded",
                         file->source->path, file->source->rows_bad, copying.rejected);
    return copied;
}

bool reject_file_complete(struct reject_file *file, const struct dataset *dataset,
                          struct error *error)
{
    return !reject_file_is_used(file) ||
           (pending_file_open(file->path, &file->records, error) &&
            copy_records(file, dataset, error) && pending_file_complete(file->records, error) &&
            reject_file_check(file, error) && pending_file_complete(file->reasons, error));
}

bool reject_file_publish(struct reject_file *file, struct error *error)
{
    struct error reasons_error = {0};
    bool named;

    if (!reject_file_is_used(file))
        return true;
    named = pending_file_publish_new(file->records, error);
    if (pending_file_publish_new(file->reasons, &reasons_error))
        return named;
    return named ? error_copy(error, &reasons_error)
                 : error_detail(error, "%s", reasons_error.message);
}

/* The files ------------------------------------------------------------------------------------*/

bool reject_file_is_used(const struct reject_file *file)
{
    return file->reasons != NULL;
}

const char *reject_file_path(const struct reject_file *file)
{
    return file->path;
}

const char *reject_file_reasons_path(const struct reject_file *file)
{
    return file->reasons_path;
}

uint64_t reject_file_withheld(const struct reject_file *file)
{
    return file->withheld;
}

static bool require_free(const char *path, struct error *error)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return true;
    (void)error_set(error, ERROR_FILE, "%s is there already", path);
    return error_hint(error, "It may hold rows that are still to be mended: load, move or remove "
                             "it first, or give --rejects another directory.");
}

static bool is_password(const char *name)
{
    size_t length;

    name += strspn(name, " \t");
    length = strcspn(name, " \t");
    return length == strlen("password") && strncasecmp(name, "password", length) == 0 &&
           name[length + strspn(name + length, " \t")] == '\0';
}

static void find_passwords(struct reject_file *file)
{
    struct source *source = file->source;

    for (size_t i = 0; i < source->field_count; i++)
        if (is_password(source->header_names[i])) {
            file->passwords[i / 64] |= UINT64_C(1) << (i % 64);
            source->has_password = true;
        }
}

static bool make_path(const struct reject_request *request, const char *ending, char **path,
                      struct error *error)
{
    const char *directory = request->directory;
    size_t length = strlen(directory);

    while (length > 1 && directory[length - 1] == '/')
        length--;
    if (asprintf(path, "%.*s/%s%s", (int)length, directory, request->name, ending) >= 0)
        return require_free(*path, error);
    *path = NULL;
    return error_memory(error);
}

bool reject_file_new(const struct reject_request *request, struct reject_file **file,
                     struct error *error)
{
    struct source *source = request->source;
    struct reject_file *made = calloc(1, sizeof *made);

    if (made == NULL)
        return error_memory(error);
    made->source = source;
    made->budget = request->budget;
    if (!make_path(request, ".csv", &made->path, error) ||
        !make_path(request, ".reasons.csv", &made->reasons_path, error)) {
        reject_file_free(made);
        return false;
    }
    find_passwords(made);
    source->reject_file = made;
    source->problems.tell = tell;
    source->problems.listener = made;
    *file = made;
    return true;
}

void reject_file_free(struct reject_file *file)
{
    if (file == NULL)
        return;
    pending_file_free(file->records);
    pending_file_free(file->reasons);
    free(file->path);
    free(file->reasons_path);
    free(file);
}
