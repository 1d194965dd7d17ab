#include "csv/reader.h"

#include "base/interrupt.h"
#include "csv/byte_check.h"

#include <assert.h>
#include <csv.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_SIZE = 256 * 1024,
    MARK_SIZE = 3,
    SHORT_SIZE = FIELD_LIST_SHORT_SIZE,

    /* libcsv also stores the closing quote, and wants room before it looks at the next byte. */
    ENTRY_SIZE_MAX = CSV_FIELD_SIZE_MAX + 2,
    ENTRY_GROWTH = 32 * 1024 /* by which libcsv asks for more */
};

static const char byte_order_mark[MARK_SIZE] = {'\xEF', '\xBB', '\xBF'};

static const char bare_quote[] = "quote inside an unquoted field";
static const char text_after_quote[] = "text after the closing quote of a field";
static const char unclosed_quote[] = "quoted field is not closed before the end of the file";
static const char too_many_fields[] = "more than 256 fields";
static const char field_too_long[] = "field is longer than 1 MiB; a closing quote may be missing";
static const char record_too_long[] = "record is longer than 4 MiB";

static_assert(CSV_FIELDS_MAX == 256, "too_many_fields names the limit");
static_assert(CSV_FIELD_SIZE_MAX == 1 << 20, "field_too_long names the limit");
static_assert(CSV_RECORD_SIZE_MAX == 4 << 20, "record_too_long names the limit");

struct csv_reader {
    struct csv_parser parser;
    struct csv_handler handler;
    bool keep[CSV_FIELDS_MAX];
    size_t block_size;

    uint64_t line;           /* where the field that comes next starts */
    uint64_t record_line;    /* where the record starts */
    bool newlines_in_fields; /* false: the chunk's fields cannot hold any */
    bool after_return;       /* the last line ended with CR: an LF now is the rest of it */
    char last_byte;          /* that was parsed */
    uint64_t unended_line;   /* the last line, when it has no end; 0 before the end is reached */
    bool skipping;           /* the rest of the line that `broken` is about is passed over */
    bool stopped; /* the rest of the chunk, which libcsv cannot be kept from, is ignored */
    bool out_of_memory;
    struct csv_fault broken;
    struct byte_check broken_bytes;

    char *block; /* NULL before the first reading */
    size_t block_room;
    struct field_list list; /* copies: libcsv reuses its buffer for the next field */
};

/*
 * A request for more than ENTRY_SIZE_MAX means that a field is too long, and gets nothing. libcsv
 * then asks for less, until the buffer has just that size. The SHORT_SIZE bytes behind the buffer
 * are room for copies of fixed size.
 */
static void *allocate_entry(void *block, size_t size)
{
    return size <= ENTRY_SIZE_MAX ? realloc(block, size + SHORT_SIZE) : NULL;
}

/* Unquoted fields keep their blanks. */
static int is_no_space(unsigned char character)
{
    (void)character;
    return 0;
}

static uint64_t count_newlines(const char *text, size_t length)
{
    uint64_t count = 0;

    for (size_t i = 0; i < length; i++) {
        if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == length || text[i + 1] != '\n')))
            count++;
    }
    return count;
}

static void report(struct csv_reader *reader, const struct csv_fault *fault)
{
    if (!reader->handler.fault(reader->handler.context, fault) || fault->fatal)
        reader->stopped = true;
}

/* Bytes that are no text explain a fault better than the quotes among them. */
static void report_broken(struct csv_reader *reader, struct csv_fault *fault)
{
    const char *no_text;

    byte_check_end(&reader->broken_bytes);
    no_text = byte_check_fault(&reader->broken_bytes);
    fault->is_no_text = no_text != NULL;
    if (no_text != NULL)
        fault->message = no_text;
    report(reader, fault);
}

/* The text is that of the field which broke the record. Apart, so that the way of the other fields
 * stays short. */
