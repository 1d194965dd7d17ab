#!/usr/bin/env bats
#
# What a CSV file may look like, and what its fields mean, as far as the database.

load harness
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

# users_sql: who is in the database, a line each, NULL told from the empty text.
users_sql() {
    sql 'SELECT id, first_name, email_address, city FROM users.users ORDER BY id' --pset=null=NULL
}

load_users() {
    load_quietly --create-schema users.csv
}

# write_timestamps: users whose last_login is one of the lines of standard input.
write_timestamps() {
    awk 'BEGIN { print "user_id,email_address,last_login" }
         { printf "%d,u%d@example.org,%s\n", NR, NR, $0 }' >users.csv
}

EXPECTED_USERS=$'1|Ada|ada@example.org|NULL\n2|Bob|bob@example.org|Oslo'

# Lines --------------------------------------------------------------------------------------------

@test "lines may end in LF, CRLF or a lone CR" {
    local ending
    for ending in '\n' '\r\n' '\r'; do
        printf "user_id,first_name,email_address,city$ending%s$ending%s$ending" \
            '1,Ada,ada@example.org,' '2,Bob,bob@example.org,Oslo' >users.csv
        load_quietly --reset --create-schema users.csv
        expect_equal "$EXPECTED_USERS" "$(users_sql)"
    done
}

# load_unended LINE: the file's last line, which has no end, is loaded, with a warning.
load_unended() {
    run_load --quiet --create-schema users.csv
    expect_status 0
    expect_stdout ''
    expect_equal "timele-load: warning: users.csv: the last line ($1) has no line end: is the file complete?" "$stderr"
}

@test "the last line may end without a newline, with a warning" {
    printf 'user_id,first_name,email_address,city\n%s\n%s' \
        '1,Ada,ada@example.org,' '2,Bob,bob@example.org,Oslo' >users.csv
    load_unended 3
    expect_equal "$EXPECTED_USERS" "$(users_sql)"
}

@test "the last field may be empty and end without a newline" {
    printf 'user_id,email_address,first_name,city\n2,bob@example.org,Bob,Oslo\n1,ada@example.org,Ada,' \
        >users.csv
    load_unended 3
    expect_equal "$EXPECTED_USERS" "$(users_sql)"
}

@test "a file that may be cut off: standard input, compressed, --check, --report, JSON; each said once" {
    local warning='-: the last line (2) has no line end: is the file complete?'
    printf 'product_id,description,price\n7,x,1' >enriched.csv
    printf 'user_id,email_address\r1,a@example.org\r' >users.csv
    setup_schema
    run_load -q --infer=products --report=report.json - <enriched.csv
    expect_status 0
    expect_equal "timele-load: warning: $warning" "$stderr"
    expect_equal "[\"$warning\"]" "$(jq -c .warnings report.json)"
    gzip enriched.csv
    run_load -q --check --infer=products --log-format=json --report=report.json enriched.csv.gz users.csv
    expect_status 0
    expect_equal "enriched.csv.gz${warning#-}" "$(jq -r .message <<<"$stderr")"
    expect_equal warning "$(jq -r .level <<<"$stderr")"
    expect_equal "[\"enriched.csv.gz${warning#-}\"]" "$(jq -c .warnings report.json)"
    # The rows of items are sent while they are read; those that do not stand together are read twice.
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n11,1,1,1,1\n12,1,2,1,1\n' >orders.csv
    printf 'order_id,product_id,add_to_cart_order\n11,7,1\n12,7,1\n11,8,2' >items.csv
    run_load -q --infer=products users.csv orders.csv items.csv
    expect_status 0
    expect_equal 'timele-load: warning: items.csv: the last line (4) has no line end: is the file complete?' "$stderr"
}

@test "blank lines are passed over, wherever they stand" {
    write_csv users.csv <<'END'


user_id,first_name,email_address,city

1,Ada,ada@example.org,


2,Bob,bob@example.org,Oslo

END
    run_load --create-schema users.csv
    expect_status 0
    expect_silence
    expect_stdout_contains '2 rows loaded'
    expect_equal "$EXPECTED_USERS" "$(users_sql)"
}

@test "blank lines of CRLF files are no rows either" {
    printf '%s\r\n' '' 'user_id,first_name,email_address,city' '' '1,Ada,ada@example.org,' \
        '2,Bob,bob@example.org,Oslo' '' '' >users.csv
    load_users
    expect_equal "$EXPECTED_USERS" "$(users_sql)"
}

@test "a file with nothing but its header has no rows, and that is fine" {
    echo 'user_id,first_name,email_address,city' >users.csv
    run_load --create-schema users.csv
    expect_status 0
    expect_silence
    expect_stdout_contains 'nothing new: the files have no rows ('
    expect_equal '' "$(users_sql)"
}

