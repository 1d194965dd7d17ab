# What must hold when a run has died, and after the next run of the same command. For kill, which has
# the case, its run and violation().
# shellcheck shell=bash
# shellcheck disable=SC2154 # kill and its other parts set what is used here

# The database ---------------------------------------------------------------------------------------

nothing_is_left() {
    left=$(left_behind "$1" 2>/dev/null) && [[ -z $left ]]
}

# judge_database DATABASE DIRECTORY REFERENCE: sets outcome to `before` or `after`: nothing of the run
# is in the database, or all of it; `between` is a violation.
judge_database() {
    local facts=$2/facts before=$work/states/$state
    eventually 20 nothing_is_left "$1" || violation 'something is left in the server:' "$left"
    write_facts "$1" "$facts"
    if cmp --silent "$facts" "$before"; then
        outcome=before
    elif cmp --silent "$facts" "$3/facts"; then
        outcome=after
    else
        outcome=between
        violation 'the database is neither as before nor as after the run; < before, > now:' \
            "$(diff "$before" "$facts" | head -n 12)" \
            "$(diff "$3/facts" "$facts" | head -n 12)"
    fi
    judge_building_schemas "$1"
    judge_sequences "$1" "$2" "$3"
    judge_ledger "$1"
}

# A run that ends by itself removes them, or says that it could not.
judge_building_schemas() {
    left=$(building_schemas "$1")
    [[ -n $left ]] || return 0
    cases_with_leftovers=$((cases_with_leftovers + 1))
    if ((status == 137)) || is_unknown; then
        return
    fi
    if ! grep --quiet 'are left in schemas timele_load_building_' "$messages"; then
        violation 'schemas are left, and nobody says so:' "$left"
    elif [[ $death != @('server '*|*' twice'|*' KILL') && $aim != 'look up transaction' ]]; then
        violation 'schemas are left by a run that could have removed them:' "$left"
    fi
}

# Sequences are not part of a transaction. Those that a run sets are as before or as it sets them; ids
# of status changes may have been drawn and not used.
judge_sequences() {
    local wrong
    write_sequences "$1" "$2/sequences"
    wrong=$(awk -F '|' -v outcome="$outcome" '
        FILENAME == ARGV[1] { before[$1] = $2; next }
        FILENAME == ARGV[2] { after[$1] = $2; next }
        $1 == "behind" { print "status changes have ids up to " $2; next }
        { least = outcome == "after" ? after[$1] : before[$1] }
        $1 ~ /history/ ? $2 < least : $2 != least && (outcome == "after" || $2 != after[$1]) {
            print $1 ": next is " $2 ", before " before[$1] ", after a run " after[$1]
        }' "$work/states/$state.sequences" "$3/sequences" "$2/sequences")
    [[ -z $wrong ]] || violation 'sequences:' "$wrong"
}

# count_runs LEDGER RESULT: sets runs.
count_runs() {
    runs=0
    if [[ ,$1 =~ ,$2\ ([0-9]+) ]]; then
        runs=${BASH_REMATCH[1]}
    fi
}

# new_runs NOW RESULT...: sets runs to how many runs with these results the case has added.
new_runs() {
    local ledger=$1 result sum=0
    for result in "${@:2}"; do
        count_runs "$ledger" "$result"
        sum=$((sum + runs))
        count_runs "$(<"$work/states/$state.ledger")" "$result"
        sum=$((sum - runs))
    done
    runs=$sum
}

# A run that is in the ledger is in the database, and the other way about. One that failed says so
# there where it could.
judge_ledger() {
    local ledger loaded failed
    ledger=$(ledger_runs "$1")
    new_runs "$ledger" loaded 'loaded with rejects' 'nothing new'
    loaded=$runs
    new_runs "$ledger" failed
    failed=$runs
    if [[ $outcome == after ]] && ! $dry; then
        ((loaded == 1 && failed == 0)) || violation "the run is in the database; ledger: $ledger"
    elif ((loaded != 0 || failed > 1)) || { ((failed == 1)) && { $dry || ((status == 137)); }; }; then
        violation "the run is not in the database; ledger: $ledger"
    elif ((failed == 0)) && must_be_recorded; then
        violation "the failed run is not in the ledger: $ledger"
    fi
}

must_be_recorded() {
    [[ $state != empty && $death == @('client TERM'|'client INT'|'backend TERM'|'worker TERM') ]] &&
        ! $dry &&
        $dealt && ((status != 0 && status != 1)) && grep --quiet ': connected to ' "$messages"
}

# The status -----------------------------------------------------------------------------------------

judge_status() {
    local right=" $1 "
    if $dealt; then
        case $death in
        'client KILL') right+='137 ' ;;
        'client TERM'*) right+='143 ' ;;
        'client INT'*) right+='130 ' ;;
        *) right+='3 ' ;;
        esac
    fi
    [[ $aim != 'look up transaction' ]] || right+='3 '
    [[ $right == *" $status "* ]] || violation "the exit status is $status, not one of:$right"
    [[ $status != 3 ]] || grep --quiet 'timele-load: error: ' "$messages" ||
        violation 'the exit status is 3, and there is no error'
    ! grep --quiet 'error: no connection to the server' "$messages" ||
        violation 'the message does not say why the connection was lost'
    if ((status == $1)); then
        $dry || [[ $outcome == after ]] || violation "status $status, and the rows are not there"
    elif ((status != 137)) && ! is_unknown; then
        [[ $outcome == before ]] || violation "status $status, and the rows are there"
    fi
}

