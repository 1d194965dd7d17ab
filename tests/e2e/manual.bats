#!/usr/bin/env bats
#
# The man page and README.md say what the program does: these tests compare.
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell, and run sets its $status there

load harness

MANUAL=$PROJECT_ROOT/man/timele-load.1
README=$PROJECT_ROOT/README.md

# expect_same WHAT ONE OTHER: two texts of one or more lines are the same.
expect_same() {
    [[ -n $2 ]] || {
        printf 'nothing was found to compare: %s\n' "$1" >&2
        return 1
    }
    diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") >&2 || {
        printf 'expected the same %s in both\n' "$1" >&2
        return 1
    }
}

# expect_subset WHAT SMALLER LARGER: every line of SMALLER is one of LARGER; both are sorted.
expect_subset() {
    local strangers
    [[ -n $2 ]] || {
        printf 'nothing was found to compare: %s\n' "$1" >&2
        return 1
    }
    strangers=$(comm -23 <(printf '%s\n' "$2") <(printf '%s\n' "$3"))
    [[ -z $strangers ]] || {
        printf 'not expected: %s\n%s\n' "$1" "$strangers" >&2
        return 1
    }
}

# section NAME: the source of a section of the man page.
section() {
    awk -v heading=".Sh $1" '/^\.Sh / { inside = $0 == heading; next } inside' "$MANUAL"
}

# As --help and the man page print them: "-d, --dbname=CONNINFO", "--verify[=full]".
options_of_help() {
    "$TIMELE_LOAD" --help | sed -nE 's/^( {2}| {6})(-[^ ,]+(, --[^ ]+)*).*/\2/p' | sort
}

options_of_manual() {
    section OPTIONS |
        sed -nE '/^\.It Fl/ { s/^\.It //; s/ Ns = Ns Ar /=/g; s/ Ns Op = Ns Cm (.*)/[=\1]/; s/Fl (\\&)?/-/g; s/ ,/,/g; p }' | sort
}

long_names_of_help() {
    options_of_help | grep -oE -- '--[a-z-]+' | sort -u
}

@test "--help and the man page name the same options and arguments" {
    expect_same options "$(options_of_help)" "$(options_of_manual)"
    expect_subset 'these must be there' $'--dbname\n--help' "$(long_names_of_help)"
}

@test "the man page speaks of no option that --help does not have" {
    expect_subset options \
        "$(sed -E 's/(Fl|\|) -/--/g' "$MANUAL" | grep -oE -- '--[a-z][a-z-]+' | sort -u)" \
        "$(long_names_of_help)"
}

@test "README.md speaks of no option that --help does not have" {
    expect_subset options "$(grep -oE -- '--[a-z][a-z-]+' "$README" | sort -u)" \
        "$(long_names_of_help)"
}

# A short name is enough: [-qv].
@test "the synopsis of the man page names every option" {
    local names option name found
    names=$(section SYNOPSIS | sed -E 's/(Fl|\|) -/ --/g' |
        awk '{ for (i = 1; i <= NF; i++) {
                   if ($i ~ /^--/) print $i
                   if ($(i - 1) == "Fl") for (j = 1; j <= length($i); j++) print "-" substr($i, j, 1)
               } }')
    while IFS= read -r option; do
        found=false
        for name in $(grep -oE -- '(^|, )--?[^,=[]+' <<<"$option" | tr -d ', '); do
            if grep -qxF -e "$name" <<<"$names"; then
                found=true
            fi
        done
        [[ $found == true ]] || unexpected "expected in the synopsis: $option"
    done < <(options_of_help)
}

statuses_of_program() {
    sed -nE 's/^ERROR_KIND\([A-Z]+, ([0-9]+), "[^"]*", "([^"]*)"\)$/\1 \2/p' \
        "$PROJECT_ROOT/src/base/error_kind.def"
}

@test "every exit status stands in the man page with what it means" {
    local statuses
    statuses=$(statuses_of_program)
    [ "$(wc -l <<<"$statuses")" -eq "$(grep -c '^ERROR_KIND' "$PROJECT_ROOT/src/base/error_kind.def")" ]
    expect_same 'exit statuses' "$(sed -E 's/ ([a-z])/ \u\1/; s/$/./' <<<"$statuses")" \
        "$(section 'EXIT STATUS' | awk '/^\.It [0-9]/ { status = $2; next }
                                        status != "" { print status, $0; status = "" }')"
}

