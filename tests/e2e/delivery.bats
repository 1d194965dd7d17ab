#!/usr/bin/env bats
#
# What orders take over from their users: whole, or an error that says why not; and how --verify
# judges it.

load harness

NAME="orders: delivery details as the user's"

setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_csv users.csv <<'END'
user_id,email_address,first_name,last_name,phone_number,city
1,a@example.org,Ann,Adams,+47 22 00 00 01,Oslo
2,b@example.org,Bob,Brown,+47 22 00 00 02,Bergen
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
1,1,1,1,1
2,2,1,1,1
END
}

# load_quietly ARGUMENT...: a run that must succeed and is not what the test is about.
load_quietly() {
    run_load --quiet "$@"
    expect_status 0 && expect_silence
}

# more_orders FIRST LAST USER
more_orders() {
    echo order_id,user_id,order_number,order_dow,order_hour_of_day
    for order in $(seq "$1" "$2"); do
        echo "$order,$3,1,1,1"
    done
}

# Columns of any length, as some databases have them.
widen() {
    sql "SET client_min_messages = warning;
         ALTER TABLE users.users ALTER phone_number TYPE text, ALTER street_address TYPE text,
           ALTER city TYPE text, ALTER postal_code TYPE text, ALTER country TYPE text;
         ALTER TABLE orders.orders ALTER delivery_name TYPE text, ALTER phone_number TYPE text,
           ALTER street_address TYPE text, ALTER city TYPE text, ALTER postal_code TYPE varchar,
           ALTER country TYPE text"
}

expect_holds() {
    [[ $output =~ $'\n'"ok      $NAME"\ +"$1"$'\n' ]] || unexpected "expected that $1 are right"
}

expect_broken() {
    [[ $output =~ $'\n'"FAILED  $NAME"\ +"$1"\ +"$2"$'\n' ]] || unexpected "expected that $2 of $1 are wrong"
}

same_details() {
    expect_sql "SELECT count(*) FROM orders.orders o JOIN users.users u ON u.id = o.user_id
                 WHERE (concat_ws(' ', u.first_name, u.last_name), u.phone_number, u.city,
                        u.street_address, u.postal_code, u.country)
                       IS NOT DISTINCT FROM (o.delivery_name, o.phone_number, o.city,
                        o.street_address, o.postal_code, o.country)" "$1"
}

@test "texts of any length come whole, from the files and from the database" {
    widen
    long=$(printf 'é%.0s' {1..70000})
    {
        echo user_id,email_address,first_name,last_name,phone_number,street_address,city,postal_code,country
        echo "1,a@example.org,$long,$long,$long,$long,$long,$long,$long"
        echo "2,b@example.org,Bob,,1,2,3,4,$long"
        echo "3,c@example.org,,,${long:0:65535},${long:0:65536},${long:0:32767},${long:0:32768},x"
    } >users.csv
    more_orders 1 2 1 >orders.csv
    more_orders 3 3 2 | tail -n +2 >>orders.csv
    more_orders 4 4 3 | tail -n +2 >>orders.csv
    load_quietly --verify users.csv orders.csv
    same_details 3
    expect_sql "SELECT length(delivery_name), length(phone_number), length(country)
                  FROM orders.orders WHERE id = 1" '140001|70000|70000'
    expect_sql 'SELECT delivery_name IS NULL, length(phone_number), length(street_address),
                length(city), length(postal_code) FROM orders.orders WHERE id = 4' \
        't|65535|65536|32767|32768'

    more_orders 5 7 1 >orders.csv
    load_quietly --verify orders.csv
    same_details 6
}

