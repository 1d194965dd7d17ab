#include "run/item_stream.h"

static struct dataset *items_of(const struct item_stream *stream)
{
    return &stream->plan->datasets[TABLE_ORDER_ITEMS];
}

bool item_stream_is_possible(const struct plan *plan, enum rebuild_when when,
                             enum duplicates duplicates)
{
    const struct dataset *items = &plan->datasets[TABLE_ORDER_ITEMS];

    for (size_t i = 0; i < items->reference_count; i++)
        if (plan->datasets[items->table->columns[items->references[i]].references].infer)
            return false;
    return items->source_count > 0 && items->catalog.empty && when != REBUILD_NEVER &&
           duplicates == DUPLICATES_ERROR && !items->sets_aside;
}

static bool open_stream(void *context, bool *opened)
{
    struct item_stream *stream = context;

    if (!rebuild_choose(stream->choice, stream->plan, stream->connection, stream->log,
                        stream->phases, stream->error))
        return false;
    *opened = items_of(stream)->rebuilt;
    return !*opened || sending_open_stream(stream->sending, items_of(stream));
}

static bool take_row(void *context, struct source *source, const struct row *row)
{
    return sending_take_row(((struct item_stream *)context)->sending, source, row);
}

static bool close_stream(void *context, bool complete)
{
    return sending_close_stream(((struct item_stream *)context)->sending, complete);
}

struct scan_stream item_stream_for_scan(struct item_stream *stream)
{
    return (struct scan_stream){.dataset = items_of(stream),
                                .open = open_stream,
                                .take = take_row,
                                .close = close_stream,
                                .context = stream};
}
