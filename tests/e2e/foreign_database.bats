#!/usr/bin/env bats
#
# A database that TimeL-E's own service made, with rows in it: other names of constraints, unique
# indexes for constraints, no defaults, no column `inferred`.

load harness

SERVICE=$PROJECT_ROOT/tests/e2e/fixtures/timele_service.sql
V4='^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'

setup_file() {
    start_file
    psql -Xq -v ON_ERROR_STOP=1 --file "$SERVICE"
}

setup() {
    start_test
    write_csv users.csv <<'END'
user_id,first_name,last_name,hashed_password,email_address
11,Cy,Cole,hash,cy@example.org
12,Di,Dane,hash,di@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order
11,11,1,0,08,
12,12,1,6,23,7.0
13,1,2,6,23,30.0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered
11,1,1,0
11,2,2,0
12,2,1,1
END
}

# The constraint's definition is kept; only whether it was ever checked differs.
forget_validation() {
    sql "ALTER TABLE orders.orders DROP CONSTRAINT fk_order_user;
         ALTER TABLE orders.orders ADD CONSTRAINT fk_order_user
           FOREIGN KEY (user_id) REFERENCES users.users (id) NOT VALID"
}

is_valid() {
    expect_sql "SELECT conname, convalidated FROM pg_constraint
                 WHERE conrelid = 'orders.orders'::regclass AND contype = 'f'" "$1"
}

@test "users, orders and items load without --create-schema" {
    local definitions
    definitions=$(definitions)
    run_load users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    expect_sql "SELECT id, first_name, email_address, pending_order_notification,
                       order_notifications_via_email, external_user_id::text ~ '$V4'
                  FROM users.users WHERE id > 2 ORDER BY id" \
        '11|Cy|cy@example.org|t|f|t
12|Di|di@example.org|t|f|t'
    expect_sql "SELECT id, user_id, order_hour_of_day, days_since_prior_order, status,
                       external_order_id::text ~ '$V4'
                  FROM orders.orders WHERE id > 2 ORDER BY id" \
        '11|11|8||pending|t
12|12|23|7|pending|t
13|1|23|30|pending|t'
    expect_sql 'SELECT * FROM orders.order_items WHERE order_id > 2 ORDER BY order_id, product_id' \
        '11|1|1|0|1|0.25
11|2|2|0|1|0
12|2|1|1|1|0'
    diff <(printf '%s\n' "$definitions") <(printf '%s\n' "$(definitions)")
}

@test "the next ids of the application are at the floor or above" {
    run_load users.csv orders.csv items.csv
    expect_status 0
    expect_sql "SELECT nextval('users.users_id_seq'), nextval('orders.orders_id_seq'),
                       nextval('orders.carts_id_seq') > 1" '400000|3422000|t'
    expect_sql 'SELECT count(*) FROM orders.order_status_history' 2
}

@test "the service's own rows are there already" {
    local before
    write_csv users.csv <<'END'
user_id,first_name,last_name,hashed_password,email_address
1,Ada,Adams,x,new@example.org
11,Bob,Baker,x,bob@example.org
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
1,2,1
2,2,1
END
    before=$(snapshot)
    run_load users.csv items.csv
    expect_status 2
    expect_stdout ''
    expect_stderr_line 'users.csv:2: user_id: is in the database already ("1")'
    expect_stderr_line 'users.csv:3: email_address: is in the database already, with user 2 ("bob@example.org")'
    expect_stderr_line 'items.csv:2: product_id: order 1 has it in the database already ("2")'
    expect_unchanged "$before"
}

@test "a file without a column that the service requires" {
    local before
    write_csv users.csv <<'END'
user_id,email_address
11,cy@example.org
END
    before=$(snapshot)
    run_load users.csv
    expect_status 2
    expect_stdout ''
    [[ $stderr == 'timele-load: error: users.csv: the header has no column first_name, which users.users needs in this database' ]] || unexpected
    expect_unchanged "$before"
}

@test "an empty value where the service requires one" {
    local before
    write_csv users.csv <<'END'
user_id,first_name,last_name,hashed_password,email_address
11,Cy,Cole,hash,cy@example.org
12,,Dane,hash,di@example.org
END
    before=$(snapshot)
    run_load users.csv
    expect_status 2
    expect_stdout ''
    expect_stderr_line 'users.csv:3: first_name: empty, but required'
    expect_unchanged "$before"
}