static __attribute__((noinline)) void report_fatal(struct csv_reader *reader, const char *message,
                                                   const char *text, size_t length)
{
    struct csv_fault fault = {.line = reader->record_line,
                              .end_line = reader->line,
                              .field = reader->list.count,
                              .message = message,
                              .fatal = true};

    byte_check_fields(&reader->broken_bytes, &reader->list);
    byte_check_take_line(&reader->broken_bytes, text, length);
    report_broken(reader, &fault);
}

static void report_fatal_entry(struct csv_reader *reader, const char *message)
{
    report_fatal(reader, message, (const char *)reader->parser.entry_buf, reader->parser.entry_pos);
}

static void keep_field(struct csv_reader *reader, const char *text, size_t length)
{
    if (length > CSV_RECORD_SIZE_MAX - reader->list.size)
        report_fatal(reader, record_too_long, text, length);
    else if (!field_list_keep(&reader->list, text, length))
        reader->out_of_memory = reader->stopped = true;
}

static __attribute__((noinline)) void take_field_with_care(struct csv_reader *reader,
                                                           const char *text, size_t length)
{
    if (reader->stopped)
        return;
    if (length > CSV_FIELD_SIZE_MAX) {
        report_fatal(reader, field_too_long, text, length);
        return;
    }
    if (reader->list.count < CSV_FIELDS_MAX) {
        if (text != NULL && reader->keep[reader->list.count])
            keep_field(reader, text, length);
        else
            reader->list.fields[reader->list.count] =
                (struct csv_field){.text = NULL, .length = length};
    }
    if (reader->newlines_in_fields && text != NULL)
        reader->line += count_newlines(text, length);
    reader->list.count++;
}

/* Takes a field. The usual one comes first: it is short and kept, and its chunk has no quotes. */
static void take_field(void *text, size_t length, void *context)
{
    struct csv_reader *reader = context;
    struct field_list *list = &reader->list;
    size_t field = list->count;
    char *copy;

    if (reader->stopped || reader->newlines_in_fields || length > SHORT_SIZE || text == NULL ||
        field >= CSV_FIELDS_MAX || !reader->keep[field] || list->size > list->room - SHORT_SIZE) {
        take_field_with_care(reader, text, length);
        return;
    }
    /* A copy of fixed size is two instructions; both buffers have room for it behind any field. */
    copy = list->bytes + list->size;
    memcpy(copy, text, SHORT_SIZE);
    list->fields[field] = (struct csv_field){.text = copy, .length = length};
    list->size += length;
    list->count = field + 1;
}

static void give_record(struct csv_reader *reader)
{
    const struct csv_record record = {.line = reader->record_line,
                                      .end_line = reader->line,
                                      .field_count = reader->list.count,
                                      .fields = reader->list.fields};

    if (!reader->handler.record(reader->handler.context, &record))
        reader->stopped = true;
}

static void refuse_record(struct csv_reader *reader)
{
    struct csv_fault fault = {.line = reader->record_line,
                              .end_line = reader->line,
                              .field = CSV_FIELDS_MAX,
                              .fields = reader->list.fields,
                              .message = too_many_fields,
                              .fatal = false};

    byte_check_fields(&reader->broken_bytes, &reader->list);
    report_broken(reader, &fault);
}

static void start_record(struct csv_reader *reader)
{
    reader->record_line = reader->line;
    field_list_clear(&reader->list);
}

static void take_row(int terminator, void *context)
{
    struct csv_reader *reader = context;
    bool rest_of_crlf = reader->after_return && terminator == '\n' && reader->list.count == 0;

    if (reader->stopped)
        return;
    reader->after_return = terminator == '\r';
    if (rest_of_crlf)
        return;
    reader->line++;
    if (reader->list.count > CSV_FIELDS_MAX)
        refuse_record(reader);
    else if (reader->list.count > 0)
        give_record(reader);
    start_record(reader);
}

