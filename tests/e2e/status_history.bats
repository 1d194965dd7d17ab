#!/usr/bin/env bats
#
# Order status history: whatever order the rows come in, each status follows the one before it in
# time, and the order has the last one.

load harness
load small_shop
load derived_shop

# Each run's --create-schema finds the schema there: the tests are not about making it.
setup_file() {
    start_file
    setup_schema
}

setup() {
    start_test
    write_derived_shop
}

load_orders() {
    load_quietly --create-schema users.csv orders.csv
}

# write_changes NAME LINE...: a history file.
write_changes() {
    local name=$1
    shift
    { echo order_id,status,changed_at && printf '%s\n' "$@"; } >"$name"
}

# Forms of files -----------------------------------------------------------------------------------

@test "in the order of time" {
    load_orders
    load_quietly history.csv
    expect_history 1 '|pending|2016-01-01 10:00:00
pending|processing|2016-01-01 11:00:00
processing|shipped|2016-01-02 10:00:00
shipped|delivered|2016-01-04 10:00:00'
}

@test "backwards, with the orders and after them" {
    local expected='|pending|2016-02-01 09:00:00
pending|processing|2016-02-02 09:00:00
processing|shipped|2016-02-03 09:00:00'
    load_quietly --create-schema users.csv orders.csv history.csv
    expect_history 2 "$expected"
    expect_order 2 '0|0|shipped'
    load_quietly --reset --create-schema users.csv orders.csv
    load_quietly history.csv
    expect_history 2 "$expected"
    expect_order 2 '0|0|shipped'
}

@test "interleaved with other orders" {
    load_quietly --create-schema users.csv orders.csv history.csv
    expect_history 3 '|pending|2016-03-01 09:00:00
pending|processing|2016-03-01 10:00:00
processing|failed|2016-03-01 12:00:00'
    expect_history 4 '|pending|2016-03-01 09:30:00
pending|cancelled|2016-03-01 11:00:00'
}

@test "at the same time: the order of the file" {
    write_changes same.csv '7,refunded,2016-06-02 09:00:00Z' \
        7,{shipped,pending,returned,cancelled,processing}',2016-06-01 09:00:00Z' \
        '7,failed,2016-06-02 09:00:00Z'
    load_quietly --create-schema users.csv orders.csv same.csv
    expect_history 7 '|shipped|2016-06-01 09:00:00
shipped|pending|2016-06-01 09:00:00
pending|returned|2016-06-01 09:00:00
returned|cancelled|2016-06-01 09:00:00
cancelled|processing|2016-06-01 09:00:00
processing|refunded|2016-06-02 09:00:00
refunded|failed|2016-06-02 09:00:00'
    expect_order 7 '0|0|failed'
}

@test "at the same time in two zones" {
    write_changes zones.csv '7,shipped,2016-06-01T11:00:00+02:00' '7,pending,2016-06-01 09:00:00' \
        '7,failed,2016-06-01T10:00:00+02'
    load_quietly --create-schema users.csv orders.csv zones.csv
    expect_history 7 '|failed|2016-06-01 08:00:00
failed|shipped|2016-06-01 09:00:00
shipped|pending|2016-06-01 09:00:00'
    expect_order 7 '0|0|pending'
}

@test "a microsecond apart" {
    write_changes close.csv '7,shipped,2016-06-01 09:00:00.000002Z' \
        '7,pending,2016-06-01 09:00:00.000001Z'
    load_quietly --create-schema users.csv orders.csv close.csv
    expect_history 7 '|pending|2016-06-01 09:00:00.000001
pending|shipped|2016-06-01 09:00:00.000002'
}

@test "a single change, and none" {
    load_quietly --create-schema users.csv orders.csv history.csv
    expect_history 6 '|refunded|2016-05-03 08:59:59.123456'
    expect_history 7 ''
    expect_order 7 '0|0|pending'
}

@test "the same status again is a change like any other" {
    write_changes again.csv '7,shipped,2016-06-01Z' '7,shipped,2016-06-02Z'
    sed -i 's/Z/ 00:00Z/' again.csv
    load_quietly --create-schema users.csv orders.csv again.csv
    expect_history 7 $'|shipped|2016-06-01 00:00:00\nshipped|shipped|2016-06-02 00:00:00'
}

@test "every status there is" {
    local all=(pending processing shipped delivered cancelled failed return_requested returned
        refunded)
    local status day=0
    {
        echo changed_at,order_id,status
        for status in "${all[@]}"; do echo "2016-07-0$((++day))T00:00:00Z,7,$status"; done
    } >every.csv
    load_quietly --create-schema users.csv orders.csv every.csv
    expect_sql 'SELECT string_agg(new_status::text, $$ $$ ORDER BY changed_at)
                  FROM orders.order_status_history' "${all[*]}"
    expect_order 7 '0|0|refunded'
}

