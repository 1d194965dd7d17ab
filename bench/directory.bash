# The directory that a benchmark works in: made, and taken away at the end with the server in it. For
# bench/run and bench/nightly.
# shellcheck shell=bash

fail() {
    printf 'bench: %s\n' "$1" >&2
    exit 1
}

say() {
    printf '%s\n' "$1" >&2
}

require_number() {
    [[ $2 =~ ^[1-9][0-9]*$ ]] || fail "not a number of $1: $2"
}

# require_words WHAT KNOWN WORD...: each word is one of those known, which | separates.
require_words() {
    local what=$1 known=$2 word
    shift 2
    for word; do
        [[ $word =~ ^($known)$ ]] || fail "no such $what: $word"
    done
}

# Is it one of the words?
is_among() {
    local sought=$1 word
    shift
    for word; do
        [[ $word != "$sought" ]] || return 0
    done
    return 1
}

# Sets build, the directory of the build, to its absolute path.
find_build() {
    local program
    for program in timele-load bench/generate bench/bare_csv; do
        [[ -x $1/$program ]] || fail "$1/$program is missing: make bench builds it"
    done
    # shellcheck disable=SC2034 # for those who call this
    build=$(cd "$1" && pwd)
}

# Sets directory, a new one below $1. What is in it stays at the end where $2 is true.
make_directory() {
    [[ -d $1 ]] || fail "$1 is no directory"
    keep_directory=$2
    directory=$(mktemp --directory "$(cd "$1" && pwd)/timele-bench.XXXXXX")
    # The server's user passes through, and sees nothing.
    chmod 711 "$directory"
    mkdir "$directory/logs"
    trap clean_up EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# shellcheck disable=SC2317 # the trap calls it
clean_up() {
    local status=$?
    trap '' INT TERM HUP
    stop_server
    if $keep_directory; then
        say "bench: data, logs and the server's files are in $directory"
    else
        rm -rf -- "$directory"
    fi
    exit "$status"
}