@test "--help and README.md name the same exit statuses" {
    local statuses
    statuses=$(statuses_of_program | cut -d' ' -f1)
    expect_same 'exit statuses' "$statuses" \
        "$("$TIMELE_LOAD" --help | tr '\n' ' ' | sed -E 's/.*Exit status: ([^.]*)\..*/\1/' |
            grep -oE '\b[0-9]+\b')"
    expect_same 'exit statuses' "$statuses" \
        "$(sed -nE '/^\| exit status/,/^$/ s/^\| ([0-9, ]+) \|.*/\1/p' "$README" | grep -oE '[0-9]+')"
}

@test "every code of a reason stands in the man page with what it means" {
    local codes
    codes=$(sed -nE 's/^PROBLEM_CODE\([A-Z_]+, "([^"]*)", "([^"]*)"\)$/\1 \2/p' \
        "$PROJECT_ROOT/src/row/problem_code.def")
    [ "$(wc -l <<<"$codes")" -eq "$(grep -c '^PROBLEM_CODE' "$PROJECT_ROOT/src/row/problem_code.def")" ]
    expect_same codes "$(sed -E 's/ ([a-z])/ \u\1/' <<<"$codes")" \
        "$(section 'REJECTED ROWS' | awk '/^\.It Cm / { code = $3; next }
                                          code != "" { sub(/[.,]$/, ""); print code, $0; code = "" }')"
}

# One line a dataset: "users users.users *email_address city ...", the columns sorted.
datasets_of_manual() {
    section FILES | awk '
        /^\.Ss .*, into / { sub(/^\.Ss /, ""); sub(/, into /, "|"); dataset = $0; next }
        /^\.Ss/ { dataset = "" }
        dataset != "" && /^\.It Cm / {
            for (i = 3; i <= NF && $i != "No"; i++)
                if ($i != ",") print dataset "|" ($NF == "*" ? "*" : "") $i
        }' | gather_datasets
}

