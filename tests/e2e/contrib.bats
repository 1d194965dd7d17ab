#!/usr/bin/env bats
#
# The examples of contrib/ work as printed.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell, and run sets its $status there

load harness

CONTRIB=$PROJECT_ROOT/contrib

setup() {
    start_test
    mkdir bin home
    ln -s "$TIMELE_LOAD" bin/timele-load
}

# unit_values NAME: what the service sets NAME to, its lines joined.
unit_values() {
    sed -e ':join; /\\$/ { N; s/\\\n */ /; b join }' "$CONTRIB/timele-load.service" |
        sed -n "s/^$1=//p"
}

# As systemd does: only what it sets is in the environment, $$ is $ and %% is %.
run_service() {
    local command
    command=$(unit_values ExecStart |
        sed -nE "s,^/bin/sh -c '([^']*)'\$,\1,p" | sed 's/\$\$/$/g; s/%%/%/g')
    [[ -n $command ]] || unexpected 'expected a command'
    run --separate-stderr env -i --chdir=home HOME="$BATS_TEST_TMPDIR/home" \
        PATH="$BATS_TEST_TMPDIR/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin" \
        "$(unit_values Environment)" /bin/sh -c "$command"
}

@test "systemd finds nothing wrong with the service and the timer" {
    # It looks at the units of other packages too, and may find something wrong with these.
    run systemd-analyze verify --man=no --recursive-errors=no "$CONTRIB/timele-load.service" \
        "$CONTRIB/timele-load.timer"
    expect_status 0
    expect_nowhere timele
    run systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' "$CONTRIB/timele-load.timer")"
    expect_status 0
}

@test "the service loads each night what is new, and sets bad rows aside" {
    local rejects
    printf '[timele]\nhost=%s\nport=%s\nuser=%s\ndbname=%s\n' "$PGHOST" "$PGPORT" "$PGUSER" \
        "$PGDATABASE" >home/.pg_service.conf
    run_load --create-schema
    mkdir home/incoming
    cp "$PROJECT_ROOT"/data/sample/*.csv home/incoming
    run_service
    expect_status 0
    expect_stdout_contains '11,735 rows loaded'
    [[ $(jq .exit_status home/report.json) == 0 ]]

    run_service
    expect_status 0
    expect_sql 'SELECT count(*) FROM orders.order_items' 10000
    [[ $(jq '[.files[].loaded_before != null] | all' home/report.json) == true ]] || unexpected "$(<home/report.json)"

    printf 'user_id,email_address\n301,ada@example.com\n3x,eva@example.com\n' >home/incoming/new.csv
    run_service
    expect_status 1
    expect_sql 'SELECT count(*) FROM users.users' 81
    [[ $(jq .exit_status home/report.json) == 1 ]]
    run_service
    expect_status 1
    expect_stderr_contains 'incoming/new.csv was loaded by run 4 but for 1 rejected row; it is read again'
    expect_stderr_contains 'incoming/new.csv: 1 of 2 rows rejected as before; they are in rejects/new.csv'
    rejects=(home/rejects*/*)
    [[ ${rejects[*]##*/} == 'new.csv new.reasons.csv' ]] || unexpected "${rejects[*]}"
}

@test "the CI job checks the sample, loads it and verifies it" {
    local commands
    commands=$(sed -nE 's/^ +- run: //p' "$CONTRIB/ci.yml")
    # A test installs nothing, and what make builds is built.
    [[ $(head -n 2 <<<"$commands") == $'scripts/install-dependencies build\nmake' ]]
    mkdir build
    ln -s "$TIMELE_LOAD" build/timele-load
    ln -s "$PROJECT_ROOT/data" data
    run --separate-stderr sh -ec "$(tail -n +3 <<<"$commands")"
    expect_status 0
    expect_stdout_contains '11,735 rows checked'
    expect_stdout_contains '11,735 rows loaded'
    [[ $(jq .exit_status report.json) == 0 ]]
}
