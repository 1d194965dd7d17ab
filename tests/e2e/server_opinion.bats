#!/usr/bin/env bats
#
# Values at their limits, and thousands of random ones: what is loaded is what PostgreSQL itself makes
# of the same text, and what PostgreSQL would refuse is a bad row of its file.

load harness

setup_file() {
    start_file
    setup_schema
    # What the server makes of a text as a type, or 'refused'.
    sql "CREATE FUNCTION public.opinion(given text, type text) RETURNS text LANGUAGE plpgsql AS \$\$
         DECLARE
           made text;
         BEGIN
           EXECUTE format('SELECT (\$1::%s)::text', type) INTO made USING given;
           RETURN made;
         EXCEPTION WHEN OTHERS THEN
           RETURN 'refused';
         END \$\$;
         CREATE TABLE public.given (id bigint PRIMARY KEY, given text)"
    printf 'user_id,email_address\n1,one@example.org\n' >"$BATS_FILE_TMPDIR/user.csv"
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n1,1,1,1,1\n' \
        >"$BATS_FILE_TMPDIR/order.csv"
}

# write_given HEADER ROW: the texts of public.given as a file; ROW makes a line of id and given.
write_given() {
    echo "$1"
    sql "SELECT $2 FROM public.given ORDER BY id"
}

# expect_agreement TYPE LOADED [REFUSED-ON-PURPOSE]: LOADED is a query for id and text of what was
# loaded. A text that is not loaded must be one that the server refuses, or that fulfils the condition.
expect_agreement() {
    expect_sql "SET TimeZone = 'UTC';
                WITH judged AS (
                  SELECT id, given, public.opinion(given, '$1') AS opinion FROM public.given
                ), loaded (id, value) AS ($2)
                SELECT id, given, opinion, value FROM judged LEFT JOIN loaded USING (id)
                 WHERE (value IS NOT NULL AND value <> opinion)
                    OR (value IS NULL AND opinion <> 'refused' AND NOT (${3:-false}))
                 ORDER BY id LIMIT 20" ''
}

# At least so many of the given were loaded, and refused: the comparison has something to compare.
expect_variety() {
    sql "SELECT count(*) FROM ($1) l" >loaded
    (($(cat loaded) >= $2 && $(sql 'SELECT count(*) FROM public.given') - $(cat loaded) >= $3)) ||
        unexpected "loaded $(cat loaded)"
}

TIMES="SELECT id, last_login::text FROM users.users WHERE last_login IS NOT NULL"

load_times() {
    write_given user_id,email_address,last_login "id || ',' || id || '@example.org,' || given" \
        >users.csv
    run_load --rejects=rejects users.csv
    expect_status "$1"
}

@test "times: random ones, with fractions of 1 to 30 digits and halves of a microsecond" {
    sql "SELECT setseed(0.5);
         INSERT INTO public.given
         SELECT n, format('%s-%s-%s%s%s:%s%s%s',
           lpad((ARRAY[1, 4, 1582, 1900, 1999, 2000, 2016, 9999])[1 + floor(random() * 8)]::text, 4, '0'),
           lpad((1 + floor(random() * 12.1))::text, 2, '0'),
           lpad((1 + floor(random() * 29))::text, 2, '0'),
           (ARRAY['T', ' ', 't'])[1 + floor(random() * 3)],
           lpad(floor(random() * 24.05)::text, 2, '0'),
           lpad(floor(random() * 60.1)::text, 2, '0'),
           CASE WHEN random() < 0.95 THEN ':' || lpad(floor(random() * 61.1)::text, 2, '0') ||
             CASE WHEN n % 3 = 0 THEN '.' || left(lpad((random() * 1e6)::integer::text, 6, '0')
                  || '5' || repeat('0', 30), 1 + n % 30)
                  WHEN n % 3 = 1 THEN '.' || left(translate((random()::numeric * random()::numeric
                       * random()::numeric)::text, '.', ''), 1 + n % 30)
                  WHEN n % 30 = 2 THEN '.' || repeat('9', 1 + floor(random() * 30)::integer)
                  ELSE '' END ELSE '' END,
           (ARRAY['', 'Z', '+00', '+05:30', '-0330', '+15:59:59', '-15:59', ' +01', '+16', '-02:60'])
             [1 + floor(random() * 10)])
         FROM generate_series(1, 6000) n"
    load_times 1
    expect_agreement timestamptz "$TIMES"
    expect_variety "$TIMES" 3000 300
}

