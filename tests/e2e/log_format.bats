#!/usr/bin/env bats
#
# What jobs get on standard error: no control characters, times, JSON, journal priorities.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell, and run sets its $status there

load harness

setup() {
    start_test
    setup_schema
    write_csv users.csv <<'END'
user_id,email_address,city,shoe_size
1,ada@example.com,Ulm,42
END
    # Latin-1 in its name, and a row with a control character and an é that is not UTF-8.
    bad_file=$'caf\xE9 "1".csv'
    printf 'user_id,email_address,city\n2,eva@example.com,Ulm\n1x,\x1b[2J,caf\xE9\n' >"$bad_file"
}

expect_no_controls() {
    if LC_ALL=C grep -q '[^[:print:]]' <<<"$(LC_ALL=C tr -d '\200-\377' <<<"$stderr")"; then
        unexpected 'expected no control characters'
    fi
}

# expect_json FILTER...: jq finds all of them true of the objects of standard error, as an array.
expect_json() {
    local filter all=true time='^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$'
    for filter in "all(.[]; .time | test(\"$time\"))" "$@"; do
        all+=" and (($filter) or error(\"not true: \" + ($(jq -Rs . <<<"$filter"))))"
    done
    # Strictly UTF-8, and an object a line: jq itself is generous.
    iconv -f UTF-8 -t UTF-8 <<<"$stderr" | jq -nRe "[inputs | fromjson] | $all" >/dev/null ||
        unexpected
}

@test "text has no control characters, and times with -v only" {
    local time='[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z'
    run_load --progress=auto users.csv "$bad_file"
    expect_status 2
    expect_no_controls
    expect_stderr_contains 'timele-load: users.csv: column shoe_size has no place'
    expect_stderr_contains ':3: user_id: '
    run_load --verbose users.csv "$bad_file"
    expect_status 2
    expect_no_controls
    if grep -Evq "^$time " <<<"$stderr"; then
        unexpected 'expected a time at the start of each line'
    fi
    grep -Eq "^$time timele-load: check users.csv$" <<<"$stderr" || unexpected
    grep -Eq "^$time timele-load: error: 1 bad row in 1 file; nothing was loaded$" <<<"$stderr" ||
        unexpected
}

@test "JSON: an object a line, whatever the input" {
    run_load --log-format=json -v users.csv "$bad_file"
    expect_status 2
    expect_json 'any(.level == "info" and (.message | startswith("users.csv: column shoe_size")))' \
        'any(.level == "debug" and .message == "check users.csv")' \
        'map(select(.line != null)) | length > 0 and all(.level == "error" and .line == 3 and
            .file == "caf\ufffd \"1\".csv" and (.message | startswith("caf\ufffd \"1\".csv:3: ")))' \
        'any(.column == "user_id" and .value == "1x" and .code == "type" and (.reason | length > 0))' \
        'any(.column == "city" and .code == "encoding")' \
        '.[-1].level == "error" and (.[-1].message | startswith("1 bad row"))'

    run_load --log-format=json --progress=always -q users.csv
    expect_status 0
    expect_silence
    run_load --log-format=json -d 'host=/nowhere dbname=x' users.csv
    expect_status 3
    expect_json '.[-1].level == "error" and (.[-1].message | startswith("cannot connect"))'
    run_load --log-format=json
    expect_status 64
    expect_json '.[0].message == "no FILE to load" and (.[0].hint | length > 0)'
    # Wherever the option stands.
    run_load --crate-schema --log-format=json users.csv
    expect_status 64
    expect_json 'length == 1 and .[0].message == "unknown option --crate-schema" and
        .[0].level == "error" and .[0].hint == "Did you mean --create-schema?"'
}

# journal_load ARGUMENT...: as if the file that gets standard error were the journal.
journal_load() {
    local stream
    stream=$(stat --format=%d:%i journal)
    JOURNAL_STREAM=$stream "$TIMELE_LOAD" "$@" 2>journal
}

@test "the journal gets a priority at the start of each line, and no times" {
    : >journal
    run journal_load -v users.csv "$bad_file"
    stderr=$(<journal)
    expect_status 2
    if grep -Evq '^<[3467]>(timele-load: |caf)' journal; then
        unexpected 'expected a priority at the start of each line'
    fi
    expect_stderr_line '<7>timele-load: check users.csv'
    expect_stderr_line '<3>timele-load: error: 1 bad row in 1 file; nothing was loaded'
    expect_stderr_contains '<6>timele-load: users.csv: column shoe_size has no place'
    run journal_load -q -d 'host=/nowhere dbname=x hint' users.csv
    stderr=$(<journal)
    expect_status 3
    [[ $(grep -c '^<3>timele-load: ' journal) == $(wc -l <journal) ]] || unexpected
    # Another stream than the one that systemd made is none of the journal's.
    JOURNAL_STREAM=1:2 run_load "$bad_file"
    expect_status 2
    expect_stderr_line 'timele-load: error: 1 bad row in 1 file; nothing was loaded'
}
