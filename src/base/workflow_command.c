#include "base/workflow_command.h"

#include "base/display.h"

#include <inttypes.h>
#include <string.h>

static const char special_in_data[] = "%\r\n";
static const char special_in_property[] = "%\r\n:,";

static void print_encoded(FILE *stream, const char *text, const char *special)
{
    size_t length;

    for (;; text += length + 1) {
        length = strcspn(text, special);
        display_print(stream, "%.*s", (int)length, text);
        if (text[length] == '\0')
            return;
        if (strchr("\r\n", text[length]) != NULL)
            display_print(stream, "%c", text[length]);
        else
            (void)fprintf(stream, "%%%02X", (unsigned)text[length]);
    }
}

static void print_place(FILE *stream, const char *file, uint64_t line)
{
    if (file == NULL || file[0] == '\0' || strcmp(file, "-") == 0)
        return;
    (void)fputs("file=", stream);
    print_encoded(stream, file, special_in_property);
    if (line > 0)
        (void)fprintf(stream, ",line=%" PRIu64, line);
    (void)fputs(",", stream);
}

static void print_line(FILE *stream, const char *label, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    (void)fprintf(stream, "%%0A%s", label);
    print_encoded(stream, text, special_in_data);
}

void workflow_command_print(FILE *stream, const struct log_event *event)
{
    (void)fprintf(stream, "::%s ", event->priority == PRIORITY_ERROR ? "error" : "warning");
    if (event->row != NULL)
        print_place(stream, event->row->file, event->row->line);
    else
        print_place(stream, event->file, event->line);
    (void)fputs("title=timele-load", stream);
    if (event->row != NULL && event->row->code != NULL) {
        (void)fputs(" (", stream);
        print_encoded(stream, event->row->code, special_in_property);
        (void)fputs(")", stream);
    }
    (void)fputs("::", stream);
    print_encoded(stream, event->message, special_in_data);
    print_line(stream, "detail: ", event->detail);
    print_line(stream, "hint: ", event->hint);
    display_end(stream);
}
