#!/usr/bin/env bats
#
# scripts/coverage-table, on a program of two rooms and three files.

load harness

setup() {
    start_test
    mkdir -p project/{scripts,src/one,src/two,build/src/one,build/src/two}
    cp "$PROJECT_ROOT/scripts/coverage-table" project/scripts
    cd project || return 1
    cat >src/main.c <<'END'
int choose(int number);
int main(void)
{
    return choose(7) == 7 ? 0 : 1;
}
END
    cat >src/one/choose.c <<'END'
int choose(int number)
{
    if (number > 100) {
        number = 100;
        number--;
    }
    return number;
}
END
    cat >src/two/never.c <<'END'
int never(int number)
{
    return number + 1;
}
END
}

build_project() {
    local file
    for file in main one/choose two/never; do
        # shellcheck disable=SC2086 # CC may be two words: ccache gcc
        ${CC:-cc} -O0 "$@" -c -o "build/src/$file.o" "src/$file.c"
    done
    # shellcheck disable=SC2086 # CC may be two words: ccache gcc
    ${CC:-cc} "$@" -o build/program build/src/main.o build/src/*/*.o
}

@test "lines and covered lines of each room, and in total" {
    build_project --coverage
    build/program
    run --separate-stderr scripts/coverage-table build
    expect_status 0
    expect_silence
    [[ $(tr -s ' ' <<<"$output") == 'room files lines covered
src 1 2 2 100.0 %
src/one 1 5 3 60.0 %
src/two 1 2 0 0.0 %
total 3 9 5 55.6 %' ]] || unexpected
}

@test "without counts there is no table" {
    build_project
    run --separate-stderr scripts/coverage-table build
    expect_status 1
    expect_stdout ''
    expect_stderr_contains 'coverage-table: nothing in '
}
