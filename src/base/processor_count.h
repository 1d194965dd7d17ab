/*
 * How many processors this program may use.
 */
#ifndef BASE_PROCESSOR_COUNT_H
#define BASE_PROCESSOR_COUNT_H

/* Those that the system lets the calling thread run on (sched_getaffinity(2)); 1 where that cannot
 * be found out. */
int processor_count(void);

#endif
