#!/usr/bin/env bats
#
# scripts/install-dependencies, where dpkg-query, apt-get and sudo only note that they were called and
# answer as the real ones do. It is run by an ordinary user: nothing of the machine is changed.

load harness

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p project/scripts commands
    cp "$PROJECT_ROOT"/scripts/{install-dependencies,progress.bash} project/scripts
    : >calls
    : >missing
    write_command dpkg-query 'shift 3
case $* in
"postgresql-[0-9]*") cat half_installed 2>/dev/null ;;
*) for package; do grep -qx "$package" missing || echo "installed $package"; done ;;
esac'
    write_command find '[ -e lists_are_old ] || echo partial'
    write_command sudo 'echo "$*" >>calls
case $* in
"env "*) shift; exec env "$@" ;;
"--non-interactive true") [ ! -e password ] ;;
*" tee "* | "tee "*) cat >/dev/null ;;
systemctl*) [ ! -e no_systemd ] ;;
esac'
    write_command apt-get 'case $* in
*--assume-no*)
    [ ! -e unknown ] || { echo "E: Unable to locate package $(cat unknown)"; exit 100; }
    echo "0 upgraded, 12 newly installed, 0 to remove and 3 not upgraded."
    echo "Need to get 3,456 kB/23.4 MB of archives."
    echo "After this operation, 71.2 MB of additional disk space will be used."
    exit 1
    ;;
*update*) [ ! -e offline ] || echo "W: Failed to fetch a list" ;;
*--download-only*)
    [ ! -e offline ] || { echo "E: Failed to fetch a package"; exit 100; }
    [ ! -e full ] || { echo "E: You do not have enough free space"; exit 100; }
    ;;
*--no-download*)
    echo "pmstatus:jq:50.0000:Installing jq"
    echo "dpkg says much"
    if [ -e slow ]; then touch installing; while [ -e slow ]; do sleep 0.05; done; fi
    [ ! -e broken ] || { echo "E: dpkg has failed"; exit 100; }
    echo installed >>calls
    ;;
esac'
    chmod -R a+rX,a+w .
    chmod 711 "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
    as_user=()
    ((EUID != 0)) ||
        as_user=(setpriv --reuid nobody --regid "$(id -g nobody)" --clear-groups --)
    PATH=$PWD/commands:$PATH
}

# write_command NAME SCRIPT
write_command() {
    printf '#!/bin/sh\n%s\n' "$2" >"commands/$1"
    chmod 755 "commands/$1"
}

# There is no terminal to ask for a password.
install_dependencies() {
    run_program setsid --wait "${as_user[@]}" project/scripts/install-dependencies "$@"
}

# expect_calls LINE...: what matters of what was done as root.
expect_calls() {
    local expected
    expected=$(printf '%s\n' "$@")
    expect_equal "$expected" "$(sed -nE 's/timele-load-[0-9]+/timele-load-N/
        s/^env .* apt-get .*(--no-download|--download-only|update).*/apt-get \1/
        /^(apt-get|tee .*conf|rm .*conf|installed)/ p' calls)"
}

expect_equal() {
    [[ $1 == "$2" ]] || unexpected "expected: $1" "got: $2"
}

settings=/etc/postgresql-common/createcluster.d/timele-load-N.conf

@test "nothing is said or done when nothing is missing" {
    touch lists_are_old
    install_dependencies build test torture
    expect_status 0
    expect_stdout ''
    expect_silence
    expect_calls ''
}

@test "what is missing is told with its size and purpose; no server may start while dpkg works" {
    printf '%s\n' gcc jq >missing
    install_dependencies build test
    expect_status 0
    expect_stdout 'Missing for building timele-load and the tests:
  gcc jq
Installing these needs 12 packages, 3,456 kB to download, 71.2 MB on disk'
    expect_silence
    expect_calls 'apt-get --download-only' "tee $settings" 'apt-get --no-download' installed "rm -f $settings"
}

@test "the lists are updated where they are old, lack a package, or name what is gone" {
    echo jq >missing
    touch lists_are_old
    install_dependencies test
    expect_status 0
    [[ ${lines[0]} == 'Bringing the lists of packages up to date' ]] || unexpected
    [[ $(grep -c update calls) == 1 ]] || unexpected
    rm lists_are_old
    : >calls
    echo jq >unknown
    install_dependencies test
    expect_status 1
    expect_stderr_contains ' has no package jq; Debian 12, Debian 13 and Ubuntu 24.04 have'
    [[ $(grep -c update calls) == 1 ]] || unexpected
    rm unknown
    : >calls
    touch offline
    install_dependencies test
    expect_status 1
    [[ $(grep -c update calls) == 1 && $(grep -c -- --download-only calls) == 2 ]] || unexpected
}

