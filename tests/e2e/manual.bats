#!/usr/bin/env bats
#
# The man page says what the program does, and so do README.md and docs/files.md: these tests compare.
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

datasets_of_document() {
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
        }' "$PROJECT_ROOT/docs/files.md" | gather_datasets
}

# "dataset|table|column" lines, the columns of a dataset onto one line.
gather_datasets() {
    sort | awk -F'|' '{ key = $1 "|" $2 }
        key != last { if (last != "") print ""; printf "%s|", key; last = key }
        { printf " %s", $3 }
        END { print "" }'
}

@test "the man page and docs/files.md describe the same datasets and columns" {
    expect_same datasets "$(datasets_of_manual)" "$(datasets_of_document)"
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
    run_load --verbose --create-schema "${files[@]}"
    expect_status 0
    [[ $stderr != *ignored* && $stderr != *warning:* ]] || unexpected
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

# A comma in the midst of what Ql quotes would stand within the quotes, as if it were one word.
@test "each word that the man page quotes has quotes of its own" {
    if grep -nE '^\.(Pq )?Ql .* , |Ql .* Ql ' "$MANUAL" >&2; then
        return 1
    fi
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
