/*
 * Numbers for people, the same in every locale: a log of cron's reads like one of a terminal's.
 */
#ifndef CLI_NUMBER_H
#define CLI_NUMBER_H

#include <stdint.h>

enum { NUMBER_SIZE = 32 };

/* 1234567 as "1,234,567"; `text` is returned. */
const char *number_format(int64_t number, char text[NUMBER_SIZE]);

/* A duration as "0.12 s" or, from a minute on, "2 min 07 s"; `text` is returned. */
const char *number_format_seconds(double seconds, char text[NUMBER_SIZE]);

/* Rows a second, "" when the time was too short to tell. */
const char *number_format_rate(uint64_t rows, double seconds, char text[NUMBER_SIZE]);

#endif
