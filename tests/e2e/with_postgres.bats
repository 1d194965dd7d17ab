load harness

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    with_postgres=$PROJECT_ROOT/scripts/with-postgres
    # Faster than a disk; the tests about TMPDIR set their own.
    if [[ -w /dev/shm ]]; then
        export TMPDIR=/dev/shm
    fi
}

teardown() {
    if [[ -n ${signalled:-} ]]; then
        kill -s KILL "$signalled" 2>/dev/null || true
    fi
}

run_with_postgres() {
    run --separate-stderr "$with_postgres" "$@"
}

# Tells check_nothing_is_left what it has to look for.
note_server='echo "$PGHOST" >directory; head -n 1 "$PGHOST/data/postmaster.pid" >server;'

# wait_until COMMAND...: at most five minutes, which no machine is too busy for.
wait_until() {
    local attempt
    for ((attempt = 0; attempt < 3000; attempt++)); do
        if "$@" 2>/dev/null; then
            return 0
        fi
        sleep 0.1
    done
    echo "never came true: $*" >&2
    return 1
}

has_ended() {
    ! grep --quiet '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

is_gone() {
    [[ ! -e $(<directory) ]]
}

check_nothing_is_left() {
    [[ -s directory && -s server ]]
    is_gone
    wait_until has_ended "$(<server)"
}

@test "the command meets an empty server as its superuser, in UTF-8, on no port; success leaves nothing" {
    run_with_postgres bash -c "$note_server"'psql -XAtc "$1"' name \
        "SELECT usesuper, current_setting('server_encoding'), current_setting('listen_addresses'),
                (SELECT count(*) FROM pg_namespace WHERE nspname = 'users')
           FROM pg_user WHERE usename = current_user"
    expect_status 0
    expect_stdout 't|UTF8||0'
    expect_silence
    check_nothing_is_left
}

@test "arguments, standard input and exit status are the command's; no PG variable from outside is" {
    PGHOST=/nonexistent PGPORT=1 PGUSER=nobody PGDATABASE=none PGSERVICE=none PGSSLMODE=require \
        PGOPTIONS='-c search_path=none' PGPASSFILE=none run_with_postgres \
        bash -c "$note_server"'
            psql -XAtc "SHOW search_path"; compgen -e PG | sort
            cat; printf "[%s]" "$@"; exit 7' name 'two words' '' '*' <<<'from outside'
    expect_status 7
    expect_stdout $'"$user", public\nPGDATABASE\nPGHOST\nPGPORT\nPGUSER\nfrom outside\n[two words][][*]'
    check_nothing_is_left
}

@test "a command that a signal ended gives 128 and the signal" {
    run_with_postgres bash -c "$note_server kill -s KILL \$\$"
    expect_status 137
    check_nothing_is_left
}

@test "one server runs beside another" {
    run_with_postgres "$with_postgres" psql -XAtc 'SELECT 1'
    expect_status 0
    expect_stdout 1
}

@test "a TMPDIR with blanks and quotes in its path is used" {
    local parent=$BATS_RUN_TMPDIR/a\ \"b\"\ \'c\'
    mkdir -p "$parent"
    chmod 711 "$BATS_RUN_TMPDIR" "$parent"
    TMPDIR=$parent run_with_postgres bash -c "$note_server psql -XAtc 'SELECT 1'"
    expect_status 0
    expect_stdout 1
    [[ $(<directory) == "$parent"/* ]]
    check_nothing_is_left
}

@test "/tmp stands in for a TMPDIR where no socket fits" {
    local parent
    parent=$BATS_TEST_TMPDIR/$(printf 'long%.0s' {1..25})
    mkdir "$parent"
    TMPDIR=$parent run_with_postgres bash -c "$note_server psql -XAtc 'SELECT 1'"
    expect_status 0
    expect_stdout 1
    [[ $(<directory) == /tmp/timele-postgres.* ]]
    [[ -z $(ls -A "$parent") ]]
}

@test "/tmp stands in for a TMPDIR that bars the server's user" {
    ((EUID == 0)) || skip 'only root runs the server as another user'
    mkdir -m 700 barred
    TMPDIR=$PWD/barred run_with_postgres bash -c "$note_server"
    expect_status 0
    [[ $(<directory) == /tmp/timele-postgres.* ]]
    [[ -z $(ls -A barred) ]]
}

@test "an ordinary user needs nothing more" {
    ((EUID == 0)) || skip 'the other tests are run by an ordinary user as it is'
    local as_nobody=(setpriv --reuid nobody --regid nogroup --clear-groups)
    "${as_nobody[@]}" test -x "$with_postgres" || skip 'no way for nobody to the program'
    cd /
    run --separate-stderr "${as_nobody[@]}" env --unset TMPDIR "$with_postgres" \
        bash -c 'psql -XAtc "SELECT 1"; echo "$PGHOST"; exit 3'
    expect_status 3
    [[ ${lines[0]} == 1 ]]
    [[ ${lines[1]} == /tmp/timele-postgres.* && ! -e ${lines[1]} ]]
}

# bats' file descriptor 3 would keep it waiting for what is left in the background.
check_signal() {
    local name=$1 expected_status=$2 status=0
    env --default-signal=INT,HUP,TERM "$with_postgres" bash -c "$note_server
        bash -c 'echo \$\$ >child; exec sleep 1000'; true" 3>&- &
    signalled=$!
    wait_until test -s child
    kill -s "$name" "$signalled"
    wait "$signalled" || status=$?
    [[ $status == "$expected_status" ]]
    check_nothing_is_left
    has_ended "$(<child)"
}

@test "SIGTERM ends the command, what it started, and the server" {
    check_signal TERM 143
}

@test "SIGINT ends the command, what it started, and the server" {
    check_signal INT 130
}

@test "SIGHUP ends the command, what it started, and the server" {
    check_signal HUP 129
}

@test "a command has time to end well after a signal" {
    local status=0
    "$with_postgres" bash -c '
        trap "sleep 0.3; psql -XAtc \"SELECT 1\" >answer; exit 0" TERM
        touch ready
        while true; do sleep 0.1; done' 3>&- &
    signalled=$!
    wait_until test -e ready
    kill -s TERM "$signalled"
    wait "$signalled" || status=$?
    [[ $status == 143 ]]
    [[ $(<answer) == 1 ]]
}

@test "Ctrl-C reaches the command once" {
    script --quiet --command true /dev/null </dev/null || skip 'no terminal can be made here'
    local command="$note_server"'
        trap "echo once more >>interrupts" INT
        touch ready
        while [[ ! -e interrupts ]]; do sleep 0.1; done
        sleep 1; exit 0'
    { wait_until test -e ready && printf '\003' && wait_until is_gone; } 3>&- |
        run script --quiet --return --command "'$with_postgres' bash -c '$command'" /dev/null 3>&-
    [[ $(<interrupts) == 'once more' ]]
    check_nothing_is_left
}

@test "a command may end the server itself" {
    run_with_postgres bash -c "$note_server"'
        sed -n "7s/.* //p" "$PGHOST/data/postmaster.pid" >shared_memory
        kill -s KILL "$(<server)"; exit 4'
    expect_status 4
    expect_silence
    check_nothing_is_left
    [[ -s shared_memory ]]
    [[ " $(awk '{ print $2 }' /proc/sysvipc/shm | tr '\n' ' ') " != *" $(<shared_memory) "* ]]
}

@test "a server that does not start is explained" {
    mkdir -m 711 parent
    run --separate-stderr bash -c "ulimit -f 64; TMPDIR=\$PWD/parent '$with_postgres' touch begun"
    expect_status 125
    expect_stderr_contains 'running bootstrap script'
    expect_stderr_line 'with-postgres: the PostgreSQL server did not start'
    [[ ! -e begun && -z $(ls -A parent) ]]
}

@test "a command that does not exist is 127, before any server" {
    run -127 --separate-stderr "$with_postgres" ./nonexistent
    expect_stdout ''
    expect_stderr_line 'with-postgres: no such command: ./nonexistent'
}

@test "--memory keeps the server's data in memory where there is room" {
    local kilobytes
    kilobytes=$(df --output=avail /dev/shm 2>/dev/null | tail -n 1) || kilobytes=0
    ((kilobytes >= 2097152)) || skip 'no room in /dev/shm'
    run_with_postgres --memory sh -c 'echo "$WITH_POSTGRES_DIRECTORY"'
    [[ $status == 0 && $output == /dev/shm/timele-postgres.* ]]
    [[ ! -e $output ]]
}

@test "--set changes the server's settings, those that with-postgres makes too" {
    run_with_postgres --set wal_level=logical --memory --set max_wal_senders=3 \
        --set "timele.note=it's #1 = one" \
        psql -XAtc "SELECT current_setting('wal_level'), current_setting('max_wal_senders'),
                           current_setting('timele.note'), current_setting('fsync')"
    expect_status 0
    expect_stdout "logical|3|it's #1 = one|off"
    # Whoever asks for a level can replicate; else nobody can.
    run_with_postgres --memory --set wal_level=logical psql -XAtc 'SHOW max_wal_senders' \
        -c "SELECT slot_name FROM pg_create_logical_replication_slot('a', 'test_decoding', true)"
    expect_status 0
    expect_stdout $'10\na'
    run_with_postgres --memory --set wal_level=minimal psql -XAtc 'SHOW wal_level' -c 'SHOW max_wal_senders'
    expect_status 0
    expect_stdout $'minimal\n0'
    run_with_postgres --set shared_buffers=none touch begun
    expect_status 125
    expect_stderr_contains 'invalid value for parameter "shared_buffers": "none"'
    local setting
    for setting in '' wal_level '=logical' $'a=b\nfsync=on' 'a b=c'; do
        run_with_postgres --set "$setting" touch begun
        expect_status 125
        expect_stdout ''
        [[ $stderr == "with-postgres: --set takes NAME=VALUE, not '$setting'" ]]
    done
    run_with_postgres --set
    expect_status 125
    [[ ! -e begun ]]
}

@test "--preload names libraries that the server loads when it starts" {
    run_with_postgres --memory --preload plpgsql --preload=pgoutput psql -XAtc 'SHOW shared_preload_libraries'
    expect_status 0
    expect_stdout plpgsql,pgoutput
    run_with_postgres --memory --preload=plpgsql --set shared_preload_libraries=pgoutput \
        psql -XAtc 'SHOW shared_preload_libraries'
    expect_stdout pgoutput
    run_with_postgres --memory --preload=nonexistent touch begun
    expect_status 125
    expect_stderr_contains 'could not access file "nonexistent"'
    local library
    for library in '' 'a,b' "a'b" $'a\nfsync=on'; do
        run_with_postgres --preload "$library" touch begun
        expect_status 125
        [[ $stderr == "with-postgres: --preload takes the name of a library, not '$library'" ]]
    done
    [[ ! -e begun ]]
}

# make_server DIR: a server whose programs note that they were called, and are the real ones else. In a
# tenth of the time, its initdb copies what the real one made for all tests, where that is there.
make_server() {
    local real name initial=${WITH_POSTGRES_INITIAL_DATA:-/nonexistent}
    real=$(dirname "$(realpath "$(type -P initdb)")")
    mkdir -p "$1"
    touch called
    chmod 777 called
    for name in initdb pg_ctl postgres; do
        printf '%s\n' '#!/bin/sh' "echo \"$name \$0\" >>'$PWD/called'" \
            "[ $name != initdb ] || ! cp -R '$initial' data 2>/dev/null || exit 0" \
            "exec '$real/$name' \"\$@\"" >"$1/$name"
        chmod 755 "$1/$name"
    done
}

# Lets the server's user find its way to the test's directory.
open_directory() {
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"
}

# expect_called PROGRAM-DIRECTORY
expect_called() {
    [[ $(sort -u called) == "initdb $1/initdb"$'\n'"pg_ctl $1/pg_ctl" ]] || unexpected "$(cat called)"
    : >called
}

@test "--postgres chooses a server, by its directory or its bin; psql is there all the same" {
    local directory
    make_server 'the chosen/bin'
    open_directory
    for directory in 'the chosen' "$PWD/the chosen/bin"; do
        run_with_postgres --memory --postgres="$directory" \
            bash -c 'psql -XAtc "SELECT 1"; type -p postgres'
        expect_status 0
        expect_stdout $'1\n'"$PWD/the chosen/bin/postgres"
        expect_called "$PWD/the chosen/bin"
    done
}

@test "the command's own with-postgres takes the chosen server, unless it chooses another" {
    make_server first/bin
    make_server second/bin
    open_directory
    run_with_postgres --postgres first "$with_postgres" true
    expect_status 0
    [[ $(grep -c initdb called) == 2 ]]
    expect_called "$PWD/first/bin"
    WITH_POSTGRES_SERVER=first run_with_postgres --postgres=second true
    expect_status 0
    expect_called "$PWD/second/bin"
}

@test "--initdb-once: the command's own with-postgres copies what initdb made, of the same server only" {
    make_server first/bin
    make_server second/bin
    open_directory
    run_with_postgres --memory --initdb-once --postgres=first bash -c '
        psql -qc "CREATE DATABASE shop"
        "$0" --set max_connections=17 --memory psql -XAtc "SHOW max_connections" -c "SELECT current_user, datname FROM pg_database"
        "$0" --memory --postgres=second true' "$with_postgres"
    expect_status 0
    [[ $(sort <<<"$output") == $'17\npostgres|postgres\npostgres|template0\npostgres|template1' ]] || unexpected
    expect_silence
    [[ $(grep initdb called) == "initdb $PWD/first/bin/initdb"$'\n'"initdb $PWD/second/bin/initdb" ]] ||
        unexpected "$(cat called)"
    : >called
    # What cannot be read is not copied.
    ln -s "$PWD/first/bin" initial.programs
    WITH_POSTGRES_INITIAL_DATA=$PWD/initial run_with_postgres --memory --postgres=first psql -XAtc 'SELECT 1'
    expect_status 0
    expect_stdout 1
    expect_called "$PWD/first/bin"
}

@test "a copy is run of a server that its user has no way to" {
    ((EUID == 0)) || skip 'only root runs the server as another user'
    make_server barred/chosen/bin
    mkdir barred/chosen/lib
    open_directory
    chmod 700 barred
    run_with_postgres --postgres=barred/chosen sh -c 'ls "$WITH_POSTGRES_DIRECTORY/server"; echo "$PGHOST"'
    expect_status 0
    [[ ${lines[0]} == bin && ${lines[1]} == lib && ! -e ${lines[2]} ]] || unexpected
    expect_called "${lines[2]}/server/bin"
    mv barred/chosen/bin barred/chosen/programs
    run_with_postgres --postgres=barred/chosen/programs touch begun
    expect_status 125
    [[ $stderr == 'with-postgres: the user '*" has no way to $PWD/barred/chosen/programs" && ! -e begun ]]
}

@test "a directory that has no server is named, and no other server is taken" {
    local directory
    mkdir -p client/bin
    ln -s "$(type -P psql)" client/bin/psql
    for directory in nowhere client called; do
        run_with_postgres --postgres="$directory" touch begun
        expect_status 125
        expect_stderr_line "with-postgres: no PostgreSQL server in '$directory': neither there nor in its \
bin are initdb, pg_ctl and postgres"
        WITH_POSTGRES_SERVER=$directory run_with_postgres touch begun
        expect_status 125
    done
    for directory in --postgres --postgres=; do
        run_with_postgres "$directory"
        expect_status 125
        expect_stderr_line 'with-postgres: --postgres takes the directory of a server'
    done
    [[ ! -e begun ]]
}

@test "no command and unknown options are 125" {
    run_with_postgres
    expect_status 125
    expect_stderr_line 'with-postgres: no command given'
    run_with_postgres --nonexistent
    expect_status 125
    expect_stderr_line 'with-postgres: unknown option: --nonexistent'
}

@test "--help explains the environment and the exit status" {
    run_with_postgres --help
    expect_status 0
    expect_stdout_line 'Usage: scripts/with-postgres [OPTION]... COMMAND [ARGUMENT...]'
    expect_stdout_contains WITH_POSTGRES_DIRECTORY
    expect_stdout_line 'Exit status:'
}
