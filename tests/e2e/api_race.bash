# Sourced after api_server by tests of two sessions that want the same thing at once.
#
# shellcheck shell=bash

second_waits() {
    [[ $(sql "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'waiting'
               AND datname = current_database() AND wait_event_type = 'Lock'") == 1 ]]
}

# race FIRST SECOND [ISOLATION]: runs SECOND while FIRST is done and not committed, sees it wait for
# that, and commits. What each gives is in the files first and second. Both are the API server's
# sessions; with RACE_OWNER=first (second) that one is the owner's.
race() {
    local pid_1 pid_2 owner=$PGUSER user_1=$api_server user_2=$api_server
    local isolation=${3:-'read\ committed'}
    [[ ${RACE_OWNER:-} != first ]] || user_1=$owner
    [[ ${RACE_OWNER:-} != second ]] || user_2=$owner
    # What an earlier race left must not be taken for what this one says.
    rm -f commands first second
    mkfifo commands
    PGUSER=$user_1 psql -XAtq <commands >first 2>&1 3>&- &
    pid_1=$!
    exec 7>commands
    printf 'BEGIN;\n%s;\n\\echo held\n' "$1" >&7
    until grep -qsx held first; do
        kill -0 "$pid_1"
        sleep 0.02
    done
    PGUSER=$user_2 PGAPPNAME=waiting PGOPTIONS="-c default_transaction_isolation=$isolation" \
        psql -XAtq -v VERBOSITY=verbose --command "$2" >second 2>&1 3>&- 7>&- &
    pid_2=$!
    until second_waits; do
        kill -0 "$pid_2" || unexpected "expected to wait: $2"
        sleep 0.02
    done
    echo 'COMMIT;' >&7
    exec 7>&-
    wait "$pid_1"
    wait "$pid_2" || true
    sed -i '/^held$/d' first
}

# The conflict of whoever may not see what was committed after it began.
# shellcheck disable=SC2034 # used by the tests
CONFLICT='ERROR:  40001: could not serialize access due to concurrent update'

# expect_race FIRST SECOND: the first line of what each gave.
expect_race() {
    diff <(printf '%s\n' "$1" "$2") <(head -qn 1 first second)
}
