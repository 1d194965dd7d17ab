# Sourced by the scripts that take long. One line tells how far they are: on a terminal it is written
# over and over, elsewhere it is printed now and then, so that a log shows life.
#
# shellcheck shell=bash

progress_interval=15
progress_shown=''
progress_next=0

# Whoever sends standard output elsewhere sees the line on the terminal all the same.
has_terminal() {
    [[ -t 2 && ${TERM:-dumb} != dumb ]]
}

# show_progress TEXT
show_progress() {
    if has_terminal; then
        printf '\r%s\e[K' "${1:0:78}" >&2
        progress_shown=$1
    elif ((SECONDS >= progress_next)); then
        ((progress_next == 0)) || printf '%s\n' "$1"
        progress_next=$((SECONDS + progress_interval))
    fi
}

# Takes the line off the terminal: before anything else is printed, and at the end.
clear_progress() {
    [[ -z $progress_shown ]] || printf '\r\e[K' >&2
    progress_shown=''
}
