#include "check/reject_file.h"

#include "base/interrupt.h"
#include "base/pending_file.h"
#include "check/reject_name.h"
#include "csv/line_split.h"
#include "csv/raw_record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 64 * 1024 };

struct reject_file {
    struct source *source;
    struct reject_budget *budget;
    const char *directory;
    size_t attempt;
    char *path, *reasons_path;
    enum pending_file_claim claim;
    struct pending_file *records, *reasons; /* NULL: not begun */
    bool was_there;                         /* an earlier run left the same two files */
    uint64_t last_line;                     /* of the last reason */
    uint64_t withheld;
    struct error failure; /* the first of writing a reason */
    uint64_t passwords[CSV_FIELDS_MAX / 64];
};

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
    if (!pending_file_open(file->reasons_path, file->claim, &file->reasons, &file->failure))
        return false;
    return fputs(REJECT_REASONS_HEADER, pending_file_stream(file->reasons)) != EOF ||
           pending_file_error(file->reasons, &file->failure);
}

/* What the other file could not write any more is its own failure. */
static bool begin_writing(struct reject_file *file)
{
    struct reject_file *other = file->budget->writing;

    if (other != NULL && other != file && other->reasons != NULL)
        (void)pending_file_rest(other->reasons, &other->failure);
    file->budget->writing = file;
    return file->reasons == NULL ? begin_reasons(file)
                                 : pending_file_resume(file->reasons, &file->failure);
}

/* A failure is kept for reject_file_check: whoever adds a problem has no error to set. */
static void tell(void *listener, const struct problem *problem)
{
    struct reject_file *file = listener;

    if (problem->line != file->last_line)
        file->budget->rows++;
    file->last_line = problem->line;
    if (file->budget->rows > file->budget->most || file->failure.kind != ERROR_NONE ||
        !begin_writing(file))
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
    uint64_t line; /* of the last bytes */
    uint64_t record_line;
    bool taking;              /* its record is rejected, or it is of the header */
    bool hides;               /* the record has passwords, which are taken out */
    struct raw_record record; /* where in it the bytes are */
    bool judging;             /* nothing is written yet: which records can be taken apart? */
    struct id_set broken;     /* lines of those that cannot */
    uint64_t rejected;        /* records so far */
    char last_byte;           /* that was written */
};

static bool write_bytes(struct copying *copying, const char *bytes, size_t length)
{
    if (length > 0)
        copying->last_byte = bytes[length - 1];
    return fwrite(bytes, 1, length, pending_file_stream(copying->file->records)) == length ||
           pending_file_error(copying->file->records, copying->error);
}

/* The file is complete, and ends so, also where the input does not. */
static bool end_last_line(struct copying *copying)
{
    return copying->last_byte == '\n' || copying->last_byte == '\r' ||
           write_bytes(copying, "\n", 1);
}

/* Writes bytes of a record that has passwords, without these. */
static bool write_without_passwords(struct copying *copying, const char *bytes, size_t length)
{
    const uint64_t *passwords = copying->file->passwords;

    while (length > 0) {
        struct raw_record *record = &copying->record;
        size_t used = raw_record_next(record, bytes, length);
        bool hidden =
            record->state == RAW_BROKEN || record->field >= CSV_FIELDS_MAX ||
            (record->in_field && (passwords[record->field / 64] >> (record->field % 64) & 1) != 0);

        if (!copying->judging && !hidden && !write_bytes(copying, bytes, used))
            return false;
        bytes += used;
        length -= used;
    }
    return true;
}

static bool refuse_change(const struct copying *copying)
{
    return error_set(copying->error, ERROR_FILE,
                     "%s:%" PRIu64 ": this record is another one now: the file changed while it "
                     "was being loaded",
                     copying->file->source->path, copying->record_line);
}

static bool end_record(struct copying *copying)
{
    if (!copying->taking || !copying->hides ||
        raw_record_is_whole(&copying->record, copying->file->source->field_count))
        return true;
    if (!copying->judging)
        return refuse_change(copying);
    return id_set_add(&copying->broken, (int64_t)copying->record_line) ||
           error_memory(copying->error);
}

static void begin_record(struct copying *copying, bool rejected)
{
    copying->record_line = copying->line;
    copying->record = (struct raw_record){0};
    copying->hides = copying->file->source->has_password;
    copying->rejected += rejected;
    copying->taking = rejected && !id_set_contains(&copying->broken, (int64_t)copying->line);
}

/* A line that continues a record shares its fate. */
static bool begin_line(struct copying *copying)
{
    const struct source *source = copying->file->source;
    int64_t line = (int64_t)source->line_base + (int64_t)copying->split.line;

    copying->line = copying->split.line;
    if (copying->line < source->header_end) {
        copying->taking = !copying->judging;
        return true;
    }
    if (id_set_contains(&copying->dataset->files.continued, line))
        return true;
    if (!end_record(copying))
        return false;
    /* Blank lines behind the last record have the numbers of the next file's first lines. */
    begin_record(copying, copying->line < source->line_count &&
                              id_set_contains(&copying->dataset->files.rejected, line));
    return true;
}

static bool copy_block(struct copying *copying, const char *bytes, size_t length)
{
    while (length > 0) {
        size_t used = line_split_next(&copying->split, bytes, length);

        if (copying->split.line != copying->line && !begin_line(copying))
            return false;
        if (copying->taking && !(copying->hides ? write_without_passwords(copying, bytes, used)
                                                : write_bytes(copying, bytes, used)))
            return false;
        bytes += used;
        length -= used;
    }
    return true;
}

