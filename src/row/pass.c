#include "row/pass.h"

#include "base/clock.h"

/* A pass on its way. */
struct progress {
    const struct pass *pass;
    const struct session *session;
    bool header_seen;
};

static bool take_record(void *context, const struct csv_record *record)
{
    struct progress *progress = context;
    const struct pass *pass = progress->pass;

    if (progress->header_seen)
        return pass->record(pass->context, record);
    progress->header_seen = true;
    pass->source->header_end = record->end_line;
    csv_reader_keep(pass->reader, pass->source->keep_mask);
    return true;
}

static bool take_fault(void *context, const struct csv_fault *fault)
{
    const struct progress *progress = context;

    return progress->pass->fault(progress->pass->context, fault);
}

static void take_block(void *context)
{
    const struct progress *progress = context;
    const struct pass *pass = progress->pass;

    phase_advance(progress->session->phases, input_position(pass->source->input),
                  pass->rows != NULL ? pass->rows(pass->source) : 0);
}

bool pass_read(const struct pass *pass, const struct session *session)
{
    struct progress progress = {.pass = pass, .session = session};
    const struct csv_handler handler = {
        .record = take_record, .fault = take_fault, .block = take_block, .context = &progress};
    double start = clock_seconds();
    bool read;

    phase_begin(session->phases, pass->phase, "%s", pass->source->path);
    phase_expect_bytes(session->phases, input_size(pass->source->input));
    phase_foresee_reading(session->phases, pass->reading, source_text_bytes(pass->source));
    row_clear(pass->row, pass->source);
    read = input_rewind(pass->source->input, session->error) &&
           csv_reader_read(pass->reader, pass->source->input, &handler, session->error);
    input_end(pass->source->input);
    pass->source->seconds += clock_seconds() - start;
    return read && session->error->kind == ERROR_NONE;
}
