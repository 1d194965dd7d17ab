# One run of the program: it is started, its log is read as it comes, and at a moment of the case's
# choice somebody dies. For kill, which has $build and $work, and the case.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # kill and its other parts set and use what is here

# now: sets now, in microseconds.
now() {
    now=${EPOCHREALTIME/[.,]/}
}

# make_directory DIRECTORY: where a run finds its files and leaves its outputs.
make_directory() {
    local set
    mkdir -p "$1/tmp"
    for set in full base new few extra; do
        ln -s "$work/data/$set" "$1/$set"
    done
}

# start_client DATABASE DIRECTORY [OPTION...]: sets client, and log, from which its log comes. A
# process in the background ignores SIGINT unless it is told otherwise.
start_client() {
    local database=$1 directory=$2 words=("${arguments[@]}") users=/dev/null i
    shift 2
    for i in "${!words[@]}"; do
        if $pipe && [[ ${words[i]} == */users.csv ]]; then
            users=$work/data/${words[i]}
            words[i]=-
        fi
    done
    rm -f "$directory/log"
    mkfifo "$directory/log"
    : >"$directory/messages"
    TMPDIR=$directory/tmp TIMELE_LOAD_LOOKUP=$lookup env --chdir="$directory" --default-signal=INT,TERM "$build/timele-load" \
        --dbname="$database" "$@" "${words[@]}" >"$directory/summary" 2>"$directory/log" \
        < <(exec cat "$users") &
    client=$!
    exec {log}<"$directory/log"
    messages=$directory/messages
    present='(start)' phases_seen=() phases_began=() partial='' aim_seen=0
    now
    client_began=$now
}

take_line() {
    local phase
    printf '%s\n' "$1" >>"$messages"
    phase_of "${1#* timele-load: }" || return 0
    now
    present=$phase
    phases_seen+=("$phase")
    phases_began+=("$now")
    if [[ $phase == "${late_brake_of:-}" ]]; then
        late_brake_of=
        miss_standby
        now
    fi
    if [[ $phase == "$awaited" ]] && ((++aim_seen == occurrence)); then
        deadline=$((now + delay))
    fi
}

# read_log: takes what the client says until the deadline, which the awaited phase sets; fails when
# the client ends before.
read_log() {
    local line timeout status
    while now && ((deadline > now)); do
        printf -v timeout '%d.%06d' $(((deadline - now) / 1000000)) $(((deadline - now) % 1000000))
        status=0
        IFS= read -r -t "$timeout" -u "$log" line || status=$?
        if ((status == 0)); then
            take_line "$partial$line"
            partial=
        elif ((status > 128)); then
            partial+=$line
        else
            [[ -z $partial$line ]] || take_line "$partial$line"
            return 1
        fi
    done
}

# finish_client SECONDS: sets status. False when it did not end by itself.
finish_client() {
    local by_itself=true
    now
    awaited='' deadline=$((now + $1 * 1000000))
    if read_log; then
        by_itself=false
        kill -KILL "$client"
    fi
    exec {log}<&-
    status=0
    wait "$client" || status=$?
    rm -f "${messages%/*}/log"
    $by_itself
}

# run_to_end DATABASE DIRECTORY [OPTION...]: a run that nobody disturbs. Sets status.
run_to_end() {
    start_client "$@"
    finish_client 120
}

# Brakes -------------------------------------------------------------------------------------------

# set_brake DATABASE
set_brake() {
    late_brake_of=
    case $brake in
    record | commit) sql postgres <<<"ALTER DATABASE \"$1\" SET brake.$brake = 0.4" ;;
    flush) sql postgres <<<"ALTER DATABASE \"$1\" SET commit_delay = 100000" ;;
    standby)
        # The new tables are made by a transaction that waits for a standby, too.
        if fills_beside; then
            late_brake_of='publish tables'
        else
            miss_standby
        fi
        ;;
    sequence) hold_sequence "$1" ;;
    esac
}

# Another session keeps the run from setting the sequence of the products.
hold_sequence() {
    local answer=
    coproc HOLDER { exec psql -XAtq --dbname "$1" 2>/dev/null; }
    holder=$HOLDER_PID hold=${HOLDER[1]}
    printf '%s;\n' BEGIN 'ALTER SEQUENCE products.products_product_id_seq CACHE 1' \
        "SELECT 'held'" >&"${HOLDER[1]}"
    until [[ $answer == held ]]; do
        read -r -t 30 answer <&"${HOLDER[0]}" || fail 'the sequence of the products is not to be had'
    done
}

release_brake() {
    late_brake_of=
    case $brake in
    standby) forget_standby ;;
    sequence)
        exec {hold}>&-
        wait "$holder" 2>/dev/null || true
        ;;
    esac
}