@test "a byte order mark is no part of the first name" {
    local ending
    for ending in '\n' '\r\n'; do
        printf '\xEF\xBB\xBF'"user_id,first_name,email_address,city$ending%s$ending%s$ending" \
            '1,Ada,ada@example.org,' '2,Bob,bob@example.org,Oslo' >users.csv
        load_quietly --reset --create-schema users.csv
        expect_equal "$EXPECTED_USERS" "$(users_sql)"
    done
}

@test "a byte order mark may stand before a quoted header" {
    printf '\xEF\xBB\xBF"user_id","first_name","email_address","city"\n"1","Ada","ada@example.org",\n"2","Bob","bob@example.org","Oslo"' \
        >users.csv
    load_unended 3
    expect_equal "$EXPECTED_USERS" "$(users_sql)"
}

# Quotes -------------------------------------------------------------------------------------------

@test "line breaks inside quotes belong to the value, each as it is" {
    printf '%s\n' 'user_id,first_name,email_address,street_address' >users.csv
    printf '1,Ada,ada@example.org,"Castle\nFirst floor\r\nleft\rback\n"\n' >>users.csv
    printf '2,"\n",bob@example.org,after\n' >>users.csv
    load_users
    expect_sql "SELECT street_address = E'Castle\nFirst floor\r\nleft\rback\n'
                  FROM users.users WHERE id = 1" t
    expect_sql "SELECT first_name = E'\n', street_address FROM users.users WHERE id = 2" 't|after'
}

