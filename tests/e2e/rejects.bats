#!/usr/bin/env bats
#
# --rejects and --max-rejects: bad rows are set aside, the rest is loaded, exit status 1.

load harness
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    mkdir in
}

# expect_file NAME: its bytes are those of standard input.
expect_file() {
    diff - "$1" >&2 || unexpected "expected another content: $1"
}

# expect_rejects NAME...: what is in the directory rejects, and nothing else; all for the owner alone.
expect_rejects() {
    expect_equal "$(printf '%s\n' "$@")" "$(ls -A rejects)"
    expect_equal '' "$(find rejects -type f ! -perm 600)"
}

# expect_reasons NAME: rejects/NAME.reasons.csv is its header and standard input, in any order.
expect_reasons() {
    expect_equal file,line,column,code,reason,key "$(head -n 1 "rejects/$1.reasons.csv")"
    diff <(sort) <(tail -n +2 "rejects/$1.reasons.csv" | sort) >&2 ||
        unexpected "expected other reasons: $1"
}

# A shop in which something of every kind is wrong, and only that is.
write_bad_shop() {
    write_csv users.csv <<'END'
user_id,first_name,last_name,Password ,hashed_password,email_address,city
1,Ada,Adams,fake-1,hash-1,ada@example.org,
2,Bob,Baker,"fake,""-2
",hash-2,,Oslo
3,Cy,Cole,fake-3,hash-3,cy@example.org,Oslo
3,Cy,Cole,fake-4,hash-4,other@example.org,Oslo
5,Eve,Else,fa"ke-5,hash-5,eve@example.org,Oslo
6,Fay,fake-6,hash-6,fay@example.org,Oslo
7,Guy,Gore,fake-7,hash-7,ada@example.org,Oslo
END
    write_csv orders.csv <<'END'
order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order,created_at
11,1,prior,1,2,08,,2020-01-01
12,2,prior,1,9,24,7.5,never
13,2,prior,1,2,08,,2020-01-01
14,3,prior,1,2,08,,2020-01-01
15,3,prior,two,2,08,,2020-01-01
15,3,prior,2,2,08,,2020-01-01
3422000,3,prior,3,2,08,,2020-01-01
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,price
11,101,1,1,1.50
11,103,2,0,1
11,101,3,0,5
12,101,1,0,1
13,101,1,0,1
14,999,1,0,1
14,102,1,0,2
15,102,1,0,3
END
    write_csv history.csv <<'END'
order_id,status,changed_at
11,pending,2020-01-01
11,shipped,2020-01-03
11,pending,2020-01-01
13,pending,2020-01-01
14,delivered,2020-01-05
END
}