static bool read_lines(struct copying *copying)
{
    struct input *input = copying->file->source->input;
    char block[BLOCK_SIZE];
    size_t length;

    if (!input_rewind(input, copying->error))
        return false;
    copying->line = 0;
    copying->taking = copying->hides = false;
    copying->rejected = 0;
    line_split_start(&copying->split);
    do {
        if (interrupt_pending())
            return interrupt_error(copying->error);
        if (!input_read(input, block, sizeof block, &length, copying->error) ||
            !copy_block(copying, block, length))
            return false;
    } while (length > 0);
    input_end(input);
    return end_record(copying);
}

/* The end of a record can show that nobody knows which of its fields is the password, so a reading
 * before the one that writes finds such records, however long they are. */
static bool copy_lines(struct copying *copying)
{
    if (copying->file->source->has_password) {
        copying->judging = true;
        if (!read_lines(copying))
            return false;
        copying->judging = false;
        copying->file->withheld = id_set_count(&copying->broken);
    }
    return read_lines(copying) && end_last_line(copying);
}

static bool copy_records(struct reject_file *file, const struct dataset *dataset,
                         struct error *error)
{
    struct copying copying = {.file = file, .dataset = dataset, .error = error};
    bool copied = copy_lines(&copying);

    id_set_free(&copying.broken);
    if (copied && copying.rejected != file->source->rows_bad)
        return error_set(error, ERROR_FILE,
                         "%s: %" PRIu64 " rows were rejected, and %" PRIu64
                         " of them found again: the file changed while it was being loaded",
                         file->source->path, file->source->rows_bad, copying.rejected);
    return copied;
}

/* Takes the name of two files that are the same, when it finds them: nothing is to be published. */
static bool take_if_same(struct reject_file *file, const char *name, struct error *error)
{
    char *path = reject_name_path(file->directory, name, REJECT_RECORDS_ENDING);
    char *reasons_path = reject_name_path(file->directory, name, REJECT_REASONS_ENDING);

    if (path == NULL || reasons_path == NULL) {
        free(path);
        free(reasons_path);
        return error_memory(error);
    }
    file->was_there = reject_name_look(file->directory, name) == REJECT_NAME_COMPLETE &&
                      pending_file_is_same(file->records, path) &&
                      pending_file_is_same(file->reasons, reasons_path);
    free(file->was_there ? file->path : path);
    free(file->was_there ? file->reasons_path : reasons_path);
    if (file->was_there) {
        file->path = path;
        file->reasons_path = reasons_path;
    }
    return true;
}

/* Looks for two files like these among those of earlier runs, so that a file that is read night
 * after night, with the same bad rows, does not leave a pair of files each time. */
static bool find_same(struct reject_file *file, struct error *error)
{
    for (size_t attempt = 1; attempt < file->attempt && !file->was_there; attempt++) {
        char *name = reject_name(file->source->file_name, attempt);
        bool looked = name != NULL ? take_if_same(file, name, error) : error_memory(error);

        free(name);
        if (!looked)
            return false;
    }
    return true;
}

bool reject_file_complete(struct reject_file *file, const struct dataset *dataset,
                          struct error *error)
{
    return !reject_file_is_used(file) ||
           (pending_file_open(file->path, file->claim, &file->records, error) &&
            copy_records(file, dataset, error) && pending_file_complete(file->records, error) &&
            reject_file_check(file, error) && pending_file_resume(file->reasons, error) &&
            pending_file_complete(file->reasons, error) && find_same(file, error));
}

bool reject_file_publish(struct reject_file *file, struct error *error)
{
    struct error reasons_error = {0};
    bool named, reasons_named;

    if (!reject_file_is_used(file) || file->was_there)
        return true;
    reasons_named = pending_file_publish_new(file->reasons, &reasons_error);
    named = pending_file_publish_new(file->records, error);
    if (reasons_named)
        return named;
    return named ? error_copy(error, &reasons_error)
                 : error_detail(error, "%s", reasons_error.message);
}

/* The files ------------------------------------------------------------------------------------*/

bool reject_file_is_used(const struct reject_file *file)
{
    return file->reasons != NULL;
}

bool reject_file_was_there(const struct reject_file *file)
{
    return file->was_there;
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

bool reject_file_new(const struct reject_request *request, struct reject_file **file,
                     struct error *error)
{
    struct source *source = request->source;
    struct reject_file *made = calloc(1, sizeof *made);

    if (made == NULL)
        return error_memory(error);
    made->source = source;
    made->budget = request->budget;
    made->claim = request->claim;
    made->directory = request->directory;
    made->attempt = request->attempt;
    made->path = reject_name_path(request->directory, request->name, REJECT_RECORDS_ENDING);
    made->reasons_path = reject_name_path(request->directory, request->name, REJECT_REASONS_ENDING);
    if (made->path == NULL || made->reasons_path == NULL) {
        reject_file_free(made);
        return error_memory(error);
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
    if (file->budget->writing == file)
        file->budget->writing = NULL;
    pending_file_free(file->records);
    pending_file_free(file->reasons);
    free(file->path);
    free(file->reasons_path);
    free(file);
}