@test "older changes that come later take their place before the others" {
    load_orders
    write_changes new.csv '7,delivered,2016-06-03 00:00Z' '7,shipped,2016-06-02 00:00Z'
    write_changes old.csv '7,pending,2016-06-01 00:00Z'
    load_quietly new.csv
    expect_order 7 '0|0|delivered'
    load_quietly old.csv
    expect_history 7 '|pending|2016-06-01 00:00:00
pending|shipped|2016-06-02 00:00:00
shipped|delivered|2016-06-03 00:00:00'
    expect_order 7 '0|0|delivered'
    expect_sql "SELECT updated_at = '2016-06-03Z' FROM orders.orders WHERE id = 7" t
}

@test "nothing else is known of a change: nobody made it, no note" {
    load_quietly --create-schema users.csv orders.csv history.csv
    expect_sql 'SELECT DISTINCT changed_by, note FROM orders.order_status_history' '|'
    expect_sql 'SELECT count(*), min(history_id), max(history_id), count(DISTINCT history_id)
                  FROM orders.order_status_history' '19|1|19|19'
    expect_sql 'SELECT nextval(pg_get_serial_sequence($$orders.order_status_history$$,
                                                      $$history_id$$))' 20
}

# The same change twice ----------------------------------------------------------------------------

@test "the same change twice in a file is an error; the message names the first" {
    local before
    load_orders
    before=$(snapshot)
    write_changes twice.csv 7,shipped,2016-06-02T00:00Z 8,shipped,2016-06-02T00:00Z \
        '7,shipped,2016-06-02 02:00:00+02:00'
    expect_refused 2 "$before" 'twice.csv:4: status: stands twice, first on line 2 ("shipped")' \
        twice.csv
}

@test "the same change in two files is an error; the message names both" {
    local before
    load_orders
    before=$(snapshot)
    write_changes one.csv 7,pending,2016-06-01T00:00Z 7,shipped,2016-06-02T00:00Z
    write_changes two.csv 7,shipped,2016-06-02T00:00Z
    expect_refused 2 "$before" \
        'two.csv:2: status: stands twice, first on line 3 of one.csv ("shipped")' one.csv two.csv
}

@test "a change that the database has already is an error" {
    local before
    load_orders
    load_quietly history.csv
    before=$(snapshot)
    write_changes again.csv 7,pending,2016-06-01T00:00Z '2,processing,2016-02-02 10:00:00+01:00'
    expect_refused 2 "$before" \
        'again.csv:3: status: order 2 has it in the database already ("processing")' again.csv
    expect_refused 2 "$before" \
        'history.csv:2: status: order 1 has it in the database already ("pending")' history.csv
    expect_stderr_contains '19 bad rows in 1 file; nothing was loaded'
}

@test "--duplicates=first and last keep one of them" {
    write_changes twice.csv 7,shipped,2016-06-01T00:00Z 7,pending,2016-06-01T00:00Z \
        7,shipped,2016-06-01T00:00Z
    load_quietly --create-schema --duplicates=first users.csv orders.csv twice.csv
    expect_history 7 $'|shipped|2016-06-01 00:00:00\nshipped|pending|2016-06-01 00:00:00'
    expect_order 7 '0|0|pending'
    run_load --reset --create-schema --duplicates=last users.csv orders.csv twice.csv
    expect_status 0
    expect_history 7 $'|pending|2016-06-01 00:00:00\npending|shipped|2016-06-01 00:00:00'
    expect_order 7 '0|0|shipped'
    expect_stdout_contains 'twice.csv: 1 row skipped as duplicate of another'
}

# Bad rows -----------------------------------------------------------------------------------------

@test "bad rows: each is told of, and nothing changes" {
    local before
    load_orders
    sql "INSERT INTO orders.orders (id, user_id, order_number, order_dow, order_hour_of_day)
         VALUES (3422000, 1, 9, 0, 0)"
    before=$(snapshot)
    write_changes bad.csv 7,lost,2016-06-01T00:00Z 7,Shipped,2016-06-01T00:00Z \
        7,,2016-06-01T00:00Z 77,shipped,2016-06-01T00:00Z 7,shipped,yesterday 7,shipped, \
        7,shipped,2016-02-30T00:00Z ,shipped,2016-06-01T00:00Z 3422000,shipped,2016-06-01T00:00Z \
        7,shipped,infinity 0,shipped,2016-06-01T00:00Z 7,pending,2016-06-01T00:00Z
    expect_refused 2 "$before" 'timele-load: error: 11 bad rows in 1 file; nothing was loaded' \
        bad.csv
    expect_stderr_line 'bad.csv:2: status: not an order status ("lost")'
    expect_stderr_line 'bad.csv:3: status: not an order status ("Shipped")'
    [[ $(grep -cF 'A status is pending, ' <<<"$stderr") == 1 ]] || unexpected
    expect_stderr_line 'bad.csv:4: status: empty, but required'
    expect_stderr_line 'bad.csv:5: order_id: no such order in the files or the database ("77")'
    expect_stderr_contains 'bad.csv:6: changed_at: '
    expect_stderr_line 'bad.csv:7: changed_at: empty, but required'
    expect_stderr_contains 'bad.csv:8: changed_at: '
    expect_stderr_line 'bad.csv:9: order_id: empty, but required'
    expect_stderr_contains 'bad.csv:10: order_id: at or above the floor 3422000'
    expect_stderr_contains 'bad.csv:11: changed_at: '
    expect_stderr_line 'bad.csv:12: order_id: below 1, where ids start ("0")'
}

