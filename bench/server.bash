# A throwaway PostgreSQL server with settings that a real one could have: fsync is on, and so is
# everything else that keeps data safe. For bench/run and bench/nightly, which have fail().
# shellcheck shell=bash

server_settings() {
    cat <<'END'
shared_buffers = 1GB
max_wal_size = 8GB
checkpoint_timeout = 30min
END
}

find_server_programs() {
    local candidate
    while IFS= read -r candidate; do
        if [[ -x $candidate/initdb && -x $candidate/pg_ctl && -x $candidate/postgres ]]; then
            printf '%s\n' "$candidate"
            return
        fi
    done < <(
        printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort --reverse
        pg_config --bindir 2>/dev/null || true
    )
    fail 'no PostgreSQL server found (initdb, pg_ctl, postgres): install the package postgresql'
}

# PostgreSQL refuses to run as root.
as_server_user() {
    if ((EUID == 0)); then
        setpriv --reuid postgres --regid "$(id -g postgres)" --init-groups -- "$@"
    else
        "$@"
    fi
}

# The server's files go into $1/server.
start_server() {
    server_directory=$1/server
    # The address of a Unix socket holds 107 bytes.
    ((${#server_directory} + ${#socket_name} <= 107)) ||
        fail "the path of the server's directory is too long for a socket: $server_directory"
    server_programs=$(find_server_programs)
    mkdir "$server_directory"
    if ((EUID == 0)); then
        id postgres >/dev/null 2>&1 || fail 'root needs the user postgres to run the server as'
        chown postgres: "$server_directory"
        as_server_user test -x "$server_directory" ||
            fail "the user postgres has no way into $1"
    fi
    (
        cd "$server_directory"
        as_server_user "$server_programs/initdb" --pgdata=data --username=postgres --auth=trust \
            --encoding=UTF8 --locale=C.UTF-8 --no-instructions >initdb.log 2>&1 </dev/null
        {
            server_settings
            printf "listen_addresses = ''\nport = 5432\nunix_socket_directories = '..'\n"
        } >>data/postgresql.conf
        as_server_user "$server_programs/pg_ctl" start --pgdata=data --log=data/server.log --wait \
            --silent </dev/null >/dev/null
    ) || fail 'the PostgreSQL server did not start'
}

stop_server() {
    if [[ -e ${server_directory:-}/data/postmaster.pid ]]; then
        (
            cd "$server_directory"
            as_server_user "$server_programs/pg_ctl" stop --pgdata=data --mode=immediate --silent \
                </dev/null >/dev/null 2>&1
        ) || printf 'bench: the server in %s could not be stopped\n' "$server_directory" >&2
    fi
}

readonly socket_name=/.s.PGSQL.5432
