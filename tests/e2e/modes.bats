#!/usr/bin/env bats
#
# --mode: what becomes of a row that the database has already, and of one that no file names.
#
# lookup: both ways

load harness
load small_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

FILES=({users,orders,items,products,aisles,departments,prices,events}.csv)

# The shop with prices and a status history. Order 11 costs 1.25 + 0, order 12 1.25 + 9 (a price that
# the file gives), order 13 nothing.
write_shop() {
    write_history
    write_catalogue
    write_csv prices.csv <<'END'
product_id,description,price
101,Yellow,1.25
103,,
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
11,101,1,1,,
11,103,2,0,,
12,101,1,0,,
12,102,2,0,3,3
13,102,1,0,,
END
    write_csv events.csv <<'END'
order_id,status,changed_at
11,pending,2024-01-01T00:00:00Z
11,shipped,2024-01-02T00:00:00Z
12,pending,2024-01-01T00:00:00Z
END
}

load_all() {
    write_shop
    load_quietly --create-schema "${FILES[@]}"
    add_application_rows
}

# Every row with the place where it lies: equal text means that none was written anew.
versions() {
    local table
    for table in users.users orders.orders orders.order_items orders.order_status_history \
        products.products products.product_enriched products.aisles products.departments; do
        sql "SELECT '$table', ctid, xmin, t FROM $table t ORDER BY ctid"
    done
}

external_ids() {
    sql 'SELECT id, external_user_id FROM users.users ORDER BY id'
    sql 'SELECT id, external_order_id FROM orders.orders ORDER BY id'
}

orders() {
    sql 'SELECT id, user_id, total_items, total_price, status, delivery_name, city
           FROM orders.orders WHERE id < 3422000 ORDER BY id'
}

# What the files alone decide of the historical rows.
contents() {
    orders
    sql 'SELECT id, created_at, updated_at FROM orders.orders WHERE id < 3422000 ORDER BY 1'
    sql 'SELECT id, email_address, first_name, last_name, city FROM users.users
          WHERE id < 400000 ORDER BY 1'
    sql 'SELECT order_id, product_id, quantity, price, price_given FROM orders.order_items
          WHERE order_id < 3422000 ORDER BY 1, 2'
    sql 'SELECT order_id, old_status, new_status, changed_at FROM orders.order_status_history
          WHERE order_id < 3422000 ORDER BY 1, 4'
    sql 'SELECT t FROM products.products t ORDER BY 1'
    sql 'SELECT t FROM products.product_enriched t ORDER BY 1'
    sql 'SELECT t FROM products.aisles t ORDER BY 1'
    sql 'SELECT t FROM products.departments t ORDER BY 1'
}

# expect_as_if_new FILE...: the history is what an empty database gets from the files.
expect_as_if_new() {
    local now
    now=$(contents)
    load_quietly --reset --force --create-schema "$@"
    expect_equal "$(contents)" "$now"
}

@test "the same command again changes nothing: skip, upsert and replace" {
    local mode before
    load_all
    before=$(versions)
    for mode in skip upsert replace; do
        run_load --verbose --mode=$mode "${FILES[@]}"
        expect_status 0
        if [[ $mode == skip ]]; then
            expect_stdout_line 'orders.csv: 3 kept as the database has them'
            expect_stdout_line 'items.csv: 5 kept as the database has them'
        else
            expect_stdout_line 'orders.csv: 3 unchanged'
            expect_stdout_line 'events.csv: 3 unchanged'
        fi
        expect_stdout_contains 'nothing new: 22 rows '
        expect_equal "$before" "$(versions)"
    done
    before=$(snapshot)
    run_load --mode=insert "${FILES[@]}"
    expect_status 2
    expect_stderr_line 'users.csv:2: user_id: is in the database already ("2")'
    expect_stderr_contains 'hint: Rows that were loaded before are left alone by --mode=skip'
    expect_unchanged "$before"
    run_load --mode=update "${FILES[@]}"
    expect_status 64
    expect_stderr_contains "--mode takes insert, skip, upsert or replace, not 'update'"
}