/* Remembers what broke the record; it is reported when the line's end is found. */
static void start_skipping(struct csv_reader *reader)
{
    struct csv_parser *parser = &reader->parser;

    reader->broken = (struct csv_fault){.line = reader->record_line,
                                        .field = reader->list.count,
                                        .fields = reader->list.fields,
                                        .message = parser->quoted ? text_after_quote : bare_quote,
                                        .fatal = false};
    reader->line += count_newlines((const char *)parser->entry_buf, parser->entry_pos);
    byte_check_fields(&reader->broken_bytes, &reader->list);
    byte_check_take(&reader->broken_bytes, (const char *)parser->entry_buf, parser->entry_pos);
    reader->skipping = true;

    /* csv_fini is the documented way to reset the parser. Without callbacks it gives nothing. */
    (void)csv_fini(parser, NULL, NULL, NULL);
}

static void end_skipping(struct csv_reader *reader)
{
    reader->skipping = false;
    reader->line++;
    reader->broken.end_line = reader->line;
    report_broken(reader, &reader->broken);
    start_record(reader);
}

/* Passes over the rest of a broken line. Returns how many bytes that was. */
static size_t skip_line(struct csv_reader *reader, const char *bytes, size_t length)
{
    size_t skipped = 0;

    while (skipped < length && bytes[skipped] != '\n' && bytes[skipped] != '\r')
        skipped++;
    byte_check_take(&reader->broken_bytes, bytes, skipped);
    if (skipped == length)
        return length;
    reader->after_return = bytes[skipped] == '\r';
    end_skipping(reader);
    return skipped + 1;
}

/* Why libcsv did not take the whole chunk. */
static bool take_parser_error(struct csv_reader *reader, struct error *error)
{
    if (csv_error(&reader->parser) == CSV_EPARSE)
        start_skipping(reader);
    else if (csv_get_buffer_size(&reader->parser) < ENTRY_SIZE_MAX)
        return error_memory(error);
    else
        report_fatal_entry(reader, field_too_long);
    return true;
}

static bool parse_chunk(struct csv_reader *reader, const char *bytes, size_t length,
                        struct error *error)
{
    /* One look at the chunk saves a look at every field: only a quoted field can hold a newline,
     * and where there is no blank libcsv need not ask for each byte whether it is one. */
    bool blanks = memchr(bytes, ' ', length) != NULL || memchr(bytes, '\t', length) != NULL;

    reader->newlines_in_fields = reader->parser.quoted || memchr(bytes, '"', length) != NULL;
    csv_set_space_func(&reader->parser, blanks ? is_no_space : NULL);
    if (length > 0)
        reader->last_byte = bytes[length - 1];

    while (length > 0 && !reader->stopped) {
        size_t used;

        if (reader->skipping) {
            used = skip_line(reader, bytes, length);
        } else {
            used = csv_parse(&reader->parser, bytes, length, take_field, take_row, reader);
            if (used < length && !reader->stopped && !take_parser_error(reader, error))
                return false;
        }
        bytes += used;
        length -= used;
    }
    return !reader->out_of_memory || error_memory(error);
}

/* The first bytes are read on their own: they may be a byte order mark, or only a part of one. */
static bool parse_start(struct csv_reader *reader, struct input *input, struct error *error)
{
    size_t length = 0;
    size_t got;

    do {
        if (!input_read(input, reader->block + length, MARK_SIZE - length, &got, error))
            return false;
        length += got;
    } while (got > 0 && length < MARK_SIZE);
    if (length == MARK_SIZE && memcmp(reader->block, byte_order_mark, MARK_SIZE) == 0)
        return true;
    return parse_chunk(reader, reader->block, length, error);
}