@test "a delivery name is cut to the column that the database has" {
    sql 'ALTER TABLE orders.orders ALTER delivery_name TYPE varchar(7)'
    load_quietly --verify users.csv orders.csv
    expect_sql 'SELECT id, delivery_name FROM orders.orders ORDER BY id' $'1|Ann Ada\n2|Bob Bro'

    # The same where the database works it out.
    sed -i 's/Ann/Ännchen/; s/Bob/Bö/' users.csv
    load_quietly --verify --mode=upsert users.csv
    expect_sql 'SELECT id, delivery_name FROM orders.orders ORDER BY id' $'1|Ännchen\n2|Bö Brow'
    sed -i '3s/.*/2,1,1,1,1/' orders.csv
    load_quietly --verify --mode=upsert orders.csv
    expect_sql 'SELECT id, delivery_name FROM orders.orders ORDER BY id' $'1|Ännchen\n2|Ännchen'

    # Without a limit nothing is cut.
    sql 'ALTER TABLE orders.orders ALTER delivery_name TYPE text'
    sed -i "s/Ännchen/$(printf 'Ä%.0s' {1..300})/" users.csv
    load_quietly --verify --mode=upsert users.csv
    more_orders 3 3 1 >orders.csv
    load_quietly --verify orders.csv
    expect_sql 'SELECT id, length(delivery_name) FROM orders.orders ORDER BY id' $'1|306\n2|306\n3|306'
}

@test "orders whose columns have no room for what the user has are bad rows" {
    sql 'ALTER TABLE orders.orders ALTER city TYPE varchar(4)'
    run_load users.csv orders.csv
    expect_status 2
    expect_stderr_line 'orders.csv:3: user_id: the user'\''s city has 6 characters, orders.orders.city takes 4 ("2")'
    expect_sql 'SELECT count(*) FROM users.users' 0

    run_load --rejects=rejects users.csv orders.csv
    expect_status 1
    expect_sql 'SELECT id, city FROM orders.orders' '1|Oslo'
    [[ $(cat rejects/orders.csv) == *$'\n'2,2,1,1,1 ]]
    grep -q ',length,' rejects/orders.reasons.csv

    # The database's user alike; a user that has no orders, and gets none, is none of theirs.
    run_load --mode=upsert orders.csv
    expect_status 2
    expect_stderr_line 'orders.csv:3: user_id: the user'\''s city has 6 characters, orders.orders.city takes 4 ("2")'

    # A user of the database takes its orders along.
    sed -i 's/Oslo/Kraków/' users.csv
    before=$(snapshot)
    run_load --mode=upsert users.csv
    expect_status 2
    expect_stderr_line 'users.csv:2: city: longer than 4 characters (6), which orders.orders.city takes ("Kraków")'
    expect_unchanged "$before"
}

@test "with --duplicates=last, a row for which there is no room takes no other's place" {
    sql 'ALTER TABLE orders.orders ALTER city TYPE varchar(4)'
    load_quietly users.csv
    printf 'user_id,email_address,city\n%s\n%s\n' 1,ada@example.org,Rome 1,ada@example.org,Bergen \
        >users.csv
    run_load --mode=upsert --duplicates=last --rejects=rejects users.csv
    expect_status 1
    expect_stdout_line 'users.csv: 1 updated'
    expect_sql 'SELECT city FROM users.users WHERE id = 1' Rome
}

@test "--verify finds an order of a run that is not as its user" {
    load_quietly users.csv orders.csv
    run_load --verify
    expect_status 0
    expect_holds 2
    sql "CREATE FUNCTION public.elsewhere() RETURNS trigger LANGUAGE plpgsql AS
           'BEGIN NEW.city := ''Elsewhere''; RETURN NEW; END';
         CREATE TRIGGER elsewhere BEFORE INSERT ON orders.orders
           FOR EACH ROW WHEN (NEW.id IN (4, 5)) EXECUTE FUNCTION public.elsewhere()"
    more_orders 3 5 2 >orders.csv
    before=$(snapshot)
    run_load --verify orders.csv
    expect_status 6
    expect_broken 5 2
    expect_stdout_line '          id 4, user_id 2'
    expect_nowhere Elsewhere
    expect_unchanged "$before"

    load_quietly orders.csv
    run_load --verify
    expect_status 6
    expect_broken 5 2
    expect_stdout_line '          id 5, user_id 2'
}

