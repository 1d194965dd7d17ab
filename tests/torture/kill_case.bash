# A number's case: what is loaded into which database, with which options, who dies, and when. The
# same number gives the same case everywhere. For kill.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # kill and its other parts set and use what is here

# Phases of a run, in the order in which a run goes through them, as phase_of names them.
phases=(connect 'prepare transaction' 'create schema' 'create API' 'find tables' 'find keys'
    'read tables' check 'check again' 'write rejected rows' 'drop indexes' 'load items' copy
    'finish table' update delete 'create index' 'create foreign key' analyze 'set derived values'
    'publish tables' 'prove foreign keys' verify 'record run' 'set sequences' 'replace tables'
    commit 'roll back' 'look up transaction' 'after the end')

# Those of a run that fills new tables over several connections. `create index` and the like begin while
# others go on: the phase that was hit is the one that began last.
phases_of_jobs=('prepare transaction' 'create schema' 'find tables' check 'check again'
    'write rejected rows' copy 'finish table' analyze 'create index' 'create foreign key'
    'publish tables' 'create API' 'prove foreign keys' verify 'record run' 'set sequences'
    'replace tables' commit 'look up transaction' 'after the end')

# phase_of MESSAGE: sets phase to the phase that the message of -v begins; fails for any other.
phase_of() {
    case $1 in
    'connect to the database') phase=connect ;;
    'find keys in '*) phase='find keys' ;;
    'read '*.*) phase='read tables' ;;
    'check again '*) phase='check again' ;;
    'check '*) phase=check ;;
    'drop indexes and constraints') phase='drop indexes' ;;
    'load '*) phase='load items' ;;
    'copy '*) phase=copy ;;
    'finish '*) phase='finish table' ;;
    'update '*) phase=update ;;
    'delete from '*) phase=delete ;;
    'create schema' | 'create API') phase=$1 ;;
    'create foreign key '*) phase='create foreign key' ;;
    'create '*) phase='create index' ;;
    'analyze '*) phase=analyze ;;
    'set sequences') phase='set sequences' ;;
    'set '*) phase='set derived values' ;;
    'verify '*) phase=verify ;;
    'commit transaction') phase=commit ;;
    'roll back transaction') phase='roll back' ;;
    'prepare transaction' | 'find tables' | 'write rejected rows' | 'publish tables' | \
        'prove foreign keys' | 'record run' | 'replace tables' | 'look up transaction') phase=$1 ;;
    *) return 1 ;;
    esac
}

jobs_scenarios=(create-jobs recreate-jobs reset-jobs)
aims=("${phases[@]}")
[[ $KILL_WAY == all ]] || aims=("${phases_of_jobs[@]}")

# draw N: sets drawn to one of 0 to N - 1.
draw() {
    draw_state=$(((draw_state * 1103515245 + 12345) & 0x7fffffff))
    drawn=$(((draw_state >> 8) % $1))
}

# pick WORD...: sets picked to one of them.
pick() {
    draw $#
    picked=${*:drawn+1:1}
}

# chance PERCENT
chance() {
    draw 100
    ((drawn < $1))
}

# Every other case aims at a phase, one after the other; the rest at any moment of the run.
choose_case() {
    number=$1
    draw_state=$(((number * 40503 + 977) & 0x7fffffff))
    draw 2
    aim=
    if ((number % 2 == 0)); then
        aim=${aims[number / 2 % ${#aims[@]}]}
    fi
    aim=${KILL_AIM:-$aim}
    choose_scenario
    choose_options
    choose_outputs
    choose_death
    make_command
    describe_case
}

choose_scenario() {
    case $aim in
    'create schema' | 'create API') pick create reset "${jobs_scenarios[@]}" ;;
    'publish tables') pick "${jobs_scenarios[@]}" ;;
    'replace tables') picked=reset-jobs ;;
    'after the end') pick insert upsert reset "${jobs_scenarios[@]}" ;;
    'find keys') pick insert-few insert skip upsert ;;
    'read tables') pick insert skip upsert replace skip-loaded ;;
    'check again') pick create first reset skip upsert "${jobs_scenarios[@]}" ;;
    'load items') pick create first reset ;;
    update) pick upsert replace ;;
    delete) picked=replace ;;
    'drop indexes') pick create first reset insert replace ;;
    'create index' | 'create foreign key')
        pick create first reset insert replace "${jobs_scenarios[@]}"
        ;;
    analyze) pick create first reset insert upsert "${jobs_scenarios[@]}" ;;
    'set derived values') pick insert insert-few skip upsert replace skip-loaded ;;
    'set sequences' | 'record run' | commit)
        pick first insert skip upsert replace skip-loaded create reset "${jobs_scenarios[@]}"
        ;;
    'look up transaction')
        pick first insert insert-few skip upsert replace skip-loaded recreate-jobs reset-jobs
        ;;
    *)
        pick create create first insert insert insert-few skip upsert replace reset skip-loaded \
            "${jobs_scenarios[@]}"
        ;;
    esac
    if [[ $KILL_WAY == jobs && $picked != *-jobs ]]; then
        # What the brakes need is in no empty database.
        if [[ $aim == @('look up transaction'|commit|'record run') ]]; then
            pick recreate-jobs reset-jobs
        else
            pick "${jobs_scenarios[@]}"
        fi
    fi
    scenario=$picked
    state=base mode=insert files=(full) lookup=
    # Few rows are looked up by themselves, as many are then that are aimed at.
    [[ $scenario != insert-few && $aim != 'find keys' ]] || lookup=named
    scenario_options=()
    case $scenario in
    create) state=empty scenario_options=(--create-schema --create-api --jobs=1) ;;
    create-jobs) state=empty scenario_options=(--create-schema --create-api) ;;
    recreate-jobs) state=ledger scenario_options=(--create-schema) ;;
    reset-jobs) scenario_options=(--reset --force --create-schema --create-api) ;;
    first) state=schema ;;
    insert) files=(new) ;;
    insert-few) files=(few) ;;
    skip | upsert | replace) mode=$scenario scenario_options=("--mode=$scenario") ;;
    reset) scenario_options=(--reset --force --create-schema --create-api --jobs=1) ;;
    skip-loaded) files=(base new) scenario_options=(--skip-loaded) ;;
    esac
}

