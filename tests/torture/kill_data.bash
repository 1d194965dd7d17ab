# The files that the runs of `make kill` load, and the databases that they begin with. For kill,
# which has $root, $build, $scale, $work, fail() and sql().
# shellcheck shell=bash
# shellcheck disable=SC2154 # kill sets what is used here

# The tables' files in $work/data. Each set is a directory that runs take files from by name:
#
#   full   all rows
#   base   what the filled database has: an older state of most rows, and rows that are in no file
#   new    the rows of `full` whose keys `base` lacks
#   few    a hundredth of `new`, for which a run asks the database for single rows
#   extra  rows for --rejects, --duplicates and --infer
make_files() {
    local data=$work/data
    mkdir -p "$data"/{full,base,new,few,extra}
    "$build/bench/generate" --scale="$scale" --output="$data/generated"
    gather_full "$data/generated" "$data/full"
    split_files "$data" full
    make_more_products "$data"
    make_extra "$data/extra"
}

gather_full() {
    local from=$1 to=$2
    cp "$from"/{users,products,aisles}.csv "$to"
    cp "$from/order_products.csv" "$to/items.csv"
    cp "$from/enriched/orders_enriched.csv" "$to/orders.csv"
    cp "$from/enriched/order_status_history.csv" "$to/history.csv"
    cp "$from/enriched/departments_enriched.csv" "$to/departments.csv"
    cp "$from"/enriched/enriched_products_dept{4,5,6,7}.csv "$to"
}

# `base` has no user and no order whose number ends with 0, nor two of the files of enriched products,
# nor those of make_more_products. Of its rows every seventh differs from that of `full`. What `full`
# lacks is above: users from 300001, orders from 3000001.
split_files() {
    local data=$1 full=$1/$2 base=$1/base new=$1/new few=$1/few
    cp "$full"/{aisles,departments,enriched_products_dept4,enriched_products_dept5}.csv "$base"
    cp "$full"/enriched_products_dept{6,7}.csv "$new"
    awk -F , '$1 % 7 == 0 { sub(/,[0-9]+,/, ",1,") } { print }' "$full/products.csv" \
        >"$base/products.csv"
    awk -F , -v base="$base/users.csv" -v new="$new/users.csv" '
        NR == 1 { print "external_user_id," $0 >base; print >new; next }
        $1 % 10 == 0 { print >new; next }
        $1 % 7 == 0 { sub(/@example/, "@old.example") }
        { printf "%08x-0000-4000-8000-%012x,%s\n", $1, $1, $0 >base }
        END {
            for (id = 300001; id <= 300020; id++)
                printf "%08x-0000-4000-8000-%012x,%d,Gone,User,,,gone.%d@example.org,,,,,,,\n", \
                    id, id, id, id >base
        }' "$full/users.csv"
    awk -F , -v base="$base/orders.csv" -v new="$new/orders.csv" '
        NR == 1 { print "external_order_id," $0 >base; print >new; next }
        $1 % 10 == 0 || $2 % 10 == 0 { print >new; next }
        $1 % 7 == 0 { sub(/,(prior|train|test),[0-9]+,/, ",prior,1000,") }
        { printf "%08x-0000-4000-9000-%012x,%s\n", $1, $1, $0 >base }
        END {
            for (id = 3000001; id <= 3000100; id++)
                printf "%08x-0000-4000-9000-%012x,%d,300001,prior,%d,1,08,,2016-01-01 00:00:00+00:00,,,\n", \
                    id, id, id, id >base
        }' "$full/orders.csv"
    split_rows_of_orders "$data" items "$full/items.csv"
    split_rows_of_orders "$data" history "$full/history.csv"
    take_few "$data"
}

# Items and changes of status go with their order. Of the orders that differ, `base` has other items
# and lacks the last changes.
split_rows_of_orders() {
    local data=$1 name=$2 full=$3
    awk -F , -v OFS=, -v name="$name" -v base="$data/base/$name.csv" -v new="$data/new/$name.csv" '
        NR == FNR { if (FNR > 1) old[$2]; next }
        FNR == 1 { print >base; print >new; next }
        !($1 in old) { print >new; next }
        $1 % 7 == 0 && name == "items" { $4 = 1 - $4 }
        $1 % 7 == 0 && name == "history" && $2 == "delivered" { print >new; next }
        { print >base }
        END {
            for (id = 3000001; id <= 3000100; id++)
                if (name == "items")
                    print id, 1, 1, 0 >base
                else
                    print id, "cancelled", "2016-01-02 00:00:00+00:00" >base
        }' "$data/base/orders.csv" "$full"
}

# Fifty products, and items of theirs in orders that `base` has.
make_more_products() {
    local set
    for set in full new; do
        awk -F , -v OFS=, -v products="$1/$set/more_products.csv" -v items="$1/$set/more_items.csv" '
            BEGIN {
                print "product_id,product_name,aisle_id,department_id" >products
                print "order_id,product_id,add_to_cart_order" >items
            }
            NR > 1 && NR < 52 {
                print 800000 + NR, "Product " NR, 1, 1 >products
                print $2, 800000 + NR, 900 >items
            }' "$1/base/orders.csv"
    done
}