@test "times: the limits" {
    sql "INSERT INTO public.given SELECT ordinality, given FROM unnest(ARRAY[
           '0001-01-01', '0001-01-01T00:00+15:59:59', '0001-01-01T00:00Z', '0000-12-31', '-0001-01-01',
           '9999-12-31 23:59:59.999999Z', '9999-12-31 23:59:59.9999999Z', '9999-12-31 23:59-15:59:59',
           '10000-01-01', '294276-12-31 23:59:59.999999Z', '294277-01-01', '99999-01-01',
           'infinity', '-infinity', 'now', 'today', 'epoch', '2016-01-01 BC', '2016-02-30',
           '2016-02-29', '2015-02-29', '1900-02-29', '2000-02-29', '2016-13-01', '2016-00-01',
           '2016-01-00', '2016-01-01T24:00', '2016-01-01T24:00:00.0000001', '2016-01-01T24:00:00.000001',
           '2016-01-01T24:01', '2016-01-01T25:00', '2016-12-31T23:59:60', '2016-12-31T23:59:60.5',
           '2016-12-31T23:59:60.9999999', '2016-12-31T23:59:61', '2016-01-01T23:60',
           '2016-01-01T00:00+15:59:59', '2016-01-01T00:00-15:59:59', '2016-01-01T00:00+16',
           '2016-01-01T00:00+15:60', '2016-01-01T00:00:00,5', '2016-01-01T00:00:00.5Z',
           '2016-01-01 00:00:00.' || repeat('4', 132), '2016-01-01 00:00:00.' || repeat('4', 133),
           '2016-01-01T00:00:00.' || repeat('4', 128) || 'Z',
           '2016-01-01T00:00:00.' || repeat('4', 129) || 'Z'
         ]) WITH ORDINALITY AS t (given, ordinality)"
    load_times 1
    # Years have four digits, and words are no times.
    expect_agreement timestamptz "$TIMES" "given ~ '^(-?[a-z]+|[0-9]{5,}-.*|.* BC)\$'"
    expect_variety "$TIMES" 15 20
}

PRICES='SELECT product_id, price::text FROM products.product_enriched WHERE price IS NOT NULL'

load_prices() {
    printf 'department_id,department\n1,d\n' >departments.csv
    printf 'aisle_id,aisle\n1,a\n' >aisles.csv
    write_given product_id,product_name,aisle_id,department_id "id || ',p,1,1'" >products.csv
    write_given product_id,description,price "id || ',x,' || given" >prices.csv
    write_given order_id,product_id,add_to_cart_order,price "id || ',' || id || ',1,' || given" >items.csv
    write_given order_id,user_id,order_number,order_dow,order_hour_of_day "id || ',1,1,1,1'" >orders.csv
    run_load --rejects=rejects departments.csv aisles.csv products.csv prices.csv \
        "$BATS_FILE_TMPDIR/user.csv" orders.csv items.csv
    expect_status 1
}

# What is read of an item's price: 8 fraction digits of a number that is not too large for them.
ITEM_PRICES="SELECT product_id, price::text FROM orders.order_items WHERE price_given"

expect_prices_agree() {
    # No price is below 0; blanks around a number, names of numbers and forms of some PostgreSQLs only
    # are none. Some take a zero with this exponent.
    expect_agreement 'numeric(10,2)' "$PRICES" \
        "given ~ '^-.*[1-9]' OR given = '0e1073741823' OR given !~ '^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\$'"
    # A double has what is left after rounding to 8 fraction digits.
    expect_sql "SELECT given, public.opinion(given, 'double precision'), price
                  FROM public.given
                  LEFT JOIN ($ITEM_PRICES) l (id, price) USING (id)
                 WHERE CASE WHEN price IS NOT NULL
                       THEN public.opinion(given, 'double precision') = 'refused' OR price::float8 <>
                            round(given::numeric, 8)::text::float8
                       ELSE public.opinion(given, 'double precision') <> 'refused'
                            AND given !~ '^-.*[1-9]' AND given <> '0e1073741823'
                            AND given ~ '^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?\$'
                            AND public.opinion(given, 'numeric') <> 'refused'
                            AND abs(given::numeric) < 92233720368 END" ''
}

