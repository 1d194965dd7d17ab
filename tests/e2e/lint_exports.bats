#!/usr/bin/env bats
#
# scripts/lint-exports, on a program with a function of each kind.

load harness

setup() {
    start_test
    mkdir -p project/{scripts,completion,src/room,tests/unit,build/src/room,build/tests/unit}
    cp "$PROJECT_ROOT/scripts/lint-exports" project/scripts
    cd project || return 1
    cat >src/main.c <<'END'
#include "room/number.h"
int main(void)
{
    return number_used();
}
END
    cat >src/room/number.h <<'END'
int number_used(void);

/* For tests: what the program never asks. */
int number_tested(void);
END
    cat >src/room/number.c <<'END'
#include "room/number.h"
static int own(void)
{
    return 1;
}
int number_used(void)
{
    return own();
}
int number_tested(void)
{
    return 2;
}
END
    cat >tests/unit/test_number.c <<'END'
#include "room/number.h"
int test(void);
int test(void)
{
    return number_tested();
}
END
}

lint() {
    local file
    for file in src/*.c src/*/*.c tests/unit/*.c; do
        # shellcheck disable=SC2086 # CC may be two words: ccache gcc
        ${CC:-cc} -Isrc -c -o "build/${file%.c}.o" "$file"
    done
    run --separate-stderr scripts/lint-exports build
}

@test "what is used, and what is for tests, is fine" {
    lint
    expect_status 0
    expect_stdout ''
    expect_silence
}

@test "a function that only its own file uses" {
    echo 'int number_extra(void);' >>src/room/number.h
    printf '%s\n' 'int number_extra(void) { return 3; }' 'int number_more(void);' \
        'int number_more(void) { return number_extra(); }' >>src/room/number.c
    lint
    expect_status 1
    expect_stdout 'src/room/number.c: number_more is declared in no header: make it static
src/room/number.c: no other file uses number_extra: make it static, or take it away
src/room/number.c: no other file uses number_more: make it static, or take it away'
}

@test "a function that only tests use" {
    sed -i 's/For tests: what/What/' src/room/number.h
    lint
    expect_status 1
    expect_stdout 'src/room/number.c: only tests use number_tested, and its header does not say "For tests"'
}

@test "the object of a source that is gone does not count" {
    echo 'int number_tested(void); int gone(void) { return number_tested(); }' >src/room/gone.c
    lint
    rm src/room/gone.c
    sed -i 's/For tests: what/What/' src/room/number.h
    lint
    expect_status 1
    [[ $(wc -l <<<"$output") == 1 ]] || unexpected
}

@test "objects that are missing are an error" {
    run --separate-stderr scripts/lint-exports build
    [[ $status != 0 ]]
    expect_stdout ''
}

@test "a name that a library has too takes its place" {
    # shellcheck disable=SC2086 # CC may be two words: ccache gcc
    ${CC:-cc} -shared -fPIC -o build/libother.so -x c - <<<'int number_tested(void) { return 3; }
int other(void) { return number_tested(); }'
    sed -i 's/return number_used();/return number_used() + other();/; 1i int other(void);' src/main.c
    lint
    expect_status 0
    # shellcheck disable=SC2086
    ${CC:-cc} -o build/timele-load build/src/main.o build/src/room/number.o -Lbuild -lother -Wl,-rpath,"$PWD/build"
    lint
    expect_status 1
    expect_stdout 'number_tested is the name of a function of a library: call it otherwise'
}
