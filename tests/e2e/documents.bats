#!/usr/bin/env bats
#
# README.md and the documents of docs/: their examples work as printed, their links lead somewhere.
#
# Each fenced block of commands says after its language how it is run:
#
#     sh runnable           here, in a clone with the program built, block after block. A document's
#     sh runnable in DIR    first block finds data/sample in the database, README.md's finds nothing
#     sql runnable          in between, with psql
#     sh NAME               by the test that has 'sh NAME'; with another language likewise
#     sh not run: WHY       by none
#
# shellcheck disable=SC2030,SC2031 # each test has a subshell, and run sets its $status there

load harness

README=$PROJECT_ROOT/README.md
SAMPLE=$PROJECT_ROOT/data/sample

setup_file() {
    start_file
    cd "$SAMPLE" || return 1
    run_load --create-schema ./*.csv
    expect_status 0
}

# expect_same WHAT ONE OTHER: two texts of one or more lines are the same.
expect_same() {
    [[ -n $2 ]] || unexpected "nothing was found to compare: $1"
    diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") >&2 || unexpected "expected the same $1 in both"
}

# blocks FILE INFO: the fenced blocks of a document that are marked so.
blocks() {
    awk -v info="$2" '/^```/ { inside = !inside && substr($0, 4) == info ? 1 : inside ? 0 : 2; next }
                      inside == 1' "$1"
}

@test "README.md has less than 250 lines" {
    (($(wc -l <"$README") < 250))
}

# documents: all of the project, as paths from its root.
documents() {
    (cd "$PROJECT_ROOT" && printf '%s\n' ./*.md docs/*.md bench/*.md data/sample/*.md) | sed 's,^\./,,'
}

# prose FILE: what stands outside of fenced blocks.
prose() {
    awk '/^```/ { inside = !inside; next } !inside' "$PROJECT_ROOT/$1"
}

# anchors FILE: what links to its headings are called, as GitHub does it.
anchors() {
    prose "$1" | sed -nE 's/^#+ +//p' | tr '[:upper:]' '[:lower:]' | sed -E 's/[^a-z0-9_ -]//g; s/ /-/g'
}

@test "every link of a document to a file and a heading leads there" {
    local document directory path anchor count=0
    while IFS= read -r document; do
        directory=$(dirname "$document")
        while IFS='#' read -r path anchor; do
            count=$((count + 1))
            path=${path:+$directory/$path}
            path=${path:-$document}
            [[ -e $PROJECT_ROOT/$path ]] || unexpected "$document: expected to exist: $path"
            [[ -z $anchor ]] || anchors "$path" | grep -qxF -e "$anchor" ||
                unexpected "$document: expected in $path: a heading $anchor"
        done < <(prose "$document" | grep -oE '\]\([^):]+\)' | sed -E 's/^\]\((.*)\)$/\1/')
    done < <(documents)
    ((count > 60)) || unexpected "expected more links than $count"
}

@test "README.md leads to every document of docs/, and these speak of no option that there is not" {
    local document
    for document in "$PROJECT_ROOT"/docs/*.md; do
        [[ $document == */torture.md ]] ||
            grep -qF "(docs/${document##*/})" "$README" || unexpected "expected in README.md: $document"
    done
    # The others name options of other programs, too.
    run comm -23 <(cat "$README" "$PROJECT_ROOT"/docs/{cron,files,guarantees,ids,modes,performance,rejects}.md |
        grep -oE -- '--[a-z][a-z-]+' | sort -u) \
        <("$TIMELE_LOAD" --help | grep -oE -- '--[a-z][a-z-]+' | sort -u)
    [[ -z $output ]] || unexpected 'expected none of these options'
}

