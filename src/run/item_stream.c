#include "run/item_stream.h"

bool item_stream_is_possible(const struct plan *plan, enum rebuild_when when,
                             enum duplicates duplicates)
{
    const struct dataset *items = &plan->datasets[table_streamed()];

    for (size_t i = 0; i < items->reference_count; i++)
        if (plan->datasets[items->table->columns[items->references[i]].references].files.infer)
            return false;
    return items->source_count > 0 && items->database.catalog.empty && when != REBUILD_NEVER &&
           duplicates == DUPLICATES_ERROR && !items->files.sets_aside;
}

static bool take_row(void *context, struct source *source, const struct row *row)
{
    return sending_take_row(context, source, row);
}

bool item_stream_scan(struct scan *scan, struct sending *sending, struct plan *plan,
                      struct rebuild_choice *choice, const struct session *session)
{
    struct dataset *items = &plan->datasets[table_streamed()];
    const struct row_taker taker = {.take = take_row, .context = sending};
    bool scanned;

    if (scan_found_problems(scan))
        return scan_table(scan, items->id, NULL);
    if (!rebuild_choose(choice, plan, session))
        return false;
    if (!items->database.rebuilt)
        return scan_table(scan, items->id, NULL);
    if (!sending_open_stream(sending, items))
        return false;
    scanned = scan_table(scan, items->id, &taker);
    return sending_close_stream(sending, scanned && !scan_found_problems(scan)) && scanned;
}
