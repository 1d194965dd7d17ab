# Sourced by `load proxy`, after `load harness` and `load concurrency`: a proxy between the program
# and the server (fixtures/proxy.py), which breaks off where a test wants it, or says that the server
# is another product.
#
# A test that calls `start_proxy` calls `stop_proxy` from its teardown.
#
# shellcheck shell=bash

# start_proxy MODE: in front of the server of PGHOST. Sets $proxy, the directory to connect to.
start_proxy() {
    local server=$PGHOST/.s.PGSQL.5432
    proxy=$PWD/proxy
    rm -rf "$proxy"
    mkdir "$proxy"
    python3 "$BATS_TEST_DIRNAME/fixtures/proxy.py" "$proxy/.s.PGSQL.5432" "$server" "$1" \
        2>proxy_errors 3>&- &
    proxy_process=$!
    eventually test -S "$proxy/.s.PGSQL.5432"
}

# The network is silent from now on.
silence_proxy() {
    kill -STOP "$proxy_process"
}

stop_proxy() {
    if [[ -n ${proxy_process:-} ]]; then
        kill -KILL "$proxy_process" 2>/dev/null || true
        wait "$proxy_process" 2>/dev/null || true
        proxy_process=
    fi
}
