#!/usr/bin/env bats
#
# What a run writes under a temporary name: nothing of it stays for ever, and nothing of somebody
# else's is removed. And limits on the size of files.

load harness
load concurrency
load small_shop

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_history
    mkdir out
}

teardown() {
    release
    kill -KILL "${load_process:-}" "${locker:-}" 2>/dev/null || true
}

# expect_files NAME...: these, and no other, are in out, folders in it included.
expect_files() {
    expect_equal "$(printf '%s\n' "$@" | sort)" "$(find out -mindepth 1 -printf '%P\n' | sort)"
}

# stop_with_outputs ARGUMENT...: a run in the background that has files under temporary names, and
# waits for a lock.
stop_with_outputs() {
    hold BEGIN 'LOCK TABLE orders.orders IN SHARE MODE'
    start_load "$@" users.csv orders.csv
    eventually waiting_for_lock
}

# A bad row, so that there are rejects.
break_a_user() {
    sed -i 's/ada@example.org//' users.csv
}

kill_load() {
    kill -KILL "$load_process"
    finish_load
    expect_status 137
    release
    eventually no_backend
}

@test "the next run removes what a killed one has left" {
    stop_with_outputs --report=out/run.json --id-map=out/ids.csv
    kill_load
    [[ $(find out -name '*.timele-load-??????' | wc -l) == 2 ]]
    run_load --report=out/run.json --id-map=out/ids.csv users.csv orders.csv
    expect_status 0
    expect_files run.json ids.csv
}

@test "so it does in the directory of rejected rows" {
    break_a_user
    stop_with_outputs --rejects=out
    kill_load
    [[ $(find out -name '*.timele-load-??????' | wc -l) -ge 2 ]]
    run_load --rejects=out users.csv orders.csv
    expect_status 1
    expect_files {users,orders}{,.reasons}.csv
}

@test "what another run is writing stays" {
    break_a_user
    stop_with_outputs --report=out/run.json --id-map=out/ids --rejects=out
    local before
    mapfile -t before < <(find out -mindepth 1 -printf '%P\n')
    run_load --check --report=out/check.json items.csv
    expect_status 0
    expect_files "${before[@]}" check.json
    release
    finish_load
    expect_status 1
    expect_files check.json run.json ids {users,orders}{,.reasons}.csv
}

@test "what is somebody else's stays" {
    local names=(ids.csv.backup ids.csv.timele-load-1 .timele-load-abcdef.csv ids.csv.timele-load-abc-ef)
    (
        cd out
        touch "${names[@]}"
        ln -s ../users.csv link.timele-load-abcdef
        mkfifo pipe.timele-load-abcdef
        mkdir folder.timele-load-abcdef
        touch left.timele-load-abcdef
    )
    names+=({link,pipe,folder}.timele-load-abcdef)
    run_load --check --report=out/run.json users.csv
    expect_status 0
    expect_files "${names[@]}" run.json
    if ((EUID == 0)); then
        touch out/other.timele-load-abcdef
        chown nobody out/other.timele-load-abcdef
        run_load --check --report=out/run.json users.csv
        expect_files "${names[@]}" run.json other.timele-load-abcdef
    fi
}

@test "a directory that somebody keeps locked: the run goes on, under names that no run removes" {
    touch out/left.timele-load-abcdef
    flock --exclusive out sleep 300 3>&- &
    locker=$!
    eventually flock_is_held
    run_load --check --report=out/run.json users.csv
    expect_status 0
    expect_files left.timele-load-abcdef run.json
    hold BEGIN 'LOCK TABLE orders.orders'
    start_load --id-map=out/ids.csv users.csv orders.csv
    eventually waiting_for_lock
    [[ $(find out -name 'ids.csv.??????') ]]
    pkill --parent "$locker"
    wait "$locker" || true
    run_load --check --report=out/run.json users.csv
    [[ ! -e out/left.timele-load-abcdef && $(find out -name 'ids.csv.??????') ]]
    release
    finish_load
    expect_status 0
    expect_files run.json ids.csv
}

