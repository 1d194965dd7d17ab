# The server's processes: how they die, and how the server comes back. For kill, which has fail()
# and sql().
# shellcheck shell=bash
# shellcheck disable=SC2034 # kill_moment.bash uses what is set here

server_begin() {
    local owner
    postmaster_file=$WITH_POSTGRES_DIRECTORY/data/postmaster.pid
    read -r postmaster <"$postmaster_file"
    as_owner=()
    if ((EUID == 0)); then
        owner=$(stat --format %U "$WITH_POSTGRES_DIRECTORY/data")
        as_owner=(setpriv --reuid "$owner" --regid "$(id -g "$owner")" --init-groups --)
    fi
}

# After a crash the server brings every file of its databases to the disk by itself, which takes longer
# than all the rest. From 14 on it can leave that to the system.
recover_quickly() {
    sql postgres <<'SQL'
SELECT 'ALTER SYSTEM SET recovery_init_sync_method = syncfs' FROM pg_settings
 WHERE name = 'recovery_init_sync_method' \gexec
SQL
    sql postgres >/dev/null <<<'SELECT pg_reload_conf()'
}

# Sets server_children. Without another process: a run is about to be hit.
find_children() {
    server_children=()
    read -r -a server_children <"/proc/$postmaster/task/$postmaster/children" || true
}

# find_backends DATABASE: sets backends, the processes that serve clients there, in the order in which
# they began.
find_backends() {
    local child title
    backends=()
    find_children
    for child in "${server_children[@]}"; do
        title=
        IFS= read -r -d '' title 2>/dev/null <"/proc/$child/cmdline" || true
        if [[ $title == "postgres: "*" $1 "* && $title != *'parallel worker'* ]]; then
            backends+=("$child")
        fi
    done
}

# The whole server at once: nobody is left to tell the client.
kill_server() {
    find_children
    kill -KILL "$postmaster" "${server_children[@]}" 2>/dev/null
    server_is_down=true
}

# shut_down_server SIGNAL: QUIT or INT, to the postmaster.
shut_down_server() {
    find_children
    kill -s "$1" "$postmaster"
    server_is_down=true
}

is_running() {
    grep --quiet '^State:[[:space:]]*[^ZX]' "/proc/$1/status" 2>/dev/null
}

# eventually SECONDS COMMAND...: it succeeds in that time.
eventually() {
    local deadline=$((SECONDS + $1))
    until "${@:2}"; do
        ((SECONDS <= deadline)) || return 1
        sleep 0.1
    done
}

server_is_gone() {
    local process
    for process in "$postmaster" "${server_children[@]}"; do
        ! is_running "$process" || return 1
    done
}

server_answers() {
    sql postgres >/dev/null 2>&1 <<<'SELECT 1'
}

# Starts the server again after it was shut down or killed, and waits for its recovery; after the
# crash of one backend it recovers by itself.
await_server() {
    if $server_is_down; then
        eventually 60 server_is_gone || fail 'the server does not end'
        (cd "$WITH_POSTGRES_DIRECTORY" && "${as_owner[@]}" pg_ctl start --pgdata=data --wait \
            --silent --log=data/server.log </dev/null >/dev/null 2>&1) || fail 'the server does not start again'
        read -r postmaster <"$postmaster_file"
        server_is_down=false
    fi
    eventually 60 server_answers || fail 'the server does not answer'
}

# A COMMIT then waits for ever: there is no standby of that name.
miss_standby() {
    sql postgres <<<"ALTER SYSTEM SET synchronous_standby_names = 'missing'"
    sql postgres >/dev/null <<<'SELECT pg_reload_conf()'
    eventually 30 standby_is 'missing' || fail 'the server does not read its settings'
}

forget_standby() {
    sql postgres <<<'ALTER SYSTEM RESET synchronous_standby_names'
    sql postgres >/dev/null <<<'SELECT pg_reload_conf()'
    eventually 30 standby_is '' || fail 'the server does not read its settings'
}

standby_is() {
    [[ $(sql postgres <<<'SHOW synchronous_standby_names') == "$1" ]]
}
