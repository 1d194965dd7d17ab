/*
 * Who runs this program, and where: what tells one run from another afterwards.
 */
#ifndef RUN_PROCESS_H
#define RUN_PROCESS_H

enum { PROCESS_NAME_SIZE = 256 };

struct process {
    char user[PROCESS_NAME_SIZE]; /* of the operating system; a number when it has no name */
    char host[PROCESS_NAME_SIZE]; /* "" when it is not known */
    long id;
};

/* Describes the calling process. */
void process_describe(struct process *process);

#endif
