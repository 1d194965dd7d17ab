#!/usr/bin/env bats
#
# Names from outside reach a person escaped and a program as they are: on a terminal and in a pipe,
# on standard output and on standard error.

load harness
load small_shop

# ESC, C1 as a byte and as a character, a byte that is not UTF-8, an override, a line break.
NAME=$'a\e[31m\x9b2J\xc2\x9b\xff\xe2\x80\xae\xe2\x80\x8bz\nq'
SHOWN='a\x1b[31m\x9b2J\xc2\x9b\xff\xe2\x80\xae\xe2\x80\x8bz\nq'
# A name in the database is UTF-8.
SERVER_NAME=$'a\e[31m\xc2\x9b\xe2\x80\xae\xe2\x80\x8bz\nq'
SERVER_SHOWN='a\x1b[31m\xc2\x9b\xe2\x80\xae\xe2\x80\x8bz\nq'

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_history
}

# expect_clean TEXT: valid UTF-8 without control characters but for line breaks, and without what
# nobody sees.
expect_clean() {
    iconv -f UTF-8 -t UTF-8 <<<"$1" >/dev/null || unexpected 'expected UTF-8'
    if grep -Pq '[\x00-\x1f\x7f-\x{9f}\x{200b}\x{202a}-\x{202e}]' <<<"$1"; then
        unexpected 'expected nothing that drives a terminal'
    fi
}

# show_everywhere ARGUMENT...: the run's text in a pipe, then on a terminal; each is clean. Sets
# $screen.
show_everywhere() {
    run_load "$@"
    expect_clean "$output"
    expect_clean "$stderr"
    on_terminal "$@"
    expect_clean "$screen"
}

# on_terminal ARGUMENT...: what a terminal gets, in $screen.
on_terminal() {
    local command
    printf -v command '%q ' "$TIMELE_LOAD" --progress=never --color=never "$@"
    # What printf quotes, not every shell understands.
    SHELL=$BASH script --quiet --return --command "$command" /dev/null </dev/null >screen || true
    screen=$(tr -d '\r' <screen)
}

@test "the name of a file" {
    cp users.csv "$NAME.csv"
    show_everywhere --dry-run "$NAME.csv"
    expect_status 0
    [[ $screen == *'z\nq.csv'*users* ]] || unexpected "on the terminal: $screen"
    echo '9,bad,' >>"$NAME.csv"
    show_everywhere "$NAME.csv"
    expect_status 2
    expect_stderr_contains "$SHOWN.csv:4: "
    [[ $screen == *"$SHOWN.csv:4: "* ]] || unexpected "on the terminal: $screen"
    show_everywhere -v "$NAME.csv"
    expect_stderr_contains "check $SHOWN.csv"
    show_everywhere "$NAME.none"
    expect_status 4
    expect_stderr_line "timele-load: error: cannot open $SHOWN.none: No such file or directory"
    show_everywhere --report="$NAME/report" users.csv
    expect_status 4
    expect_stderr_contains "cannot write $SHOWN/report: "
    show_everywhere --rejects="$NAME.csv" users.csv
    expect_status 4
    expect_stderr_contains "$SHOWN.csv: Not a directory"
}

@test "a program gets the name: in the log, in the report, in the ledger" {
    local wanted='"a\u001b[31m\ufffd2J\u009b\ufffd\u202e\u200bz\nq.csv"'
    mv users.csv "$NAME.csv"
    run_load --report=report.json "$NAME.csv"
    expect_status 0
    expect_clean "$(<report.json)"
    expect_equal true "$(jq ".files[0].path == $wanted" report.json)"
    expect_sql "SELECT path = E'a\\u001b[31m\\ufffd2J\\u009b\\ufffd\\u202e\\u200bz\\nq.csv' FROM timele_load.files" t
    run_load --report=- --mode=skip "$NAME.csv"
    expect_status 0
    expect_clean "$output"
    expect_equal true "$(jq ".files[0].path == $wanted" <<<"$output")"
    run_load --log-format=json "$NAME.csv"
    expect_status 2
    expect_clean "$stderr"
    expect_equal true "$(jq -s "any(.file == $wanted)" <<<"$stderr")"
}