@test "an unknown order in the same run" {
    local before
    setup_schema
    before=$(snapshot)
    sed -i /^6,/d orders.csv
    expect_refused 2 "$before" \
        'history.csv:16: order_id: no such order in the files or the database ("6")' \
        users.csv orders.csv history.csv
}

@test "--check finds them without a database" {
    write_changes bad.csv 7,lost,2016-06-01T00:00Z 77,shipped,2016-06-01T00:00Z \
        7,shipped,2016-06-01T00:00Z 7,shipped,2016-06-01T00:00Z
    PGHOST=/nowhere run_load --check users.csv orders.csv bad.csv
    expect_status 2
    expect_stderr_line 'bad.csv:2: status: not an order status ("lost")'
    expect_stderr_contains 'bad.csv:3: order_id: no such order'
    expect_stderr_line 'bad.csv:5: status: stands twice, first on line 4 ("shipped")'
}

# The trigger --------------------------------------------------------------------------------------

triggers() {
    sql "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'orders.orders'::regclass
            AND NOT tgisinternal ORDER BY 1"
}

@test "the trigger is silent during a load and works again after it" {
    local before
    load_orders
    before=$(triggers)
    load_quietly history.csv
    expect_sql 'SELECT count(*) FROM orders.order_status_history' 19
    expect_equal "$before" "$(triggers)"
    sql "UPDATE orders.orders SET status = 'returned' WHERE id IN (6, 7)"
    expect_sql 'SELECT order_id, old_status, new_status FROM orders.order_status_history
                 WHERE history_id > 19 ORDER BY 1' $'6|refunded|returned\n7|pending|returned'
}

@test "what the trigger wrote for a historical order is part of its history" {
    load_orders
    sql "UPDATE orders.orders SET status = 'delivered' WHERE id = 7"
    write_changes late.csv 7,pending,2016-06-01T00:00Z 7,shipped,2016-06-02T00:00Z
    load_quietly late.csv
    expect_sql 'SELECT old_status, new_status FROM orders.order_status_history
                 ORDER BY changed_at, history_id' '|pending
pending|shipped
shipped|delivered'
    expect_order 7 '0|0|delivered'
}

@test "the service's own trigger, which fails, does not get in the way and stays as it is" {
    local before enabled
    start_empty_test
    setup_service
    write_changes service.csv 2,shipped,2024-01-06T00:00Z 2,pending,2024-01-05T00:00Z
    for enabled in '' ALWAYS REPLICA; do
        sql "ALTER TABLE orders.orders ENABLE $enabled TRIGGER trg_status"
        sql 'DELETE FROM orders.order_status_history WHERE order_id = 2'
        sql "SET session_replication_role = local;
             ALTER TABLE orders.orders DISABLE TRIGGER trg_status;
             UPDATE orders.orders SET status = 'pending' WHERE id = 2;
             ALTER TABLE orders.orders ENABLE $enabled TRIGGER trg_status"
        before=$(definitions)$(triggers)
        load_quietly service.csv
        expect_equal "$before" "$(definitions)$(triggers)"
        expect_order 2 '1|0.5|shipped'
        expect_history 2 $'|pending|2024-01-05 00:00:00\npending|shipped|2024-01-06 00:00:00'
    done
}

@test "the service's trigger is as before when a load fails too" {
    local before
    start_empty_test
    setup_service
    # What nextval gave is not given back, in PostgreSQL.
    before=$(snapshot | grep -v history_id_seq)$(triggers)
    sql 'CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
         $$BEGIN RAISE EXCEPTION $q$no$q$; END$$;
         CREATE TRIGGER refuse BEFORE UPDATE ON orders.orders FOR EACH ROW EXECUTE FUNCTION refuse()'
    write_changes service.csv 2,shipped,2024-01-06T00:00Z
    run_load service.csv
    expect_status 3
    expect_stderr_contains 'cannot set the status of orders'
    sql 'DROP TRIGGER refuse ON orders.orders; DROP FUNCTION refuse'
    expect_equal "$before" "$(snapshot | grep -v history_id_seq)$(triggers)"
}

@test "a trigger of the service that was disabled stays so" {
    start_empty_test
    setup_service
    sql 'ALTER TABLE orders.orders DISABLE TRIGGER trg_status'
    write_changes service.csv 2,shipped,2024-01-06T00:00Z
    load_quietly service.csv
    expect_equal 'trg_status|D' "$(triggers)"
}

@test "the service's trigger on new rows is silent too" {
    start_empty_test
    setup_service
    sql 'CREATE TRIGGER on_insert AFTER INSERT ON orders.orders FOR EACH ROW
         EXECUTE FUNCTION orders.trg_write_history()'
    write_csv new.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
21,1,2,0,8
END
    write_changes service.csv 21,shipped,2024-01-06T00:00Z
    load_quietly new.csv service.csv
    expect_history 21 '|shipped|2024-01-06 00:00:00'
    expect_equal $'on_insert|O\ntrg_status|O' "$(triggers)"
}
