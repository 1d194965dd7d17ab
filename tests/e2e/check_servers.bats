#!/usr/bin/env bats
#
# scripts/check-servers, in a project of its own whose servers are the one that there is, under two
# numbers, and whose tests pass, fail and are skipped.

load harness

setup() {
    start_test
    mkdir -p project/{scripts,build/tests,build/servers,tests/unit,tests/e2e} programs
    cp "$PROJECT_ROOT"/scripts/{check-servers,fetch-servers,run-tests,with-postgres,progress.bash} project/scripts
    make_server 13.9
    make_server 18.2
    printf '#!/bin/sh\nexit 1\n' >programs/npm
    touch project/tests/unit/test_good.c
    printf '#!/bin/sh\necho "100%%: Checks: 3, Failures: 0, Errors: 0"\n' >project/build/tests/test_good
    chmod +x programs/npm project/build/tests/test_good
    chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" .
    # Written so that bats does not take them for tests of this file.
    sed 's/^%/@/' >project/tests/e2e/some.bats <<'END'
%test "asks" {
    [[ $(psql -XAtc 'SELECT 1') == 1 ]]
}
%test "is for 13" {
    [[ $WITH_POSTGRES_SERVER == */13/bin ]] || skip 'not here'
}
%test "is not for 18" {
    [[ $WITH_POSTGRES_SERVER != */18/bin ]]
}
END
    sed 's/^%/@/' >project/tests/e2e/other.bats <<'END'
%test "holds" {
    true
}
END
    unset BATS_NO_PARALLELIZE_WITHIN_FILE TIMELE_LOAD_LOOKUP SERVERS
    export PATH=$PWD/programs:$PATH
}

# make_server VERSION: build/servers/MAJOR. PostgreSQL's own programs ask by -V which version it is.
make_server() {
    local programs=project/build/servers/${1%.*}/bin
    mkdir -p "$programs"
    ln -s "$(type -P initdb)" "$(type -P pg_ctl)" "$programs"
    cat >"$programs/postgres" <<END
#!/bin/sh
[ "\$1" = --version ] && exec echo 'postgres (PostgreSQL) $1'
exec '$(realpath "$(type -P postgres)")' "\$@"
END
    chmod a+x "$programs/postgres"
}

check_servers() {
    run --separate-stderr timeout --kill-after=5 120 project/scripts/check-servers "$@"
}

@test "each server has a row, and its tests by name; a missing one counts as a failure" {
    SERVERS='13 14 18' check_servers
    expect_status 1
    expect_stderr_contains 'fetch-servers: PostgreSQL 14 is missing: npm tells no versions'
    [[ $output == *'
skipped, by server:
  18.2: tests/e2e/some.bats: is for 13: not here

failed, by server:
  14: the server is missing
  18.2: tests/e2e/some.bats: is not for 18

               passed   failed  skipped
unit tests          3        0        0
13.9                4        0        0
14            missing
18.2                2        1        1

9 passed, 2 failed, 1 skipped' ]] || unexpected
}

@test "of chosen tests, the end-to-end tests are run" {
    SERVERS=13 check_servers 'some' 'oth*'
    expect_status 0
    [[ $output == *'

               passed   failed  skipped
13.9                4        0        0

4 passed, 0 failed' ]] || unexpected
    expect_nowhere test_good
    SERVERS=14 check_servers some
    expect_status 1
    [[ ${lines[-1]} == '0 passed, 1 failed' ]] || unexpected
}

@test "tests that give no count have failed" {
    printf '#!/bin/sh\necho "9 passed, 0 failed"; echo more; exit 3\n' >project/scripts/run-tests
    SERVERS=13 check_servers some
    expect_status 1
    expect_stdout_line '  13.9: the tests did not run to their end (exit status 3)'
    [[ ${lines[-1]} == '0 passed, 1 failed' ]] || unexpected
    printf '#!/bin/sh\necho "9 passed, 0 failed"; exit 3\n' >project/scripts/run-tests
    SERVERS=13 check_servers some
    expect_status 1
    [[ ${lines[-1]} == '9 passed, 1 failed' ]] || unexpected
}

@test "without servers named, all of 13 to 18 are meant" {
    printf '#!/bin/sh\necho "1 passed, 0 failed"\n' >project/scripts/run-tests
    check_servers some
    expect_status 1
    [[ $output == *'
  14: the server is missing
  15: the server is missing
  16: the server is missing
  17: the server is missing
'* && ${lines[-1]} == '2 passed, 4 failed' ]] || unexpected
}

@test "a wrong command line is 64, and runs nothing" {
    SERVERS=13 check_servers nonesuch
    expect_status 64
    expect_stdout_contains 'run-tests: no file of tests is named nonesuch'
    SERVERS=newest check_servers some
    expect_status 64
    check_servers --nonesuch
    expect_status 64
    expect_stderr_contains 'check-servers: unknown option: --nonesuch'
    check_servers --help
    expect_status 0
    expect_stdout_contains 'Usage: scripts/check-servers [--build=DIR] [NAME...]'
}

@test "scripts/test takes --servers alone" {
    local arguments
    cp "$PROJECT_ROOT/scripts/test" project/scripts
    printf '#!/bin/sh\ntouch installed\nexit 1\n' >project/scripts/install-dependencies
    chmod +x project/scripts/install-dependencies
    for arguments in '--servers extra' '--servers --servers' extra; do
        # shellcheck disable=SC2086 # they are several
        run --separate-stderr project/scripts/test $arguments
        expect_status 64
        expect_stderr_contains 'Usage: scripts/test [--servers]'
    done
    [[ ! -e project/installed ]]
    run project/scripts/test --servers
    expect_status 1
    [[ -e project/installed ]]
}

@test "a signal ends the tests and their server" {
    local checking waited=0 status=0
    sed 's/^%/@/' >project/tests/e2e/some.bats <<END
%test "waits" {
    echo "\$\$ \$PGHOST" >'$PWD/waiting'
    sleep 600
}
END
    SERVERS=13 env --default-signal=INT project/scripts/check-servers some >output 2>&1 3>&- &
    checking=$!
    until [[ -s waiting ]]; do
        ((++waited < 1200))
        sleep 0.05
    done
    kill -INT "$checking"
    wait "$checking" || status=$?
    [[ $status == 130 ]]
    read -r process host <waiting
    run ! kill -0 "$process"
    [[ ! -e $host ]]
}
