#include "check/rejects.h"

#include "base/temporary_file.h"
#include "check/reject_file.h"
#include "check/reject_name_list.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct rejects {
    const char *directory;
    bool made_directory;
    int claim; /* on the directory; -1: there is none */
    struct reject_limit limit;
    struct reject_budget budget;
    struct plan *plan;
    struct reject_file **files; /* one for each source of the plan */
    struct reject_name_list names;
    size_t count;
};

static bool require_writable(struct rejects *rejects, struct error *error)
{
    struct stat status;

    rejects->made_directory = mkdir(rejects->directory, S_IRWXU) == 0;
    if ((!rejects->made_directory && errno != EEXIST) || stat(rejects->directory, &status) != 0 ||
        (!S_ISDIR(status.st_mode) && (errno = ENOTDIR) != 0) ||
        faccessat(AT_FDCWD, rejects->directory, W_OK | X_OK, AT_EACCESS) != 0)
        return error_set(error, error_kind_of_file(errno), "cannot write rejected rows to %s: %s",
                         rejects->directory, strerror(errno));
    return true;
}

static bool choose_names(struct rejects *rejects, struct error *error)
{
    const struct plan *plan = rejects->plan;
    const char **names = calloc(plan->source_count + 1, sizeof(const char *));
    bool chosen;

    if (names == NULL)
        return error_memory(error);
    for (size_t i = 0; i < plan->source_count; i++)
        names[i] = plan->sources[i]->file_name;
    chosen =
        reject_name_list_choose(rejects->directory, names, plan->source_count, &rejects->names);
    free(names);
    return chosen || error_memory(error);
}

static bool add_file(struct rejects *rejects, struct source *source, struct error *error)
{
    struct reject_request request = {.directory = rejects->directory,
                                     .claim = rejects->claim >= 0 ? PENDING_FILE_CLAIMED
                                                                  : PENDING_FILE_UNCLAIMED,
                                     .source = source,
                                     .budget = &rejects->budget};

    assert(rejects->names.items != NULL && rejects->count < rejects->names.count);
    request.name = rejects->names.items[rejects->count].name;
    request.attempt = rejects->names.items[rejects->count].attempt;
    return reject_file_new(&request, &rejects->files[rejects->count++], error);
}

static bool prepare(struct rejects *rejects, struct error *error)
{
    struct plan *plan = rejects->plan;

    rejects->files = calloc(plan->source_count + 1, sizeof(struct reject_file *));
    if (rejects->files == NULL)
        return error_memory(error);
    if (!require_writable(rejects, error) || !choose_names(rejects, error))
        return false;
    rejects->claim = temporary_file_claim(rejects->directory);
    for (size_t i = 0; i < plan->source_count; i++)
        if (!add_file(rejects, plan->sources[i], error))
            return false;
    for (int id = 0; id < TABLE_COUNT; id++)
        plan->datasets[id].files.sets_aside = true;
    return true;
}

bool rejects_open(const char *directory, const struct reject_limit *limit, struct plan *plan,
                  struct rejects **rejects, struct error *error)
{
    struct rejects *opened = calloc(1, sizeof *opened);

    if (opened == NULL)
        return error_memory(error);
    opened->directory = directory;
    opened->claim = -1;
    opened->limit = *limit;
    opened->budget.most = limit->text != NULL && !limit->percent ? limit->number : UINT64_MAX;
    opened->plan = plan;
    if (!prepare(opened, error)) {
        rejects_free(opened);
        return false;
    }
    *rejects = opened;
    return true;
}

/* Where a file cannot be read any further the rest of it is lost, and nobody knows how many rows
 * that is. */
static bool require_whole_files(const struct plan *plan, struct error *error)
{
    for (size_t i = 0; i < plan->source_count; i++) {
        const struct source *source = plan->sources[i];

        if (source->unreadable_from == 0)
            continue;
        (void)error_set(error, ERROR_DATA,
                        "%s cannot be read from line %" PRIu64 " on; nothing was loaded",
                        source->path, source->unreadable_from);
        return error_hint(error, "Rows can be set aside only where it can be told where a row "
                                 "ends: mend that line first.");
    }
    return true;
}

static bool is_within(const struct reject_limit *limit, uint64_t bad, uint64_t read)
{
    if (limit->text == NULL)
        return true;
    if (!limit->percent)
        return bad <= limit->number;
    return bad * REJECT_PERCENT_ALL <= limit->number * read;
}

static bool require_few(const struct rejects *rejects, struct error *error)
{
    uint64_t bad = 0, read = 0;

    for (size_t i = 0; i < rejects->plan->source_count; i++) {
        bad += rejects->plan->sources[i]->rows_bad;
        read += rejects->plan->sources[i]->rows_read;
    }
    if (is_within(&rejects->limit, bad, read))
        return true;
    return error_set(error, ERROR_DATA,
                     "%" PRIu64 " of %" PRIu64 " rows are bad, more than --max-rejects=%s allows; "
                     "nothing was loaded",
                     bad, read, rejects->limit.text);
}

bool rejects_complete(struct rejects *rejects, struct error *error)
{
    if (!require_whole_files(rejects->plan, error) || !require_few(rejects, error))
        return false;
    for (size_t i = 0; i < rejects->count; i++) {
        const struct source *source = rejects->plan->sources[i];

        if (!reject_file_complete(rejects->files[i], &rejects->plan->datasets[source->table_id],
                                  error))
            return false;
    }
    return true;
}

static void warn(const struct source *source, const struct reject_file *file, struct log *log)
{
    uint64_t withheld = reject_file_withheld(file);

    log_warning(log,
                "%s: %" PRIu64 " of %" PRIu64 " rows rejected%s; they are in %s, the reasons in %s",
                source->path, source->rows_bad, source->rows_read,
                reject_file_was_there(file) ? " as before" : "", reject_file_path(file),
                reject_file_reasons_path(file));
    if (withheld > 0)
        log_warning(log,
                    "%s: %" PRIu64 " of them not in %s: too broken to find the password in, which "
                    "must not be shown",
                    source->path, withheld, reject_file_path(file));
}

static void warn_of_failure(const struct error *error, struct log *log)
{
    log_warning(log, "%s", error->message);
    if (error->detail[0] != '\0')
        log_warning(log, "%s", error->detail);
}

void rejects_publish(struct rejects *rejects, bool loaded, struct log *log)
{
    bool used = false;

    for (size_t i = 0; i < rejects->count; i++) {
        struct error error = {0};

        if (!reject_file_is_used(rejects->files[i]))
            continue;
        used = true;
        if (!reject_file_publish(rejects->files[i], &error))
            warn_of_failure(&error, log);
        warn(rejects->plan->sources[i], rejects->files[i], log);
    }
    if (!used)
        return;
    rejects->made_directory = false;
    if (loaded)
        log_warning(log, "all other rows are loaded; mend the rejected ones and load those files");
}

void rejects_free(struct rejects *rejects)
{
    if (rejects == NULL)
        return;
    for (size_t i = 0; i < rejects->count; i++)
        reject_file_free(rejects->files[i]);
    free(rejects->files);
    reject_name_list_free(&rejects->names);
    if (rejects->claim >= 0)
        (void)close(rejects->claim);
    if (rejects->made_directory)
        (void)rmdir(rejects->directory);
    free(rejects);
}