@test "skip: a row that is there stays, new ones are loaded, totals follow the new ones alone" {
    local before
    load_all
    before=$(application_rows)
    sql "UPDATE orders.orders SET total_price = 77 WHERE id = 12"
    write_csv users.csv <<'END'
user_id,email_address,first_name,city
1,other@example.org,Other,Rome
3,cy@example.org,Cy,Bonn
END
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n11,3,9,0,0\n14,3,1,0,0\n' \
        >orders.csv
    printf 'order_id,product_id,add_to_cart_order,price\n12,101,9,50\n13,101,2,\n14,102,1,2\n' \
        >items.csv
    printf 'order_id,status,changed_at\n11,shipped,2024-01-02Z\n12,delivered,2024-01-05Z\n' \
        >events.csv
    printf 'product_id,description,price\n101,Green,9.99\n102,Red,0.5\n' >prices.csv
    run_load --mode=skip users.csv orders.csv items.csv events.csv prices.csv
    expect_status 0
    expect_stdout_line 'users.csv: 1 kept as the database has them'
    expect_stdout_contains '6 rows loaded in'
    expect_sql 'SELECT id, email_address, first_name FROM users.users WHERE id < 400000 ORDER BY id' \
        $'1|ada@example.org|Ada\n2|bob@example.org|Bob\n3|cy@example.org|Cy'
    expect_equal "$(orders)" '11|1|2|1.25|shipped|Ada Adams|
12|1|2|77|delivered|Ada Adams|
13|2|2|1.75|pending|Bob Baker|Oslo
14|3|1|2|pending|Cy|Bonn'
    expect_sql 'SELECT product_id, price FROM products.product_enriched ORDER BY 1' \
        $'101|1.25\n102|0.50\n103|'
    expect_equal "$before" "$(application_rows)"
}

@test "upsert: only what differs, in the columns that the file has; what follows is worked out anew" {
    local ids before
    load_all
    ids=$(external_ids)
    sql "UPDATE users.users SET phone_number = '0123', days_between_order_notifications = 3"
    sql 'CREATE TABLE before AS SELECT id, xmin AS writer FROM users.users'
    before=$(application_rows)
    write_csv users.csv <<'END'
city,user_id,email_address,first_name,last_name
Rome,1,ada@example.org,Ada,
Oslo,2,bob@example.org,Bob,Baker
Bonn,3,cy@example.org,Cy,
END
    # Order 13 moves from Bob to Ada, order 14 is new; 11 stays, and has no tracking column to lose.
    sql "UPDATE orders.orders SET tracking_number = 'T1', days_since_prior_order = 4 WHERE id < 14"
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order
11,1,2,3,07,15
13,1,3,6,23,
14,2,2,0,0,
END
    sql 'UPDATE orders.orders SET days_since_prior_order = 15 WHERE id = 11'
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
11,101,1,1,4,
12,102,2,0,3,
13,103,2,0,1,7.5
14,103,1,0,2,
END
    printf 'product_id,price,description\n101,2.5,Yellow\n102,0.1,Red\n103,3,\n' >prices.csv
    printf 'order_id,status,changed_at\n11,pending,2024-01-01Z\n12,processing,2024-01-03Z\n' \
        >events.csv
    run_load --mode=upsert --id-map=ids.csv {users,orders,items,prices,events}.csv
    expect_status 0
    expect_silence
    expect_stdout_line 'users.csv: 1 updated, 1 unchanged'
    expect_stdout_line 'orders.csv: 1 updated, 1 unchanged'
    expect_stdout_line 'items.csv: 2 updated'
    expect_stdout_line 'prices.csv: 2 updated'
    expect_stdout_line 'events.csv: 1 unchanged'
    expect_stdout_contains '6 rows loaded, 6 updated in'
    expect_sql 'SELECT id, first_name, last_name, city, phone_number, days_between_order_notifications
                  FROM users.users WHERE id < 400000 ORDER BY id' \
        $'1|Ada||Rome|0123|3\n2|Bob|Baker|Oslo|0123|3\n3|Cy||Bonn||7'
    expect_sql 'SELECT u.id FROM users.users u JOIN before USING (id) WHERE u.xmin <> writer' 1
    expect_sql 'SELECT id, tracking_number, days_since_prior_order, phone_number
                  FROM orders.orders WHERE id < 15 ORDER BY id' \
        $'11|T1|15|0123\n12|T1|4|0123\n13|T1||0123\n14|||0123'
    # 11: 4 × 2.5 + 3; 12: 2.5 (follows the catalogue) + 3 × 0.1; 13: 0.1 + 7.5; 14: 2 × 3.
    expect_equal "$(orders)" '11|1|2|13|shipped|Ada|Rome
12|1|2|2.8|processing|Ada|Rome
13|1|2|7.6|pending|Ada|Rome
14|2|1|6|pending|Bob Baker|Oslo'
    expect_sql 'SELECT order_id, product_id, price, price_given FROM orders.order_items
                 WHERE order_id < 15 ORDER BY 1, 2' \
        $'11|101|2.5|\n11|103|3|\n12|101|2.5|\n12|102|0.1|\n13|102|0.1|\n13|103|7.5|t\n14|103|3|'
    expect_equal "$before" "$(application_rows)"
    # External ids: as before where there were any, and all of the files' rows in the map.
    expect_equal "$ids" "$(external_ids | grep -v -e '^3|' -e '^14|')"
    expect_equal "$(sql "SELECT 'users.users', id, external_user_id FROM users.users WHERE id < 4
                          UNION ALL
                         SELECT 'orders.orders', id, external_order_id FROM orders.orders
                          WHERE id IN (11, 13, 14) ORDER BY 1, 2" | tr '|' ',')" \
        "$(tail -n +2 ids.csv | sort)"
}