@test "every block of commands says how it is run, or why it is not" {
    local document info count=0
    while IFS= read -r document; do
        while IFS= read -r info; do
            count=$((count + 1))
            case $info in
            text* | json* | 'sh runnable' | 'sh runnable in '?* | 'sql runnable') ;;
            *' not run: '?*) ;;
            # Marked by its language alone: one test for all of them.
            sql | graphql) [[ $document == docs/api.md ]] || unexpected "$document: unmarked: $info" ;;
            ?*' '?*) grep -rqF "'$info'" "$PROJECT_ROOT/tests/e2e" ||
                unexpected "$document: expected in a test: '$info'" ;;
            *) unexpected "$document: unmarked: $info" ;;
            esac
        done < <(awk '/^```/ { inside = !inside; if (inside) print substr($0, 4) }' "$PROJECT_ROOT/$document")
    done < <(documents)
    ((count > 60)) || unexpected "expected more blocks than $count"
}

@test "the scripts that README.md begins with can be run" {
    local scripts script
    scripts=$(blocks "$README" 'sh first commands')
    expect_same 'first commands' $'scripts/demo\nscripts/test' "$scripts"
    while IFS= read -r script; do
        [ -x "$PROJECT_ROOT/$script" ]
    done <<<"$scripts"
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

# What is built counts as made: that make builds it is what the tests stand on, and takes a while.
build_no_more() {
    local built arguments=()
    cp "${TIMELE_LOAD%/*}/api.sql" clone/build
    [[ ! -d ${TIMELE_LOAD%/*}/completions ]] || cp -r "${TIMELE_LOAD%/*}/completions" clone/build
    for built in timele-load api.sql completions/timele-load.{bash,zsh,fish}; do
        arguments+=("--assume-old=build/$built")
    done
    mkdir bin
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$(type -P make)" "${arguments[*]}" >bin/make
    chmod +x bin/make
    PATH=$BATS_TEST_TMPDIR/bin:$PATH
}

# expect_works DIRECTORY COMMANDS: run in the clone, in a shell of their own.
expect_works() {
    local uri="'postgresql://$PGUSER@/$PGDATABASE?host=$PGHOST&port=$PGPORT'"
    run --separate-stderr timeout --kill-after=5 1800 \
        sh -ec "cd '$BATS_TEST_TMPDIR/clone/$1'; ${2//'postgresql://USER@HOST/DATABASE'/"$uri"}"
    ((status == 0)) || unexpected "expected to work: $2"
}

# expect_blocks_work DOCUMENT: those that are runnable, one after another.
expect_blocks_work() {
    local block info directory commands
    rm -rf blocks
    mkdir blocks
    # Each with its mark in the first line.
    awk '/^```/ { inside = !inside; if (inside) file = sprintf("blocks/%02d", ++count) }
         inside { print > file }' "$PROJECT_ROOT/$1"
    for block in blocks/*; do
        [[ -e $block ]] || break
        info=$(head -n 1 "$block")
        commands=$(tail -n +2 "$block")
        directory=.
        case $info in
        '```sh runnable') ;;
        '```sh runnable in '*) directory=${info##* } ;;
        '```sql runnable') commands="psql -v ON_ERROR_STOP=1 <<'EXAMPLE'"$'\n'"$commands"$'\nEXAMPLE' ;;
        *) continue ;;
        esac
        expect_works "$directory" "$commands"
        blocks_run=$((blocks_run + 1))
    done
}

@test "the commands of README.md that are marked runnable work as printed" {
    local blocks_run=0
    start_empty_test
    setup_clone
    expect_works . 'make --dry-run BUILD=new'
    expect_stdout_contains 'link    new/timele-load'
    build_no_more
    expect_blocks_work README.md
    ((blocks_run >= 9)) || unexpected "expected more blocks than $blocks_run"
    [ -x "$HOME/.local/bin/timele-load" ]
    [ -r "$HOME/.local/share/man/man1/timele-load.1" ]
    expect_works . "make uninstall prefix=$HOME/.local"
    [[ -z $(find "$HOME/.local" ! -type d) ]] || unexpected "$(find "$HOME/.local")"
    # What it says of removing the tables is all that has to be removed.
    expect_sql "SELECT nspname FROM pg_namespace WHERE oid >= 16384 AND nspname !~ '^pg_'" ''
    expect_sql "SELECT typname FROM pg_type WHERE oid >= 16384" ''
}

@test "the commands of docs/ that are marked runnable work as printed" {
    local document documents blocks_run=0
    setup_clone
    mapfile -t documents < <(grep -lE '^```(sh|sql) runnable' "$PROJECT_ROOT"/docs/*.md)
    for document in "${documents[@]}"; do
        make_database "$PGDATABASE" "$FILE_DATABASE"
        expect_blocks_work "docs/${document##*/}"
    done
    ((blocks_run >= 15)) || unexpected "expected more blocks than $blocks_run"
}

@test "the CI job of docs/ci.md works as printed" {
    local commands
    setup_clone
    commands=$(blocks "$PROJECT_ROOT/docs/ci.md" 'yaml github' | sed -nE 's/^ +- run: //p')
    # A test installs nothing, and what make builds is built.
    expect_same 'first commands' $'scripts/install-dependencies build server\nmake' \
        "$(head -n 2 <<<"$commands")"
    [ -x "$PROJECT_ROOT/scripts/install-dependencies" ]
    expect_works . "$(tail -n +3 <<<"$commands")"
    expect_stdout_contains '11,735 rows loaded'
}

# As Kaggle has them: orders of two kinds, whose items come in a file for each, and each file in a zip.
write_instacart_files() {
    cp "$SAMPLE"/{orders,products,aisles,departments}.csv .
    awk -F, 'NR == 1 || $1 % 2 == 0' "$SAMPLE/order_products.csv" >order_products__prior.csv
    awk -F, 'NR == 1 || $1 % 2 == 1' "$SAMPLE/order_products.csv" >order_products__train.csv
    printf 'order_id,products\n17,39276 29259\n' >sample_submission.csv
    mkdir instacart
    python3 - <<'PYTHON'
import glob, zipfile
for name in glob.glob('*.csv'):
    with zipfile.ZipFile('instacart/' + name + '.zip', 'w', zipfile.ZIP_DEFLATED) as archive:
        archive.write(name)
        archive.writestr('__MACOSX/._' + name, b'\0\5\26\7')
PYTHON
}

@test "README.md's command for the files of Instacart works as printed" {
    local command
    start_empty_test
    setup_clone
    mkdir clone/kaggle
    (cd clone/kaggle && write_instacart_files)
    command=$(blocks "$README" 'sh instacart')
    expect_works kaggle "$command"
    # Unpacked, they are the same.
    expect_works kaggle "${command/% instacart/ .} --mode=upsert"
    expect_stdout_contains 'nothing new: 11,655 rows unchanged'
    expect_sql 'SELECT count(*) FROM users.users WHERE inferred' 80
    expect_sql 'SELECT count(*), sum(total_items) FROM orders.orders' '1000|10000'
    expect_sql 'SELECT count(*) FROM products.products WHERE inferred' 0
}

# Times and the database's name differ from run to run, and so does whether there are rates.
mask_summary() {
    awk '/^file / { end = index($0, "loaded") + length("loaded") } /^$/ { end = 0 }
         end > 0 { $0 = substr($0, 1, end - 1) } { print }' |
        sed -E 's/ in [0-9].* s \(.*\)$/ in TIME/; s/^(committed to ).*/\1DATABASE/; s/ +$//'
}

@test "the summary in README.md is the program's" {
    start_empty_test
    cd "$SAMPLE" || return 1
    run_load --create-schema users.csv orders.csv order_products.csv
    expect_status 0
    expect_same summary "$(blocks "$README" 'text summary' | mask_summary)" \
        "$(mask_summary <<<"$output")"
    [ "$(awk 'length > 80' <<<"$output")" = '' ]
}

@test "the messages in README.md are the program's" {
    local shown
    shown=$(blocks "$README" 'text messages')
    awk 'BEGIN { print "user_id,email_address"
                 for (line = 2; line <= 1002; line++) {
                     id = line == 1002 ? 688 : line == 137 ? 688 : 1000 + line
                     print id ",user" line "@example.org"
                 } }' >users.csv
    run_load --mode=upsert users.csv
    expect_status 2
    expect_stderr_line "$(head -n 1 <<<"$shown")"
    printf 'order_id,product_id,add_to_cart_order\n%s\n' \
        "$(sql 'SELECT order_id, product_id FROM orders.order_items ORDER BY 1, 2 LIMIT 1' --csv),1" \
        >order_products.csv
    run_load order_products.csv
    expect_status 2
    expect_same messages "$(tail -n +2 <<<"$shown" | sed -E 's/[0-9]+/N/g')" \
        "$(head -n 1 <<<"$stderr" | sed -E 's/[0-9]+/N/g')"
}

@test "the example of docs/rejects.md sets aside what it says" {
    local document=$PROJECT_ROOT/docs/rejects.md
    start_empty_test
    setup_clone
    mkdir clone/history
    printf 'user_id,email_address\n301,ada@example.com\n302,\n' >clone/history/users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n9001,301,1,1,1\n9002,302,1,1,1\n' \
        >clone/history/orders.csv
    run --separate-stderr sh -c "cd clone/history; $(blocks "$document" 'sh rejects')"
    expect_status 1
    expect_same messages "$(blocks "$document" 'text rejects')" "$stderr"
    expect_sql 'SELECT id, user_id FROM orders.orders' '9001|301'
}

CRON=$PROJECT_ROOT/docs/cron.md

# As cron does: nothing in the environment but what cron and the crontab put there, in the home; a %
# would end the command, and \% is one.
run_crontab() {
    local environment command
    mapfile -t environment < <(blocks "$CRON" 'text crontab' | grep -E '^[A-Z]+=' |
        sed "s,/usr/local/bin,$BATS_TEST_TMPDIR/clone/build,")
    command=$(blocks "$CRON" 'text crontab' |
        sed -nE 's/^[0-9]+ [0-9]+ \* \* \*  (.*)$/\1/p' | sed -E 's/(^|[^\])%.*/\1/; s/\\%/%/g')
    [[ ${#environment[@]} -eq 2 && -n $command ]]
    run env -i --chdir="$HOME" HOME="$HOME" LOGNAME=someone SHELL=/bin/sh PATH=/usr/bin:/bin "${environment[@]}" \
        /bin/sh -c "$command"
}

# The files and commands that docs/cron.md begins with.
setup_service() {
    local service
    service=$(blocks "$CRON" 'ini service')
    expect_same connection "$(blocks "$CRON" 'text pgpass' | sed -E 's/^(.*):5432:(.*):(.*):PASSWORD$/\1 \2 \3/')" \
        "$(sed -nE 's/^(host|dbname|user)=//p' <<<"$service" | paste -sd ' ')"
    sed -E "s,^host=.*,host=$PGHOST,; s/^dbname=.*/dbname=$PGDATABASE/; s/^user=.*/user=$PGUSER/" \
        <<<"$service" >home/.pg_service.conf
    expect_works . "$(blocks "$CRON" 'sh create')"
}

@test "the crontab of docs/cron.md loads in silence, and says what is wrong" {
    local rejects
    start_empty_test
    setup_clone
    setup_service
    mkdir home/incoming
    run_crontab
    expect_status 0
    expect_stdout ''
    cp "$SAMPLE"/*.csv home/incoming
    cp "$SAMPLE/orders.csv" home/incoming/half.csv.part
    printf 'name,colour\n"no end\n' >home/incoming/somebody_elses.csv
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
    echo 'user_id,email' >home/incoming/other.csv
    run_crontab
    expect_status 2
    expect_stdout_contains 'incoming/other.csv:1: the header is nearly that of "users": write email_address for "email"'
    [[ $(jq .exit_status home/report.json) == 2 ]]
}
