#!/usr/bin/env bats
#
# scripts/run-tests, on a project of its own whose tests pass, fail, are skipped and crash.

load harness

# Written so that bats does not take them for tests of this file.
write_tests() {
    sed 's/^%/@/' >"project/tests/e2e/$1.bats"
}

# write_unit_program NAME COMMAND...: what a program made with Check would print.
write_unit_program() {
    touch "project/tests/unit/$1.c"
    printf '%s\n' '#!/bin/sh' "${@:2}" >"project/build/tests/$1"
    chmod +x "project/build/tests/$1"
}

setup() {
    start_test
    mkdir -p project/{scripts,build/tests,tests/unit,tests/e2e}
    cp "$PROJECT_ROOT"/scripts/{run-tests,with-postgres,progress.bash} project/scripts
    write_unit_program test_good "echo '100%: Checks: 3, Failures: 0, Errors: 0'"
    write_unit_program test_bad "echo '50%: Checks: 2, Failures: 1, Errors: 0'" \
        "echo 'tests/unit/test_bad.c:7:F:numbers:adds:0: 1 != 2'" 'exit 1'
    write_unit_program test_crash 'echo about to crash' 'kill -SEGV $$'
    write_tests good <<'END'
%test "passes" {
    true
}
%test "is left out" {
    skip 'for a reason'
}
END
    write_tests bad <<'END'
%test "holds" {
    echo in silence
}
%test "does not hold" {
    echo what it saw
    false
}
END
    # These are for the tests that run inside of this one.
    unset BATS_NO_PARALLELIZE_WITHIN_FILE TIMELE_LOAD_LOOKUP
}

run_tests() {
    run --separate-stderr timeout --kill-after=5 120 project/scripts/run-tests "$@"
}

# The lines about files, without the time, in the order of their names.
file_lines() {
    sed -nE 's/^(tests\/[^ ]+( lookup=[a-z]+)?) +(.* skipped), [0-9]+\.[0-9] s$/\1 \3/p' <<<"$output" | sort
}

