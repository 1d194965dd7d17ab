#!/usr/bin/env bats
#
# docs/api.md says what api.sql does.

load harness
load api_server
load api_sample
load documented_ids

start_reader() {
    coproc READER {
        PGTZ=UTC PGUSER=$api_server exec psql -Xq -v SHOW_CONTEXT=never 2>&1 3>&-
    }
    # A subshell has no coprocess.
    exec 8<&"${READER[0]}" 9>&"${READER[1]}"
}

# What a person sees who types it into psql, without blanks at the ends of lines.
run_example() {
    local line
    printf '%s;\n\\warn end\n' "$1" >&9
    while IFS= read -r -t 30 line <&8 && [[ $line != end ]]; do
        printf '%s\n' "$line"
    done | sed -E 's/^psql:<stdin>:[0-9]+: //; s/ +$//'
}

# Each SQL block and the text block after it, as examples/N.sql and examples/N.text.
split_examples() {
    mkdir examples
    awk '/^```/ { inside = !inside; kind = substr($0, 4); if (kind == "sql") count++; next }
         inside && (kind == "sql" || kind == "text") {
             print > sprintf("examples/%02d.%s", count, kind)
         }' "$API_DOCUMENT"
}

# check_example N: statement after statement, since one may use the id that another has made.
check_example() {
    local answer='' statement
    while IFS= read -r -d ';' statement; do
        answer+=$(run_example "$(with_uuids actual <<<"$statement")")$'\n'
        pair_uuids "$(<"$1.text")" "$answer"
        # psql leaves a blank line after each table, which $(...) takes away.
        [[ $answer == *$'row)\n' || $answer == *$'rows)\n' ]] && answer+=$'\n'
    done <"$1.sql"
    diff "$1.text" <(printf '%s' "$answer" | with_uuids documented | sed -e '${/^$/d}')
}

@test "every example of docs/api.md gives what the document shows" {
    local example name ran=0
    split_examples
    start_reader
    for example in examples/*.sql; do
        check_example "${example%.sql}"
        ran=$((ran + 1))
    done
    [ "$ran" -ge 13 ]
    # None is left out.
    cat examples/*.sql >shown
    for name in $(sql "SELECT relname FROM pg_class WHERE relnamespace = 'api'::regnamespace
                       UNION ALL SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace"); do
        grep -qE "api\.$name\b" shown || unexpected "expected in an example: api.$name"
    done
}

@test "docs/api.md lists the states that api.sql has, and the parameters of each function" {
    diff <(grep -oE '\bTE[0-9]{3}\b' "$API_SQL" | sort -u) \
        <(sed -nE 's/^\| `(TE[0-9]{3})` .*/\1/p' "$API_DOCUMENT" | sort)
    diff <(sql "SELECT proname || '(' || pg_get_function_arguments(oid) || ')' FROM pg_proc
                 WHERE pronamespace IN ('api'::regnamespace, 'api_auth'::regnamespace) ORDER BY 1" |
        sed -E 's/ (uuid|text|jsonb|integer|order_status_enum)//g; s/, ([a-z_]+ DEFAULT)/, [\1/; s/ DEFAULT [^,)]+//g; s/(\[.*)\)$/\1])/') \
        <(sed -nE 's/^### ([a-z_]+\(.*\))$/\1/p' "$API_DOCUMENT" | sort)
}
