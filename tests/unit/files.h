/*
 * A plan of files that are only in memory, as a run opens it, and the rest of a session.
 */
#ifndef TESTS_UNIT_FILES_H
#define TESTS_UNIT_FILES_H

#include "memory_file.h"
#include "pg/session.h"
#include "plan/plan.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 5 };

/* Caller-owned; closed by files_close. */
struct files {
    struct memory_file files[FILES_MAX];
    const char *paths[FILES_MAX];
    size_t count;
    struct plan plan;
    struct log log;
    char *logged; /* valid after files_logged */
    size_t logged_size;
    struct error error;
    struct session session;
};

/* Opens files with these texts, up to a NULL, for a database that has every column, no row and,
 * where there is a connection, is reached by it. */
static inline void files_open(struct files *files, const char *const *texts,
                              struct connection *connection)
{
    struct plan_request request = {.files = {.paths = files->paths}, .mode = MODE_INSERT};

    *files = (struct files){.log = {.level = LOG_NORMAL}};
    for (; texts[files->count] != NULL; files->count++) {
        struct memory_file *file = &files->files[files->count];

        memory_file_open(file, texts[files->count], strlen(texts[files->count]));
        files->paths[files->count] = file->path;
    }
    files->log.stream = open_memstream(&files->logged, &files->logged_size);
    ck_assert_ptr_nonnull(files->log.stream);
    request.files.path_count = files->count;
    ck_assert_msg(plan_open(&request, &files->log, &files->plan, &files->error), "%s",
                  files->error.message);
    for (int id = 0; id < TABLE_COUNT; id++) {
        struct dataset *dataset = &files->plan.datasets[id];

        dataset->floor = dataset->table->floor;
        dataset->files.incomplete = dataset->source_count == 0;
        dataset->database.catalog.empty = true;
        for (size_t i = 0; i < dataset->table->column_count; i++)
            dataset->database.catalog.columns[i] = (struct catalog_column){
                .present = true, .length = dataset->table->columns[i].length};
    }
    files->session =
        (struct session){.connection = connection, .log = &files->log, .error = &files->error};
}

/* What was logged so far. */
static inline const char *files_logged(struct files *files)
{
    ck_assert_int_eq(fflush(files->log.stream), 0);
    return files->logged;
}

static inline void files_close(struct files *files)
{
    plan_free(&files->plan);
    ck_assert_int_eq(fclose(files->log.stream), 0);
    free(files->logged);
    for (size_t i = 0; i < files->count; i++)
        memory_file_close(&files->files[i]);
}

#endif