@test "without a product, inferring names the column that is missing and how to add it" {
    local before
    sql 'TRUNCATE products.products, products.aisles, products.departments CASCADE'
    before=$(snapshot)
    run_load users.csv orders.csv items.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'timele-load: error: products.products has no column inferred'
    expect_stderr_contains '--create-schema adds it'
    expect_unchanged "$before"

    run_load --create-schema users.csv orders.csv items.csv
    expect_status 0
    expect_sql 'SELECT product_id, product_name, inferred FROM products.products ORDER BY 1' \
        '1|Product 1|t
2|Product 2|t'
}

@test "--infer=none asks for no column" {
    local before
    sql 'TRUNCATE products.products, products.aisles, products.departments CASCADE'
    before=$(snapshot)
    run_load --infer=none users.csv orders.csv items.csv
    expect_status 2
    expect_stdout ''
    expect_stderr_line 'items.csv:2: product_id: no such product in the files or the database ("1")'
    expect_unchanged "$before"
}

@test "a foreign key that is NOT VALID is validated" {
    forget_validation
    is_valid 'fk_order_user|f'
    run_load users.csv orders.csv items.csv
    expect_status 0
    is_valid 'fk_order_user|t'
}

@test "a foreign key that is NOT VALID and that old rows violate ends the load" {
    local before
    sql "ALTER TABLE orders.orders DROP CONSTRAINT fk_order_user;
         INSERT INTO orders.orders (id, external_order_id, user_id, order_number, order_dow,
           order_hour_of_day, total_items, total_price, status, created_at, updated_at)
         VALUES (9, gen_random_uuid(), 77, 1, 0, 8, 0, 0, 'pending', now(), now())"
    sql "ALTER TABLE orders.orders ADD CONSTRAINT fk_order_user
           FOREIGN KEY (user_id) REFERENCES users.users (id) NOT VALID"
    before=$(snapshot)
    run_load users.csv orders.csv items.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'fk_order_user'
    expect_stderr_contains '(user_id)=(77)'
    expect_unchanged "$before"
}

@test "a foreign key that is missing: a warning, and the rows are loaded" {
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT fk_order_user'
    run_load users.csv orders.csv items.csv
    expect_status 0
    [[ $stderr == 'timele-load: warning: orders.orders has no foreign key on user_id; only this program has checked it (--create-schema adds it)' ]] ||
        unexpected 'expected one warning'
    [[ $output =~ 'orders.user_id -> users.users'\ +3\ +'not there' ]] || unexpected

    printf 'order_id,user_id,order_number,order_dow,order_hour_of_day\n14,99,1,0,8\n' >orders.csv
    run_load orders.csv
    expect_status 2
    expect_stderr_line 'orders.csv:2: user_id: no such user in the files or the database ("99")'
}

@test "--create-schema adds the foreign key that is missing" {
    sql 'ALTER TABLE orders.orders DROP CONSTRAINT fk_order_user'
    run_load --create-schema users.csv orders.csv items.csv
    expect_status 0
    expect_silence
    is_valid 'orders_user_id_fkey|t'
}

@test "a foreign key to another table is not taken for the one that is needed" {
    sql "ALTER TABLE orders.orders DROP CONSTRAINT fk_order_user;
         CREATE TABLE public.users (id bigint PRIMARY KEY);
         INSERT INTO public.users VALUES (1), (2), (11), (12);
         ALTER TABLE orders.orders ADD FOREIGN KEY (user_id) REFERENCES public.users"
    run_load users.csv orders.csv items.csv
    expect_status 0
    expect_stderr_contains 'orders.orders has no foreign key on user_id'
}

@test "a deferred foreign key is proven before the sequences move" {
    local before
    sql "ALTER TABLE orders.orders ALTER CONSTRAINT fk_order_user DEFERRABLE INITIALLY DEFERRED"
    run_load users.csv orders.csv items.csv
    expect_status 0
    expect_sql "SELECT condeferrable, condeferred FROM pg_constraint WHERE conname = 'fk_order_user'" 't|t'

    sql "CREATE TABLE public.blocked (id bigint PRIMARY KEY);
         ALTER TABLE users.users ADD FOREIGN KEY (id) REFERENCES public.blocked
           DEFERRABLE INITIALLY DEFERRED NOT VALID"
    printf 'user_id,first_name,last_name,hashed_password,email_address\n21,E,F,hash,e@example.org\n' >users.csv
    before=$(snapshot)
    run_load users.csv
    expect_status 3
    expect_stdout ''
    expect_unchanged "$before"
}
