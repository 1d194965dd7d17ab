#!/usr/bin/env bats
#
# The application goes on while a small upsert runs: neither waits for the other, and there is no
# deadlock.
#
# Nothing here depends on speed. Locks are held until a transaction ends, so the run is stopped at
# its end, when it writes the ledger and holds all that it has locked. Who has to wait for it then
# would wait for ever, and is ended by lock_timeout.

load harness
load concurrency

SAMPLE=$PROJECT_ROOT/data/sample
WRITERS=4

setup_file() {
    start_file
    "$TIMELE_LOAD" --quiet --create-schema "$SAMPLE"/*.csv \
        "$SAMPLE"/enriched/{enriched_products_dept*,order_status_history}.csv
    sql <<'SQL'
CREATE FUNCTION public.wait_for_lock() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(11);
  RETURN NULL;
END
$$;
CREATE TRIGGER wait_for_lock AFTER INSERT ON timele_load.runs
  FOR EACH ROW EXECUTE FUNCTION public.wait_for_lock();

-- The customers of the application's orders are historical, as the run's are; rows of the run are
-- not its business.
CREATE SEQUENCE public.order_numbers MINVALUE 1000;
CREATE TABLE public.concerned AS
  SELECT u.id AS user_id, min(o.id) AS order_id, min(i.product_id) AS product_id
    FROM users.users u
    JOIN orders.orders o ON o.user_id = u.id
    JOIN orders.order_items i ON i.order_id = o.id
   GROUP BY u.id ORDER BY u.id LIMIT 5;
CREATE TABLE public.others AS
  SELECT row_number() OVER (ORDER BY id) AS n, id AS order_id, user_id FROM orders.orders
   WHERE user_id NOT IN (SELECT user_id FROM public.concerned)
     AND id NOT IN (SELECT i.order_id FROM orders.order_items i JOIN public.concerned USING (product_id));
SQL
}

teardown() {
    release
    touch stop
    kill -KILL "${load_process:-}" 2>/dev/null || true
    wait
}

# copy_out NAME QUERY: a file with a header.
copy_out() {
    sql "COPY ($2) TO STDOUT (FORMAT csv, HEADER)" >"$1"
}

# write_upsert ROUND: a few rows of each table change, and a few are new.
write_upsert() {
    copy_out users.csv "SELECT id AS user_id, email_address, 'Town $1' AS city FROM users.users
                         WHERE id IN (SELECT user_id FROM public.concerned)
                         UNION ALL SELECT 390000 + $1, 'new$1@example.org', 'Town'"
    copy_out orders.csv "SELECT id AS order_id, user_id, order_number, order_dow, $1 % 24 AS order_hour_of_day
                           FROM orders.orders WHERE id IN (SELECT order_id FROM public.concerned)
                         UNION ALL SELECT 3420000 + $1, 390000 + $1, 1, 0, 0"
    copy_out items.csv "SELECT order_id, product_id, $1 AS add_to_cart_order FROM orders.order_items
                         WHERE order_id IN (SELECT order_id FROM public.concerned)
                        UNION ALL SELECT 3420000 + $1, product_id, 1 FROM public.concerned GROUP BY product_id"
    copy_out events.csv "SELECT order_id, 'shipped' AS status, timestamptz '2024-01-01Z' + interval '1 h' * $1 AS changed_at
                           FROM public.concerned"
    copy_out products.csv "SELECT product_id, 'Name $1' AS product_name, aisle_id, department_id FROM products.products
                            WHERE product_id IN (SELECT product_id FROM public.concerned)"
    copy_out prices.csv "SELECT DISTINCT product_id, 'Text' AS description, $1 AS price FROM public.concerned"
}

UPSERT=(--quiet --mode=upsert {users,orders,items,events,products,prices}.csv)

# application_statements WRITER: what the application does in one transaction, with rows that no
# other writer has.
application_statements() {
    cat <<SQL
INSERT INTO users.users (email_address) VALUES ('w$1.' || gen_random_uuid());
INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day)
  SELECT user_id, nextval('public.order_numbers'), 0, 0 FROM public.concerned;
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order)
  SELECT currval('orders.orders_id_seq'), product_id, 1 FROM public.concerned GROUP BY product_id;
UPDATE orders.orders SET status = 'processing' WHERE id = currval('orders.orders_id_seq');
DELETE FROM orders.order_items WHERE order_id = currval('orders.orders_id_seq');
INSERT INTO orders.carts (user_id) SELECT user_id FROM public.concerned;
INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order)
  SELECT currval('orders.carts_id_seq'), product_id, 1 FROM public.concerned GROUP BY product_id;
UPDATE orders.cart_items SET quantity = quantity + 1 WHERE cart_id = currval('orders.carts_id_seq');
UPDATE orders.carts SET total_items = total_items + 1 WHERE id = currval('orders.carts_id_seq');
DELETE FROM orders.cart_items WHERE cart_id = currval('orders.carts_id_seq');
UPDATE orders.orders SET tracking_number = 'T' WHERE id = (SELECT order_id FROM public.others WHERE n = $1);
UPDATE users.users SET last_login = now() WHERE id = (SELECT user_id FROM public.others WHERE n = $1);
SELECT count(*) FROM orders.orders JOIN orders.order_items ON order_id = id JOIN users.users u ON u.id = user_id;
SQL
}

at_its_end() {
    backends "wait_event = 'advisory'" 1
}

@test "who writes orders and carts waits for no lock of a small upsert" {
    write_upsert 1
    hold 'SELECT pg_advisory_lock(11)'
    start_load "${UPSERT[@]}"
    eventually at_its_end
    {
        echo "SET lock_timeout = '100ms'; BEGIN;"
        application_statements 1
        echo 'COMMIT;'
    } | sql >/dev/null
    release
    finish_load
    expect_status 0
    expect_silence
    expect_sql "SELECT count(*) FROM users.users WHERE city = 'Town 1'" 5
    expect_sql "SELECT count(*) FROM orders.orders WHERE id >= 3422000 AND status = 'processing'" 1
}

@test "a small upsert waits for no lock of who writes orders and carts" {
    local statements
    write_upsert 1
    mapfile -t statements < <(application_statements 1 | tr '\n' ' ' | sed 's/; /\n/g')
    hold BEGIN "${statements[@]/#SELECT*/SELECT}"
    PGOPTIONS="-c lock_timeout=100ms" run_load "${UPSERT[@]}"
    expect_status 0
    expect_silence
}

