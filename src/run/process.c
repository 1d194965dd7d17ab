#include "run/process.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

void process_describe(struct process *process)
{
    const struct passwd *entry = getpwuid(geteuid());

    *process = (struct process){.id = (long)getpid()};
    if (entry != NULL)
        (void)snprintf(process->user, sizeof process->user, "%s", entry->pw_name);
    else
        (void)snprintf(process->user, sizeof process->user, "%lu", (unsigned long)geteuid());
    /* A longer name may come without its end. */
    if (gethostname(process->host, sizeof process->host - 1) != 0)
        process->host[0] = '\0';
}