@test "--verify leaves alone what the application has changed, user or order or both" {
    more_orders 3 6 1 >>orders.csv
    sed -i '4d' orders.csv
    echo order_id,product_id,add_to_cart_order >items.csv
    load_quietly --infer=products users.csv orders.csv items.csv
    sql "UPDATE users.users SET city = 'Tromsø' WHERE id = 2;
         UPDATE orders.orders SET city = 'Molde', delivery_name = 'Neighbour' WHERE id = 3;
         UPDATE orders.orders SET phone_number = NULL WHERE id = 4"
    run_load --verify
    expect_status 0
    expect_holds 3

    # A run that sets other values of these orders has not written their details.
    printf '%s,7,1\n' 3 4 2 >>items.csv
    printf 'order_id,status,changed_at\n3,shipped,2024-01-02Z\n4,pending,2024-01-02Z\n' >history.csv
    load_quietly --verify --infer=products items.csv history.csv
    printf 'product_id,description,price\n7,x,2.50\n' >prices.csv
    load_quietly --verify prices.csv
    expect_sql 'SELECT id, city, delivery_name, phone_number, total_items, total_price, status
                  FROM orders.orders WHERE id BETWEEN 2 AND 4 ORDER BY id' \
        '2|Bergen|Bob Brown|+47 22 00 00 02|1|2.5|pending
3|Molde|Neighbour|+47 22 00 00 01|1|2.5|shipped
4|Oslo|Ann Adams||1|2.5|pending'

    # A new order takes over what the application's user has; the earlier one stays.
    more_orders 7 7 2 >orders.csv
    load_quietly --verify orders.csv
    expect_sql 'SELECT id, city FROM orders.orders WHERE id IN (2, 7) ORDER BY id' $'2|Bergen\n7|Tromsø'
    load_quietly --verify --mode=skip users.csv orders.csv
    # The files say what the user has, and the orders follow.
    load_quietly --verify --mode=upsert users.csv
    expect_sql 'SELECT id, city FROM orders.orders WHERE id IN (2, 7) ORDER BY id' $'2|Bergen\n7|Bergen'
    run_load --verify
    expect_status 0

    # Users of whom the application has changed one part, and a run another.
    sql "UPDATE users.users SET country = 'Norway'"
    printf 'user_id,email_address,first_name\n1,a@example.org,Anna\n' >names.csv
    load_quietly --verify --mode=upsert names.csv
    run_load --verify
    expect_status 0
}

@test "--verify needs the ledger for that, and says nothing of it without" {
    sql 'ALTER TABLE timele_load.runs DROP COLUMN transaction_id'
    load_quietly --verify users.csv orders.csv
    run_load --verify
    expect_status 0
    expect_nowhere "$NAME"

    # Earlier runs stay without one.
    more_orders 3 3 1 >orders.csv
    load_quietly --create-schema --verify orders.csv
    expect_sql 'SELECT run_id, transaction_id IS NULL FROM timele_load.runs ORDER BY 1' $'1|t\n2|f'
    run_load --verify
    expect_status 0
    expect_holds 0
    more_orders 4 4 1 >orders.csv
    load_quietly --mode=upsert users.csv orders.csv
    run_load --verify
    expect_holds 0
    sed -i 's/Ann/Anna/' users.csv
    load_quietly --mode=upsert users.csv
    run_load --verify
    expect_status 0
    expect_holds 3

    # Runs that came from elsewhere in one transaction have numbers of another server.
    sql 'CREATE TABLE public.kept AS SELECT * FROM timele_load.runs;
         DELETE FROM timele_load.runs;
         INSERT INTO timele_load.runs OVERRIDING SYSTEM VALUE SELECT * FROM public.kept'
    run_load --verify
    expect_status 0
    expect_holds 0

    sql 'DROP TABLE timele_load.files, timele_load.runs'
    run_load --verify
    expect_status 0
    expect_nowhere "$NAME"
}
