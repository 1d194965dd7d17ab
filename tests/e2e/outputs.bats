#!/usr/bin/env bats
#
# What --report, --id-map and --rejects must not write over: a mistake on the command line costs no
# file.

load harness
load small_shop

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_history
    mkdir kept
    cp ./*.csv kept
    before=$(snapshot)
}

# expect_mistake MESSAGE ARGUMENT...: status 64 with this message, and nothing has happened.
expect_mistake() {
    local file
    run_load "${@:2}"
    expect_refusal 64 "$1"
}

# expect_refusal STATUS MESSAGE
expect_refusal() {
    local file
    expect_status "$1"
    expect_stdout ''
    expect_stderr_contains "timele-load: error: $2"
    for file in kept/*; do
        cmp "$file" "${file#kept/}"
    done
    [[ -z $(find . -name '*.timele-load-*') ]] || unexpected 'expected no temporary file'
    expect_unchanged "$before"
}

@test "an option without its file takes the file to be loaded: status 64, and the file is as it was" {
    local option
    for option in report id-map; do
        expect_mistake "--$option would overwrite users.csv, which is no " --$option users.csv orders.csv
        expect_stderr_contains 'timele-load: hint: The option takes the name of a file for the '
    done
}

@test "only a report takes the place of a report, and an id map of an id map; or of an empty file" {
    run_load --report=run.json --id-map=ids.csv users.csv
    expect_status 0
    before=$(snapshot)
    cp run.json ids.csv kept
    expect_mistake '--report would overwrite ids.csv, which is no report' --report=ids.csv orders.csv
    expect_mistake '--id-map would overwrite run.json, which is no id map' --id-map=run.json orders.csv
    : >empty.json
    : >empty.csv
    rm kept/run.json kept/ids.csv
    run_load --report=run.json --id-map=empty.csv orders.csv
    expect_status 0
    expect_equal loaded "$(jq -r .result run.json)"
    expect_equal 4 "$(wc -l <empty.csv)"
    run_load --report=empty.json --id-map=ids.csv items.csv
    expect_status 0
    expect_equal loaded "$(jq -r .result empty.json)"
    # As a shell has written it, and as jq has.
    run_load --check --report=- users.csv
    printf '%s\n' "$output" >printed.json
    run_load --check --report=printed.json users.csv
    expect_status 0
    expect_equal null "$(jq -c .error printed.json)"
    jq -c . printed.json >compact.json
    run_load --check --report=compact.json users.csv
    expect_status 0
}

@test "an output that is an input, by whatever name" {
    local name
    ln -s users.csv link
    ln users.csv hard
    for name in users.csv ./kept/../users.csv "$PWD/users.csv" link hard; do
        expect_mistake '--report would overwrite users.csv' --report="$name" users.csv
        expect_mistake '--id-map would overwrite users.csv' --id-map="$name" orders.csv users.csv
    done
    # There is none yet.
    ln -s none dangling
    for name in none ./none dangling; do
        expect_mistake '--report would overwrite none' --report="$name" none users.csv
        [[ ! -e none ]]
    done
    # An empty one, too: its name is what was mistaken.
    : >empty.csv
    expect_mistake '--id-map would overwrite empty.csv' --id-map=empty.csv empty.csv
}

# refused_stream MESSAGE SHELL-COMMAND: where $0 is the program.
refused_stream() {
    run --separate-stderr bash -c "$2" "$TIMELE_LOAD"
    expect_refusal 64 "$1"
}

@test "standard input, standard output and standard error are files too" {
    refused_stream '--report would overwrite standard input' '"$0" --report=users.csv - <users.csv'
    refused_stream '--report would overwrite standard input' '"$0" --report=/dev/stdin - <users.csv'
    refused_stream '--report would overwrite standard input' '"$0" --report=/dev/fd/0 - <users.csv'
    refused_stream '--id-map would overwrite /dev/fd/7' '"$0" --id-map=users.csv /dev/fd/7 7<users.csv'
    refused_stream 'standard output would overwrite users.csv' '"$0" users.csv >>users.csv'
    refused_stream 'standard output would overwrite standard input' '"$0" --report=- - <users.csv >>users.csv'
    run --separate-stderr bash -c '"$0" users.csv 2>>users.csv' "$TIMELE_LOAD"
    expect_status 64
    head -n 3 users.csv | cmp - kept/users.csv
    cp kept/users.csv users.csv
    for file in out.json out.csv; do
        run --separate-stderr bash -c '"$0" --report=out.json --id-map=out.csv users.csv >"$1"' "$TIMELE_LOAD" $file
        expect_refusal 64 "--"
        expect_stderr_contains 'and standard output are the same file'
    done
    # A terminal and a pipe may be both.
    run_load --report=- --dry-run - <users.csv
    expect_status 0
    run --separate-stderr bash -c 'cat users.csv | "$0" --report=- --dry-run -' "$TIMELE_LOAD"
    expect_status 0
    run --separate-stderr bash -c '"$0" --report=/dev/fd/1 --dry-run users.csv >out.json' "$TIMELE_LOAD"
    expect_status 0
    expect_equal '"rolled back"' "$(jq .result out.json)"
}

@test "two outputs in one file" {
    expect_mistake '--report and --id-map are the same file' --report=new --id-map=./new users.csv
    ln -s new link
    expect_mistake '--report and --id-map are the same file' --report=link --id-map=new users.csv
    : >empty
    ln empty hard
    expect_mistake '--report and --id-map are the same file' --report=empty --id-map=hard users.csv
    expect_mistake '--id-map takes the name of a file, and - is none' --report=- --id-map=- users.csv
    expect_mistake '--id-map takes the name of a file, and - is none' --id-map=- users.csv
}

@test "an output that rejected rows may need" {
    local name
    mkdir rejects
    ln -s rejects link
    for name in rejects/users.csv link/users.reasons.csv ./rejects/../rejects/users.csv; do
        expect_mistake "--report and --rejects could both write $name" --rejects=rejects --report="$name" users.csv
        expect_mistake "--id-map and --rejects could both write $name" --rejects=link --id-map="$name" users.csv
    done
    # No directory yet.
    expect_mistake '--id-map and --rejects could both write new/users.csv' --rejects=new/ --id-map=new/users.csv users.csv
    expect_mistake '--report and --rejects could both write new' --rejects=new --report=new users.csv
    # One that a later run may need.
    expect_mistake '--report and --rejects could both write rejects/orders-7.csv' \
        --rejects=rejects --report=rejects/orders-7.csv users.csv
    expect_stderr_contains 'timele-load: hint: Give it another name, or another directory.'
    run_load --rejects=rejects --report=rejects/run.json --id-map=ids.csv --dry-run users.csv
    expect_status 0
}

@test "an output in a directory whose files are loaded" {
    local name option
    mkdir in other
    cp users.csv in
    ln -s in link
    ln -s ../in/ids.csv other/link
    for option in report id-map; do
        for name in in/users.csv link/users.csv; do
            expect_mistake "--$option would write $name, which the next run would load from in" \
                --$option=$name in
        done
        # There is none yet.
        for name in in/ids.csv ./in/../in/IDS.csv.gz link/ids.zip other/link "$PWD/in/ids.tar.xz"; do
            expect_mistake "--$option would write $name, which the next run would load from in/" \
                orders.csv in/ --$option="$name"
        done
        expect_mistake "--$option would overwrite in" --$option=in in
    done
    expect_stderr_contains 'timele-load: error: --id-map would overwrite in'
    expect_mistake '--report would write in/ids.csv, which the next run would load from link' \
        --report=in/ids.csv link
    # By another name, and as a stream.
    touch ids.json
    ln -s ../ids.json in/a.csv
    expect_mistake '--report would overwrite in/a.csv' --report=ids.json in
    rm in/a.csv
    : >in/out.csv
    refused_stream 'standard output would overwrite in/out.csv' '"$0" in >>in/out.csv'
    rm in/out.csv
    for name in in in/ link "$PWD/in"; do
        expect_mistake '--rejects would write to in, from where the next run would load it' \
            --rejects="$name" in
        expect_stderr_contains 'hint: Give it another directory; one in that directory is not looked into.'
    done
    mkdir in/done
    run_load --check --rejects=in/done --report=in/run.json in
    expect_status 0
}

@test "what may not be written: status 4, with the reason; no name at all: 64" {
    local name
    for name in report id-map; do
        run_load --$name= users.csv
        expect_refusal 64 "--$name takes the name of a file, not ''"
        run_load --$name= --rejects=bad users.csv
        expect_refusal 64 "--$name takes the name of a file, not ''"
        run_load --$name=new/ users.csv
        expect_refusal 4 'cannot write new/: No such file or directory'
    done
    : >protected
    chmod 400 protected
    echo x >secret
    chmod 222 secret
    mkdir -m 500 closed
    for name in report id-map; do
        run_load_as_ordinary_user --$name=protected users.csv
        expect_refusal 4 'cannot write protected: Permission denied'
        run_load_as_ordinary_user --$name=secret users.csv
        expect_refusal 4 "cannot read secret, which --$name would overwrite: Permission denied"
        run_load_as_ordinary_user --$name=closed/new users.csv
        expect_refusal 4 'cannot write closed/new: Permission denied'
        run_load_as_ordinary_user --$name=kept users.csv
        expect_refusal 4 'cannot write kept: '
    done
}