@test "doubled quotes and commas inside quotes belong to the value" {
    write_csv users.csv <<'END'
user_id,email_address,first_name,last_name,city
1,ada@example.org,"Ada ""the First""","""","a,b,,c"
2,bob@example.org,"""Bob""","""""",","
END
    load_users
    expect_sql 'SELECT first_name, last_name, city FROM users.users ORDER BY id' \
        $'Ada "the First"|"|a,b,,c\n"Bob"|""|,'
}

@test ",, is NULL and ,\"\", is the empty text" {
    write_csv users.csv <<'END'
user_id,email_address,first_name,city
1,ada@example.org,,
2,bob@example.org,"",""
END
    load_users
    expect_equal $'1|NULL|ada@example.org|NULL\n2||bob@example.org|' "$(users_sql)"
}

@test "an empty number or time is NULL, quoted or not" {
    write_history
    write_csv users.csv <<'END'
user_id,email_address,last_login,last_notifications_viewed_at
1,ada@example.org,"",
2,bob@example.org,,""
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order
11,1,1,0,0,""
12,1,2,0,0,
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
11,101,1,"","",""
END
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql 'SELECT count(last_login), count(last_notifications_viewed_at) FROM users.users' '0|0'
    expect_sql 'SELECT count(days_since_prior_order) FROM orders.orders' 0
    expect_sql 'SELECT reordered, quantity, price FROM orders.order_items' '0|1|0'
}

@test "every field may be quoted, numbers too" {
    write_csv users.csv <<'END'
"user_id","first_name","email_address","city"
"1","Ada","ada@example.org",
"2","Bob","bob@example.org","Oslo"
END
    load_users
    expect_equal "$EXPECTED_USERS" "$(users_sql)"
}

# Texts --------------------------------------------------------------------------------------------

@test "blanks belong to a text, quoted or not" {
    printf 'user_id,email_address,first_name,last_name,city\n1,ada@example.org, Ada ," Adams",\t\n' \
        >users.csv
    load_users
    expect_sql "SELECT '[' || first_name || ']', '[' || last_name || ']', city = E'\t'
                  FROM users.users" '[ Ada ]|[ Adams]|t'
}

@test "names arrive letter by letter: quotes, backslashes, other alphabets" {
    local name number=0
    # shellcheck disable=SC1003 # one name ends with a backslash
    local names=('Café "Crème" 100% Größe' 'back\slash \n \t \x41' '\N' '\.' '\\' 'NULL'
        "O'Hara's; DROP TABLE products.products; --" 'trailing\' 'Ärger, größer' '日本茶' 'Борщ' '🍎🍏'
        '{1,2}' '$1 $$ %s %n' '-1' '#comment' '"' '|')
    write_catalogue
    echo product_id,product_name,aisle_id,department_id >products.csv
    for name in "${names[@]}"; do
        printf '%d,"%s",24,4\n' $((++number)) "${name//\"/\"\"}" >>products.csv
    done
    load_quietly --create-schema products.csv aisles.csv departments.csv
    expect_sql 'SELECT product_name FROM products.products ORDER BY product_id' \
        "$(printf '%s\n' "${names[@]}")"
}

@test "the same names arrive without quotes round them" {
    write_catalogue
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
1,back\slash \n,24,4
2,\N,24,4
3,\.,24,4
4,NULL,24,4
5,日本茶 🍎,24,4
6,'single',24,4
END
    load_quietly --create-schema products.csv aisles.csv departments.csv
    expect_sql 'SELECT product_name FROM products.products ORDER BY product_id' \
        $'back\\slash \\n\n\\N\n\\.\nNULL\n日本茶 🍎\n\'single\''
}

@test "a text may have as many characters as its column, whatever their bytes" {
    write_catalogue
    printf 'product_id,product_name,aisle_id,department_id\n1,%s,24,4\n' \
        "$(printf '茶%.0s' {1..255})" >products.csv
    load_quietly --create-schema products.csv aisles.csv departments.csv
    expect_sql 'SELECT length(product_name), octet_length(product_name) FROM products.products' \
        '255|765'
}

@test "a database in another encoding gets its own bytes" {
    maintain "DROP DATABASE $PGDATABASE" \
        "CREATE DATABASE $PGDATABASE TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
    printf 'user_id,first_name,email_address,city\n1,Zo\xC3\xAB,zoe@example.org,K\xC3\xB8benhavn\n' \
        >users.csv
    load_users
    expect_sql "SELECT first_name = 'Zo' || chr(235), octet_length(first_name),
                       city = 'K' || chr(248) || 'benhavn' FROM users.users" 't|3|t'
}

# Numbers ------------------------------------------------------------------------------------------

@test "integers may have leading zeros, a sign and a fraction of zeros" {
    write_history
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order
0011,1,01,0.0,08,7.0
12.0,+2,2,+6,00,30.000
13,2.00,-0,-0.0,23,0.0
END
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql 'SELECT id, user_id, order_number, order_dow, order_hour_of_day,
                       days_since_prior_order FROM orders.orders ORDER BY id' \
        $'11|1|1|0|8|7\n12|2|2|6|0|30\n13|2|0|0|23|0'
}

@test "prices are the nearest double, as PostgreSQL reads them" {
    local prices=(24.58 0.1 .5 5. 1e2 0 1234567.89 0.01)
    write_history
    {
        echo order_id,product_id,add_to_cart_order,price
        for i in "${!prices[@]}"; do
            echo "11,$((i + 1)),$i,${prices[i]}"
        done
    } >items.csv
    load_quietly --create-schema users.csv orders.csv items.csv
    expect_sql 'SELECT price FROM orders.order_items ORDER BY add_to_cart_order' \
        "$(sql "SELECT price::double precision
                  FROM unnest(string_to_array('${prices[*]}', ' ')) AS t (price)")"
}

# Times --------------------------------------------------------------------------------------------

@test "all forms of one moment are that moment" {
    write_timestamps <<'END'
2016-08-19 09:16:40+00:00
2016-08-19 09:16:40
2016-08-19T09:16:40Z
2016-08-19t09:16:40z
2016-08-19 09:16:40.000
2016-08-19 09:16:40.000000+00
2016-08-19 11:16:40+02
2016-08-19 14:46:40+0530
2016-08-19 14:46:40+05:30
2016-08-19T06:16:40-03:00
2016-08-19 09:16:40 +00:00
"2016-08-19 09:16:40+00:00"
2016-08-18T18:16:40-15:00
END
    PGTZ=Asia/Tokyo load_users
    expect_sql "SELECT count(*), bool_and(last_login = '2016-08-19 09:16:40+00')
                  FROM users.users" '13|t'
}

@test "times keep their microseconds, dates alone are midnight in UTC" {
    write_timestamps <<'END'
2016-08-19 09:16:40.123456+00:00
2016-08-19T09:16:40.5Z
2016-08-19
2016-08-19 09:16
2016-02-29 23:59:59.999999
1969-12-31 23:59:59Z
0001-01-01 00:00:00Z
9999-12-31 23:59:59Z
2016-12-31 24:00:00Z
2016-12-31 23:59:60Z
END
    PGTZ=America/New_York load_users
    expect_sql "SET timezone TO 'UTC'; SELECT last_login FROM users.users ORDER BY id" \
        '2016-08-19 09:16:40.123456+00
2016-08-19 09:16:40.5+00
2016-08-19 00:00:00+00
2016-08-19 09:16:00+00
2016-02-29 23:59:59.999999+00
1969-12-31 23:59:59+00
0001-01-01 00:00:00+00
9999-12-31 23:59:59+00
2017-01-01 00:00:00+00
2017-01-01 00:00:00+00'
}

# Size ---------------------------------------------------------------------------------------------

# More than the program reads at a time, so that blocks end in every kind of place.
@test "rows that span blocks arrive whole" {
    awk 'BEGIN {
        printf "user_id,email_address,street_address,city\r\n"
        for (i = 1; i <= 12000; i++)
            printf "%d,u%d@example.org,\"Street \"\"%d\"\", é\r\nfloor %d\",Köln\r\n", i, i, i, i
    }' >users.csv
    (($(stat --format=%s users.csv) > 512 * 1024))
    load_users
    expect_sql "SELECT count(*), count(*) FILTER (WHERE
                  (email_address, street_address, city) =
                  (format('u%s@example.org', id),
                   format(E'Street \"%s\", é\r\nfloor %s', id, id), 'Köln'))
                  FROM users.users" '12000|12000'
}