# write_until_stopped WRITER: prints a line for each transaction.
write_until_stopped() {
    while [[ ! -e stop ]]; do
        echo 'BEGIN;'
        application_statements "$1"
        printf '%s\n' 'COMMIT;' '\echo committed'
        sleep 0.02
    done | sql >"writer$1" 2>&1
}

# more_written: each writer has done something since `written` was set.
more_written() {
    local writer
    for ((writer = 1; writer <= WRITERS; writer++)); do
        (($(grep -c committed "writer$writer") > written[writer])) || return 1
    done
}

note_written() {
    local writer
    for ((writer = 1; writer <= WRITERS; writer++)); do
        written[writer]=$(grep -c committed "writer$writer" || true)
    done
}

@test "writers and upserts at the same time: no deadlock, nothing lost, all invariants hold" {
    local round writer before total written=() writers=()
    before=$(sql 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()')
    for ((writer = 1; writer <= WRITERS; writer++)); do
        write_until_stopped "$writer" 3>&- &
        writers+=($!)
    done
    for ((round = 1; round <= 3; round++)); do
        write_upsert "$round"
        note_written
        run_load "${UPSERT[@]}"
        expect_status 0
        expect_silence
        run ! grep -h ERROR writer*
        eventually more_written
    done
    touch stop
    wait "${writers[@]}"
    run ! grep -h ERROR writer*
    total=$(cat writer* | grep -c committed)
    expect_sql 'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()' "$before"
    expect_sql "SELECT count(*) FROM orders.orders WHERE id >= 3422000 AND status = 'processing'" "$total"
    expect_sql "SELECT count(*) FROM users.users WHERE city = 'Town 3'" 5
    run_load --verify --quiet
    expect_status 0
}