datasets_of_readme() {
    awk -F'|' '/^\| dataset/ { inside = 1; next } !/^\|/ { inside = 0 }
        inside && !/^\|-/ {
            gsub(/^ +| +$/, "", $2)
            gsub(/[` ]/, "", $3)
            print_columns($4, "*")
            print_columns($5, "")
        }
        function print_columns(text, mark, parts, count, i) {
            count = split(text, parts, "`")
            for (i = 2; i <= count; i += 2) print $2 "|" $3 "|" mark parts[i]
        }' "$README" | gather_datasets
}

# "dataset|table|column" lines, the columns of a dataset onto one line.
gather_datasets() {
    sort | awk -F'|' '{ key = $1 "|" $2 }
        key != last { if (last != "") print ""; printf "%s|", key; last = key }
        { printf " %s", $3 }
        END { print "" }'
}

@test "the man page and README.md describe the same datasets and columns" {
    expect_same datasets "$(datasets_of_manual)" "$(datasets_of_readme)"
}

# columns_of_manual DATASET: what its files may hold, in the form of a header line.
columns_of_manual() {
    datasets_of_manual | grep "^$1|" | cut -d'|' -f3 | tr -d '*' | xargs | tr ' ' ','
}

@test "the program takes every column that the man page names, into the table it names" {
    local dataset table columns files=()
    while IFS='|' read -r dataset table columns; do
        columns_of_manual "$dataset" >"${table#*.}.csv"
        files+=("${table#*.}.csv")
    done < <(datasets_of_manual)
    [ "${#files[@]}" -eq 8 ]
    run_load --create-schema "${files[@]}"
    expect_status 0
    expect_silence
    while IFS='|' read -r dataset table columns; do
        grep -qE "^${table#*.}\.csv +${table#*.} +0 +0$" <<<"$output" ||
            unexpected "expected a file for $table"
        expect_sql "SELECT to_regclass('$table') IS NOT NULL" t
    done < <(datasets_of_manual)
}

@test "without a column that the man page calls identifying, a file is not recognised" {
    local dataset table columns column identifying all tried=0
    while IFS='|' read -r dataset table columns; do
        identifying=$(grep -oE '\*[a-z_]+' <<<"$columns" | tr -d '*')
        all=$(columns_of_manual "$dataset" | tr ',' '\n')
        for column in $identifying; do
            grep -vxF "$column" <<<"$all" | paste -sd, >cut.csv
            run_load --check cut.csv
            expect_status 2
            expect_stderr_contains "cut.csv:1: the header is no dataset's"
            # With no column that another dataset may have as well.
            grep -vxF "$column" <<<"$identifying" | paste -sd, >cut.csv
            run_load --check cut.csv
            expect_status 2
            expect_stderr_contains "The nearest dataset is \"$dataset\", which needs $column too."
            tried=$((tried + 1))
        done
    done < <(datasets_of_manual)
    [ "$tried" -ge 22 ]
}

# What src/table says, its macros expanded.
columns_of_program() {
    local source
    for source in "$PROJECT_ROOT"/src/table/*.c; do
        # shellcheck disable=SC2086 # CC may be two words: ccache gcc
        ${CC:-cc} -E -P -I"$PROJECT_ROOT/src" "$source"
    done | grep -oE '\.header = "[a-z_]+"' | grep -oE '"[a-z_]+"' | tr -d '"' | sort -u
}

@test "every column that the program takes stands in the man page" {
    expect_same columns "$(columns_of_program)" \
        "$(datasets_of_manual | cut -d'|' -f3 | tr -d '*' | xargs -n1 | sort -u)"
}

@test "every class of texts that make differential lists stands in the man page" {
    local class classes
    classes=$(grep -o "THEN '[^']\([^']\|''\)*'" "$PROJECT_ROOT/tests/torture/differential.sql" |
        sed "s/^THEN '//; s/'$//; s/''/'/g" | sort -u)
    (($(wc -l <<<"$classes") > 20)) || unexpected "expected more classes: $classes"
    while IFS= read -r class; do
        sed -n '/^.Ss What PostgreSQL takes/,/^.El/p' "$PROJECT_ROOT/man/timele-load.1" |
            grep -qF -- " $class" || unexpected "expected in the man page: $class"
    done <<<"$classes"
}

@test "the messages that the man page explains are the program's" {
    local messages message
    messages=$(section MESSAGES | sed -n 's/^\.It Dq //p')
    [ -n "$messages" ]
    grep -rhoE --include='*.c' '"([^"\\]|\\.)*"' "$PROJECT_ROOT/src" >texts
    grep -rhoE --include='*.sql' "'[^']*'" "$PROJECT_ROOT"/{src,schema.sql} >>texts
    while IFS= read -r message; do
        grep -qF -e "$message" texts ||
            unexpected "expected in a message of the program: $message"
    done <<<"$messages"
}

# expect_no_warning COMMAND...: nothing on standard error.
expect_no_warning() {
    local warnings
    warnings=$("$@" 2>&1 >/dev/null) || true
    [[ -z $warnings ]] || {
        printf '%s:\n%s\n' "$*" "$warnings" >&2
        return 1
    }
}

@test "the man page is rendered without a warning" {
    local tools=()
    if type -P man >/dev/null && type -P groff >/dev/null; then
        tools+=(man)
        expect_no_warning man --warnings -E UTF-8 -l -Tutf8 -Z "$MANUAL"
    fi
    if type -P groff >/dev/null; then
        tools+=(groff)
        expect_no_warning groff -mandoc -ww -Tutf8 -z "$MANUAL"
    fi
    if type -P mandoc >/dev/null; then
        tools+=(mandoc)
        run mandoc -Tlint -Wwarning "$MANUAL"
        [ "$status" -eq 0 ]
    fi
    ((${#tools[@]} > 0)) || skip 'none of man, groff and mandoc is installed'
}

@test "every file that README.md and the other guides link to exists" {
    local guide links link
    for guide in "$PROJECT_ROOT"/*.md; do
        links=$(grep -oE '\]\([^)#:]+\)' "$guide" | sed -E 's/^\]\((.*)\)$/\1/') || true
        [[ -n $links || $guide != */README.md ]]
        while IFS= read -r link; do
            [[ -e $PROJECT_ROOT/$link ]] || unexpected "$guide: expected to exist: $link"
        done <<<"$links"
    done
}

@test "the targets, scripts and tests that CONTRIBUTING.md names exist" {
    local guide=$PROJECT_ROOT/CONTRIBUTING.md name
    while read -r _ name; do
        grep -qE "^$name:" "$PROJECT_ROOT/Makefile" || unexpected "expected a target: $name"
    done < <(grep -oE '\bmake [a-z][a-z_.-]+' "$guide")
    while IFS= read -r name; do
        [[ -e $PROJECT_ROOT/$name ]] || unexpected "expected to exist: $name"
    done < <(grep -oE '\b(scripts|tests/(unit|e2e))/[a-z_-]+(\.[a-z]+)?' "$guide")
}

