#!/usr/bin/env bats
#
# make compile_commands.json: the commands that the Makefile itself uses.

load harness

@test "there is a command for each C source, and it works" {
    local files entry
    mkdir clone
    tar -C "$PROJECT_ROOT" --exclude=./.git --exclude=./build -cf - . | tar -C clone -xf -
    cd clone || return 1
    # Of the make that runs these tests.
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES SANITIZE COVERAGE BUILD
    make --silent compile_commands.json
    files=$(find src tests bench completion -name '*.c' ! -name bare_csv.c | sort)
    [[ $(jq -r '.[].file' compile_commands.json | sort) == "$files" ]]
    [[ $(jq -r 'map(.directory) | unique[]' compile_commands.json) == "$PWD" ]]
    # One with quotes in a flag that it needs.
    entry=$(jq -r '.[] | select(.file == "src/run/report.c") | .command' compile_commands.json)
    [[ $entry == *' -Wall '* ]]
    sh -ec "$entry -o report.o"
    [[ -s report.o ]]
}
