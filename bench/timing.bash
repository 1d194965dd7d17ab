# How long a contender takes, and how much memory its client. For bench/run and bench/nightly, which
# have $directory and fail().
# shellcheck shell=bash

# The highest peak of all processes below $1, in KiB, as long as it runs. A process keeps its own
# peak, so what is missed is only the last moments before its end. No process is started for this:
# it would take time from the contender.
watch_memory() {
    local peak=0 pause
    # Nobody writes to this pipe; reading from it is a sleep.
    exec {pause}<> <(:)
    while kill -0 "$1" 2>/dev/null; do
        look_at_memory "$1" 2>/dev/null
        read -r -t 0.1 -u "$pause" || true
    done
    printf '%s\n' "$peak" >"${directory:?}/peak"
}

look_at_memory() {
    local children=() child word value
    read -r -d '' -a children <"/proc/$1/task/$1/children" || true
    for child in ${children[@]+"${children[@]}"}; do
        while read -r word value _; do
            if [[ $word == VmHWM: ]] && ((value > peak)); then
                peak=$value
            fi
        done <"/proc/$child/status" || true
        look_at_memory "$child"
    done
}

stamp_lines() {
    local line
    while IFS= read -r line; do
        printf '%s %s\n' "$EPOCHREALTIME" "$line"
    done
}

# time_contender NAME FILES LOG TIMES COMMAND...
#
# Runs a command in the directory FILES. Each line that it prints goes into LOG, the time before it.
# Adds name, seconds and peak memory to TIMES, and leaves the times of start and end in run_start
# and run_end.
time_contender() {
    local name=$1 files=$2 log=$3 times=$4 process status=0
    shift 4
    run_start=$EPOCHREALTIME
    (cd "$files" && "$@") > >(stamp_lines >"$log") 2>&1 &
    process=$!
    watch_memory "$process" &
    wait "$process" || status=$?
    run_end=$EPOCHREALTIME
    wait
    if ((status != 0)); then
        tail -n 20 "$log" >&2
        fail "$name failed with status $status"
    fi
    awk -v start="$run_start" -v end="$run_end" -v name="$name" -v peak="$(cat "$directory/peak")" \
        'BEGIN { printf "%s\t%.3f\t%d\n", name, end - start, peak }' | tee -a "$times" >&2
}
