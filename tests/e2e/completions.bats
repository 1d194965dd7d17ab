#!/usr/bin/env bats
#
# The completions for bash, zsh and fish offer what the program takes.

load harness

COMPLETIONS=${TIMELE_LOAD%/*}/completions

# No database is needed.
setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    mkdir -p set-aside
    touch orders.csv 'my users.csv'
}

names_of_help() {
    "$TIMELE_LOAD" --help | sed -nE 's/^( {2}| {6})(-[^ ,=[]+(, --[^ =[]+)?).*/\2/p' | sed 's/, /\n/' |
        sort
}

# sorted WORD...: a line each.
sorted() {
    printf '%s\n' "$@" | sort
}

# expect_names SHELL NAME...
expect_names() {
    diff <(names_of_help) <(sorted "${@:2}") >&2 || unexpected "expected the options of --help in $1's"
}

# bash_offers WORD...: what bash offers for the last one, a line each; behind it how it goes on: what
# compopt is asked for. readline has split the words at =, as COMP_WORDBREAKS says.
bash_offers() {
    bash --noprofile --norc -c '
        compopt() { printf "compopt %s\n" "$*" >>compopt; }
        source "$1"
        COMP_WORDS=(timele-load "${@:2}") COMP_CWORD=$(($# - 1)) COMPREPLY=()
        read -r -a spec < <(complete -p timele-load)
        "${spec[-2]}"
        ((${#COMPREPLY[@]} == 0)) || printf "%s\n" "${COMPREPLY[@]}"' bash \
        "$COMPLETIONS/timele-load.bash" "$@"
}

# expect_offers "OFFERED" WORD...: these words and no other.
expect_offers() {
    local offered
    rm -f compopt
    offered=$(bash_offers "${@:2}" | xargs)
    [[ $offered == "$1" ]] || unexpected "expected behind ${*:2}: $1" "offered: $offered"
}

expect_compopt() {
    [[ $(xargs <compopt) == "$1" ]] || unexpected "expected: $1" "$(<compopt)"
}

@test "bash offers the options of --help" {
    local offered
    mapfile -t offered < <(bash_offers - | sed 's/=$//' | sort -u)
    expect_names bash "${offered[@]}"
    expect_offers '--verify --verify=' --veri
    expect_offers '--max-rejects=' --reset --max
    expect_compopt 'compopt +o bashdefault +o default compopt -o nospace'
    # Behind -- and in the place of a FILE readline offers files.
    expect_offers '' -- --ver
    expect_offers '' --check ord
    [[ ! -e compopt ]]
}

# What an option takes, it says itself when it gets something else.
@test "bash offers the values that the program takes" {
    local option offered value tried=0
    for option in $(bash_offers -- | grep '=$'); do
        mapfile -t offered < <(bash_offers "${option%=}" = '')
        ((${#offered[@]} > 0)) || continue
        run_load "${option}no-such-value" --check orders.csv
        expect_status 64
        if [[ $option == --floor= ]]; then
            expect_stderr_contains "takes ${offered[0]}N or ${offered[1]}N, not 'no-such-value'"
        else
            value=$(printf '%s, ' "${offered[@]}" | sed -E 's/, $//; s/, ([^,]*)$/ or \1/')
            expect_stderr_contains " takes $value"
        fi
        tried=$((tried + 1))
    done
    ((tried >= 7)) || unexpected "expected more options with words than $tried"
    expect_offers 'skip' --mode = s
    expect_offers 'skip' --mode s
    # Where COMP_WORDBREAKS has no =.
    expect_offers '--mode=skip' --mode=s
    expect_offers 'full' --verify = ''
    expect_offers '' --verify ''
    expect_offers '' --wait ''
    expect_compopt 'compopt +o bashdefault +o default'
}

@test "bash offers directories for --rejects, and files for --report and --id-map" {
    expect_offers '' --rejects s
    expect_compopt 'compopt +o bashdefault +o default -o dirnames'
    expect_offers '' --report = ord
    expect_offers '' --id-map ord
    [[ ! -e compopt ]]
    expect_offers '--rejects=set-aside' --rejects=
    expect_offers '--report=orders.csv' --report=ord
}

# in_terminal SHELL KEYS: what the shell of a terminal says while these keys are typed.
in_terminal() {
    printf '%b' "$2\nexit\n" | TERM=dumb timeout --kill-after=5 60 script -qec "$1" /dev/null
}

# Its value may begin the line of what a shell says: terminals want many other characters.
expect_said() {
    [[ $1 == *"$2"* ]] || unexpected "expected: $2" "$(cat -v <<<"$1")"
}

# The last line of the keys is a command that prints its arguments.
KEYS='timele-load --mod\tups\t --rej\tset\t --verb\t --floor=u\t4 my\t --report=ord\t'
TYPED='<--mode=upsert><--rejects=set-aside/><--verbose><--floor=users=4><my users.csv><--report=orders.csv>'

@test "bash completes a line that is typed" {
    printf '%s\n' "source '$COMPLETIONS/timele-load.bash'" \
        'timele-load() { printf "<%s>" "$@"; echo; }' >rc
    expect_said "$(in_terminal 'bash --noprofile --rcfile rc -i' "$KEYS")" "$TYPED"
}

@test "zsh offers the options of --help, and completes a line that is typed" {
    local names
    mapfile -t names < <(sed -nE "s/^    ('[^']*')?(\{?-[^'[]*)'.*/\2/p" "$COMPLETIONS/timele-load.zsh" |
        tr -d '{}' | tr ',' '\n' | sed -E 's/(=-?|\+)$//')
    expect_names zsh "${names[@]}"
    type -P zsh >/dev/null || skip 'zsh is not installed'
    mkdir functions
    cp "$COMPLETIONS/timele-load.zsh" functions/_timele-load
    # shellcheck disable=SC2016 # for zsh
    printf '%s\n' 'fpath=($PWD/functions $fpath)' 'autoload -Uz compinit' 'compinit -u -D' \
        'timele-load() { print -r -- "<${(j:><:)@}>" }' >.zshrc
    expect_said "$(ZDOTDIR=$PWD in_terminal 'zsh --no-global-rcs -i' "$KEYS")" \
        "${TYPED/set-aside\//set-aside}"
}

# fish_offers LINE: a line for each offer, without what is said of it.
fish_offers() {
    HOME=$PWD fish --no-config --command 'source $argv[1]; complete --do-complete $argv[2]' -- \
        "$COMPLETIONS/timele-load.fish" "$1" | cut -f 1
}

expect_fish_offers() {
    local offered
    offered=$(fish_offers "$2" | sort)
    [[ $offered == "$1" ]] || unexpected "expected behind $2: $1" "offered: $offered"
}

@test "fish offers the options of --help, words, files and directories" {
    local names
    mapfile -t names < <(sed -nE 's/^complete -c timele-load (-s (.) )?-l ([a-z-]+) .*/-\2\n--\3/p' \
        "$COMPLETIONS/timele-load.fish" | grep -v '^-$')
    expect_names fish "${names[@]}"
    type -P fish >/dev/null || skip 'fish is not installed'
    mapfile -t names < <(fish_offers 'timele-load -' | grep -v '=$')
    expect_names fish "${names[@]}"
    expect_fish_offers $'insert\nreplace\nskip\nupsert' 'timele-load --mode '
    expect_fish_offers '--mode=upsert' 'timele-load --mode=u'
    expect_fish_offers '--verify=full' 'timele-load --verify='
    expect_fish_offers 'set-aside/' 'timele-load --rejects '
    expect_fish_offers '--rejects=set-aside/' 'timele-load --rejects=se'
    expect_fish_offers '--report=orders.csv' 'timele-load --report=or'
    expect_fish_offers 'orders.csv' 'timele-load --check or'
    expect_fish_offers '' 'timele-load --wait '
}