@test "all are run, each file has a line, and the count comes last" {
    run_tests
    expect_status 1
    [[ $(file_lines) == 'tests/e2e/bad.bats 1 passed, 1 failed, 0 skipped
tests/e2e/good.bats 1 passed, 0 failed, 1 skipped
tests/unit/test_bad.c 1 passed, 1 failed, 0 skipped
tests/unit/test_crash.c 0 passed, 1 failed, 0 skipped
tests/unit/test_good.c 3 passed, 0 failed, 0 skipped' ]] || unexpected
    [[ ${lines[-1]} == '6 passed, 3 failed, 1 skipped' ]] || unexpected
    [[ $output == *$'\n\nskipped:\n  tests/e2e/good.bats: is left out: for a reason\n\nfailed:\n  '* ]] || unexpected
    [[ $(sed -n '/^failed:$/,$ { /^  / p }' <<<"$output" | sort) == '  tests/e2e/bad.bats: does not hold
  tests/unit/test_bad.c: adds (0)
  tests/unit/test_crash.c: 1 without a result' ]] || unexpected
}

@test "what failed is shown, what passed is not" {
    run_tests
    expect_stdout_contains 'what it saw'
    expect_stdout_contains '1 != 2'
    expect_stdout_contains 'about to crash'
    expect_stdout_contains 'tests/unit/test_crash.c did not run to its end (exit status 139)'
    expect_nowhere 'in silence'
}

@test "on a terminal a line tells how far the tests are; elsewhere nothing does" {
    rm project/tests/unit/test_{bad,crash}.c project/tests/e2e/bad.bats
    write_unit_program test_slow 'sleep 0.2' "echo '100%: Checks: 3, Failures: 0, Errors: 0'"
    SHELL=$BASH TERM=xterm run script --quiet --return --command 'project/scripts/run-tests' /dev/null </dev/null
    [[ $output == *'0 of 3 files, 0 passed, 0 failed; running: '*test_good* ]] || unexpected
    [[ $output == *'2 of 3 files, '*$'\r\e[K'* ]] || unexpected
    # What clears the line comes before the count, which is the last.
    [[ ${lines[-1]} == '7 passed, 0 failed, 1 skipped'* && ${output##*running: } == *$'\r\e[K'* ]] || unexpected
    TERM=xterm run_tests
    expect_nowhere running
    expect_nowhere $'\r'
}

@test "a name is a file's, with or without what all names have, or a pattern" {
    local name
    for name in good test_good good.bats tests/e2e/good.bats ./tests/unit/test_good.c 'g*d' '*/test_g*'; do
        run_tests "$name"
        expect_status 0
        case $name in
        good | 'g*d') [[ ${lines[-1]} == '4 passed, 0 failed, 1 skipped' ]] || unexpected "$name" ;;
        *.bats) [[ ${lines[-1]} == '1 passed, 0 failed, 1 skipped' ]] || unexpected "$name" ;;
        *) [[ ${lines[-1]} == '3 passed, 0 failed' ]] || unexpected "$name" ;;
        esac
    done
    run_tests good test_good
    [[ ${lines[-1]} == '4 passed, 0 failed, 1 skipped' ]] || unexpected
}

@test "a name that stands for nothing is an error, and nothing is run" {
    run_tests good nonesuch
    expect_status 64
    expect_stdout ''
    expect_stderr_contains 'run-tests: no file of tests is named nonesuch'
    run_tests --build=elsewhere
    expect_status 64
    expect_stderr_contains 'run-tests: there is no directory elsewhere'
    run_tests --nonesuch
    expect_status 64
    expect_stderr_contains 'run-tests: unknown option: --nonesuch'
    run_tests --help
    expect_status 0
    expect_stdout_contains 'Usage: scripts/run-tests [--build=DIR] [--postgres=DIR] [--end-to-end] [NAME...]'
}

@test "a file that lost its tests, and one whose setup fails, have failed" {
    rm project/tests/unit/* project/tests/e2e/*
    touch project/tests/e2e/empty.bats
    write_tests broken <<'END'
setup_file() {
    false
}
%test "one" {
    true
}
%test "two" {
    true
}
END
    run_tests
    expect_status 1
    expect_stdout_contains 'tests/e2e/empty.bats did not run to its end'
    expect_stdout_line '  tests/e2e/broken.bats: setup_file failed'
    [[ ${lines[-1]} == '0 passed, 3 failed' ]] || unexpected
}

@test "a file that asks for it is run both ways, one after the other, and its results say which" {
    rm project/tests/unit/* project/tests/e2e/*
    # In two pieces, so that it asks nothing for this file.
    local both=both
    write_tests ways <<END
# lookup: ${both} ways
setup_file() {
    mkdir '$PWD/only_one'
}
teardown_file() {
    rmdir '$PWD/only_one'
}
%test "sees its way" {
    echo "\${TIMELE_LOAD_LOOKUP-none}" >>'$PWD/ways'
}
%test "fails one way" {
    [[ \$TIMELE_LOAD_LOOKUP != named ]]
}
END
    write_tests once <<END
# One that says more than the line: # lookup: both ways
%test "is run once" {
    echo "\${TIMELE_LOAD_LOOKUP-none}" >>'$PWD/once'
}
END
    run_tests
    expect_status 1
    [[ $(<ways) == $'whole\nnamed' && $(<once) == none ]] || unexpected
    [[ $(file_lines) == 'tests/e2e/once.bats 1 passed, 0 failed, 0 skipped
tests/e2e/ways.bats lookup=named 1 passed, 1 failed, 0 skipped
tests/e2e/ways.bats lookup=whole 2 passed, 0 failed, 0 skipped' ]] || unexpected
    expect_stdout_line '  tests/e2e/ways.bats lookup=named: fails one way'
    [[ ${lines[-1]} == '4 passed, 1 failed' ]] || unexpected
    run_tests ways.bats
    [[ ${lines[-1]} == '3 passed, 1 failed' ]] || unexpected
}

@test "without a server, end-to-end tests get one, and unit tests do without" {
    write_tests server <<'END'
%test "asks the server" {
    [[ $(psql -XAtc 'SELECT 1') == 1 && $PGHOST == "$WITH_POSTGRES_DIRECTORY" ]]
}
END
    unset WITH_POSTGRES_DIRECTORY PGHOST
    run_tests server
    expect_status 0
    [[ ${lines[-1]} == '1 passed, 0 failed' ]] || unexpected
    rm project/scripts/with-postgres
    run_tests test_good
    expect_status 0
    [[ ${lines[-1]} == '3 passed, 0 failed' ]] || unexpected
}

@test "end-to-end tests run on a chosen server, and unit tests may be left out" {
    mkdir -p server/bin
    ln -s "$(type -P initdb)" "$(type -P pg_ctl)" server/bin
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$(realpath "$(type -P postgres)")" >server/bin/postgres
    chmod -R a+rX server
    chmod a+x server/bin/postgres "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" .
    write_tests server <<END
%test "tells the server" {
    [[ \$WITH_POSTGRES_SERVER == '$PWD/server/bin' && \$(psql -XAtc 'SELECT 1') == 1 ]]
    [[ \$PGHOST != '$PGHOST' ]]
}
END
    rm project/tests/e2e/bad.bats
    run_tests --postgres="$PWD/server" --end-to-end
    expect_status 0
    [[ $(file_lines) == 'tests/e2e/good.bats 1 passed, 0 failed, 1 skipped
tests/e2e/server.bats 1 passed, 0 failed, 0 skipped' ]] || unexpected
    run_tests --end-to-end test_good
    expect_status 64
    run_tests --postgres=nowhere --end-to-end server
    expect_status 125
    expect_stderr_contains "with-postgres: no PostgreSQL server in 'nowhere'"
}

@test "a signal ends what is running" {
    local runner waited=0 status=0
    write_unit_program test_slow "echo \$\$ >'$PWD/slow'" 'exec sleep 600'
    env --default-signal=INT project/scripts/run-tests slow >output 2>&1 3>&- &
    runner=$!
    until [[ -s slow ]]; do
        ((++waited < 1200))
        sleep 0.05
    done
    kill -INT "$runner"
    wait "$runner" || status=$?
    [[ $status == 130 ]]
    run ! kill -0 "$(<slow)"
}