# The orders whose number ends with 00, of users that `base` has.
take_few() {
    local new=$1/new few=$1/few name
    awk -F , 'NR == 1 || ($1 % 100 == 0 && $2 % 10 != 0)' "$new/orders.csv" >"$few/orders.csv"
    for name in items history; do
        awk -F , 'NR == FNR { few[$1]; next } FNR == 1 || $1 in few' \
            "$few/orders.csv" "$new/$name.csv" >"$few/$name.csv"
    done
    (($(wc -l <"$few/history.csv") > 10)) || fail "a scale of $scale makes too few orders"
}

# One bad row in five, and the parents of others bad; orders that stand twice; ids that nobody knows.
make_extra() {
    awk -v directory="$1" 'BEGIN {
        users = directory "/rejected_users.csv"
        orders = directory "/rejected_orders.csv"
        print "user_id,email_address" >users
        print "order_id,user_id,order_number,order_dow,order_hour_of_day,created_at" >orders
        for (i = 1; i <= 200; i++) {
            printf "%d,%s\n", 250000 + i, i % 5 ? "new." i "@example.org" : "" >users
            printf "%d,%d,1,2,03,2017-01-01\n", 2500000 + i, 250000 + i >orders
        }
        orders = directory "/repeated_orders.csv"
        print "order_id,user_id,order_number,order_dow,order_hour_of_day,created_at" >orders
        for (i = 1; i <= 200; i++)
            printf "%d,1,%d,2,03,2017-01-01\n", 2000000 + i % 100, i >orders
        orders = directory "/unknown_orders.csv"
        items = directory "/unknown_items.csv"
        print "order_id,user_id,order_number,order_dow,order_hour_of_day,created_at" >orders
        print "order_id,product_id,add_to_cart_order" >items
        for (i = 1; i <= 100; i++) {
            printf "%d,%d,1,2,03,2017-01-01\n", 2100000 + i, 350000 + i % 20 >orders
            printf "%d,%d,1\n%d,1,2\n", 2100000 + i, 900000 + i % 10, 2100000 + i >items
        }
    }'
}

# Databases ----------------------------------------------------------------------------------------

# Lets a database tell a run to take its time where it would be too quick to be hit: a setting of the
# database says for how many seconds. The triggers are on the ledger, so that the tables that are
# loaded stay as they are.
brakes() {
    cat <<'SQL'
CREATE SCHEMA brakes;
CREATE FUNCTION brakes.brake() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.result NOT LIKE 'loaded%' THEN
    RETURN NEW;
  END IF;
  PERFORM pg_sleep(coalesce(nullif(current_setting('brake.' || TG_NAME, true), ''), '0')::float);
  IF TG_NAME = 'record' THEN
    SET CONSTRAINTS timele_load.commit DEFERRED;
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER record BEFORE INSERT ON timele_load.runs
  FOR EACH ROW EXECUTE FUNCTION brakes.brake();
CREATE CONSTRAINT TRIGGER commit AFTER INSERT ON timele_load.runs
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION brakes.brake();
SQL
}

# What the application added.
application_rows() {
    cat <<'SQL'
INSERT INTO users.users (email_address, external_user_id)
  VALUES ('new@example.net', '00061a80-0000-4000-8000-000000061a80');
INSERT INTO orders.orders (user_id, order_number, order_dow, order_hour_of_day, external_order_id)
  VALUES (400000, 1, 0, 0, '00343730-0000-4000-9000-000000343730');
INSERT INTO orders.order_items (order_id, product_id, add_to_cart_order) VALUES (3422000, 2, 1);
INSERT INTO orders.carts (user_id) VALUES (1);
INSERT INTO orders.cart_items (cart_id, product_id, add_to_cart_order) VALUES (1, 3, 1);
SQL
}

drop_tables() {
    cat <<'SQL'
SELECT format('DROP SCHEMA %I CASCADE', nspname) FROM pg_namespace
 WHERE nspname !~ '^(pg_|information_schema$|public$|brakes$|timele_load$)' \gexec
DROP TYPE public.order_status_enum;
SQL
}

# The databases that cases get copies of: kill_empty; kill_schema; kill_ledger, which has nothing but the
# ledger of the tables that it had; and kill_base.
states=(empty schema ledger base)

make_databases() {
    local state
    for state in "${states[@]}"; do
        sql postgres <<<"CREATE DATABASE kill_$state TEMPLATE template0"
    done
    for state in schema ledger base; do
        "$build/timele-load" --quiet --dbname="kill_$state" --create-schema --create-api
        brakes | sql "kill_$state"
    done
    (cd "$work/data" && "$build/timele-load" --quiet --dbname=kill_base base/*.csv)
    application_rows | sql kill_base
    drop_tables | sql kill_ledger
    # A crash shall not move the sequences of these.
    sql postgres <<<CHECKPOINT
}