static bool parse_end(struct csv_reader *reader, struct error *error)
{
    bool ended = reader->last_byte == '\n' || reader->last_byte == '\r';

    if (reader->skipping) {
        end_skipping(reader);
    } else {
        reader->newlines_in_fields = reader->parser.quoted;
        if (csv_fini(&reader->parser, take_field, take_row, reader) != 0)
            report_fatal_entry(reader, unclosed_quote);
    }
    /* The end of the input has ended the line as a line end would have. */
    reader->unended_line = ended || reader->stopped ? 0 : reader->line - 1;
    return !reader->out_of_memory || error_memory(error);
}

static bool parse_input(struct csv_reader *reader, struct input *input, struct error *error)
{
    size_t size = reader->block_size < reader->block_room ? reader->block_size : reader->block_room;
    size_t length;

    if (!parse_start(reader, input, error))
        return false;
    while (!reader->stopped) {
        if (interrupt_pending())
            return interrupt_error(error);
        if (!input_read(input, reader->block, size, &length, error))
            return false;
        if (length == 0)
            return parse_end(reader, error);
        if (!parse_chunk(reader, reader->block, length, error))
            return false;
        if (reader->handler.block != NULL)
            reader->handler.block(reader->handler.context);
    }
    return true;
}

/* A block need not be larger than the file. */
static bool allocate_block(struct csv_reader *reader, const struct input *input)
{
    uint64_t wanted = input_is_compressed(input) ? BLOCK_SIZE : input_size(input);
    size_t room = wanted < BLOCK_SIZE ? (size_t)wanted + MARK_SIZE : BLOCK_SIZE;

    if (room <= reader->block_room)
        return true;
    free(reader->block);
    reader->block = malloc(room);
    reader->block_room = reader->block != NULL ? room : 0;
    return reader->block != NULL;
}

static bool start_reading(struct csv_reader *reader, const struct input *input,
                          const struct csv_handler *handler, struct error *error)
{
    const unsigned char options = CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL | CSV_EMPTY_IS_NULL;

    if (!allocate_block(reader, input))
        return error_memory(error);
    if (csv_init(&reader->parser, options) != 0)
        return error_set(error, ERROR_INTERNAL, "cannot set up the CSV parser");
    csv_set_realloc_func(&reader->parser, allocate_entry);
    csv_set_blk_size(&reader->parser, ENTRY_GROWTH);

    reader->handler = *handler;
    memset(reader->keep, true, sizeof reader->keep);
    reader->line = 1;
    reader->after_return = false;
    reader->last_byte = '\n';
    reader->unended_line = 0;
    reader->skipping = false;
    reader->stopped = false;
    reader->out_of_memory = false;
    start_record(reader);
    return true;
}

bool csv_reader_read(struct csv_reader *reader, struct input *input,
                     const struct csv_handler *handler, struct error *error)
{
    bool done;

    if (!start_reading(reader, input, handler, error))
        return false;
    done = parse_input(reader, input, error);
    csv_free(&reader->parser);
    return done;
}

void csv_reader_keep(struct csv_reader *reader, const uint64_t mask[CSV_FIELDS_MAX / 64])
{
    for (size_t i = 0; i < CSV_FIELDS_MAX; i++)
        reader->keep[i] = (mask[i / 64] >> (i % 64) & 1) != 0;
}

uint64_t csv_reader_unended_line(const struct csv_reader *reader)
{
    return reader->unended_line;
}

void csv_reader_set_block_size(struct csv_reader *reader, size_t size)
{
    reader->block_size = size < BLOCK_SIZE ? size : BLOCK_SIZE;
}

bool csv_reader_new(struct csv_reader **reader, struct error *error)
{
    struct csv_reader *created = calloc(1, sizeof *created);

    if (created == NULL)
        return error_memory(error);
    created->block_size = BLOCK_SIZE;
    if (!field_list_open(&created->list)) {
        csv_reader_free(created);
        return error_memory(error);
    }
    *reader = created;
    return true;
}

void csv_reader_free(struct csv_reader *reader)
{
    if (reader == NULL)
        return;
    field_list_free(&reader->list);
    free(reader->block);
    free(reader);
}
