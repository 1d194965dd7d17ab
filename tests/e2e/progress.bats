#!/usr/bin/env bats
#
# Progress while a run goes on: on a terminal (script(1) makes one), and elsewhere.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell, and run sets its $status there

load harness
load concurrency

setup() {
    start_test
    setup_schema
    write_csv users.csv <<'END'
user_id,email_address,shoe_size
1,ada@example.com,42
END
}

teardown() {
    release
    end_test
}

# on_terminal COLUMNS ARGUMENT...: what a terminal gets goes to the file `screen`.
on_terminal() {
    local columns=$1
    shift
    TERM=xterm script --quiet --return --flush --log-out screen \
        --command "stty cols $columns rows 24; exec $(printf '%q ' "$TIMELE_LOAD" "$@")" \
        </dev/null >/dev/null 3>&-
}

# The lines that were drawn, one a line.
drawn_lines() {
    grep -aoP '\r\x1b\[J\K[^\r]+(?=\r.)' screen
}

lines_about_tables() {
    drawn_lines | grep -E '^find tables +[0-9]+:[0-9]{2}$'
}

# It has been drawn often, and shown two times at least.
ticks() {
    [[ -e screen ]] && (($(lines_about_tables | wc -l) >= 5)) &&
        (($(lines_about_tables | sort -u | wc -l) >= 2))
}

release_when_it_ticks() {
    eventually ticks
    release
}

@test "a terminal sees what the server is busy with, and since when" {
    local count start tenths
    hold BEGIN 'LOCK TABLE users.users'
    release_when_it_ticks &
    start=${EPOCHREALTIME//./}
    run on_terminal 40 users.csv
    tenths=$(((${EPOCHREALTIME//./} - start) / 100000))
    expect_status 0
    wait
    expect_sql 'SELECT count(*) FROM users.users' 1
    drawn_lines >drawn
    count=$(wc -l <drawn)
    # At most ten times a second.
    ((count <= tenths + 1)) || unexpected "drawn $count times" "$(<drawn)"
    ticks || unexpected "$(<drawn)"
    if grep -qE '.{40}' drawn; then
        unexpected 'expected nothing wider than 39 columns' "$(<drawn)"
    fi
    # What took long stays, and nothing is left in front of the summary.
    grep -aqP '\r\x1b\[Jfind tables +(\d+\.\d\d s|\d+ min \d\d s)\r$' screen || unexpected "$(cat -v screen)"
    grep -aqP '(^|\r\x1b\[J)file +table' screen || unexpected "$(cat -v screen)"
}

@test "a terminal is left alone by --progress=never" {
    hold BEGIN 'LOCK TABLE users.users'
    run on_terminal 80 --color=never --progress=never --lock-timeout=1 users.csv
    expect_status 3
    if grep -q $'\033' screen; then
        unexpected "$(cat -v screen)"
    fi
}

@test "elsewhere there are no control characters, even where progress is asked for" {
    hold BEGIN 'LOCK TABLE users.users'
    start_load --progress=always users.csv
    eventually waiting_for_lock
    release
    finish_load
    expect_status 0
    [[ $stderr == 'timele-load: users.csv: column shoe_size has no place in users.users and is ignored' ]] ||
        unexpected
}
