#include "run/outlook.h"

static double text_bytes(const struct dataset *dataset)
{
    double bytes = 0;

    for (size_t i = 0; i < dataset->source_count; i++)
        bytes += source_text_bytes(dataset->sources[i]);
    return bytes;
}

struct phase_outlook outlook_check(const struct plan *plan)
{
    struct phase_outlook outlook = {.known = true};

    for (int id = 0; id < TABLE_COUNT; id++)
        outlook.check_bytes += text_bytes(&plan->datasets[id]);
    return outlook;
}

struct phase_outlook outlook_load(const struct plan *plan, const struct run_options *options,
                                  bool streams)
{
    struct phase_outlook outlook = {.known = !options->verify && options->rebuild != REBUILD_NEVER,
                                    .rebuilds = true};

    for (int id = 0; id < TABLE_COUNT; id++) {
        const struct dataset *dataset = &plan->datasets[id];
        double bytes = text_bytes(dataset);

        if (!streams || !dataset->table->streamed)
            outlook.check_bytes += bytes;
        outlook.send_bytes += bytes;
        outlook.known =
            outlook.known && (dataset->source_count == 0 || dataset->database.catalog.empty);
    }
    return outlook;
}
