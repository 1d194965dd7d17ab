#!/usr/bin/env bats
#
# .ci/run, in a project whose commands only say what the real ones would.

load harness

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p project/{.ci,scripts}
    cp "$PROJECT_ROOT/.ci/run" project/.ci
    write_command test 'echo some test' 'echo "90 passed, 0 failed, 3 skipped"'
    write_command fetch-servers '[ "$1" != --majors ] || echo 13 14 18'
    write_command check-servers 'echo "on $SERVERS: $*"' 'echo "10 passed, 0 failed"'
    write_command fetch-postgraphile 'echo "fetched: PostGraphile"'
    write_command run-tests 'echo "with PostGraphile: $*"' 'echo "9 passed, 0 failed"'
    write_command install-dependencies 'echo "install: $*"'
    write_makefile 'echo "for $(FUZZ_SECONDS) s"' 'echo "$(DIFFERENTIAL_VALUES) values"' \
        'echo "$(KILLS) moments"'
}

# write_makefile FUZZ DIFFERENTIAL KILL: what these targets do.
write_makefile() {
    printf 'fuzz:\n\t@%s\ndifferential:\n\t@%s\nkill:\n\t@%s\n' "$@" >project/Makefile
}

# write_command NAME LINE...
write_command() {
    printf '%s\n' '#!/bin/sh' "${@:2}" >"project/scripts/$1"
    chmod +x "project/scripts/$1"
}

run_ci() {
    run --separate-stderr project/.ci/run
}

@test "the last line counts the tests of all steps; some run on the oldest and the newest server" {
    run_ci
    expect_status 0
    expect_stdout_line 'on 13: schema load modes rebuild api_users api_orders api_carts verify'
    expect_stdout_line 'on 18: schema load modes rebuild api_users api_orders api_carts verify'
    expect_stdout_line 'with PostGraphile: postgraphile'
    expect_stdout_line 'install: torture'
    expect_stdout_line 'for 5 s'
    expect_stdout_line '5000 values'
    expect_stdout_line '20 moments'
    [[ $output == *'
all tests                   90 passed, 0 failed, 3 skipped
PostgreSQL 13               10 passed, 0 failed, 0 skipped
PostgreSQL 18               10 passed, 0 failed, 0 skipped
PostGraphile                 9 passed, 0 failed, 0 skipped
fuzz                         1 passed, 0 failed, 0 skipped
differential                 1 passed, 0 failed, 0 skipped
kill                         1 passed, 0 failed, 0 skipped

122 passed, 0 failed, 3 skipped' ]] || unexpected
}

@test "where there is no other server, CI says so and goes on" {
    write_command fetch-servers '[ "$1" = --majors ] || exit 1' 'echo 13 14 18'
    run_ci
    expect_status 0
    expect_stdout_line 'PostgreSQL 13 is left out: there is no server'
    [[ ${lines[-1]} == '102 passed, 0 failed, 5 skipped' ]] || unexpected
    write_command fetch-postgraphile 'exit 1'
    run_ci
    expect_status 0
    expect_stdout_line 'PostGraphile is left out: there is none'
    [[ ${lines[-1]} == '93 passed, 0 failed, 6 skipped' ]] || unexpected
}

@test "what fails in any step fails all, and the steps after it run" {
    write_command test 'echo "89 passed, 1 failed"' 'exit 1'
    run_ci
    expect_status 1
    [[ ${lines[-1]} == '121 passed, 1 failed' ]] || unexpected
    write_command test 'echo "the build fails"' 'exit 2'
    run_ci
    expect_status 1
    [[ ${lines[-1]} == '32 passed, 1 failed' ]] || unexpected
    write_command test 'echo "90 passed, 0 failed"'
    write_command check-servers 'echo "10 passed, 0 failed"' 'kill -KILL $$'
    run_ci
    expect_status 1
    [[ ${lines[-1]} == '122 passed, 2 failed' ]] || unexpected
    write_command check-servers 'echo "10 passed, 0 failed"'
    write_makefile 'echo "one finding"; exit 1' true true
    run_ci
    expect_status 1
    [[ ${lines[-1]} == '121 passed, 1 failed' ]] || unexpected
}