@test "the scripts that README.md begins with can be run" {
    local scripts script
    scripts=$(readme_blocks sh)
    expect_same 'first commands' $'scripts/demo\nscripts/test' "$scripts"
    while IFS= read -r script; do
        [ -x "$PROJECT_ROOT/$script" ]
    done <<<"$scripts"
}

# readme_blocks INFO: the fenced blocks of README.md that are marked so.
readme_blocks() {
    awk -v info="$1" '/^```/ { inside = !inside && substr($0, 4) == info ? 1 : inside ? 0 : 2; next }
                      inside == 1' "$README"
}

# What a reader has: a clean clone with the program built, the program on the PATH, a home.
setup_clone() {
    mkdir clone home
    tar -C "$PROJECT_ROOT" --exclude=./.git --exclude=./build -cf - . | tar -C clone -xf -
    mkdir clone/build
    cp "$TIMELE_LOAD" clone/build/timele-load
    export HOME=$BATS_TEST_TMPDIR/home PATH=$BATS_TEST_TMPDIR/clone/build:$PATH
    # Of the make that runs these tests.
    unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
}

# expect_works DIRECTORY COMMANDS: run in the clone, in a shell of their own.
expect_works() {
    run --separate-stderr timeout --kill-after=5 1800 sh -ec "cd '$BATS_TEST_TMPDIR/clone/$1'; $2"
    ((status == 0)) || unexpected "expected to work: $2"
}

# Each block into a file of its own in blocks/, its mark on the first line.
split_readme() {
    mkdir blocks
    awk '/^```/ { inside = !inside; if (inside) file = sprintf("blocks/%02d", ++count) }
         inside { print > file }' "$README"
}

# As Kaggle has them: orders of two kinds, whose items come in a file for each.
write_instacart_files() {
    local sample=$PROJECT_ROOT/data/sample
    cp "$sample"/{orders,products,aisles,departments}.csv .
    awk -F, 'NR == 1 || $1 % 2 == 0' "$sample/order_products.csv" >order_products__prior.csv
    awk -F, 'NR == 1 || $1 % 2 == 1' "$sample/order_products.csv" >order_products__train.csv
}

@test "README.md's command for the files of Instacart works as printed" {
    setup_clone
    mkdir clone/instacart
    (cd clone/instacart && write_instacart_files)
    expect_works instacart "$(readme_blocks 'sh instacart')"
    expect_sql 'SELECT count(*) FROM users.users WHERE inferred' 80
    expect_sql 'SELECT count(*), sum(total_items) FROM orders.orders' '1000|10000'
    expect_sql 'SELECT count(*) FROM products.products WHERE inferred' 0
}

# Rates, times and the database's name differ from run to run.
mask_summary() {
    sed -E 's/^(.{68}).*/\1/; s/ in [0-9].* s \(.*\)$/ in TIME/; s/^(committed to ).*/\1DATABASE/; s/ +$//'
}

@test "the summary in README.md is the program's" {
    cd "$PROJECT_ROOT/data/sample" || return 1
    run_load --create-schema users.csv orders.csv order_products.csv
    expect_status 0
    expect_same summary "$(readme_blocks 'text summary' | mask_summary)" \
        "$(mask_summary <<<"$output")"
    [ "$(awk 'length > 80' <<<"$output")" = '' ]
}

