# The databases that contenders fill, and what they must agree on. For bench/run and bench/nightly,
# which have $here, $directory and fail().
# shellcheck shell=bash

# Whatever the caller's environment says of servers is not meant for this one.
use_server() {
    local variable
    while IFS= read -r variable; do
        unset "$variable"
    done < <(compgen -e PG)
    export PGHOST=${directory:?}/server PGPORT=5432 PGUSER=postgres PGDATABASE=bench
}

# An empty database, on a server that has nothing left to write.
make_empty_database() {
    local -x PGOPTIONS='-c client_min_messages=warning'
    psql --no-psqlrc --quiet --dbname=postgres -v ON_ERROR_STOP=1 \
        -c 'DROP DATABASE IF EXISTS bench' -c 'CREATE DATABASE bench'
    write_all
}

# The same with the schema, and no rows.
make_database() {
    make_empty_database
    make_schema
    write_all
}

make_schema() {
    local -x PGOPTIONS='-c client_min_messages=warning'
    psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -f "${here:?}/../schema.sql" >/dev/null
}

# What server and system still have to write is no concern of the next contender's.
write_all() {
    psql --no-psqlrc --quiet -c 'CHECKPOINT'
    sync
}

# The newest versions write a random word around the dump.
dump_schema() {
    pg_dump --schema-only | sed '/^\\\(un\)\?restrict /d'
}

# compare NAME EXPECTED FACTS
#
# Looks at the database's contents, as lines of "fact|value" in the file FACTS. They have to be those
# of the file EXPECTED, which is made from them where it is missing; the schema that of
# $directory/schema.
compare() {
    dump_schema >"$3.schema"
    diff "$directory/schema" "$3.schema" >&2 || fail "$1 left another schema behind"
    psql --no-psqlrc --quiet -f "$here/facts.sql" >"$3"
    if [[ ! -e $2 ]]; then
        cp "$3" "$2"
    fi
    diff "$2" "$3" >&2 || fail "$1 ended with other data"
}

# require_fact NAME FACTS FACT
require_fact() {
    grep --quiet --fixed-strings --line-regexp "$3" "$2" ||
        fail "$1 did not leave the rows that the files have: $3"
}

# Rows of files, without their headers.
count_rows() {
    "${build:?}/bench/bare_csv" "$@" | awk '{ rows += $1 - 1 } END { print rows }'
}