@test "the command line, where it is wrong" {
    local argument
    for argument in "--$NAME" "--mode=$NAME" "--floor=$NAME" "--max-rejects=$NAME" "--quiet=$NAME" \
        "--re=$NAME" "--wait=$NAME" -$'\e' -$'q\x9b'; do
        show_everywhere "$argument" users.csv
        expect_status 64
        expect_nowhere $'\e'
    done
    run_load "--$NAME" users.csv
    expect_stderr_contains "unknown option --$SHOWN"
    run_load "--mode=$NAME" users.csv
    expect_stderr_contains "not '$SHOWN'"
    ARGP_HELP_FMT=$NAME run_load --help
    expect_status 0
    expect_silence
    expect_clean "$output"
    # Nothing is said of the name it was called by.
    run --separate-stderr bash -c 'exec -a "$0" "$@"' "$NAME" "$TIMELE_LOAD" --bogus
    expect_status 64
    expect_clean "$stderr"
    # What can be read is taken as it is.
    cp users.csv "$NAME.csv"
    run_load --dry-run --id-map "$NAME.map" --rejects="$NAME" -d "dbname=$PGDATABASE" -- "$NAME.csv"
    expect_status 0
}

@test "the name of a database, in the summary, in messages and in the report" {
    maintain "DROP DATABASE IF EXISTS \"$SERVER_NAME\"" \
        "ALTER DATABASE $PGDATABASE RENAME TO \"$SERVER_NAME\""
    PGDATABASE=$SERVER_NAME show_everywhere --report=report.json users.csv
    PGDATABASE=$SERVER_NAME show_everywhere --verify
    maintain "ALTER DATABASE \"$SERVER_NAME\" RENAME TO $PGDATABASE"
    expect_status 0
    expect_stdout_contains 'z\nq on '
    expect_equal true "$(jq '.database.name == "a\u001b[31m\u009b\u202e\u200bz\nq"' report.json)"
    PGDATABASE=$SERVER_NAME show_everywhere users.csv
    expect_status 3
    expect_stderr_contains "database \"${SERVER_SHOWN%\\n*}"
    PGHOST=$'/now\e[31mhere' show_everywhere users.csv
    expect_status 3
    expect_stderr_contains '/now\x1b[31mhere'
    PGSSLMODE=$NAME show_everywhere users.csv
    expect_status 3
    expect_stderr_contains "${SHOWN%\\n*}"
}

@test "what libpq prints by itself: a password file that others may read" {
    local passwords=$'pass\e[31mwords\xff'
    echo '*:*:*:*:fake-secret' >"$passwords"
    chmod 644 "$passwords"
    PGPASSFILE=$passwords show_everywhere users.csv
    expect_status 0
    expect_stderr_contains 'password file "pass\x1b[31mwords\xff"'
}

@test "the name of a role" {
    PGUSER=$SERVER_NAME show_everywhere users.csv
    expect_status 3
    expect_stderr_contains "role \"${SERVER_SHOWN%\\n*}"
    maintain "CREATE ROLE \"$SERVER_NAME\" LOGIN"
    PGUSER=$SERVER_NAME show_everywhere users.csv
    maintain "DROP ROLE \"$SERVER_NAME\""
    expect_status 3
}

@test "a column of the database, a trigger, and what it says" {
    sql "ALTER TABLE users.users ADD \"$SERVER_NAME\" integer NOT NULL"
    show_everywhere users.csv
    expect_status 3
    expect_stderr_contains "$SERVER_SHOWN"
    sql "ALTER TABLE users.users DROP \"$SERVER_NAME\";
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN
             RAISE WARNING 'notice $SERVER_NAME';
             RAISE EXCEPTION 'error $SERVER_NAME'
                 USING DETAIL = 'detail $SERVER_NAME', HINT = 'hint $SERVER_NAME';
         END\$\$;
         CREATE TRIGGER \"$SERVER_NAME\" BEFORE INSERT ON users.users FOR EACH ROW
         EXECUTE FUNCTION refuse()"
    show_everywhere -v users.csv
    expect_status 3
    expect_stderr_contains "the server says: notice ${SERVER_SHOWN%\\n*}; q"
    expect_stderr_contains 'error a\x1b[31m'
    expect_stderr_contains 'detail a\x1b[31m'
    expect_stderr_contains 'hint a\x1b[31m'
    run_load --log-format=json users.csv
    expect_clean "$stderr"
    expect_equal true "$(jq -s 'any(.message == "the server says: notice a\u001b[31m\u009b\u202e\u200bz; q")' <<<"$stderr")"
}

@test "a header" {
    printf 'user_id,email_address,"%s"\n3,e@example.org,x\n' "$SERVER_NAME" >odd.csv
    show_everywhere --dry-run odd.csv
    expect_status 0
    expect_stderr_contains 'odd.csv: field 3 of the header has no place'
    printf 'user_id,email_address,caf\xe2\x80\xae\xe9\n3,e@example.org,x\n' >odd.csv
    show_everywhere odd.csv
    expect_status 2
    printf '"%s",x\n' "$SERVER_NAME" >odd.csv
    show_everywhere odd.csv
    expect_status 2
}
