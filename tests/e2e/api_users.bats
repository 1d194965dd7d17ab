#!/usr/bin/env bats
#
# Users by the schema `api`: made, changed, deleted, and what is refused of them.

load harness
load api_server
load api_sample
load api_race

NOBODY=00000000-0000-4000-8000-000000000000

# repeated TEXT COUNT
repeated() {
    local many
    printf -v many '%*s' "$2" ''
    printf '%s' "${many// /$1}"
}

@test "create_user makes the user that TimeL-E's service makes, update_user changes it" {
    local user
    user=$(api "SELECT external_user_id
                  FROM api.create_user('ada@example.net', 'hash', 'Ada', 'Øst', '+1', 'Kai 1', 'Oslo',
                                       '0150', 'Norge')")
    [[ $user =~ ^$V4$ ]]
    expect_sql "SELECT id >= 400000, hashed_password, inferred,
                       days_between_order_notifications, pending_order_notification,
                       order_notifications_via_email, last_notifications_viewed_at IS NULL,
                       now() - last_login < interval '1 minute',
                       order_notifications_start_date_time = last_login,
                       last_notification_sent_at = last_login,
                       order_notifications_next_scheduled_time = last_login + interval '7 days'
                  FROM users.users WHERE external_user_id = '$user'" 't|hash|f|7|f|f|t|t|t|t|t'
    expect_api "SELECT first_name, last_name, email_address, phone_number, street_address, city,
                       postal_code, country FROM api.users WHERE external_user_id = '$user'" \
        'Ada|Øst|ada@example.net|+1|Kai 1|Oslo|0150|Norge'

    # Every field that can be set, by the view's own columns; the password's hash; one emptied.
    api "SELECT api.update_user('$user', (SELECT to_jsonb(u) - 'external_user_id' - 'first_name'
                                            FROM api.users u WHERE external_user_id = '$user')
           || '{\"hashed_password\": \"new\", \"phone_number\": null, \"last_login\": \"2024-02-03T04:05:06Z\",
                \"days_between_order_notifications\": 30, \"order_notifications_via_email\": true}')"
    expect_sql "SELECT first_name, hashed_password, phone_number IS NULL, city,
                       last_login = '2024-02-03 04:05:06Z', days_between_order_notifications,
                       order_notifications_via_email
                  FROM users.users WHERE external_user_id = '$user'" 'Ada|new|t|Oslo|t|30|t'
}

@test "create_user and update_user return the row as the view has it" {
    expect_api "
        CREATE FUNCTION pg_temp.same(row_of api.users) RETURNS boolean LANGUAGE sql AS
          'SELECT to_jsonb(row_of) = to_jsonb(u) FROM api.users u
            WHERE u.external_user_id = (row_of).external_user_id';
        SELECT pg_temp.same(api.create_user('row@example.net', 'h', 'R'));
        SELECT pg_temp.same(u), last_name, last_login IS NULL
          FROM api.update_user((SELECT external_user_id FROM api.users WHERE email_address = 'row@example.net'),
                               '{\"last_name\": \"Ow\", \"last_login\": null}') AS u" $'t\nt|Ow|t'
}