# The moment ---------------------------------------------------------------------------------------

# choose_moment REFERENCE: sets awaited, occurrence and delay for an aimed case, a deadline for all.
# The file `phases` of a reference has lines of PHASE|MICROSECONDS that it took.
choose_moment() {
    local name length lengths=()
    now
    deadline=$((now + 120000000))
    awaited='' occurrence=1 delay=0
    while IFS='|' read -r name length; do
        [[ $name != "$aim" ]] || lengths+=("$length")
    done <"$1/phases"
    if [[ $aim == 'look up transaction' ]]; then
        # Before COMMIT is sent, the server is asked for the transaction's id.
        awaited=commit delay=150000
    elif [[ $aim == 'after the end' ]]; then
        awaited=none
    elif ((${#lengths[@]} == 0)); then
        draw $((longest * 9 / 10))
        deadline=$((now + drawn))
    else
        choose_occurrence
        awaited=$aim
        choose_delay "${lengths[occurrence - 1]}"
    fi
}

# Any time that the run is in the phase, or the longest.
choose_occurrence() {
    local i
    draw ${#lengths[@]}
    occurrence=$((drawn + 1))
    chance 50 || return 0
    for i in "${!lengths[@]}"; do
        ((lengths[i] <= lengths[occurrence - 1])) || occurrence=$((i + 1))
    done
}

choose_delay() {
    case $brake in
    # Who waits in a short phase comes too late.
    none) (($1 < 10000)) || chance 30 || { draw $(($1 + 1)) && delay=$drawn; } ;;
    flush) draw 110000 && delay=$drawn ;;
    *) draw 300000 && delay=$drawn ;;
    esac
}

# choose_backend DATABASE: sets backend, the process that is to die, or none. A run that fills new tables
# has its main connection first, and then those of its workers.
choose_backend() {
    backend=
    find_backends "$1"
    ((${#backends[@]} > 0)) || return 0
    if [[ $death == 'backend '* ]]; then
        backend=${backends[-1]}
        ! fills_beside || backend=${backends[0]}
    elif ((${#backends[@]} > 1)); then
        draw $((${#backends[@]} - 1))
        backend=${backends[drawn + 1]}
    fi
}

# deal_death DATABASE: sets dealt to whether there was somebody to kill.
deal_death() {
    dealt=true
    case $death in
    'client '*' twice')
        draw 40000
        kill -s "${death:7:-6}" "$client" 2>/dev/null || dealt=false
        now
        awaited='' deadline=$((now + drawn))
        read_log || true
        kill -s "${death:7:-6}" "$client" 2>/dev/null || true
        ;;
    'client '*) kill -s "${death#client }" "$client" 2>/dev/null || dealt=false ;;
    'backend '* | 'worker '*)
        choose_backend "$1"
        if [[ -z $backend ]] || ! kill -s "${death#* }" "$backend" 2>/dev/null; then
            dealt=false
        fi
        ;;
    'server KILL') kill_server ;;
    'server '*) shut_down_server "${death#server }" ;;
    none) dealt=false ;;
    esac
}

# The server dies during COMMIT, and the client while it asks what came of it.
die_while_looking_up() {
    read_log || return 1
    kill_server
    awaited='look up transaction' occurrence=1 aim_seen=0
    draw 800000
    now
    delay=$drawn deadline=$((now + 5000000))
    read_log
}

# run_until_death DATABASE DIRECTORY REFERENCE [OPTION...]: the run of the case. Sets status, and
# died_in, the phase in which it was hit, if it was.
run_until_death() {
    local reached=true
    set_brake "$1"
    start_client "$1" "$2" "${@:4}"
    choose_moment "$3"
    dealt=false died_in=
    if [[ $aim == 'after the end' ]]; then
        ! read_log || fail 'the run does not end'
        reached=false
    elif [[ $aim == 'look up transaction' ]]; then
        die_while_looking_up || reached=false
    else
        read_log || reached=false
    fi
    if $reached; then
        died_in=$present
        deal_death "$1"
        $dealt || [[ $death == none ]] || died_in='(nobody there)'
    elif [[ $aim == 'after the end' ]]; then
        # What was said to be committed is there, though the server had no time to write it elsewhere.
        died_in=$aim
        kill_server
    else
        died_in='(ended)'
    fi
    # A crash of one backend makes the server start again by itself.
    if $server_is_down || [[ $death == @(backend|worker)' KILL' ]]; then
        await_server
    fi
    release_brake
    finish_client 60 || violation 'the run did not end within a minute'
    if [[ $death == 'client KILL' ]] && $dealt; then
        died_in=$present
    fi
}