@test "one sentence says what is the matter, and nothing was touched" {
    printf '%s\n' gcc jq >missing
    touch offline
    install_dependencies build test
    expect_status 1
    [[ ${stderr_lines[-1]} == 'install-dependencies: apt-get cannot reach the servers of its packages: is this machine offline?' ]] || unexpected
    echo gcc >unknown
    install_dependencies build test
    [[ ${stderr_lines[-1]} == *'is this machine offline?' ]] || unexpected
    rm offline unknown
    touch full
    install_dependencies build test
    expect_status 1
    [[ ${stderr_lines[-2]} == *'enough free space' ]] || unexpected
    [[ ${stderr_lines[-1]} == 'install-dependencies: apt-get could not download all of it' ]] || unexpected
    rm full
    expect_equal 0 "$(grep -c createcluster calls)"
    : >calls
    touch password
    install_dependencies build test
    expect_status 1
    expect_stderr_line 'install-dependencies: sudo wants a password, and there is no terminal to ask for it; as root, run: apt-get install --no-install-recommends gcc jq'
    expect_calls ''
    install_dependencies nonesuch
    expect_status 1
    expect_stderr_contains 'no such group: nonesuch'
    rm commands/apt-get
    ln -s "$(type -P bash)" "$(type -P cat)" "$(type -P dirname)" commands
    run_program env PATH="$PWD/commands" bash project/scripts/install-dependencies build
    expect_status 1
    [[ $stderr == 'install-dependencies: this system has no apt-get: '* ]] || unexpected
}

@test "when dpkg fails, a server that is half installed still may not start" {
    echo jq >missing
    touch broken
    install_dependencies test
    expect_status 1
    [[ ${stderr_lines[-2]} == 'E: dpkg has failed' ]] || unexpected
    [[ ${stderr_lines[-1]} == 'install-dependencies: apt-get could not install all of it' ]] || unexpected
    expect_calls 'apt-get --download-only' "tee $settings" 'apt-get --no-download' "rm -f $settings"
    echo 'unpacked postgresql-17' >half_installed
    : >calls
    install_dependencies test
    expect_status 1
    expect_stderr_contains 'so that no server'
    expect_calls 'apt-get --download-only' "tee $settings" 'apt-get --no-download'
}

@test "where the pooler cannot be disabled, all else is put back, and that is told" {
    echo pgbouncer >missing
    touch no_systemd
    write_command apt-get "$(tail -n +2 commands/apt-get | sed 's/^    echo installed/    : >missing\n&/')"
    chmod a+w missing
    install_dependencies test
    expect_status 0
    expect_stderr_line 'install-dependencies: a pooler will start at the next boot, unless you disable pgbouncer.service'
    expect_calls 'apt-get --download-only' "tee $settings" 'apt-get --no-download' installed "rm -f $settings"
    echo lintian >missing
    install_dependencies package
    expect_stdout_contains 'Missing for building and trying the Debian package:'
}

@test "a signal ends it after dpkg, and nothing is left in /etc" {
    local script status=0 name
    for name in TERM INT HUP; do
        echo jq >missing
        rm -f installing
        : >calls
        touch slow
        chmod a+w calls slow
        env --default-signal=INT,HUP setsid "${as_user[@]}" project/scripts/install-dependencies test >said 2>&1 3>&- &
        script=$!
        until [[ -e installing ]]; do sleep 0.05; done
        kill -s "$name" -- "-$script"
        rm slow
        status=0
        wait "$script" || status=$?
        [[ $status == $((128 + $(kill -l "$name"))) ]]
        expect_calls 'apt-get --download-only' "tee $settings" 'apt-get --no-download' installed "rm -f $settings"
    done
}

@test "--help tells the groups, and when the lists are updated" {
    install_dependencies --help
    expect_status 0
    expect_stdout_contains 'Usage: scripts/install-dependencies [GROUP...]'
    expect_stdout_contains 'apt-get update'
}
