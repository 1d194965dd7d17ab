/*
 * The building of new tables over several connections: they are filled, get their indexes and
 * constraints, and are analyzed, several steps (build/step_list) side by side.
 *
 * The tables stand in building schemas (schema/building), committed and seen by nobody.
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H

#include "build/step_run.h"
#include "pg/session.h"
#include "plan/plan.h"
#include "schema/rebuild.h"

#include <stdbool.h>

/* More connections than this are not worth their work. */
enum { BUILD_JOBS_MAX = 64 };

struct build;

/* Makes the first connection; the others are made by build_start. `conninfo` as for libpq, NULL:
 * the environment's. ERROR_DATABASE. The log and the text must outlive the build. */
bool build_open(const char *conninfo, const struct session *session, struct build **build);

/* The first connection, for what comes before build_start. */
struct connection *build_connection(const struct build *build);

/*
 * Starts to fill and complete the tables over up to `jobs` connections, with the session's log,
 * phases and error. A connection that cannot be made is told in a note, and the others do the work.
 * Until build_finish only what may be sent unchecked is (context->unchecked), and empty tables get
 * their indexes; progress of all connections is shown whenever the session's phases tick. On
 * failure build_close is all that is left to do.
 */
bool build_start(struct build *build, struct step_context *context, int jobs,
                 const struct session *session);

/* All files are checked, and good: waits until the tables are complete. The first failure, or a
 * signal, stops what the others do on the server. The phases of all connections are in the
 * session's list then, as they ended. */
bool build_finish(struct build *build);

/* Stops what is still done, disconnects and frees; NULL is fine. */
void build_close(struct build *build);

#endif
