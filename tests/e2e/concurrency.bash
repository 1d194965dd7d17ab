# Sourced by `load concurrency`, after `load harness`: a run in the background, and another session
# that holds what the run needs, so that it stands still where a test wants it.
#
# A test that calls `hold` calls `release` from its teardown.
#
# shellcheck shell=bash

# hold STATEMENT...: another session executes them, and holds what they lock until release.
hold() {
    local answer
    # 3 is where bats waits for the end of the test.
    coproc HOLDER { PGAPPNAME=holder exec psql -XAtq -v ON_ERROR_STOP=1 2>holder_errors 3>&-; }
    holder=$HOLDER_PID
    printf '%s;\n' "$@" "SELECT 'held'" >&"${HOLDER[1]}"
    until [[ ${answer:-} == held ]]; do
        read -r -t 300 answer <&"${HOLDER[0]}"
    done
}

release() {
    if [[ -n ${holder:-} ]]; then
        kill -TERM "$holder" 2>/dev/null || true
        wait "$holder" 2>/dev/null || true
        holder=
    fi
}

# start_load ARGUMENT...: in the background; finish_load waits for its end and takes what it said.
# What an earlier load said must not be taken for what this one says: the background process empties
# the files only when it runs.
start_load() {
    rm -f standard_output standard_error
    # A background process ignores SIGINT and reads /dev/null unless it is told otherwise.
    env --default-signal=INT "$TIMELE_LOAD" "$@" <&0 >standard_output 2>standard_error 3>&- &
    load_process=$!
}

# shellcheck disable=SC2034 # they are set as `run` sets them
finish_load() {
    eventually ended "$load_process" || kill -KILL "$load_process"
    status=0
    wait "$load_process" || status=$?
    output=$(<standard_output)
    stderr=$(<standard_error)
}

ended() {
    ! kill -0 "$1" 2>/dev/null
}

# eventually COMMAND...: it succeeds within five minutes, which no machine is too busy for.
eventually() {
    local deadline=$((SECONDS + 300))
    until "$@"; do
        ((SECONDS < deadline)) || {
            echo "never came true: $*" >&2
            return 1
        }
        sleep 0.05
    done
}

# backends CONDITION COUNT: so many of the program's backends are in this state.
backends() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
               AND application_name = 'timele-load' AND $1") == "$2" ]]
}

# wait_before_insert TABLE CONDITION: the server stops before it inserts a row of which CONDITION
# holds, as long as another session holds the advisory lock 2.
wait_before_insert() {
    sql "CREATE FUNCTION public.wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN PERFORM pg_advisory_xact_lock(2); RETURN NEW; END';
         CREATE TRIGGER wait_for_lock BEFORE INSERT ON $1
           FOR EACH ROW WHEN ($2) EXECUTE FUNCTION public.wait_for_lock()"
}

# As an administrator ends the session of the program.
terminate_backend() {
    sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND application_name = 'timele-load'" >/dev/null
}

waiting_for_lock() {
    backends "wait_event_type = 'Lock'" 1
}

no_backend() {
    backends true 0
}

# SIGTERM is bit 14 of the set of signals that a process has handlers for. The shell that is about to
# become the program has handlers too.
catches_signals() {
    [[ /proc/$1/exe -ef $TIMELE_LOAD ]] &&
        grep -qE '^SigCgt:.*[4567cdef]...$' "/proc/$1/status" 2>/dev/null
}