# As cron does: nothing in the environment but what cron and the crontab put there, in the home; a %
# would end the command, and \% is one.
run_crontab() {
    local environment command
    mapfile -t environment < <(readme_blocks 'text crontab' | grep -E '^[A-Z]+=' |
        sed "s,/usr/local/bin,$BATS_TEST_TMPDIR/clone/build,")
    command=$(readme_blocks 'text crontab' |
        sed -nE 's/^[0-9]+ [0-9]+ \* \* \*  (.*)$/\1/p' | sed -E 's/(^|[^\])%.*/\1/; s/\\%/%/g')
    [[ ${#environment[@]} -eq 2 && -n $command ]]
    run env -i --chdir="$HOME" HOME="$HOME" LOGNAME=someone SHELL=/bin/sh PATH=/usr/bin:/bin "${environment[@]}" \
        /bin/sh -c "$command"
}

@test "the crontab of README.md loads in silence, and says what is wrong" {
    local rejects
    setup_clone
    timele-load -q --create-schema
    readme_blocks 'ini service' |
        sed -E "s,^host=.*,host=$PGHOST,; s/^dbname=.*/dbname=$PGDATABASE/; s/^user=.*/user=$PGUSER/" \
            >home/.pg_service.conf
    mkdir home/incoming
    cp "$PROJECT_ROOT"/data/sample/*.csv home/incoming
    # In the second night there is nothing new.
    for _ in 1 2; do
        run_crontab
        expect_status 0
        expect_stdout ''
        expect_sql 'SELECT count(*) FROM orders.order_items' 10000
    done
    printf 'user_id,email_address\n301,ada@example.com\n3x,eva@example.com\n' >home/incoming/new.csv
    run_crontab
    expect_status 1
    expect_stdout_contains 'incoming/new.csv:3: user_id: '
    expect_sql 'SELECT count(*) FROM users.users' 81
    # The night after, one mail says the same, and there is no second copy; no file is still new.
    for _ in 1 2; do
        run_crontab
        expect_status 1
        expect_stdout 'incoming/new.csv:3: user_id: not an integer ("3x")
timele-load: warning: incoming/new.csv: 1 of 2 rows rejected as before; they are in rejects/new.csv, the reasons in rejects/new.reasons.csv
timele-load: warning: all other rows are loaded; mend the rejected ones and load those files'
        rejects=(home/rejects*/*)
        [[ ${rejects[*]##*/} == 'new.csv new.reasons.csv' ]] || unexpected "${rejects[*]}"
    done
    # Mended in the file itself.
    sed -i s/3x/302/ home/incoming/new.csv
    for _ in 1 2; do
        run_crontab
        expect_status 0
        expect_stdout ''
        expect_sql 'SELECT count(*) FROM users.users' 82
    done
    # A row whose parent comes a night later.
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n9001,303,1,1,1\n9002,301,1,1,1\n' \
        >home/incoming/late.csv
    run_crontab
    expect_status 1
    expect_sql 'SELECT id FROM orders.orders WHERE id > 9000' 9002
    printf 'user_id,email_address\n303,ida@example.com\n' >home/incoming/later.csv
    run_crontab
    expect_status 0
    expect_stdout ''
    expect_sql 'SELECT id FROM orders.orders WHERE id > 9000 ORDER BY 1' $'9001\n9002'
    echo 'no,header' >home/incoming/other.csv
    run_crontab
    expect_status 2
    expect_stdout_contains 'incoming/other.csv:1: no column name in the first line (2 fields)'
    [[ $(jq .exit_status home/report.json) == 2 ]]
}

# The `make` of both is the same; the first has to build everything.
@test "the commands of README.md that are marked runnable, then its CI job's, work as printed" {
    local block info directory commands ran=0
    setup_clone
    split_readme
    # How well the compiler optimizes is not the question.
    export CFLAGS='-O0 -U_FORTIFY_SOURCE'
    for block in blocks/*; do
        info=$(head -n 1 "$block")
        case $info in
        '```sh runnable') directory=. ;;
        '```sh runnable in '*) directory=${info##* } ;;
        *) continue ;;
        esac
        expect_works "$directory" "$(tail -n +2 "$block")"
        ran=$((ran + 1))
    done
    [ "$ran" -eq "$(grep -c '^```sh runnable' "$README")" ]
    [ "$ran" -ge 6 ]
    [ -x "$HOME/.local/bin/timele-load" ]
    # There is no git in this clone.
    [[ $("$HOME/.local/bin/timele-load" --version | head -n 1) =~ ^timele-load\ [0-9.]+$ ]]
    [ -r "$HOME/.local/share/man/man1/timele-load.1" ]
    commands=$(readme_blocks yaml | sed -nE 's/^ +- run: //p')
    expect_same 'first command' 'scripts/install-dependencies build server' \
        "$(head -n 1 <<<"$commands")"
    # A test installs nothing.
    [ -x "$PROJECT_ROOT/scripts/install-dependencies" ]
    expect_works . "$(tail -n +2 <<<"$commands")"
    expect_stdout_contains '11,735 rows loaded'
}
