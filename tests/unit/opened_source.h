/*
 * A source that is opened by the path of its file.
 */
#ifndef TESTS_UNIT_OPENED_SOURCE_H
#define TESTS_UNIT_OPENED_SOURCE_H

#include "row/source.h"

static inline bool open_path(const char *path, struct source **source, struct error *error)
{
    struct input *input = NULL;
    enum header_purpose purpose;

    return input_open(path, &input, error) && source_open(input, path, &purpose, source, error);
}

#endif