flock_is_held() {
    ! flock --nonblock out true
}

@test "rejected rows that could not have their name stay" {
    local kept
    break_a_user
    stop_with_outputs --rejects=out
    echo mine >out/users.csv
    release
    finish_load
    expect_status 1
    [[ $stderr =~ 'cannot write out/users.csv: File exists; it is in '(out/users.csv.[A-Za-z0-9]*) ]] ||
        unexpected
    kept=${BASH_REMATCH[1]}
    run_load --check --report=out/run.json orders.csv
    expect_status 0
    [[ $(wc -l <"$kept") == 2 && $(<out/users.csv) == mine ]]
}

@test "a name as long as a name can be" {
    local name
    name=$(printf 'n%.0s' {1..255})
    run_load --check --report="out/$name" users.csv
    expect_status 0
    expect_files "$name"
}

@test "a symbolic link stays: what it leads to is made or replaced" {
    local option
    mkdir out/there
    for option in report id-map; do
        ln -s "there/$option" "out/$option"
        ln -s "../$option" out/there/link
        run_load --$option=out/there/link --mode=skip users.csv
        expect_status 0
        [[ -L out/there/link && -L out/$option && -s out/there/$option ]]
        rm out/there/link
        ln -s "$option" "out/again"
        run_load --$option=out/again --mode=skip users.csv
        expect_status 0
        rm out/again
    done
    expect_files report id-map there there/report there/id-map
    ln -s loop out/loop
    ln -s nowhere/new out/astray
    for option in report id-map; do
        run_load --$option=out/loop users.csv
        expect_status 4
        expect_stderr_contains 'cannot write out/loop: Too many levels of symbolic links'
        run_load --$option=out/astray users.csv
        expect_status 4
        expect_stderr_contains 'cannot write out/astray: No such file or directory'
    done
    [[ -L out/loop && -L out/astray ]]
}

# Limits -------------------------------------------------------------------------------------------

# limited_load KIBIBYTES ARGUMENT...: no file may be larger.
limited_load() {
    run --separate-stderr env --default-signal=XFSZ bash -c "ulimit -f $1; exec \"\${@:2}\"" - "$1" \
        "$TIMELE_LOAD" "${@:2}"
}

@test "ulimit -f: status 4 with a message, and nothing is loaded" {
    local before
    before=$(snapshot)
    limited_load 1 --report=out/run.json users.csv
    expect_status 4
    expect_stderr_contains 'cannot write out/run.json: File too large'
    limited_load 1 --id-map=out/ids.csv "$PROJECT_ROOT"/data/sample/{users,orders}.csv
    expect_status 4
    expect_stderr_contains 'cannot write out/ids.csv: File too large'
    awk 'BEGIN { print "aisle_id,aisle"; for (i = 0; i < 3000; i++) print "x," i }' >aisles.csv
    limited_load 8 --rejects=out aisles.csv
    expect_status 4
    expect_stderr_contains 'cannot write out/aisles.'
    expect_stderr_contains 'File too large'
    TMPDIR=$PWD/out limited_load 8 - < <(cat aisles.csv)
    expect_status 4
    expect_stderr_contains "cannot copy standard input to a temporary file in $PWD/out: File too large"
    # A command line that makes no sense has a report, too.
    run bash -c 'ulimit -f 0; "$@" 2>&1 | cat' - "$TIMELE_LOAD" --report=out/run.json --force users.csv
    expect_stdout_contains 'there is no report: cannot write out/run.json: File too large'
    expect_files ''
    expect_unchanged "$before"
    # A summary that cannot be written is a warning.
    run bash -c '(ulimit -f 0; exec "$@" >out/summary) 2>&1 | cat; exit ${PIPESTATUS[0]}' - \
        "$TIMELE_LOAD" users.csv
    expect_status 0
    expect_stdout_contains 'the summary cannot be written: File too large'
}
