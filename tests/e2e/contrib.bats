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

# run_job COMMANDS: the commands of a CI job, in a directory where they find what they need.
run_job() {
    # A test installs nothing, and what make builds is built.
    [[ $(head -n 2 <<<"$1") == $'scripts/install-dependencies build\nmake' ]]
    mkdir build
    ln -s "$TIMELE_LOAD" build/timele-load
    ln -s "$PROJECT_ROOT/data" data
    run --separate-stderr sh -ec "$(tail -n +3 <<<"$1")"
    expect_status 0
    expect_stdout_contains '11,735 rows checked'
    expect_stdout_contains '11,735 rows loaded'
    [[ $(jq .exit_status report.json) == 0 ]]
}

@test "the CI job of GitHub checks the sample, loads it and verifies it" {
    run_job "$(sed -nE 's/^ +- run: //p' "$CONTRIB/ci.yml")"
}

@test "so does the one of GitLab" {
    run_job "$(sed -nE '/^  script:/,/^  [a-z]*:$/ s/^    - //p' "$CONTRIB/gitlab-ci.yml")"
}

@test "the CI jobs are YAML, with a server and the report as they should be" {
    # Debian's own: another python3 may be first in PATH.
    /usr/bin/python3 -c 'import yaml' 2>/dev/null || skip 'python3-yaml is not installed'
    cat >read.py <<'END'
import sys, yaml
github, gitlab = [yaml.safe_load(open(name)) for name in sys.argv[1:]]
job = github["jobs"]["load"]
same = [(job["container"], gitlab["load"]["image"]),
        (job["services"]["postgres"]["image"], gitlab["load"]["services"][0]["name"]),
        ([step["run"].replace(" --log-format=github", "") for step in job["steps"] if "run" in step], gitlab["load"]["script"]),
        (job["env"], {name: value for name, value in gitlab["load"]["variables"].items() if name != "POSTGRES_PASSWORD"}),
        (job["env"]["PGHOST"], gitlab["load"]["services"][0]["alias"]),
        ([job["steps"][-1]["with"]["path"]], gitlab["load"]["artifacts"]["paths"])]
for one, other in same:
    assert one == other, (one, other)
END
    /usr/bin/python3 read.py "$CONTRIB/ci.yml" "$CONTRIB/gitlab-ci.yml"
}

# tests/e2e/citus.bats runs it on a cluster.
@test "citus.sql ends with an error where there is no Citus, and has changed nothing" {
    local before
    setup_schema
    before=$(snapshot)
    run_program psql -Xq <"$CONTRIB/citus.sql"
    expect_status 3
    expect_stdout ''
    [[ $stderr == "ERROR:  the database $PGDATABASE has no extension citus
HINT:  On each node: CREATE EXTENSION citus. Its server needs shared_preload_libraries = 'citus'." ]] || unexpected
    expect_unchanged "$before"
}

@test "the Dockerfile copies what there is, names no registry, and runs the program without privileges" {
    local file=$PROJECT_ROOT/Dockerfile
    [[ $(grep -c '^FROM ' "$file") == "$(grep -cE '^FROM debian:12-slim( AS [a-z]+)?$' "$file")" ]]
    [[ $(tail -n 1 "$file") == 'ENTRYPOINT ["timele-load"]' ]]
    [[ $(grep '^USER ' "$file") == "USER $(sed -nE 's/^RUN useradd --uid ([0-9]+) .*/\1:\1/p' "$file")" ]]
    # What git does not have, the build does not get.
    [[ $(sort "$PROJECT_ROOT/.dockerignore") == $'/.git\n/build' ]]
}