@test "bad rows are set aside with their reasons, children with their parents, and the rest is loaded" {
    write_catalogue
    write_bad_shop
    printf '102,"Apples, r\xe9d",24,4\r\n' >more.csv
    printf '\xef\xbb\xbf%s\r\n' '"product_id",product_name,aisle_id,department_id' |
        cat - more.csv >apples.csv
    sed -i '/^102/d' products.csv
    echo '102,"Apples, red",24,4' >>products.csv
    run_load --create-schema --rejects=rejects {users,orders,items,history}.csv \
        {products,apples,aisles,departments}.csv
    expect_status 1

    expect_rejects apples.csv apples.reasons.csv history.csv history.reasons.csv items.csv \
        items.reasons.csv orders.csv orders.reasons.csv users.csv users.reasons.csv
    [[ $(stat -c %a rejects) == 700 ]]
    expect_file rejects/users.csv <<'END'
user_id,first_name,last_name,Password ,hashed_password,email_address,city
2,Bob,Baker,,hash-2,,Oslo
3,Cy,Cole,,hash-4,other@example.org,Oslo
7,Guy,Gore,,hash-7,ada@example.org,Oslo
END
    expect_reasons users <<'END'
users.csv,3,email_address,required,"empty, but required",2
users.csv,6,user_id,duplicate,"stands twice, first on line 5 (""3"")",3
users.csv,7,Password ,format,"quote inside an unquoted field; not among the rejects, because nobody can tell its password",5
users.csv,8,city,format,"missing: the row has 6 fields, the header 7; not among the rejects, because nobody can tell its password",6
users.csv,9,email_address,duplicate,"stands twice, first on line 2 (""ada@example.org"")",7
END
    expect_file rejects/orders.csv <<'END'
order_id,user_id,eval_set,order_number,order_dow,order_hour_of_day,days_since_prior_order,created_at
12,2,prior,1,9,24,7.5,never
13,2,prior,1,2,08,,2020-01-01
15,3,prior,two,2,08,,2020-01-01
3422000,3,prior,3,2,08,,2020-01-01
END
    expect_reasons orders <<'END'
orders.csv,3,order_dow,range,"not in 0 to 6 (""9"")",12
orders.csv,3,order_hour_of_day,range,"not in 0 to 23 (""24"")",12
orders.csv,3,days_since_prior_order,type,"not a whole number (""7.5"")",12
orders.csv,3,created_at,type,"not a timestamp like 2016-08-19 09:16:40+00:00 (""never"")",12
orders.csv,4,user_id,parent_rejected,"user 2 was rejected: users.csv:3 (""2"")",13
orders.csv,6,order_number,type,"not an integer (""two"")",15
orders.csv,8,order_id,floor,"at or above the floor 3422000: ids from there on are the application's (""3422000"")",3422000
END
    expect_file rejects/items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,price
11,101,3,0,5
12,101,1,0,1
13,101,1,0,1
14,999,1,0,1
END
    expect_reasons items <<'END'
items.csv,4,product_id,duplicate,"stands twice, first on line 2 (""101"")",11/101
items.csv,5,order_id,parent_rejected,"order 12 was rejected: orders.csv:3 (""12"")",12/101
items.csv,6,order_id,parent_rejected,"order 13 was rejected: orders.csv:4 (""13"")",13/101
items.csv,7,product_id,foreign_key,"no such product in the files or the database (""999"")",14/999
END
    expect_reasons history <<'END'
history.csv,4,status,duplicate,"stands twice, first on line 2 (""pending"")",11/2020-01-01 00:00:00+00:00/pending
history.csv,5,order_id,parent_rejected,"order 13 was rejected: orders.csv:4 (""13"")",13/2020-01-01 00:00:00+00:00/pending
END
    expect_reasons apples <<'END'
apples.csv,2,product_name,encoding,"invalid UTF-8 (""Apples, r\xe9d"")",102
END
    cmp rejects/apples.csv apples.csv

    expect_sql 'SELECT id FROM users.users ORDER BY id' $'1\n3'
    expect_sql 'SELECT id, total_items, total_price, status FROM orders.orders ORDER BY id' \
        $'11|2|2.5|shipped\n14|1|2|delivered\n15|1|3|pending'
    expect_sql 'SELECT order_id, old_status, new_status FROM orders.order_status_history
                 ORDER BY 1, changed_at' $'11||pending\n11|pending|shipped\n14||delivered'

    expect_stderr_line 'orders.csv:4: user_id: user 2 was rejected: users.csv:3 ("2")'
    expect_stderr_line 'timele-load: warning: users.csv: 5 of 7 rows rejected; they are in rejects/users.csv, the reasons in rejects/users.reasons.csv'
    expect_stderr_line 'timele-load: warning: users.csv: 2 of them not in rejects/users.csv: too broken to find the password in, which must not be shown'
    expect_stdout_line 'orders.csv: 4 rows rejected, see rejects/orders.csv'
    expect_stderr_line 'timele-load: warning: all other rows are loaded; mend the rejected ones and load those files'
    expect_nobody_knows_passwords
    run ! grep -rE 'fa"?ke' rejects
    run ! grep hash- rejects/users.reasons.csv
}