@test "a time means the same whatever the client's settings are" {
    local user offset
    user=$(make_user timely)
    for offset in Z +00 -03:30 +0545; do
        api "SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Tokyo';
             SELECT api.update_user('$user', '{\"last_login\": \"2024-05-06 07:08$offset\"}');
             SELECT api.update_user('$user', '{\"last_notification_sent_at\": \"2024-05-06T07:08:09.123456$offset\"}')"
        expect_sql "SELECT last_login = '2024-05-06 07:08$offset',
                           last_notification_sent_at = '2024-05-06 07:08:09.123456$offset'
                      FROM users.users WHERE external_user_id = '$user'" 't|t'
    done
    for field in last_login last_notifications_viewed_at last_notification_sent_at \
        order_notifications_start_date_time order_notifications_next_scheduled_time; do
        refused TE011 "$field is not valid" "SELECT api.update_user('$user', '{\"$field\": \"now\"}')"
    done
    for value in '"soon"' '"now"' '"today"' '"infinity"' '"epoch"' '""' '" 2024-05-06T07:08:09Z"' \
        '"01/02/2024"' '"2024-05-06"' '"2024-05-06T07:08:09"' '"2024-05-06T07:08:09 UTC"' '"2024-05-06T07:08:09cet"' \
        '"2024-05-06T07:08:09Z\\n"' '"2024-05-06T07:08:09.1234567Z"' '"24-05-06T07:08:09Z"' \
        '"20240506T070809Z"' '"2024-05-06t07:08:09z"' '"2024-02-30T07:08:09Z"' \
        '"2024-05-06T25:08:09Z"' '"0000-05-06T07:08:09Z"' '"٢٠٢٤-05-06T07:08:09Z"' 20240506 true; do
        refused TE011 'last_login is not valid' "SELECT api.update_user('$user', E'{\"last_login\": $value}')"
    done
    refused TE011 'last_login is not a single value' "SELECT api.update_user('$user', '{\"last_login\": [\"now\"]}')"
    expect_refusals
}

@test "what is wrong with a user has a state and a message of its own" {
    local user field
    user=$(make_user refused)
    make_user other
    refused TE001 "no such user: $NOBODY" "SELECT api.update_user('$NOBODY', '{}')"
    refused TE001 "no such user: $NOBODY" "SELECT api.set_password_hash('$NOBODY', 'hash')"
    refused TE001 "no such user: $NOBODY" "SELECT api.delete_user('$NOBODY')"
    refused TE010 'external_user_id is missing' "SELECT api.update_user(NULL, '{}')"
    refused TE010 'external_user_id is missing' "SELECT api.set_password_hash(NULL, 'hash')"
    refused TE010 'external_user_id is missing' "SELECT api.delete_user(NULL)"
    refused TE010 'email_address is missing' "SELECT api.create_user(NULL)"
    refused TE010 'email_address is missing' "SELECT api.create_user('')"
    refused TE010 'email_address is missing' "SELECT api.update_user('$user', '{\"email_address\": null}')"
    refused TE010 'pending_order_notification is missing' \
        "SELECT api.update_user('$user', '{\"pending_order_notification\": null}')"
    refused TE010 'changes is missing' "SELECT api.update_user('$user', NULL)"

    # The table sets a limit, or an e-mail address has one, or there is one of 255.
    refused TE011 'city is too long' "SELECT api.create_user('a@b', city => '$(repeated 0 101)')"
    refused TE011 'hashed_password is too long' \
        "SELECT api.update_user('$user', '{\"hashed_password\": \"$(repeated 0 129)\"}')"
    refused TE011 'hashed_password is too long' \
        "SELECT api.set_password_hash('$user', '$(repeated 0 129)')"
    refused TE011 'email_address is too long' "SELECT api.create_user('$(repeated a 253)@b')"
    refused TE011 'email_address is too long' \
        "SELECT api.create_user((SELECT string_agg(md5(n::text), '') FROM generate_series(1, 200) n) || '@b')"
    refused TE011 'email_address is too long' \
        "SELECT api.update_user('$user', jsonb_build_object('email_address', repeat('ä@', 128)))"
    for field in first_name last_name; do
        refused TE011 "$field is too long" "SELECT api.create_user('a@b', $field => '$(repeated ä 256)')"
        refused TE011 "$field is too long" \
            "SELECT api.update_user('$user', jsonb_build_object('$field', repeat('x', 10000000)))"
    done

    refused TE011 'days_between_order_notifications is not valid' \
        "SELECT api.update_user('$user', '{\"days_between_order_notifications\": 99999999999}')"
    refused TE011 'days_between_order_notifications is not valid' \
        "SELECT api.update_user('$user', '{\"days_between_order_notifications\": 366}')"
    refused TE011 'city is not a single value' "SELECT api.update_user('$user', '{\"city\": [1]}')"
    for field in id inferred external_user_id ctid; do
        refused TE011 "a user has no field $field that can be set" "SELECT api.update_user('$user', '{\"$field\": 1}')"
    done
    refused TE011 'changes is not an object' "SELECT api.update_user('$user', '[]')"
    refused TE012 "the e-mail address is another user's" "SELECT api.create_user('other@example.net')"
    refused TE012 "the e-mail address is another user's" \
        "SELECT api.update_user('$user', '{\"email_address\": \"other@example.net\"}')"
    expect_refusals
    # Nothing of all that was done. What is just short enough is taken.
    expect_api "SELECT city, first_name FROM api.users WHERE external_user_id = '$user'" 'Velm|refused'
    expect_api "SELECT count(*) FROM api.users WHERE email_address IN ('a@b', '')" 0
    expect_api "SELECT length(email_address), length(first_name)
                  FROM api.create_user('$(repeated ä 252)@b', first_name => '$(repeated ä 255)')" '254|255'
}