@test "numbers: random ones, with exponents, halves, signs and zeros" {
    sql "SELECT setseed(0.25);
         INSERT INTO public.given
         SELECT n, concat(
           CASE WHEN n % 17 = 0 THEN '-' WHEN n % 19 = 0 THEN '+' END,
           CASE WHEN n % 5 = 0 THEN repeat('0', n % 7) END,
           CASE WHEN n % 4 = 0 THEN floor(random() * 10 ^ (n % 12))::bigint::text ELSE '' END,
           CASE WHEN n % 11 > 0 THEN '.' END,
           CASE WHEN n % 3 = 0 THEN lpad(floor(random() * 1000)::text, 3, '0') || '5'
                WHEN n % 3 = 1 THEN left(translate(random()::numeric::text || random()::numeric::text,
                                                   '.', ''), 1 + n % 25)
                ELSE lpad(floor(random() * 100)::text, 2, '0') END,
           CASE WHEN n % 13 = 0 THEN repeat('0', n % 40) END,
           CASE n % 7 WHEN 0 THEN 'e' || floor(random() * 14 - 7) WHEN 1 THEN 'E+' || n % 5
                      WHEN 2 THEN 'e' || floor(random() * 800 - 400) END)
         FROM generate_series(1, 6000) n"
    load_prices
    expect_prices_agree
    expect_variety "$PRICES" 4000 300
}

@test "numbers: the limits" {
    sql "INSERT INTO public.given SELECT ordinality, given FROM unnest(ARRAY[
           '99999999.99', '99999999.994', '99999999.995', '99999999.994999999999999999999999999',
           '100000000', '1e7', '1e8', '9999999999e-2', '99999999995e-3', '.005', '.00499999999999', '-0',
           '-0.000', '-0.001', '0', '00', '1.', '.5', '.', '', '+', '+.5', '+-1', '1e', 'e5', '1e5.0',
           '1e+5', '1E-5', '1_000', '0x1f', '0b1', '1 000', '1e1073741822', '1e1073741823',
           '0e1073741822', '0e1073741823', '0e-1073741823', '0e-16383', '0e-16384', '1e-16383',
           '1e-16384', '1.5e-16382', '1.5e-16383', '1e-44005', '0e-44005', '1e-4400500000000000000000',
           '0e99999999999999999999', '1e-323', '1e-324', '4e-324', '2e-324', '1e-400', '0e-400', '1e308',
           '1e309', '0.' || repeat('0', 16383), '0.' || repeat('0', 16384),
           '0.' || repeat('0', 16382) || '1e16382', repeat('0', 140000) || '1',
           '1' || repeat('0', 16380) || 'e-16381', '1' || repeat('0', 16390) || 'e-16391',
           'NaN', 'Infinity', 'inf', '1,5', '92233720368.54775807', '92233720368.54775808'
         ]) WITH ORDINALITY AS t (given, ordinality) WHERE given !~ ','"
    load_prices
    expect_prices_agree
    expect_variety "$PRICES" 25 15
}

@test "texts and UUIDs: the limits" {
    # Characters count, of four bytes too; a B-tree has room for 2,692 bytes of a value.
    sql "INSERT INTO public.given SELECT ordinality, given FROM unnest(ARRAY[
           repeat('x', 100), repeat('x', 101), repeat('🍎', 100), repeat('🍎', 101), repeat('é', 100),
           repeat('x', 99) || '🍎', repeat('x', 100) || ' ', repeat('e' || chr(769), 50),
           repeat('e' || chr(769), 51), chr(1114109), chr(65535), chr(65279), chr(1)
         ]) WITH ORDINALITY AS t (given, ordinality)"
    write_given user_id,email_address,city "id || ',' || id || '@example.org,\"' || given || '\"'" >users.csv
    printf '20,20@example.org,a\0b\n21,21@example.org,\xed\xa0\x80\n22,22@example.org,\xf4\x90\x80\x80\n' \
        >>users.csv
    run_load --rejects=rejects users.csv
    expect_status 1
    # A blank too many is taken off by a cast alone, and not by COPY.
    expect_agreement 'varchar' 'SELECT id, city FROM users.users' 'length(given) > 100'
    expect_sql 'SELECT id FROM public.given WHERE id NOT IN (SELECT id FROM users.users)' $'2\n4\n7\n9'
    expect_sql 'SELECT max(id) FROM users.users' 13

    truncate --size=0 users.csv
    random=$(sql "SELECT string_agg(translate(md5(n::text), ' ', ''), '') FROM generate_series(1, 90) n")
    {
        echo user_id,email_address,external_user_id
        echo "101,${random:0:2692},"
        echo "102,x${random:0:2692},"
        echo "103,103@example.org,{123e4567-e89b-42d3-a456-426614174000}"
        echo "104,104@example.org,123E4567-E89B-42D3-A456-426614174001"
        echo "105,105@example.org,123e4567e89b42d3a456426614174002"
        echo "106,106@example.org,123e4567-e89b-42d3-a456-42661417400"
        echo "107,107@example.org,urn:uuid:123e4567-e89b-42d3-a456-426614174000"
        echo "108,108@example.org,123e4567-e89b-42d3-c456-426614174000"
    } >users.csv
    rm -r rejects
    run_load --rejects=rejects users.csv
    expect_status 1
    expect_stderr_contains 'users.csv:3: email_address: longer than 2692 bytes (2693), which an index takes'
    expect_sql 'SELECT id FROM users.users WHERE id > 100 ORDER BY id' $'101\n104'
}