is_unknown() {
    grep --quiet 'whether the rows were committed is not known' "$messages"
}

# The outputs ----------------------------------------------------------------------------------------

# is_new FILE: it is there, and not the older one.
is_new() {
    [[ -e $1 ]] && ! cmp --silent "$1" "$1.older"
}

# judge_outputs DATABASE DIRECTORY REFERENCE STATUS: STATUS is that of a run that goes well.
judge_outputs() {
    local left
    judge_id_map "$@"
    judge_report "$@"
    judge_rejects "$@"
    left=$(find "$2" -name '*.timele-load-*' && find "$2/tmp" -mindepth 1)
    [[ -z $left ]] || ((status == 137)) || violation 'temporary files:' "$left"
}

judge_id_map() {
    local wrong
    if is_new "$2/ids.csv"; then
        [[ $outcome == after ]] || is_unknown || violation 'there is an id map, and no rows'
        wrong=$(diff <(grep -c '' "$3/ids.csv") <(grep -c '' "$2/ids.csv")) ||
            violation 'lines of the id map; < expected, > found:' "$wrong"
        [[ $outcome != after ]] || judge_ids "$1" "$2/ids.csv"
    elif $id_map && ! $dry && ((status == $4)); then
        violation 'there is no id map'
    fi
    if [[ -e $2/ids.csv.older && ! -e $2/ids.csv ]]; then
        violation 'the older id map is gone'
    fi
}

judge_ids() {
    local wrong
    wrong=$(LC_ALL=C comm -13 <(external_ids "$1") <(tail -n +2 "$2" | LC_ALL=C sort))
    [[ -z $wrong ]] || violation 'ids of the id map that the database lacks:' "$(head -n 3 <<<"$wrong")"
}

judge_report() {
    local told
    if is_new "$2/report.json"; then
        if ! told=$(jq --raw-output '"\(.exit_status) \(.result)"' "$2/report.json" 2>&1); then
            violation 'the report is not complete:' "$told"
        elif ((status != 137)) && [[ $told != "$status "* ]]; then
            violation "the exit status is $status, the report says: $told"
        elif [[ $told == *' loaded'* && $outcome != after ]]; then
            violation "the rows are not there, the report says: $told"
        elif [[ $told == *' failed' && $outcome == after ]] && ! $dry; then
            violation "the rows are there, the report says: $told"
        fi
    elif $report && ((status != 137)) && [[ $died_in != '(start)' ]]; then
        violation 'there is no report'
    fi
    if [[ -e $2/report.json.older && ! -e $2/report.json ]]; then
        violation 'the older report is gone'
    fi
}

judge_rejects() {
    local path name
    if ((status == $4)); then
        if [[ -e $2/rejects || -e $3/rejects ]]; then
            name=$(diff --recursive --brief "$3/rejects" "$2/rejects" 2>&1) ||
                violation 'rejected rows:' "$name"
        fi
        return
    fi
    [[ ! -e $2/rejects ]] || ((status == 137)) || is_unknown || violation 'there are rejects'
    for path in "$2"/rejects/*.csv; do
        [[ -e $path ]] || continue
        name=${path##*/}
        $dry || [[ $outcome == after ]] || is_unknown ||
            violation "there is rejects/$name, and no rows"
        cmp --silent "$path" "$3/rejects/$name" || violation "rejects/$name is not complete"
    done
}

# The next run ---------------------------------------------------------------------------------------

# What is in the database already is no success for a run that only inserts.
may_fail_again() {
    [[ $outcome == after && $scenario == @(create|create-jobs|recreate-jobs|first|insert|insert-few) ]] &&
        ! $dry
}

# judge_next_run DATABASE DIRECTORY REFERENCE STATUS [OPTION...]: the same command once more.
judge_next_run() {
    local first_outcome=$outcome first_status=$status
    died_in='(next run)' dealt=false
    run_to_end "$1" "$2" "${@:5}" || violation 'the next run did not end within two minutes'
    if may_fail_again; then
        ((status == 1 || status == 2)) || violation "the next run's exit status is $status"
    elif ((status != $4)); then
        violation "the next run's exit status is $status, not $4"
        return
    fi
    left=$(building_schemas "$1")
    [[ -z $left ]] || violation 'schemas are left after the next run:' "$left"
    write_facts "$1" "$2/facts"
    cmp --silent "$2/facts" "$3/facts" ||
        violation 'after the next run the database is another one; < expected, > now:' \
            "$(diff "$3/facts" "$2/facts" | head -n 12)"
    [[ -z $(find "$2" -name '*.timele-load-*') ]] ||
        violation 'temporary files after the next run:' "$(find "$2" -name '*.timele-load-*')"
    if [[ $first_outcome == before && $first_status != "$4" ]]; then
        outcome=after
        ! $dry || outcome=before
        judge_sequences "$1" "$2" "$3"
        judge_outputs "$1" "$2" "$3" "$4"
    fi
}