# Every character of the categories Cc, Cf, Zs, Zl and Zp, and some that nobody sees although they
# are letters or marks.
INVISIBLE='
  1-32,127-160,173-173,847-847,1536-1541,1564-1564,1757-1757,1807-1807,2192-2193,
  2274-2274,4447-4448,5760-5760,6068-6069,6155-6159,8192-8207,8232-8239,8287-8303,
  10240-10240,12288-12288,12644-12644,65024-65039,65279-65279,65440-65440,65529-65531,
  69821-69821,69837-69837,78896-78911,113824-113827,119155-119162,917504-917631,
  917760-917999'

@test "an e-mail address has no blank and nothing that nobody sees" {
    local user
    user=$(make_user visible)
    # Told by create_user and by update_user, at the ends and in the middle.
    expect_api "
        CREATE FUNCTION pg_temp.refused(statement text, value text) RETURNS boolean LANGUAGE plpgsql AS \$\$
        BEGIN
          EXECUTE statement USING value;
          RETURN false;
        EXCEPTION WHEN SQLSTATE 'TE011' THEN
          RETURN SQLERRM = 'email_address is not valid';
        END \$\$;
        SELECT count(*), count(*) FILTER (WHERE
                 pg_temp.refused('SELECT api.create_user(\$1)', 'a' || chr(code) || 'b@example.net')
             AND pg_temp.refused('SELECT api.create_user(\$1)', chr(code) || 'a@example.net')
             AND pg_temp.refused('SELECT api.update_user(''$user'', jsonb_build_object(''email_address'', \$1))',
                                 'a@example.net' || chr(code)))
          FROM unnest(string_to_array('${INVISIBLE//[$' \n']/}', ',')) AS range,
               generate_series(split_part(range, '-', 1)::integer, split_part(range, '-', 2)::integer) AS code" '553|553'
    expect_api "SELECT email_address FROM api.update_user('$user', '{\"email_address\": \"o''neil+tag@müller.例え\"}')" \
        "o'neil+tag@müller.例え"
}