# Some sets of options, and not all there are: each needs an undisturbed run to compare with.
choose_options() {
    local set whens=(always auto never auto)
    dry=false verify=false rejects=false duplicates=error infer=false
    case $aim in
    'load items') pick 0 1 ;;
    'write rejected rows') pick 1 3 ;;
    verify) picked=1 ;;
    *) pick 0 1 2 3 ;;
    esac
    set=$picked
    case $set in
    1) verify=true rejects=true ;;
    2) duplicates=first infer=true ;;
    3) duplicates=last rejects=true infer=true ;;
    esac
    rebuild=${whens[(${#scenario} + set) % 4]}
    case $aim in
    'drop indexes' | 'create index' | 'create foreign key') rebuild=always ;;
    'roll back') dry=true ;;
    'record run' | 'set sequences' | commit | 'look up transaction') ;;
    *) ! chance 5 || dry=true ;;
    esac
    if fills_beside; then
        choose_jobs "$set"
    fi
}

# Whether the case's run fills new tables over several connections.
fills_beside() {
    [[ $scenario == *-jobs ]]
}

choose_jobs() {
    scenario_options+=("--jobs=$((2 + ($1 + ${#scenario}) % 3))")
    dry=false
    [[ $rebuild != never ]] || rebuild=auto
}

# Outputs that are there already are older ones of the same kind.
choose_outputs() {
    id_map=false report=false older=false pipe=false
    ! chance 60 || id_map=true
    ! chance 60 || report=true
    ! chance 50 || older=true
    if [[ ${files[*]} != *base* ]] && chance 20; then
        pipe=true
    fi
}

deaths=('client KILL' 'client TERM' 'client INT' 'client TERM twice' 'client INT twice'
    'backend KILL' 'backend TERM' 'server KILL' 'server QUIT' 'server INT' 'worker KILL'
    'worker TERM')

# A brake makes a phase long that is too short to be hit by chance.
choose_death() {
    pick 0 0 0 0 0 1 1 1 2 3 4 5 5 6 6 7 7 7 8 9
    if fills_beside; then
        pick 0 0 0 0 0 1 1 2 3 4 5 5 6 6 7 7 7 8 9 10 10 11 11
    fi
    death=${deaths[picked]}
    brake=none
    case $aim in
    'record run') brake=record ;;
    'set sequences') brake=sequence ;;
    commit)
        pick none commit flush flush standby
        brake=$picked
        [[ $brake != standby || $KILL_WAL == replica ]] || brake=flush
        ;;
    'look up transaction')
        brake=commit
        pick 'client KILL' 'client TERM' none
        death=$picked
        ;;
    'replace tables') brake=sequence ;;
    'after the end') death='server KILL' ;;
    esac
    drop_vain_brake
}

# What the brakes need is there only once the schema is.
drop_vain_brake() {
    if [[ $scenario == reset-jobs && $aim == 'replace tables' ]]; then
        return
    fi
    if [[ $state == @(empty|ledger) || $scenario == reset* ]] && [[ $brake == sequence ]]; then
        brake=none
    elif [[ $state == empty && $brake == @(record|commit) ]]; then
        brake=none
    fi
}

# Sets arguments, without the database. The names are those in the case's directory.
make_command() {
    local set path
    arguments=(--verbose "--rebuild=$rebuild" "${scenario_options[@]}")
    ! $dry || arguments+=(--dry-run)
    ! $verify || arguments+=(--verify)
    ! $infer || arguments+=(--infer=users --infer=products)
    [[ $duplicates == error ]] || arguments+=("--duplicates=$duplicates")
    ! $rejects || arguments+=(--rejects=rejects)
    for set in "${files[@]}"; do
        for path in "$work/data/$set"/*.csv; do
            arguments+=("$set/${path##*/}")
        done
    done
    ! $rejects || arguments+=(extra/rejected_{users,orders}.csv)
    [[ $duplicates == error ]] || arguments+=(extra/repeated_orders.csv)
    ! $infer || arguments+=(extra/unknown_{orders,items}.csv)
}

# What stays the same for cases that do the same to a database.
describe_case() {
    local words=("$scenario" "rebuild=$rebuild")
    ! $dry || words+=(dry-run)
    ! $verify || words+=(verify)
    ! $rejects || words+=(rejects)
    [[ $duplicates == error ]] || words+=("duplicates=$duplicates")
    ! $infer || words+=(infer)
    [[ -z $lookup ]] || words+=("lookup=$lookup")
    reference=${words[*]}
    case_text="$reference; $death"
    if [[ -n $aim ]]; then
        case_text+=", aimed at '$aim'"
    fi
    [[ $brake == none ]] || case_text+=" with the brake '$brake'"
}