@test "ids: one that leaves the sequence no next id is a bad row, with --check too" {
    printf 'department_id,department\n2147483647,d\n1,e\n' >departments.csv
    printf 'aisle_id,aisle\n2147483646,a\n' >aisles.csv
    printf 'product_id,product_name,aisle_id,department_id\n2147483647,p,1,1\n2147483648,q,1,1\n' \
        >products.csv
    files=(departments.csv aisles.csv products.csv)
    before=$(snapshot)
    for option in --check --rebuild=never --rebuild=always --mode=upsert; do
        run_load $option "${files[@]}"
        expect_status 2
        expect_stderr_line 'departments.csv:2: department_id: above 2147483646: no next id would be left for the table'\''s sequence ("2147483647")'
        expect_stderr_line 'products.csv:2: product_id: above 2147483646: no next id would be left for the table'\''s sequence ("2147483647")'
        expect_stderr_line 'products.csv:3: product_id: out of range for integer ("2147483648")'
        expect_nowhere 'aisles.csv:'
    done
    expect_unchanged "$before"

    # A placeholder needs an id, too.
    printf 'order_id,product_id,add_to_cart_order\n1,2147483647,1\n1,2147483646,2\n' >items.csv
    others=("$BATS_FILE_TMPDIR"/{user,order}.csv)
    run_load --infer=products "${others[@]}" items.csv
    expect_status 2
    expect_stderr_line 'items.csv:2: product_id: no such product in the database, and above 2147483646 none can be inferred ("2147483647")'
    expect_nowhere 'items.csv:3'

    # The limit is that of the database's sequence, where it has one.
    sql 'ALTER SEQUENCE products.departments_department_id_seq AS bigint MAXVALUE 10;
         ALTER SEQUENCE products.aisles_aisle_id_seq MAXVALUE 7;
         ALTER TABLE products.products ALTER product_id DROP DEFAULT;
         DROP SEQUENCE products.products_product_id_seq'
    printf 'department_id,department\n9,d\n10,e\n' >departments.csv
    printf 'aisle_id,aisle\n6,a\n7,b\n' >aisles.csv
    printf 'product_id,product_name,aisle_id,department_id\n2147483647,p,6,9\n' >products.csv
    run_load --rejects=rejects "${files[@]}"
    expect_status 1
    expect_stderr_line 'departments.csv:3: department_id: above 9: no next id would be left for the table'\''s sequence ("10")'
    expect_stderr_line 'aisles.csv:3: aisle_id: above 6: no next id would be left for the table'\''s sequence ("7")'
    expect_sql 'SELECT department_id FROM products.departments' 9
    expect_sql 'SELECT product_id FROM products.products' 2147483647
}

# Only the server knows what an index takes for equal.
@test "e-mail addresses that are equal to the database's collation alone" {
    [[ $(sql "SELECT count(*) FROM pg_collation WHERE collprovider = 'i'") -gt 0 ]] ||
        skip 'a server without ICU'
    sql "CREATE COLLATION public.any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         ALTER TABLE users.users ALTER email_address TYPE varchar COLLATE public.any_case"
    printf 'user_id,email_address\n1,ann@example.org\n2,Ann@example.org\n' >users.csv
    before=$(snapshot)
    for option in --rebuild=never --rebuild=always; do
        run_load $option users.csv
        expect_status 3
        expect_stderr_contains users_email_address_key
        expect_stderr_contains 'timele-load: detail: Key (email_address)=('
        expect_unchanged "$before"
    done
    printf 'user_id,email_address\n1,ann@example.org\n' >users.csv
    run_load --quiet users.csv
    expect_status 0
    printf 'user_id,email_address\n2,Ann@example.org\n' >users.csv
    before=$(snapshot)
    for mode in insert upsert; do
        run_load --mode=$mode users.csv
        expect_status 3
        expect_stderr_contains users_email_address_key
        expect_unchanged "$before"
    done
}