@test "in a database of another encoding an e-mail address is told as well" {
    local encoding
    for encoding in LATIN1 SQL_ASCII EUC_JP; do
        maintain "DROP DATABASE IF EXISTS users_of_encoding" \
            "CREATE DATABASE users_of_encoding ENCODING $encoding LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        export PGDATABASE=users_of_encoding PGCLIENTENCODING=$encoding
        setup_schema
        setup_api
        : >refusals.expected
        case $encoding in
            LATIN1) taken='\xfc' refused='\xa0 \xad' ;;
            SQL_ASCII) taken='\xc3\xbc' refused='\xc2\xa0 \xe2\x80\x8b \xfc' ;; # the last one is no UTF-8
            EUC_JP) taken='\xb0\xa1' refused='\xa1\xa1' ;;                      # a wide blank
        esac
        for bytes in $refused; do
            refused TE011 'email_address is not valid' "SELECT api.create_user(E'a${bytes}b@example.net')"
        done
        expect_refusals
        expect_api "SELECT octet_length(email_address) FROM api.create_user(E'a${taken}b@example.net')" \
            $((14 + ${#taken} / 4))
        unset PGCLIENTENCODING
    done
    maintain "DROP DATABASE users_of_encoding"
}

@test "set_password_hash sets the hash, or takes it away where the table lets it" {
    local user
    user=$(make_user hashed)
    api "SELECT api.set_password_hash('$user', 'first')"
    expect_sql "SELECT hashed_password FROM users.users WHERE external_user_id = '$user'" first
    api "SELECT api.set_password_hash('$user', NULL)"
    expect_sql "SELECT hashed_password IS NULL, first_name FROM users.users WHERE external_user_id = '$user'" 't|hashed'
    sql "BEGIN; UPDATE users.users SET hashed_password = 'x';
         ALTER TABLE users.users ALTER hashed_password SET NOT NULL;
         SET ROLE $api_server;
         SELECT api.set_password_hash('$user', NULL)" 2>got || true
    grep -qx 'ERROR:  hashed_password is missing' got
}

# Deleting -----------------------------------------------------------------------------------------

@test "delete_user takes carts and idempotency keys along, and nobody else's" {
    local user other
    user=$(make_user leaving)
    other=$(make_user staying)
    sql "INSERT INTO orders.carts (user_id) SELECT id FROM users.users, generate_series(1, 2)
          WHERE external_user_id IN ('$user', '$other');
         INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) SELECT id, 1, 1 FROM orders.carts;
         INSERT INTO api_private.idempotency_keys (external_user_id, key, request, external_order_id, created_at)
         SELECT id, 'key', '', gen_random_uuid(), now() FROM unnest('{$user,$other}'::uuid[]) AS id"
    expect_api "SELECT api.delete_user('$user')" ''
    expect_sql "SELECT count(*) FROM users.users WHERE external_user_id = '$user'" 0
    expect_sql "SELECT external_user_id = '$other', count(*), count(i.*), (SELECT count(*) FROM orders.cart_items),
                       (SELECT count(*) FROM api_private.idempotency_keys)
                  FROM users.users u JOIN orders.carts c ON c.user_id = u.id
                  LEFT JOIN orders.cart_items i ON i.cart_id = c.id GROUP BY 1" 't|2|2|2|1'
    refused TE001 "no such user: $user" "SELECT api.delete_user('$user')"
    expect_refusals
}

@test "a user who has an order, or whom another table knows, is not deleted" {
    local user known
    user=$(make_user ordering)
    known=$(make_user known)
    api "SELECT FROM api.create_order('$user', '[{\"product_id\": 1}]')"
    sql "INSERT INTO orders.carts (user_id) SELECT id FROM users.users WHERE external_user_id = '$user';
         CREATE TABLE public.vouchers (user_id bigint REFERENCES users.users);
         INSERT INTO public.vouchers SELECT id FROM users.users WHERE external_user_id = '$known'"
    refused TE017 "user $user has orders" "SELECT api.delete_user('$user')"
    refused TE017 'something refers to the user' "SELECT api.delete_user('$known')"
    expect_refusals
    sql 'DROP TABLE public.vouchers'
    expect_sql "SELECT count(*) FROM orders.carts c JOIN users.users u ON u.id = user_id
                 WHERE external_user_id = '$user'" 1

    # A trigger of somebody's that keeps the row, and one that fails in a way of its own.
    sql "CREATE FUNCTION public.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE FUNCTION public.claim() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN ASSERT OLD.id = 0, OLD.id; END';
         CREATE TRIGGER keep BEFORE DELETE ON users.users FOR EACH ROW EXECUTE FUNCTION public.keep();
         CREATE TRIGGER claim BEFORE UPDATE ON users.users FOR EACH ROW EXECUTE FUNCTION public.claim()"
    refused TE999 'the database cannot do this' "SELECT api.delete_user('$known')"
    refused TE999 'the database cannot do this' "SELECT api.update_user('$known', '{\"city\": \"Oslo\"}')"
    refused TE999 'the database cannot do this' "SELECT api.set_password_hash('$known', 'x')"
    expect_refusals
    sql 'DROP FUNCTION public.keep, public.claim CASCADE' 2>/dev/null
}

# beside_open_transaction STATEMENTS LEVEL QUERY: the query, by the API server and at that isolation
# level, while a transaction with the owner's statements is open, which commits when the query waits
# for it. Prints what the API server is told.
beside_open_transaction() {
    RACE_OWNER=first race "$1" "$3" "${2// /\\ }"
    grep -E '^(ERROR:|deleted)' second
}

@test "a user is not deleted under an order that is being placed, at any isolation level" {
    local user level
    for level in 'read committed' 'repeatable read' serializable; do
        user=$(make_user "race${level%% *}")
        beside_open_transaction "INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day)
          SELECT id, 1, 0, 0 FROM users.users WHERE external_user_id = '$user'" \
            "$level" "SELECT api.delete_user('$user')" >told
        grep -qE "^ERROR:  (TE017: (user $user has orders|something refers to the user)|40001: could not serialize access due to .*)$" told
        expect_sql "SELECT count(*) FROM orders.orders o JOIN users.users u ON u.id = user_id
                     WHERE external_user_id = '$user'" 1
    done
}

@test "of a checkout and the deletion of its user, the first one is done" {
    local user cart
    user=$(make_user leaver)
    cart=$(api "SELECT external_cart_id FROM api.create_cart('$user')")
    api "SELECT FROM api.set_cart_item('$user', '$cart', 1)"
    [[ $(beside_open_transaction "SELECT FROM api.checkout('$user', '$cart')" 'read committed' \
        "SELECT api.delete_user('$user')") == "ERROR:  TE017: user $user has orders" ]]
    user=$(make_user left)
    cart=$(api "SELECT external_cart_id FROM api.create_cart('$user')")
    [[ $(beside_open_transaction "SELECT api.delete_user('$user')" 'read committed' \
        "SELECT api.checkout('$user', '$cart')") == "ERROR:  TE001: no such user: $user" ]]
    user=$(make_user leftcart)
    cart=$(api "SELECT external_cart_id FROM api.create_cart('$user')")
    [[ $(beside_open_transaction "SELECT FROM api.set_cart_item('$user', '$cart', 1)" 'read committed' \
        "SELECT 'deleted' FROM api.delete_user('$user')") == deleted ]]
}

@test "under REPEATABLE READ a cart that came meanwhile asks for a retry" {
    local user
    user=$(make_user lateCart)
    [[ $(beside_open_transaction "INSERT INTO orders.carts (user_id)
          SELECT id FROM users.users WHERE external_user_id = '$user'" 'repeatable read' \
        "SELECT api.delete_user('$user')") == 'ERROR:  40001: could not serialize access due to concurrent update' ]]
    [[ $(api "SELECT 'deleted' FROM api.delete_user('$user')") == deleted ]]
}

@test "who is deleted meanwhile cannot be changed or deleted again" {
    local user
    user=$(make_user gone)
    [[ $(beside_open_transaction "SELECT api.delete_user('$user')" 'read committed' \
        "SELECT api.update_user('$user', '{\"city\": \"Oslo\"}')") == "ERROR:  TE001: no such user: $user" ]]
    user=$(make_user goneagain)
    [[ $(beside_open_transaction "SELECT api.delete_user('$user')" 'read committed' \
        "SELECT api.delete_user('$user')") == "ERROR:  TE001: no such user: $user" ]]
    user=$(make_user gonetoo)
    [[ $(beside_open_transaction "SELECT api.delete_user('$user')" 'repeatable read' \
        "SELECT api.delete_user('$user')") == 'ERROR:  40001: could not serialize access due to concurrent '* ]]
}