@test "the mended rejects complete the load: the database is that of clean files" {
    local clean
    history() {
        sql "SELECT id, first_name, email_address, hashed_password FROM users.users ORDER BY id;
             SELECT id, user_id, order_number, total_items, total_price, status, updated_at,
                    delivery_name FROM orders.orders ORDER BY id;
             SELECT order_id, product_id, price FROM orders.order_items ORDER BY 1, 2;
             SELECT order_id, old_status, new_status, changed_at FROM orders.order_status_history
              ORDER BY 1, 4;
             SELECT product_id, product_name FROM products.products ORDER BY 1"
    }
    write_history
    sed -i '1s/$/,created_at/; 2,$s/$/,2020-01-01/' orders.csv
    write_catalogue
    write_csv history.csv <<'END'
order_id,status,changed_at
12,pending,2020-01-01
11,pending,2020-01-01
12,shipped,2020-01-02
END
    write_csv enriched.csv <<'END'
product_id,description,price
101,"Yellow,
and ""bent""",0.25
102,Red,1.5
END
    load_quietly --create-schema {users,orders,items,history,products,aisles,departments,enriched}.csv
    clean=$(history)

    # Something wrong with a user, an order, an item, a price, a product, a status change each.
    sed -i 's/ada@example.org//' users.csv
    sed -i 's/^13,2,prior,1,6/13,2,prior,1,7/' orders.csv
    sed -i 's/^12,102,2/12,102,x/' items.csv
    sed -i 's/0\.25/-0.25/' enriched.csv
    sed -i 's/103,Mystery box/103,/' products.csv
    sed -i 's/^12,shipped/12,sent/' history.csv
    run_load --reset --create-schema --rejects=rejects \
        {users,orders,items,history,products,aisles,departments,enriched}.csv
    expect_status 1
    expect_sql 'SELECT count(*) FROM orders.orders' 0
    expect_file rejects/enriched.csv <<'END'
product_id,description,price
101,"Yellow,
and ""bent""",-0.25
END
    sed -i 's/Adams,,hash-1,,/Adams,,hash-1,ada@example.org,/' rejects/users.csv
    sed -i 's/^13,2,prior,1,7/13,2,prior,1,6/' rejects/orders.csv
    sed -i 's/^12,102,x/12,102,2/' rejects/items.csv
    sed -i 's/,-0\.25/,0.25/' rejects/enriched.csv
    sed -i 's/103,,/103,Mystery box,/' rejects/products.csv
    sed -i 's/^12,sent/12,shipped/' rejects/history.csv
    rm rejects/*.reasons.csv
    load_quietly rejects/*.csv
    expect_equal "$clean" "$(history)"
}

@test "files are called after the input: compressed, standard input, and the same name twice" {
    local header=aisle_id,aisle
    mkdir other
    printf '%s\r\n' $header 1,bread x,y >in/aisles.csv
    printf '%s\r' $header 2,milk 2,sour >other/aisles.csv
    { printf '\n\n%s\n\n"3\n4",bad\n\n' $header && printf '5,"a\nb"\n6,\n\n\n'; } | gzip >aisles.csv.gz
    printf '%s\n7,ham\n-8,egg' $header >input
    run --separate-stderr "$TIMELE_LOAD" --create-schema --rejects=rejects/ in/aisles.csv \
        other/aisles.csv aisles.csv.gz - <input
    expect_status 1
    expect_rejects aisles-2.csv aisles-2.reasons.csv aisles-3.csv aisles-3.reasons.csv aisles.csv \
        aisles.reasons.csv stdin.csv stdin.reasons.csv
    printf '%s\r\n' $header x,y | expect_file rejects/aisles.csv
    printf '%s\r' $header 2,sour | expect_file rejects/aisles-2.csv
    printf '\n\n%s\n"3\n4",bad\n6,\n' $header | expect_file rejects/aisles-3.csv
    printf '%s\n-8,egg\n' $header | expect_file rejects/stdin.csv
    expect_equal 'other/aisles.csv,3,aisle_id,duplicate,"stands twice, first on line 2 (""2"")",2' \
        "$(tail -n +2 rejects/aisles-2.reasons.csv)"
    expect_equal '-,3,aisle_id,range,"below 1, where ids start (""-8"")",' \
        "$(tail -n +2 rejects/stdin.reasons.csv)"
    expect_sql 'SELECT aisle_id FROM products.aisles ORDER BY 1' $'1\n2\n5\n7'
}

@test "more than --max-rejects: nothing is loaded, and no file is left" {
    local before most
    setup_schema
    before=$(snapshot)
    printf 'aisle_id,aisle\n1,a\nx,b\ny,c\n4,d\n' >aisles.csv
    for most in 0 1 0% 49.9999%; do
        run_load --rejects=rejects --max-rejects=$most aisles.csv
        expect_status 2
        expect_stderr_line "timele-load: error: 2 of 4 rows are bad, more than --max-rejects=$most allows; nothing was loaded"
        expect_stdout ''
        [[ ! -e rejects ]]
    done
    expect_unchanged "$before"
    for most in 2 50%; do
        run_load --check --rejects=rejects-$most --max-rejects=$most aisles.csv
        expect_status 1
        expect_stdout_line '2 rows are bad, nothing loaded'
        [[ -s rejects-$most/aisles.csv ]]
    done
    run_load --dry-run --rejects=rejects-dry aisles.csv
    expect_status 1
    expect_nowhere 'all other rows are loaded'
    cmp rejects-dry/aisles.csv rejects-2/aisles.csv
    expect_unchanged "$before"
    run_load --max-rejects=1 aisles.csv
    expect_status 64
    for most in '' x -1 1.5 % -1% 1e999% 5%% 101%; do
        run_load --rejects=rejects "--max-rejects=$most" aisles.csv
        expect_status 64
    done
}

@test "nothing to reject: status 0, and neither files nor directory are left" {
    write_history
    run_load -q --create-schema --rejects=rejects users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    [[ ! -e rejects ]]
    mkdir rejects
    load_quietly --reset --create-schema --rejects=rejects users.csv orders.csv items.csv
    expect_rejects ''
}

@test "a run that fails leaves no rejects" {
    local before
    write_history
    setup_schema
    sql "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         \$\$BEGIN RAISE EXCEPTION 'no'; END\$\$;
         CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON orders.orders INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION refuse()"
    before=$(snapshot)
    sed -i 's/ada@example.org//' users.csv
    run_load --rejects=rejects users.csv orders.csv items.csv
    expect_status 3
    [[ ! -e rejects ]]
    # What stands behind an open quote may be a thousand rows: they are not passed over.
    mkdir rejects
    echo '14,"2,prior,1,1,1,' >>orders.csv
    echo '15,2,prior,1,1,1,' >>orders.csv
    run_load --rejects=rejects users.csv orders.csv items.csv
    expect_status 2
    expect_stderr_line 'timele-load: error: orders.csv cannot be read from line 5 on; nothing was loaded'
    expect_rejects ''
    expect_unchanged "$before"
}

@test "records of 50 MB beside a password: broken or whole, they are not held in memory" {
    local columns
    if ldd "$TIMELE_LOAD" | grep -q libasan; then
        skip 'AddressSanitizer needs terabytes of addresses'
    fi
    setup_schema
    columns=$(printf ',c%d' {1..50})
    (printf , && head -c 1000000 /dev/zero | tr '\0' x) >value
    for _ in {1..50}; do cat value; done >values
    {
        printf 'user_id,email_address,password%s\n' "$columns"
        printf '2,a@example.org,"fake-2"x'
        cat values
        printf '\nx,b@example.org,"fake,""-3"'
        cat values
        printf '\n4,c@example.org,fake-4%s\n' "${columns//[^,]/}"
    } >users.csv
    # shellcheck disable=SC2016 # for the inner shell
    run --separate-stderr bash -c 'ulimit -v 80000; exec "$TIMELE_LOAD" --rejects=rejects users.csv'
    expect_status 1
    expect_stderr_contains 'users.csv: 2 of 3 rows rejected'
    expect_stderr_contains 'users.csv: 1 of them not in rejects/users.csv: too broken'
    {
        printf 'user_id,email_address,password%s\nx,b@example.org,' "$columns"
        cat values
        printf '\n'
    } | cmp - rejects/users.csv
    run ! grep -rE 'fake' rejects
    expect_sql 'SELECT id FROM users.users' 4
}

@test "files that cannot be written: status 4, and nothing is loaded" {
    local before name
    write_history
    setup_schema
    before=$(snapshot)
    sed -i 's/ada@example.org//' users.csv
    mkdir rejects
    for name in nowhere/rejects users.csv /proc; do
        run_load --rejects=$name users.csv orders.csv items.csv
        expect_status 4
        expect_stderr_contains "$name"
    done
    # The soft limit on the size of files stands in for a full disk, for records and for reasons.
    awk 'BEGIN { print "aisle_id,aisle"; for (i = 0; i < 3000; i++) print "x," i }' >aisles.csv
    awk 'BEGIN { print "aisle_id,aisle,x"; for (i = 0; i < 300; i++) printf("x,%d,%0999d\n", i, 0) }' >wide.csv
    for name in aisles wide; do
        run --separate-stderr bash -c "ulimit -f 64; trap '' XFSZ; exec \"\$@\"" - "$TIMELE_LOAD" \
            --rejects=rejects $name.csv
        expect_status 4
        expect_stderr_contains "cannot write rejects/$name."
        expect_stderr_contains 'csv: File too large'
        expect_rejects ''
    done
    expect_unchanged "$before"
}

@test "files that an earlier run left: the same stay, others get a number, none is touched" {
    local before
    setup_schema
    mkdir other
    printf 'aisle_id,aisle\nx,a\ny,b' >aisles.csv
    printf 'aisle_id,aisle\nz,c\n' >other/aisles.csv
    run_load --check --rejects=rejects aisles.csv
    expect_status 1
    before=$(stat -c '%i %y' rejects/*)
    run_load --check --rejects=rejects/ aisles.csv
    expect_status 1
    expect_stderr_line 'timele-load: warning: aisles.csv: 2 of 2 rows rejected as before; they are in rejects/aisles.csv, the reasons in rejects/aisles.reasons.csv'
    expect_equal "$before" "$(stat -c '%i %y' rejects/*)"
    expect_rejects aisles.csv aisles.reasons.csv
    # Two files of one name, one of which is new.
    run_load --check --rejects=rejects other/aisles.csv aisles.csv
    expect_status 1
    expect_stderr_contains 'other/aisles.csv: 1 of 1 rows rejected; they are in rejects/aisles-2.csv'
    expect_stderr_contains 'aisles.csv: 2 of 2 rows rejected as before; they are in rejects/aisles.csv'
    run_load --check --rejects=rejects aisles.csv other/aisles.csv
    expect_stderr_contains 'other/aisles.csv: 1 of 1 rows rejected as before; they are in rejects/aisles-2.csv'
    # What a person has mended is not the same any more.
    sed -i s/^x/1/ rejects/aisles.csv
    run_load --check --rejects=rejects aisles.csv
    expect_stderr_contains 'aisles.csv: 2 of 2 rows rejected; they are in rejects/aisles-3.csv'
    expect_equal $'aisle_id,aisle\n1,a\ny,b' "$(<rejects/aisles.csv)"
    expect_rejects aisles{-2,-3,}.{csv,reasons.csv}
    # As a run leaves it that is killed between the names of both.
    rm rejects/aisles{-2,-3,}.csv
    run_load --check --rejects=rejects aisles.csv
    expect_status 1
    expect_stderr_contains 'aisles.csv: 2 of 2 rows rejected; they are in rejects/aisles-4.csv'
    expect_rejects aisles{-2,-3}.reasons.csv aisles-4.{csv,reasons.csv} aisles.reasons.csv
}

@test "whatever is there already, the next run finds a free name and touches nothing" {
    local before run
    setup_schema
    printf 'aisle_id,aisle\nx,a\ny,b' >aisles.csv
    # Another's, what a person has mended or moved away half of, links, a FIFO, what a killed run left.
    mkdir -p rejects/aisles-6.csv
    echo mine >rejects/aisles.csv
    echo mended >rejects/aisles-2.reasons.csv
    ln -s nowhere rejects/aisles-3.csv
    mkfifo rejects/aisles-4.{csv,reasons.csv}
    printf 'aisle_id,aisle\nx,a\n' >rejects/aisles-5.csv
    : >rejects/aisles-5.reasons.csv
    chmod 400 rejects/aisles-5.csv
    echo half >rejects/aisles-7.csv.timele-load-aB3xY9
    before=$(find rejects ! -name '*.timele-load-*' -type f -printf '%P %i %T@\n' | sort)
    for run in '' ' as before'; do
        run_load --check --rejects=rejects aisles.csv
        expect_status 1
        expect_stderr_contains "aisles.csv: 2 of 2 rows rejected$run; they are in rejects/aisles-7.csv"
        expect_equal "$before" "$(find rejects -type f ! -name 'aisles-7.*' -printf '%P %i %T@\n' | sort)"
    done
    expect_equal $'aisle_id,aisle\nx,a\ny,b' "$(<rejects/aisles-7.csv)"
    expect_equal 10 "$(find rejects -mindepth 1 | wc -l)"
    # Mended where they are, and loaded from there; what is still wrong gets a name of its own.
    sed -i s/^x/1/ rejects/aisles-7.csv
    run_load --check --rejects=rejects rejects/aisles-7.csv
    expect_status 1
    expect_stderr_contains '1 of 2 rows rejected; they are in rejects/aisles-7-2.csv'
    rm rejects/aisles-7{.csv,-2.reasons.csv}
    run_load --check --rejects=rejects aisles.csv rejects/aisles-7-2.csv
    expect_status 1
    [[ -f rejects/aisles-8.csv && -f rejects/aisles-7-2-2.csv ]]
}

@test "a row with the key of a bad one is good; children go by what is there in the end" {
    write_catalogue
    write_history
    load_quietly --create-schema {users,orders,items,products,aisles,departments}.csv
    write_csv users2.csv <<'END'
user_id,email_address
2,again@example.org
21,
21,good@example.org
22,taken@example.org
22,
23,taken@example.org
24,bob@example.org
END
    write_csv orders2.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,external_order_id
31,99,1,1,1,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
31,21,1,1,1,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
32,2,1,1,1,
33,23,1,1,1,
34,99,1,1,1,1b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
35,22,1,1,1,1b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
END
    write_csv items2.csv <<'END'
order_id,product_id,add_to_cart_order,price
31,101,1,1
32,101,1,1
33,101,1,1
12,103,3,1
12,101,3,1
32,102,1,4
32,101,2,9
END
    run_load --rejects=rejects users2.csv orders2.csv items2.csv
    expect_status 1
    expect_reasons users2 <<'END'
users2.csv,2,user_id,exists,"is in the database already (""2"")",2
users2.csv,3,email_address,required,"empty, but required",21
users2.csv,6,email_address,required,"empty, but required",22
users2.csv,7,email_address,duplicate,"stands twice, first on line 5 (""taken@example.org"")",23
users2.csv,8,email_address,exists,"is in the database already, with user 2 (""bob@example.org"")",24
END
    expect_reasons orders2 <<'END'
orders2.csv,2,user_id,foreign_key,"no such user in the files or the database (""99"")",31
orders2.csv,5,user_id,parent_rejected,"user 23 was rejected: users2.csv:7 (""23"")",33
orders2.csv,6,user_id,foreign_key,"no such user in the files or the database (""99"")",34
END
    expect_reasons items2 <<'END'
items2.csv,4,order_id,parent_rejected,"order 33 was rejected: orders2.csv:5 (""33"")",33/101
items2.csv,6,product_id,exists,"order 12 has it in the database already (""101"")",12/101
items2.csv,8,product_id,duplicate,"stands twice, first on line 3 (""101"")",32/101
END
    expect_sql 'SELECT id, email_address FROM users.users WHERE id > 20 ORDER BY 1' \
        $'21|good@example.org\n22|taken@example.org'
    expect_sql 'SELECT id, user_id, total_items, total_price FROM orders.orders WHERE id > 11
                 ORDER BY 1' $'12|1|3|1\n13|2|1|0\n31|21|1|1\n32|2|2|5\n35|22|0|0'
}

@test "--duplicates chooses among the good rows; no placeholder is made for a bad one" {
    write_csv users.csv <<'END'
user_id,email_address
1,a@example.org
2,b@example.org
2,bad,
1,c@example.org
3,
4,b@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
11,2,1,0,0
11,1,2,0,0
11,3,3,0,0
12,4,1,0,0
3422001,9,1,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
11,101,1
13,102,2
11,101,x
END
    run_load --create-schema --infer=users --infer=products --duplicates=last --rejects=last \
        users.csv orders.csv items.csv
    expect_status 1
    expect_sql 'SELECT id, email_address FROM users.users ORDER BY 1' \
        $'1|c@example.org\n4|b@example.org'
    expect_sql 'SELECT id, order_number, total_items FROM orders.orders ORDER BY 1' $'11|2|1\n12|1|0'
    expect_sql 'SELECT product_id FROM products.products' 101
    expect_equal 11,2,1,0,0 "$(sed -n 2p last/orders.csv)"
    run_load --reset --create-schema --infer=users --infer=products --duplicates=first \
        --rejects=first users.csv orders.csv items.csv
    expect_status 1
    expect_sql 'SELECT id, email_address FROM users.users ORDER BY 1' \
        $'1|a@example.org\n2|b@example.org\n4|'
    expect_sql 'SELECT id, order_number FROM orders.orders ORDER BY 1' $'11|1\n12|1'
    expect_stdout_line 'users.csv: 2 rows skipped as duplicates of another'

    # What the database refuses takes no row's place either.
    printf 'user_id,email_address\n7,x@example.org\n7,b@example.org\n8,y@example.org\n' >more.csv
    run_load --duplicates=last --rejects=last-2 more.csv
    expect_status 1
    expect_sql 'SELECT id, email_address FROM users.users WHERE id > 4 ORDER BY 1' \
        $'7|x@example.org\n8|y@example.org'
}
