#!/usr/bin/env bats
#
# scripts/build, with a make that only says what the real one would; and what scripts/demo and
# scripts/test say of themselves.

load harness

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p project/scripts commands
    cp "$PROJECT_ROOT"/scripts/{build,demo,test,progress.bash} project/scripts
    cat >commands/make <<'END'
#!/bin/sh
case $* in
*--dry-run*) printf '%s\n' "echo '  compile build/a.o';gcc" gcc "echo '  compile build/b.o';gcc" "echo '  link    build/a';gcc" ;;
*)
    echo "$*" >>arguments
    printf '%s\n' '  compile build/a.o' 'a.c:1: warning: unused' '  compile build/b.o'
    sleep "${PAUSE:-0}"
    [ ! -e ../broken ] || { echo 'make: *** [build/a] Error 1'; exit 2; }
    printf '%s\n' '  link    build/a' "make: Nothing to be done for 'all'."
    ;;
esac
END
    chmod +x commands/make
    PATH=$PWD/commands:$PATH
}

@test "a build tells its steps, what the compiler says, and how it ended" {
    run_program project/scripts/build WERROR=1 tests
    expect_status 0
    expect_stdout 'Building timele-load: 3 steps'
    [[ $stderr == 'a.c:1: warning: unused' ]] || unexpected
    [[ $(<project/arguments) == "--no-print-directory --jobs $(nproc) WERROR=1 tests" ]] || unexpected
    touch broken
    run_program project/scripts/build
    expect_status 2
    expect_stderr_line 'make: *** [build/a] Error 1'
}

@test "in a log a line comes now and then, on a terminal one is written over" {
    sed -i 's/^progress_interval=.*/progress_interval=1/' project/scripts/progress.bash
    PAUSE=1.1 run_program project/scripts/build
    expect_status 0
    expect_stdout_line 'building: 3 of 3 steps'
    [[ $output != *$'\r'* ]] || unexpected
    SHELL=$BASH TERM=xterm run script --quiet --return --command 'project/scripts/build' /dev/null </dev/null
    [[ $output == *$'\rbuilding: 2 of 3 steps\e[K\rbuilding: 3 of 3 steps\e[K\r\e[K'* ]] || unexpected
}

@test "demo and test explain themselves, and take nothing that they do not know" {
    local name
    for name in demo test build; do
        run_program "project/scripts/$name" --help
        expect_status 0
        [[ ${lines[0]} == "Usage: scripts/$name"* ]] || unexpected
        [[ ! -e project/arguments ]]
    done
    for name in demo test; do
        run_program "project/scripts/$name" --nonesuch
        expect_status 64
        expect_stdout ''
        expect_stderr_contains "Usage: scripts/$name"
    done
}
