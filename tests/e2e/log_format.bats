#!/usr/bin/env bats
#
# What jobs get on standard error: no control characters, times, JSON, journal priorities, annotations
# of GitHub Actions; and terminals: colours.
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

@test "GitHub gets annotations of errors and warnings, and all else as text" {
    local file='a,b:100%.csv'
    printf 'user_id,email_address,city,shoe_size\n::error::x,a@example.com,Ulm,1\n3,b@example.com,##[error]x' >"$file"
    for id in {1..10}; do
        printf '\n%sx,c@example.com,Ulm,1' "$id"
    done >>"$file"
    run_load --check --log-format=github -v "$file"
    expect_status 2
    expect_stderr_line 'timele-load: check a,b:100%.csv'
    expect_stderr_line \
        'timele-load: a,b:100%.csv: column shoe_size has no place in users.users and is ignored'
    expect_stderr_line \
        '::error file=a%2Cb%3A100%25.csv,line=2,title=timele-load (type)::a,b:100%25.csv:2: user_id: not an integer ("::error::x")'
    expect_stderr_line \
        '::warning title=timele-load::a,b:100%25.csv: the last line (13) has no line end: is the file complete?'
    # One is left for the end.
    [[ $(grep -c '^::error file=' <<<"$stderr") == 9 ]] || unexpected
    expect_stderr_line 'a,b:100%.csv:13: user_id: not an integer ("10x")'
    [[ ${stderr_lines[-1]} == '::error title=timele-load::12 bad rows in 1 file; nothing was loaded' ]] ||
        unexpected

    # No value, name or message of a library is a command, wherever it stands.
    mv "$file" ::stop-commands::x.csv
    run_load --check --log-format=github ::stop-commands::x.csv
    expect_status 2
    if grep -Ev '^::(error|warning) [^:]*title=timele-load[^:]*::' <<<"$stderr" | grep -E '^\s*::|##\['; then
        unexpected 'expected no other command'
    fi
    printf 'user_id,email_address\n1,ada@example.com\n' >::error::x.csv
    run_load --check ::error::x.csv
    expect_status 0
    if grep -E '^\s*::' <<<"$output"; then
        unexpected 'expected no command'
    fi

    run_load --log-format=github --progress=always users.csv
    expect_status 0
    [[ $stderr == 'timele-load: users.csv: column shoe_size has no place in users.users and is ignored' ]] || unexpected
    run_load --dry_run --log-format=github users.csv
    expect_status 64
    [[ $stderr == '::error title=timele-load::unknown option --dry_run%0Ahint: Did you mean --dry-run?' ]] || unexpected
}

@test "GitHub's annotation of a header or a file has its place, too" {
    printf 'user_id;email_address\n1;a\n' >semi.csv
    run_load --check --log-format=github semi.csv none.csv
    expect_status 2
    expect_stderr_contains '::error file=none.csv,title=timele-load::cannot open none.csv: '
    expect_stderr_contains '::error file=semi.csv,line=1,title=timele-load::semi.csv:1: the fields are separated by semicolons'
}

# terminal_load ARGUMENT...: $output is what the terminal gets.
terminal_load() {
    TERM=${TERM-xterm} SHELL=$BASH run script --quiet --return --command \
        "exec $(printf '%q ' "$TIMELE_LOAD" "$@")" /dev/null </dev/null 3>&-
}

@test "error: and warning: are coloured on a terminal, and nothing else is" {
    local red=$'\e[1;31merror:\e[0m' yellow=$'\e[1;33mwarning:\e[0m'
    export TERM=xterm
    printf 'user_id,email_address\n1,ada@example.com' >unended.csv
    terminal_load --check unended.csv "$bad_file"
    [[ $output == *"timele-load: $yellow unended.csv: "* && $output == *"timele-load: $red 1 bad row"* ]] ||
        unexpected
    [[ $(sed -E 's/\x1b\[J|(\x1b\[1;3[13]m)(error|warning):\x1b\[0m//g' <<<"$output") != *$'\e'* ]] ||
        unexpected 'expected no other colours'
    terminal_load --dry_run
    [[ $output == "timele-load: $red unknown option --dry_run"* ]] || unexpected
    # By the environment and by the option.
    NO_COLOR=1 terminal_load --dry_run
    [[ $output != *$'\e'* ]] || unexpected
    NO_COLOR=1 terminal_load --color=always --dry_run
    [[ $output == *"$red"* ]] || unexpected
    TERM=dumb terminal_load --dry_run
    [[ $output != *$'\e'* ]] || unexpected
    terminal_load --dry_run --color=never
    [[ $output != *$'\e'* ]] || unexpected
    terminal_load --dry_run --color=always --log-format=json
    [[ $output == *'"level":"error"'* && $output != *$'\e'* ]] || unexpected

    run_load --dry_run
    [[ $stderr == $'timele-load: error: unknown option --dry_run\ntimele-load: hint: Did you mean --dry-run?' ]] || unexpected
    run_load --color=always --dry_run
    expect_stderr_line "timele-load: $red unknown option --dry_run"
    : >journal
    run journal_load --color=always --dry_run
    [[ $(head -n 1 journal) == '<3>timele-load: error: unknown option --dry_run' ]] || unexpected
}
