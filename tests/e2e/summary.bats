#!/usr/bin/env bats
#
# What a run that went well says: the summary on standard output, and how much of it.

load harness
load small_shop

SAMPLE=$PROJECT_ROOT/data/sample

# expect_summary_line PATTERN: one line of standard output, blanks squeezed, matches the whole ERE.
expect_summary_line() {
    tr --squeeze-repeats ' ' <<<"$output" | grep --quiet --extended-regexp --line-regexp -e "$1" ||
        unexpected "expected a line like: $1"
}

# expect_tidy [COLUMNS]: no line is wider, none has a blank at its end, a tab or a colour.
expect_tidy() {
    local line
    for line in "${lines[@]}"; do
        [[ ${#line} -le ${1:-80} && $line != *[[:space:]] && $line != *[[:cntrl:]]* ]] ||
            unexpected "${#line} columns, or a blank at the end: $line"
    done
}

# expect_aligned HEADING COLUMN-TITLE...: below the line that starts with HEADING, up to an empty
# one, all numbers of a column end where its title ends.
expect_aligned() {
    local heading title end line cell
    heading=$(grep --max-count=1 "^$1 " <<<"$output") || unexpected "no line starts with: $1"
    for title in "${@:2}"; do
        end=${heading%%"$title"*}$title
        while IFS= read -r line && [[ -n $line ]]; do
            cell=${line:0:${#end}}
            [[ $cell == *[0-9] && ${line:${#end}:1} =~ ^( |)$ ]] ||
                unexpected "not aligned under \"$title\": $line"
        done < <(sed "0,/^$1 /d" <<<"$output")
    done
}

@test "the summary tells files, foreign keys, sequences and time" {
    write_history
    write_catalogue
    run_load --create-schema {users,orders,items,products,aisles,departments}.csv
    expect_status 0
    expect_stdout_line 'schema: created what was missing'
    expect_summary_line 'users.csv users 2 2( [0-9,]+)?'
    expect_summary_line 'orders.csv orders 3 3( [0-9,]+)?'
    expect_summary_line 'items.csv order_items 5 5( [0-9,]+)?'
    expect_summary_line 'products.csv products 3 3( [0-9,]+)?'
    expect_summary_line 'aisles.csv aisles 2 2( [0-9,]+)?'
    expect_summary_line 'departments.csv departments 2 2( [0-9,]+)?'
    expect_summary_line 'orders.user_id -> users.users 3 valid'
    expect_summary_line 'order_items.order_id -> orders.orders 5 valid'
    expect_summary_line 'order_items.product_id -> products.products 5 valid'
    expect_summary_line 'products.aisle_id -> products.aisles 3 valid'
    expect_summary_line 'products.department_id -> products.departments 3 valid'
    # Those that did not move are not told.
    expect_nowhere users.users_id_seq
    expect_nowhere orders.carts_id_seq
    expect_summary_line 'products.products_product_id_seq 104'
    expect_summary_line 'products.aisles_aisle_id_seq 101'
    expect_summary_line 'products.departments_department_id_seq 22'
    expect_summary_line '17 rows loaded in [0-9]+\.[0-9]{2} s( \([0-9,]+ rows/s\))?'
    expect_stdout_line "committed to $PGDATABASE on $PGHOST"
    expect_tidy
}

@test "inferred rows are told apart from those of a file" {
    write_history
    run_load --create-schema users.csv orders.csv items.csv
    expect_status 0
    expect_summary_line '\(inferred\) products 0 3'
    expect_summary_line '\(inferred\) aisles 0 1'
    expect_summary_line '\(inferred\) departments 0 1'
    expect_summary_line 'products.aisle_id -> products.aisles 3 valid'
    expect_summary_line '15 rows loaded .*'
    expect_tidy
}

@test "numbers have thousands separators, columns are aligned, lines fit in 80 columns" {
    COLUMNS=80 run_load --create-schema "$SAMPLE"/{users,orders,order_products,products,aisles,departments}.csv
    expect_status 0
    expect_summary_line '[^ ]*order_products.csv order_items 10,000 10,000( [0-9,]+)?'
    expect_summary_line 'order_items.order_id -> orders.orders 10,000 valid'
    expect_summary_line '11,735 rows loaded .*'
    expect_tidy
    expect_aligned file 'rows read' loaded
    expect_aligned 'foreign key' rows
    expect_aligned sequence 'next value'
}

@test "a long path is cut at its start, between letters" {
    local directory
    directory=$(printf 'ö%.0s' {1..60})
    mkdir "$directory"
    write_history
    mv users.csv "$directory/ß-users.csv"
    COLUMNS=80 run_load --create-schema "$directory/ß-users.csv" orders.csv
    expect_status 0
    expect_summary_line '\.\.\.ö*/ß-users.csv users 2 2( [0-9,]+)?'
    iconv --from-code UTF-8 --to-code UTF-8 <<<"$output" >/dev/null
    expect_tidy
    expect_aligned file 'rows read' loaded
    # In a pipe it is whole.
    run_load --mode=skip -v "$directory/ß-users.csv" orders.csv
    expect_status 0
    expect_summary_line "$directory/ß-users.csv users 2 0( [0-9,]+)?"
    expect_stdout_line "$directory/ß-users.csv: 2 kept as the database has them"
}

# Whatever the files are called; "注" takes two columns, "é" of two characters one.
@test "no line is wider than a terminal of 40 to 200 columns, and no number is cut" {
    local columns wide=注注注注注注注注注注注注-users.csv combined
    printf -v combined 'cafe\u0301-orders.csv'
    write_history
    mv users.csv "$wide"
    mv orders.csv "$combined"
    echo '14,7,prior,1,1,1,' >>"$combined"
    for columns in 40 57 80 200; do
        COLUMNS=$columns run_load --reset --create-schema --verify --infer=products \
            --rejects="rejects-$columns" "$wide" "$combined" items.csv
        expect_status 1
        [[ $output =~ \ 4\ +3 ]] || unexpected
        expect_stdout_contains 'next value'
        [[ $output =~ 'no row'|rejected ]] || unexpected
        # The two kinds of letters are as wide as these.
        output=${output//注/ww} output=${output//$'\u0301'/}
        readarray -t lines <<<"$output"
        expect_tidy "$columns"
        COLUMNS=$columns run_load --check "$wide" items.csv
        expect_status 0
        output=${output//注/ww}
        readarray -t lines <<<"$output"
        expect_tidy "$columns"
    done
    # A terminal says itself how wide it is.
    for columns in 40 120; do
        script --quiet --return --command \
            "stty cols $columns rows 24; exec '$TIMELE_LOAD' --progress=never --check items.csv" \
            screen </dev/null >/dev/null 3>&-
        readarray -t lines < <(tr -d '\r' <screen | grep -v '^Script ')
        expect_tidy "$columns"
        output=$(<screen)
        [[ $output == *'order_items.product_id (no file has products)'* || $columns == 40 ]] ||
            unexpected
    done
    [[ $output == *'  order_items.product_id '* ]] || unexpected
}

@test "nothing new is said once, in a line" {
    local seconds='[0-9]+\.[0-9]{2} s'
    load_shop
    # Neither a note nor a table, and no commit of nothing.
    expect_nothing_new() {
        expect_status 0
        expect_silence
        [[ $output =~ ^"nothing new: $1 "\($seconds\)$ ]] || unexpected
    }
    run_load --mode=upsert --skip-loaded users.csv orders.csv items.csv
    expect_nothing_new '3 files loaded before'
    run_load --mode=upsert users.csv orders.csv
    expect_nothing_new '5 rows unchanged'
    cat users.csv >again.csv
    echo >>again.csv
    run_load --mode=skip --skip-loaded orders.csv again.csv
    expect_nothing_new '1 file loaded before, 2 rows kept as the database has them'
    run_load --mode=upsert --dry-run users.csv
    expect_status 0
    [[ ${#lines[@]} == 2 && ${lines[1]} == 'dry run: nothing committed to '* ]] || unexpected
    run_load --create-schema --mode=upsert users.csv
    expect_status 0
    [[ ${#lines[@]} == 3 && ${lines[0]} == schema:* && ${lines[2]} == 'committed to '* ]] || unexpected
    run_load -v --mode=upsert users.csv
    expect_stdout_line 'users.csv: 2 unchanged'
    expect_summary_line 'users.users_id_seq 400,000'
    run_load -q --mode=upsert --skip-loaded users.csv orders.csv
    expect_stdout ''
    # A sequence that the run sets is something new.
    printf 'aisle_id,aisle\n105,tea\n' >aisles.csv
    run_load -q --mode=upsert aisles.csv
    sql 'ALTER SEQUENCE products.aisles_aisle_id_seq RESTART 7'
    run_load --mode=upsert aisles.csv
    expect_status 0
    expect_stdout_contains 'nothing new: 1 row unchanged ('
    expect_summary_line 'products.aisles_aisle_id_seq 106'
    expect_stdout_line "committed to $PGDATABASE on $PGHOST"
}

@test "a foreign key counts what is loaded, not what is rejected" {
    load_shop
    printf '%s\n' order_id,user_id,order_number,order_dow,order_hour_of_day 21,1,1,1,1 22,7,1,1,1 23,x,1,1,1 \
        11,1,1,1,1 >more.csv
    run_load --mode=skip --rejects=rejects more.csv
    expect_status 1
    expect_summary_line 'more.csv orders 4 1( [0-9,]+)?'
    expect_summary_line 'orders.user_id -> users.users 1 valid'
    expect_stdout_contains '1 row loaded, 2 rejected in '
    run_load --check --rejects=checked users.csv more.csv
    expect_status 1
    expect_summary_line 'orders.user_id -> users.users 2 known'
    [[ $output != *loaded\ * && $(head -n 1 <<<"$output") == 'file       table   rows read'* ]] ||
        unexpected 'expected no column of loaded rows'
    # Of all rows.
    sed -i '2d;5d' more.csv
    run_load --rejects=rejects more.csv
    expect_status 1
    expect_nowhere valid
    expect_stdout_contains 'no row loaded, 2 rejected in '
}

@test "a sequence that gave ids to rows has moved" {
    load_shop
    printf 'order_id,status,changed_at\n11,pending,2024-01-01Z\n11,shipped,2024-01-02Z\n' >history.csv
    run_load history.csv
    expect_status 0
    expect_summary_line 'orders.order_status_history_history_id_seq 3'
    [[ $(grep -c '_seq ' <<<"$output") == 1 ]] || unexpected
}

@test "what was changed without files is told, and where" {
    load_shop
    run_load --create-schema
    expect_stdout $'schema: created what was missing\n'"committed to $PGDATABASE on $PGHOST"
    run_load --create-schema --dry-run
    expect_stdout $'schema: created what was missing\n'"dry run: nothing committed to $PGDATABASE on $PGHOST"
    run_load --verify --mode=upsert users.csv
    expect_summary_line 'ok orders.user_id -> users.users proven by orders_user_id_fkey'
    [[ ${lines[0]} == *invariant* && $output == *$'\n\nnothing new: 2 rows unchanged ('* ]] || unexpected
}

@test "a path cannot garble the terminal" {
    local path=$'red\e[31m\rusers.csv'
    write_history
    mv users.csv "$path"
    run_load --create-schema "$path"
    expect_status 0
    [[ $output != *[$'\e\r']* && $stderr != *[$'\e\r']* ]] || unexpected 'the path was not escaped'
}

@test "a long database name does not make a line longer" {
    local database
    database=$(printf 'd%.0s' {1..63})
    write_history
    maintain "DROP DATABASE IF EXISTS $database" "ALTER DATABASE $PGDATABASE RENAME TO $database"
    COLUMNS=80 run_load --create-schema --dbname="$database" users.csv
    maintain "ALTER DATABASE $database RENAME TO $PGDATABASE"
    expect_status 0
    expect_stdout_contains "dddddddddd on"$'\n'"  $PGHOST"
    expect_tidy
}

@test "a later run tells of its own rows only" {
    load_shop
    printf 'user_id,email_address\n3,eve@example.org\n' >users.csv
    run_load users.csv
    expect_status 0
    expect_silence
    expect_summary_line 'users.csv users 1 1( [0-9,]+)?'
    expect_summary_line '1 row loaded .*'
    [[ $output != *orders.orders\ * && $output != *schema:* && $output != *foreign\ key* ]] ||
        unexpected 'expected nothing of tables that were not loaded'
}

@test "every file of a table has its line" {
    write_history
    printf 'order_id,product_id,add_to_cart_order\n13,103,2\n' >train.csv
    run_load --create-schema users.csv orders.csv items.csv train.csv
    expect_status 0
    expect_summary_line 'items.csv order_items 5 5( [0-9,]+)?'
    expect_summary_line 'train.csv order_items 1 1( [0-9,]+)?'
    expect_summary_line 'order_items.order_id -> orders.orders 6 valid'
}

@test "standard input has a line too" {
    write_history
    run_load --create-schema - <users.csv
    expect_status 0
    expect_summary_line '(-|\(standard input\)) users 2 2( [0-9,]+)?'
}

@test "-q says nothing at all" {
    local option
    write_history
    for option in -q --quiet; do
        run_load $option --reset --create-schema users.csv orders.csv items.csv
        expect_status 0
        expect_stdout ''
        expect_silence
    done
    expect_sql 'SELECT count(*) FROM orders.order_items' 5
}

@test "-v says on standard error what is being done, and the summary stays as it is" {
    local plain option
    write_history
    run_load --create-schema users.csv orders.csv items.csv
    plain=$(grep -Ev ' rows loaded |_seq |^sequence' <<<"$output")
    for option in -v --verbose; do
        run_load $option --reset --create-schema users.csv orders.csv items.csv
        expect_status 0
        # All sequences are told, and the rest is the same.
        expect_summary_line 'users.users_id_seq 400,000'
        [[ $(grep -Ev ' rows loaded |^schema: dropped|_seq |^sequence' <<<"$output") == "$plain" ]] ||
            unexpected 'expected the same summary'
        ((${#stderr_lines[@]} > 2)) || unexpected 'expected more than the ignored columns'
    done
}

# Standard output that nobody can read is no reason to call committed rows a failure.
@test "a summary that cannot be written is a warning" {
    write_history
    run --separate-stderr bash -c '"$TIMELE_LOAD" --create-schema users.csv >/dev/full'
    expect_status 0
    expect_stderr_contains 'timele-load: warning: all is loaded, but the summary cannot be written'
    expect_sql 'SELECT count(*) FROM users.users' 2
}

@test "numbers look the same in every locale" {
    write_history
    LC_ALL=de_DE.UTF-8 run_load -v --create-schema users.csv
    expect_status 0
    expect_summary_line 'users.users_id_seq 400,000'
}
