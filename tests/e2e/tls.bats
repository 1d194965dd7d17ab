#!/usr/bin/env bats
#
# TLS: the program connects to the server that was meant, or not at all.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell

load harness
load concurrency
load own_server

# The server's name in its certificate; no name server is asked for it.
NAME=db.example.test

setup_file() {
    # Without it each test is skipped.
    command -v openssl >/dev/null || return 0
    make_certificates
    start_tls_server
    export PGPORT
    PGPORT=$(<"$BATS_FILE_TMPDIR/port")
    install_certificate server
    sql "ALTER SYSTEM SET ssl_ca_file = 'client_ca.crt'" -c 'ALTER SYSTEM SET ssl = on' \
        -c 'CREATE ROLE loader LOGIN SUPERUSER; CREATE ROLE holder LOGIN SUPERUSER'
    as_server_user tee data/pg_hba.conf >/dev/null <<'HBA'
local   all all               trust
hostssl all holder 127.0.0.1/32 cert
hostssl all all    127.0.0.1/32 trust
HBA
    sql 'SELECT pg_reload_conf()' >/dev/null
    eventually encrypts
    start_file
    setup_schema
}

teardown_file() {
    stop_own_server
}

setup() {
    command -v openssl >/dev/null || skip 'openssl is not installed'
    use_own_server
    PGPORT=$(<"$BATS_FILE_TMPDIR/port")
    start_test
    cp "$BATS_FILE_TMPDIR"/*.{crt,key} .
    printf 'user_id,email_address\n1,ada@example.org\n' >users.csv
    there="host=$NAME hostaddr=127.0.0.1 port=$PGPORT dbname=$PGDATABASE user=loader"
    # What the machine's user has is not looked at.
    export HOME=$PWD
}

# Another server may take the port that was free a moment ago.
start_tls_server() {
    local attempt
    for attempt in 1 2 3 4 5; do
        python3 -c 'import socket
free = socket.socket()
free.bind(("127.0.0.1", 0))
print(free.getsockname()[1])' >"$BATS_FILE_TMPDIR/port"
        if start_own_server --set listen_addresses=127.0.0.1 \
            --set "port=$(<"$BATS_FILE_TMPDIR/port")"; then
            return
        fi
    done
    echo "no server after $attempt attempts" >&2
    return 1
}

# make_authority NAME: a certificate that signs others.
make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj "/CN=$1" -keyout "$1.key" -out "$1.crt" 2>openssl_messages
}

# make_certificate NAME AUTHORITY COMMON-NAME DAYS
make_certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$3" \
        -keyout "$1.key" -out "$1.csr" 2>openssl_messages
    openssl x509 -req -in "$1.csr" -CA "$2.crt" -CAkey "$2.key" -set_serial "$RANDOM" -days "$4" \
        -extfile <(printf 'subjectAltName=DNS:%s\n' "$3") -out "$1.crt" 2>openssl_messages
}

make_certificates() {
    cd "$BATS_FILE_TMPDIR" || return 1
    make_authority authority
    make_authority foreign
    make_authority client_ca
    make_certificate server authority "$NAME" 2
    # It has expired a second later. To have expired already, OpenSSL takes for a mistake.
    make_certificate expired authority "$NAME" 0
    make_certificate holder client_ca holder 2
    make_certificate stranger client_ca stranger 2
}

# install_certificate NAME: what the server shows from its next reload on.
install_certificate() {
    as_server_user tee data/server.crt <"$BATS_FILE_TMPDIR/$1.crt" >/dev/null
    as_server_user tee data/client_ca.crt <"$BATS_FILE_TMPDIR/client_ca.crt" >/dev/null
    as_server_user install -m 600 /dev/null data/server.key
    as_server_user tee data/server.key <"$BATS_FILE_TMPDIR/$1.key" >/dev/null
}

encrypts() {
    psql -XAtqc 'SELECT 1' "host=127.0.0.1 sslmode=require user=loader" >/dev/null 2>&1
}

expect_refused() {
    expect_status 3
    expect_stdout ''
    expect_stderr_contains "$1"
    expect_sql 'SELECT count(*) FROM users.users' 0
}

@test "verify-full: the right name, signed by the authority that is trusted" {
    run_load --dbname "$there sslmode=verify-full sslrootcert=authority.crt" users.csv
    expect_status 0
    expect_silence
    expect_stdout_contains "committed to $PGDATABASE on $NAME"
    expect_sql 'SELECT count(*) FROM users.users' 1

    # By libpq's own names of files and variables, as in a job.
    mkdir .postgresql
    cp authority.crt .postgresql/root.crt
    PGSSLMODE=verify-full run_load --verify --dbname "$there"
    expect_status 0
    PGSSLMODE=verify-full PGSSLROOTCERT=authority.crt run_load --dry-run --mode=upsert --dbname "$there" users.csv
    expect_status 0
}

@test "verify-full: another name" {
    for option in --wait=0 --wait=600; do
        run_load "$option" --dbname "${there/$NAME/other.example.test} sslmode=verify-full sslrootcert=authority.crt" users.csv
        expect_refused "server certificate for \"$NAME\" does not match host name \"other.example.test\""
    done
}

@test "verify-full: signed by somebody else" {
    # --wait waits for no server that has answered.
    for option in --wait=0 --wait=600; do
        run_load "$option" --dbname "$there sslmode=verify-full sslrootcert=foreign.crt" users.csv
        expect_refused 'certificate verify failed'
    done
}

@test "verify-full: the file of the authority is not there" {
    run_load --dbname "$there sslmode=verify-full" users.csv
    expect_refused "root certificate file \"$PWD/.postgresql/root.crt\" does not exist"
    run_load --wait=600 --dbname "$there sslmode=verify-full sslrootcert=nowhere.crt" users.csv
    expect_refused 'root certificate file "nowhere.crt" does not exist'
}

@test "a client's certificate: its own, somebody else's, none" {
    there=${there/user=loader/user=holder}
    there+=' sslmode=verify-full sslrootcert=authority.crt'
    run_load --dbname "$there sslcert=stranger.crt sslkey=stranger.key" users.csv
    expect_refused 'certificate authentication failed for user "holder"'
    run_load --dbname "$there" users.csv
    expect_refused 'connection requires a valid client certificate'
    chmod 644 holder.key
    run_load --dbname "$there sslcert=holder.crt sslkey=holder.key" users.csv
    expect_refused 'private key file "holder.key" has group or world access'
    chmod 600 holder.key
    run_load --dbname "$there sslcert=holder.crt sslkey=holder.key" users.csv
    expect_status 0
    expect_sql 'SELECT count(*) FROM users.users' 1
}

shows_expired() {
    ! psql -XAtqc 'SELECT 1' "$there sslmode=verify-full sslrootcert=authority.crt" >/dev/null 2>&1
}

# The server shows this certificate from here on: the last test.
@test "verify-full: expired" {
    install_certificate expired
    sql 'SELECT pg_reload_conf()' >/dev/null
    eventually shows_expired
    run_load --dbname "$there sslmode=verify-full sslrootcert=authority.crt" users.csv
    expect_refused 'certificate verify failed'
    # Without a look at the certificate nobody would notice.
    run_load --dbname "$there sslmode=require" users.csv
    expect_status 0
}