@test "an order without a history that gets another created_at has its status since then" {
    local mode columns=order_id,user_id,order_number,order_dow,order_hour_of_day
    load_all
    sql "UPDATE orders.orders SET created_at = '2024-01-01Z';
         UPDATE orders.orders SET updated_at = '2024-01-01Z' WHERE id = 13;
         INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day,
                                    created_at, updated_at)
         VALUES (14, 2, 2, 0, 0, '2024-01-01Z', '2024-03-03Z')"
    # Order 11 has a history. What the application wrote to order 14 stays: it is not dated anew.
    printf '%s\n' $columns 12,1,1,2,8 14,2,3,0,0 >numbers.csv
    load_quietly --mode=upsert numbers.csv
    for mode in upsert replace; do
        printf '%s\n' $columns,created_at 11,1,2,3,7,2020-01-0${#mode}Z 12,1,1,2,8,2024-01-01Z \
            13,2,1,6,23,2020-01-0${#mode}Z 14,2,3,0,0,2024-01-01Z >orders.csv
        run_load --mode=$mode orders.csv
        expect_status 0
        expect_stdout_line 'orders.csv: 2 updated, 2 unchanged'
        expect_sql "SELECT id, created_at AT TIME ZONE 'UTC', updated_at AT TIME ZONE 'UTC'
                      FROM orders.orders WHERE id IN (11, 13, 14) ORDER BY id" \
            "11|2020-01-0${#mode} 00:00:00|2024-01-02 00:00:00
13|2020-01-0${#mode} 00:00:00|2020-01-0${#mode} 00:00:00
14|2024-01-01 00:00:00|2024-03-03 00:00:00"
    done
}

@test "replace: the history becomes what the files say, the application's rows stay" {
    local ids before
    load_all
    ids=$(external_ids | grep -e '^1|' -e '^11|' -e '^4000' -e '^3422')
    before=$(application_rows)
    sql "UPDATE orders.orders SET status = 'delivered' WHERE id = 12"
    # User 2, order 13 and product 102 go where nothing points to them; the application's order has
    # product 102, and its cart product 103: these stay in the files.
    printf 'user_id,email_address,first_name,last_name,city\n%s\n%s\n' 1,bob@example.org,Ada,Adams, \
        3,ada@example.org,Cy,,Bonn >users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day,created_at\n%s\n%s\n%s\n' \
        11,1,1,3,7,2024-01-01Z 12,3,1,2,8,2024-01-01Z 15,3,2,0,0,2024-01-01Z >orders.csv
    printf 'order_id,product_id,add_to_cart_order\n%s\n%s\n' 11,101,1 15,103,1 >items.csv
    printf 'order_id,status,changed_at\n%s\n%s\n' 11,pending,2024-01-01Z \
        15,pending,2024-01-03Z >events.csv
    printf 'product_id,description,price\n103,Box,8\n' >prices.csv
    printf 'aisle_id,aisle\n24,missing\n100,fresh fruits\n' >aisles.csv
    run_load --mode=replace --verbose "${FILES[@]}"
    expect_status 0
    expect_stdout_line 'users.csv: 1 updated'
    expect_stdout_line 'users.users: 1 deleted, in no file'
    expect_stdout_line 'orders.orders: 1 deleted, in no file'
    expect_stdout_line 'orders.order_items: 4 deleted, in no file'
    expect_stdout_line 'orders.order_status_history: 3 deleted, in no file'
    expect_stdout_line 'products.product_enriched: 1 deleted, in no file'
    expect_stdout_line 'aisles.csv: 2 updated'
    expect_equal "$before" "$(application_rows)"
    expect_equal "$ids" "$(external_ids | grep -e '^1|' -e '^11|' -e '^4000' -e '^3422')"
    expect_equal "$(orders)" '11|1|1|0|pending|Ada Adams|
12|3|0|0|pending|Cy|Bonn
15|3|1|8|pending|Cy|Bonn'
    expect_as_if_new "${FILES[@]}"
}

# expect_protected SNAPSHOT MESSAGE...: the deletion is refused with these messages, and nothing is
# changed, whether the foreign keys that protect the rows are in place or dropped.
expect_protected() {
    local message rebuild
    for rebuild in never always; do
        run_load --mode=replace --rebuild=$rebuild none.csv items.csv prices.csv
        expect_status 3
        for message in "${@:2}"; do
            expect_stderr_contains "$message"
        done
        expect_unchanged "$1"
    done
}

@test "replace: what something that stays points to is not deleted, and nothing is" {
    local before
    load_all
    sql 'CREATE TABLE public.favourite (product integer REFERENCES products.products
             ON DELETE CASCADE, who text, PRIMARY KEY (who, product))'
    sql "INSERT INTO public.favourite VALUES (101, 'a'), (101, 'b')"
    before=$(snapshot)
    # The application's order has product 102, its cart 103; a table of somebody else's, 101.
    printf 'product_id,product_name,aisle_id,department_id\n' >none.csv
    printf 'order_id,product_id,add_to_cart_order\n' >items.csv
    printf 'product_id,description,price\n' >prices.csv
    expect_protected "$before" 'orders.cart_items (1, 103) to products (103)' \
        'rows of products.products that no file names cannot be deleted: 1 row of orders.cart_items points to them'
    echo '103,Mystery box,100,21' >>none.csv
    expect_protected "$before" 'orders.order_items (3422000, 101) to products (101), orders.order_items (3422001, 102) to products (102)'
    echo '102,"Apples, red",24,4' >>none.csv
    sql 'DELETE FROM orders.order_items WHERE product_id = 101 AND order_id >= 3422000'
    before=$(snapshot)
    expect_protected "$before" '2 rows of public.favourite point to them' \
        'public.favourite (101, a) to products (101), public.favourite (101, b) to products (101)'
    # A row that refers to one that goes is a bad row of its file.
    printf 'order_id,product_id,add_to_cart_order\n11,101,1\n' >items.csv
    run_load --mode=replace none.csv items.csv prices.csv
    expect_status 2
    expect_stderr_line 'items.csv:2: product_id: no such product in the files, and --mode=replace deletes the one in the database ("101")'
    expect_unchanged "$before"
    # With a row set aside, nobody knows what else the file would have named.
    printf 'product_id,description,price\n101,Yellow,-1\n' >prices.csv
    run_load --mode=replace --rejects=bad prices.csv
    expect_status 1
    expect_stderr_contains 'no row of products.product_enriched is deleted, because some rows of its files are bad'
    expect_sql 'SELECT product_id FROM products.product_enriched ORDER BY 1' $'101\n103'
}

@test "a unique value passes from row to row when the one that has it gives it up" {
    local before
    setup_schema
    printf 'user_id,email_address\n1,a@x.org\n2,b@x.org\n3,c@x.org\n' >users.csv
    load_quietly users.csv
    sql "INSERT INTO users.users (id, email_address) VALUES (400000, 'new@x.org')"
    # 1 and 2 swap, 3 hands on to a new row, and takes what nobody had.
    printf 'user_id,email_address\n4,c@x.org\n1,b@x.org\n3,d@x.org\n2,a@x.org\n' >users.csv
    run_load --mode=upsert users.csv
    expect_status 0
    expect_stdout_line 'users.csv: 3 updated'
    query="SELECT string_agg(id || split_part(email_address, '@', 1), ' ' ORDER BY id)
             FROM users.users"
    expect_sql "$query" '1b 2a 3d 4c 400000new'
    # 4 wants what 3 keeps; 3 wants what 4 would then keep; 5 what the application's user has.
    before=$(snapshot)
    printf 'user_id,email_address\n4,b@x.org\n3,c@x.org\n5,new@x.org\n' >users.csv
    run_load --mode=upsert users.csv
    expect_status 2
    expect_stderr_line 'users.csv:2: email_address: is in the database already, with user 1 ("b@x.org")'
    expect_stderr_line 'users.csv:3: email_address: is in the database already, with user 4 ("c@x.org")'
    expect_stderr_line 'users.csv:4: email_address: is in the database already, with user 400000 ("new@x.org")'
    expect_unchanged "$before"
    # In skip mode nobody gives anything up.
    printf 'user_id,email_address\n2,z@x.org\n6,a@x.org\n' >users.csv
    run_load --mode=skip users.csv
    expect_status 2
    expect_stderr_line 'users.csv:3: email_address: is in the database already, with user 2 ("a@x.org")'
    expect_unchanged "$before"
    # Who is deleted gives up all; of two rows with one address, the last is kept.
    printf 'user_id,email_address\n2,b@x.org\n9,b@x.org\n2,c@x.org\n3,e@x.org\n2,d@x.org\n' >users.csv
    run_load --mode=replace --duplicates=last users.csv
    expect_status 0
    expect_stdout_line 'users.users: 2 deleted, in no file'
    expect_sql "$query" '2d 3e 9b 400000new'
}

@test "an external id never changes: another one in a file is an error, none or the same is fine" {
    local before mode
    setup_schema
    printf 'user_id,email_address\n1,a@x.org\n2,b@x.org\n' >users.csv
    load_quietly users.csv
    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n5,7,1,0,0\n' >orders.csv
    load_quietly --infer=users orders.csv
    write_csv users.csv <<END
user_id,email_address,external_user_id
1,n@x.org,$(sql 'SELECT external_user_id FROM users.users WHERE id = 1')
2,b@x.org,
7,s@x.org,$(sql 'SELECT external_user_id FROM users.users WHERE id = 7')
END
    before=$(sql 'SELECT id, external_user_id FROM users.users ORDER BY id')
    run_load --mode=upsert users.csv
    expect_status 0
    expect_stdout_line 'users.csv: 1 updated, 1 unchanged'
    expect_stdout_contains '1 row loaded, 1 updated in'
    expect_equal "$before" "$(sql 'SELECT id, external_user_id FROM users.users ORDER BY id')"
    expect_sql 'SELECT id FROM users.users WHERE inferred' ''
    expect_sql 'SELECT delivery_name IS NULL FROM orders.orders' t
    before=$(snapshot)
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
2,b@x.org,c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f
8,h@x.org,c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f
1,n@x.org,c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f
END
    for mode in upsert replace; do
        run_load --mode=$mode --duplicates=last users.csv
        expect_status 2
        expect_stderr_line 'users.csv:2: external_user_id: user 2 has another one in the database, and it never changes ("c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f")'
        expect_stderr_line 'users.csv:4: external_user_id: user 1 has another one in the database, and it never changes ("c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f")'
        expect_unchanged "$before"
    done
}

@test "a row of the database that is given another one's external id takes no row's place" {
    local before mode first
    setup_schema
    printf 'user_id,email_address\n1,a@x.org\n2,b@x.org\n' >users.csv
    load_quietly users.csv
    before=$(snapshot)
    first=$(sql 'SELECT external_user_id FROM users.users WHERE id = 1')
    printf '%s\n' user_id,email_address,external_user_id "1,n@x.org,$first" "2,b@x.org,$first" >users.csv
    for mode in upsert replace; do
        run_load --mode=$mode --duplicates=last users.csv
        expect_status 2
        expect_stderr_line "users.csv:3: external_user_id: user 2 has another one in the database, and it never changes (\"$first\")"
        expect_unchanged "$before"
    done
    run_load --mode=replace --duplicates=last --rejects=rejects users.csv
    expect_status 1
    expect_sql 'SELECT id, email_address FROM users.users ORDER BY id' $'1|n@x.org\n2|b@x.org'
    # So it is when the row that it shares the external id with is passed over for another reason.
    printf '%s\n' user_id,email_address,external_user_id "1,n@x.org,$first" 1,n@x.org, \
        "2,b@x.org,$first" >users.csv
    run_load --mode=replace --duplicates=last users.csv
    expect_status 2
    expect_stderr_line "users.csv:4: external_user_id: user 2 has another one in the database, and it never changes (\"$first\")"
}

@test "placeholders: a real row takes their place in every mode; in replace, those that nobody needs go" {
    local mode rebuild
    setup_schema
    write_history
    for mode in skip upsert replace; do
        sql 'TRUNCATE users.users, orders.orders, products.products, products.aisles CASCADE'
        load_quietly --mode=$mode users.csv orders.csv items.csv
        printf 'product_id,product_name,aisle_id,department_id\n101,Banana,100,21\n' >products.csv
        run_load --mode=$mode --infer=products products.csv
        expect_status 0
        expect_stdout_contains '1 row loaded in'
        expect_sql 'SELECT product_id, product_name, inferred FROM products.products ORDER BY 1' \
            $'101|Banana|f\n102|Product 102|t\n103|Product 103|t'
    done
    # Order 11 alone has product 103. The application's cart has none of these.
    grep -v '^11,' items.csv >items-less.csv
    for rebuild in never always; do
        run_load --mode=replace --infer=products --rebuild=$rebuild products.csv items-less.csv
        expect_status 0
        expect_stdout_line 'products.products: 1 deleted, in no file'
        expect_sql 'SELECT product_id FROM products.products ORDER BY 1' $'101\n102'
        expect_sql 'SELECT count(*) FROM products.aisles' 1
        load_quietly --mode=upsert --infer=products items.csv
    done
}

@test "a privilege that the mode needs is asked for before anything is sent" {
    local before
    load_all
    maintain 'DROP ROLE IF EXISTS modes_loader' 'CREATE ROLE modes_loader LOGIN'
    sql 'GRANT USAGE ON SCHEMA users, orders, products TO modes_loader;
         GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA users, orders, products TO modes_loader;
         GRANT SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA users, orders, products TO modes_loader'
    before=$(snapshot)
    PGUSER=modes_loader run_load --mode=upsert users.csv
    expect_status 3
    expect_stderr_contains 'no UPDATE privilege on users.users'
    sql 'GRANT UPDATE ON ALL TABLES IN SCHEMA users, orders, products TO modes_loader'
    before=$(snapshot)
    PGUSER=modes_loader run_load --mode=replace users.csv
    expect_status 3
    expect_stderr_contains 'no DELETE privilege on users.users'
    expect_unchanged "$before"
    PGUSER=modes_loader run_load --mode=upsert "${FILES[@]}"
    expect_status 0
    sql 'DROP OWNED BY modes_loader'
    maintain 'DROP ROLE modes_loader'
}

@test "indexes and constraints can be rebuilt around updates and deletions, in TimeL-E's own database too" {
    start_empty_test
    local definitions
    sql <"$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql" >/dev/null
    sql 'DELETE FROM orders.cart_items; DELETE FROM orders.carts'
    definitions=$(definitions)
    write_shop
    printf 'user_id,email_address,first_name,last_name,hashed_password\n%s\n%s\n' \
        2,ada@example.org,Bob,Baker,h 1,bob@example.org,Ada,Adams,h >users.csv
    run_load --mode=replace --rebuild=always "${FILES[@]}"
    expect_status 0
    expect_stdout_line 'users.csv: 2 updated'
    expect_stdout_line 'orders.orders: 2 deleted, in no file'
    expect_equal "$definitions" "$(definitions)"
    # A price of 3 stays: no column says that a file gave it, and the catalogue never had it.
    printf 'product_id,description,price\n101,Yellow,2\n102,Red,7\n' >prices.csv
    run_load --mode=upsert --rebuild=never prices.csv
    expect_status 0
    expect_sql 'SELECT id, user_id, total_items, total_price, status FROM orders.orders ORDER BY 1' \
        $'11|1|2|2|shipped\n12|1|2|11|pending\n13|2|1|7|pending'
}

# The server cannot use an index that was made over changed rows until the transaction ends. If it had
# to look for the orders of each user that goes, it would read all orders 49,000 times: the run would
# be stopped by run_load long before its end.
@test "many rows can be deleted while indexes and constraints are rebuilt around updates of their children" {
    setup_schema
    seq 1 49001 | sed 's/.*/&,&@example.org/' | sed '1i user_id,email_address' >users.csv
    seq 1 50000 | sed 's/.*/&,1,&,1,1/' |
        sed '1i order_id,user_id,order_number,order_dow,order_hour_of_day' >orders.csv
    load_quietly users.csv orders.csv
    # The last page has room for their new versions.
    sed -i '49992,$s/1$/2/' orders.csv
    sed -i '3,$d' users.csv
    run_load --mode=replace --rebuild=always users.csv orders.csv
    expect_status 0
    expect_stdout_line 'orders.csv: 10 updated, 49,990 unchanged'
    expect_stdout_line 'users.users: 49,000 deleted, in no file'
    expect_sql 'SELECT id FROM users.users' 1
    expect_sql 'SELECT count(*) FROM orders.orders WHERE order_hour_of_day = 2' 10
}
