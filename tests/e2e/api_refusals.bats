#!/usr/bin/env bats
#
# What the functions of the schema `api` refuse, and what a client is told of it.

load harness
load api_server
load api_sample

@test "what PostgreSQL says about a row reaches the log, not the client" {
    local user order
    user=$(make_user unlucky)
    order=$(make_order "$user" '[{"product_id": 1}]')
    # An id that is taken: Key (id)=(...) already exists.
    sql "SELECT setval('users.users_id_seq', 400000, false); SELECT setval('orders.orders_id_seq', 3422000, false)"
    refused TE999 'the database cannot do this' "SELECT api.create_user('unlucky2@example.net')"
    refused TE999 'the database cannot do this' "SELECT api.create_order('$user', '[{\"product_id\": 1}]')"
    expect_refusals
    sql "SELECT setval('users.users_id_seq', (SELECT max(id) FROM users.users)),
                setval('orders.orders_id_seq', (SELECT max(id) FROM orders.orders))"
    grep -q 'TimeL-E API: SQLSTATE 23505: duplicate key value' "$PGHOST/data/server.log"

    # A check, whose DETAIL is the row, and a trigger that names the id.
    sql "ALTER TABLE orders.orders ADD CONSTRAINT no_cancelling CHECK (status <> 'cancelled') NOT VALID;
         CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS \$\$
         BEGIN RAISE EXCEPTION 'row %', NEW.id USING DETAIL = NEW.id, HINT = NEW.id; END \$\$;
         CREATE TRIGGER tell BEFORE UPDATE ON orders.orders FOR EACH ROW
           WHEN (NEW.status = 'failed') EXECUTE FUNCTION public.tell()"
    refused TE999 'the database cannot do this' "SELECT api.set_order_status('$order', 'cancelled')"
    refused TE999 'the database cannot do this' "SELECT api.set_order_status('$order', 'failed')"
    expect_refusals
    sql "DROP TRIGGER tell ON orders.orders; ALTER TABLE orders.orders DROP CONSTRAINT no_cancelling"

    # Plans have ids in them; a client may ask for its own statement's, and sees no more.
    PGUSER=$api_server PGOPTIONS='-c client_min_messages=log -c debug_print_plan=on' \
        psql -XAtq --command "SELECT api.set_order_status('$order', 'shipped')" >plans 2>&1
    [ "$(grep -c '^LOG:  plan:' plans)" -eq 1 ]

    # States that tell a server to try again are kept; what was being waited for is not told.
    mkfifo commands
    psql -XAtq <commands >/dev/null 2>&1 3>&- &
    exec 7>commands
    echo "BEGIN; SELECT FROM orders.orders WHERE external_order_id = '$order' FOR UPDATE; SELECT pg_advisory_lock(7);" >&7
    until [[ $(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7") == 1 ]]; do
        sleep 0.02
    done
    echo 'SET lock_timeout = 50;' >refusals.sql
    refused 55P03 'canceling statement due to lock timeout' \
        "SELECT api.set_order_status('$order', 'delivered')"
    echo 'SET lock_timeout = 0; SET statement_timeout = 50;' >>refusals.sql
    refused 57014 'canceling statement due to statement timeout' \
        "SELECT api.set_order_status('$order', 'delivered')"
    echo 'SET default_transaction_read_only = on;' >>refusals.sql
    refused 25006 'cannot execute SELECT FOR KEY SHARE in a read-only transaction' "SELECT api.create_cart('$user')"
    expect_refusals
    exec 7>&-
    wait
}
