#include "run/process.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

/* Most lines are far shorter; a longer one ends the search. */
enum { LINE_SIZE = 4096 };

static bool find_local_user(uid_t user, char name[PROCESS_NAME_SIZE])
{
    FILE *file = fopen("/etc/passwd", "re");
    struct passwd entry, *read = NULL;
    char line[LINE_SIZE];
    bool found = false;

    if (file == NULL)
        return false;
    while (!found && fgetpwent_r(file, &entry, line, sizeof line, &read) == 0)
        found = entry.pw_uid == user;
    if (found)
        (void)snprintf(name, PROCESS_NAME_SIZE, "%s", entry.pw_name);
    (void)fclose(file);
    return found;
}

/* The C library's lookup by all services crashes the program when memory runs out meanwhile, so a
 * local user is looked up without it. */
static bool find_user(uid_t user, char name[PROCESS_NAME_SIZE])
{
    const struct passwd *entry;

    errno = 0;
    if (find_local_user(user, name))
        return true;
    if (errno == ENOMEM)
        return false;
    entry = getpwuid(user);
    if (entry != NULL)
        (void)snprintf(name, PROCESS_NAME_SIZE, "%s", entry->pw_name);
    return entry != NULL;
}

void process_describe(struct process *process)
{
    *process = (struct process){.id = (long)getpid()};
    if (!find_user(geteuid(), process->user))
        (void)snprintf(process->user, sizeof process->user, "%lu", (unsigned long)geteuid());
    /* A longer name may come without its end. */
    if (gethostname(process->host, sizeof process->host - 1) != 0)
        process->host[0] = '\0';
}
