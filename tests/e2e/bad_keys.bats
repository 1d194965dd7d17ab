#!/usr/bin/env bats
#
# Rows that do not fit other rows: keys and unique values that come twice, and ids that no row has.
# Each is named, and nothing changes in the database.

load harness
load bad_input

# Duplicates ---------------------------------------------------------------------------------------

@test "the same key twice, in every table" {
    write_csv users.csv <<'END'
user_id,email_address
2,a@example.org
3,b@example.org
02,c@example.org
2,d@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,1,1,0,0
2,1,2,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
1,2,1
1,2,2
1,2,3
END
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
3,Pear,1,1
3,Plum,1,1
END
    write_csv aisles.csv <<'END'
aisle_id,aisle
2,milk
2,cheese
END
    write_csv departments.csv <<'END'
department_id,department
2,dairy
2,bakery
END
    run_load users.csv orders.csv items.csv products.csv aisles.csv departments.csv
    expect_refused 'users.csv:4: user_id: stands twice, first on line 2 ("02")
users.csv:5: user_id: stands twice, first on line 2 ("2")
orders.csv:3: order_id: stands twice, first on line 2 ("2")
items.csv:3: product_id: stands twice, first on line 2 ("2")
items.csv:4: product_id: stands twice, first on line 2 ("2")
products.csv:3: product_id: stands twice, first on line 2 ("3")
aisles.csv:3: aisle_id: stands twice, first on line 2 ("2")
departments.csv:3: department_id: stands twice, first on line 2 ("2")
timele-load: error: 8 bad rows in 6 files; nothing was loaded
timele-load: hint: Of rows with the same key, --duplicates=first or --duplicates=last keeps one.'
}

@test "the same e-mail address, name or external id twice" {
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
2,a@example.org,0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51
3,a@example.org,
4,b@example.org,0B6D6FB5-2a3c-4d0e-8f6e-8d8d7c7b6a51
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,external_order_id
2,1,1,0,0,5e4f3a2b-1c0d-4e9f-8a7b-6c5d4e3f2a1b
3,1,2,0,0,5e4f3a2b-1c0d-4e9f-8a7b-6c5d4e3f2a1b
END
    write_csv aisles.csv <<'END'
aisle_id,aisle
2,milk
3,"milk"
END
    write_csv departments.csv <<'END'
department_id,department
2,dairy
3,dairy
END
    run_load users.csv orders.csv aisles.csv departments.csv
    expect_refused 'users.csv:3: email_address: stands twice, first on line 2 ("a@example.org")
users.csv:4: external_user_id: stands twice, first on line 2 ("0B6D6FB5-2a3c-4d0e-8f6e-8d8d7c7b6a51")
orders.csv:3: external_order_id: stands twice, first on line 2 ("5e4f3a2b-1c0d-4e9f-8a7b-6c5d4e3f2a1b")
aisles.csv:3: aisle: stands twice, first on line 2 ("milk")
departments.csv:3: department: stands twice, first on line 2 ("dairy")
timele-load: error: 5 bad rows in 4 files; nothing was loaded
timele-load: hint: Of rows with the same key, --duplicates=first or --duplicates=last keeps one.'
}

@test "a key in two files names the other file and its line" {
    mkdir one two
    write_csv one/users.csv <<'END'
user_id,email_address
2,a@example.org
3,b@example.org
END
    write_csv two/users.csv <<'END'
email_address,user_id
c@example.org,3
a@example.org,4
END
    write_csv prior.csv <<'END'
order_id,product_id,add_to_cart_order
1,2,1
END
    write_csv train.csv <<'END'
order_id,product_id,add_to_cart_order

1,2,2
END
    run_load one/users.csv two/users.csv prior.csv train.csv
    expect_refused 'two/users.csv:2: user_id: stands twice, first on line 3 of one/users.csv ("3")
two/users.csv:3: email_address: stands twice, first on line 2 of one/users.csv ("a@example.org")
train.csv:3: product_id: stands twice, first on line 2 of prior.csv ("2")
timele-load: error: 3 bad rows in 2 files; nothing was loaded
timele-load: hint: Of rows with the same key, --duplicates=first or --duplicates=last keeps one.'
}

@test "the same item twice in a file that is not grouped by order" {
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,1,1,0,0
3,1,2,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
2,1,1
3,1,1
2,2,2
3,2,2
2,1,3
3,x,3
2,1,4
3,2,4
END
    run_load orders.csv items.csv
    expect_refused 'items.csv:6: product_id: stands twice, first on line 2 ("1")
items.csv:7: product_id: not an integer ("x")
items.csv:8: product_id: stands twice, first on line 2 ("1")
items.csv:9: product_id: stands twice, first on line 5 ("2")
timele-load: error: 4 bad rows in 1 file; nothing was loaded
timele-load: hint: Of rows with the same key, --duplicates=first or --duplicates=last keeps one.'
}

@test "keys and unique values that the database holds already" {
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
1,new@example.org,
2,ada@example.org,
3,app@example.org,
4,newer@example.org,c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
1,1,1,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
1,2,1
1,1,2
END
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
2,Apple,1,1
END
    write_csv aisles.csv <<'END'
aisle_id,aisle
1,milk
2,fresh fruits
END
    write_csv departments.csv <<'END'
department_id,department
1,dairy
2,produce
END
    run_load users.csv orders.csv items.csv products.csv aisles.csv departments.csv
    expect_refused 'users.csv:2: user_id: is in the database already ("1")
users.csv:3: email_address: is in the database already, with user 1 ("ada@example.org")
users.csv:4: email_address: is in the database already, with user 400000 ("app@example.org")
users.csv:5: external_user_id: is in the database already, with user 1 ("c1a5c3f0-7a0e-4b5d-9d3c-0a1b2c3d4e5f")
orders.csv:2: order_id: is in the database already ("1")
items.csv:3: product_id: order 1 has it in the database already ("1")
products.csv:2: product_id: is in the database already ("2")
aisles.csv:2: aisle_id: is in the database already ("1")
aisles.csv:3: aisle: is in the database already, with aisle 1 ("fresh fruits")
departments.csv:2: department_id: is in the database already ("1")
departments.csv:3: department: is in the database already, with department 1 ("produce")
timele-load: error: 11 bad rows in 6 files; nothing was loaded
timele-load: hint: Rows that were loaded before are left alone by --mode=skip, and brought up to date by --mode=upsert.'
}

@test "the same files a second time" {
    write_csv users.csv <<'END'
user_id,email_address
2,a@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,2,1,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
2,2,1
END
    run_load users.csv orders.csv items.csv
    expect_status 0
    # shellcheck disable=SC2034 # expect_refused compares with it
    before=$(snapshot)
    run_load users.csv orders.csv items.csv
    expect_refused 'users.csv:2: user_id: is in the database already ("2")
orders.csv:2: order_id: is in the database already ("2")
items.csv:2: product_id: order 2 has it in the database already ("2")
timele-load: error: 3 bad rows in 3 files; nothing was loaded
timele-load: hint: Rows that were loaded before are left alone by --mode=skip, and brought up to date by --mode=upsert.'
}

# References ---------------------------------------------------------------------------------------

@test "ids that no file and no row names, in every column" {
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,1,1,0,0
3,7,1,0,0
4,399999,1,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
2,1,1
2,9,2
8,2,1
8,9,2
END
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
3,Pear,5,1
4,Plum,1,6
END
    run_load items.csv orders.csv products.csv
    expect_refused 'items.csv:3: product_id: no such product in the files or the database ("9" in 2 rows)
items.csv:4: order_id: no such order in the files or the database ("8" in 2 rows)
orders.csv:3: user_id: no such user in the files or the database ("7")
orders.csv:4: user_id: no such user in the files or the database ("399999")
products.csv:2: aisle_id: no such aisle in the files or the database ("5")
products.csv:3: department_id: no such department in the files or the database ("6")
timele-load: error: 7 bad rows in 3 files; nothing was loaded'
}

@test "no placeholder is made with --infer=none, nor for orders and users" {
    sql 'DELETE FROM orders.order_items'
    sql 'DELETE FROM products.products'
    # shellcheck disable=SC2034 # expect_refused compares with it
    before=$(snapshot)
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
1,2,1
9,2,1
END
    run_load --infer=none items.csv
    expect_refused 'items.csv:2: product_id: no such product in the files or the database ("2" in 2 rows)
items.csv:3: order_id: no such order in the files or the database ("9")
timele-load: error: 2 bad rows in 1 file; nothing was loaded
timele-load: hint: No file has products, and the database has none: add a file with the columns product_id, product_name, aisle_id and department_id, or make placeholders with --infer=products.'

    run_load items.csv
    expect_refused 'items.csv:3: order_id: no such order in the files or the database ("9")
timele-load: error: 1 bad row in 1 file; nothing was loaded'
}

@test "rows are not blamed for a parent row that is bad itself" {
    write_csv users.csv <<'END'
user_id,email_address,last_login
2,a@example.org,never
3,,
400007,c@example.org,
4,ada@example.org,
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,2,1,0,0
3,3,1,0,0
4,400007,1,0,24
5,4,1,0,0
END
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
4,1,1
4,3,2
END
    write_csv products.csv <<'END'
product_id,product_name,aisle_id,department_id
3,,9,1
END
    run_load users.csv orders.csv items.csv products.csv
    expect_refused 'users.csv:2: last_login: not a timestamp like 2016-08-19 09:16:40+00:00 ("never")
users.csv:3: email_address: empty, but required
users.csv:4: user_id: at or above the floor 400000: ids from there on are the application'\''s ("400007")
users.csv:5: email_address: is in the database already, with user 1 ("ada@example.org")
orders.csv:4: order_hour_of_day: not in 0 to 23 ("24")
products.csv:2: product_name: empty, but required
timele-load: error: 6 bad rows in 3 files; nothing was loaded'
}

@test "rows are not blamed for a parent row with the wrong number of fields or broken quotes" {
    write_csv users.csv <<'END'
user_id,email_address,city
2,a@example.org
3,b@example.org,Oslo,Norway
4,c@example.org,"Oslo"x
5,d"@example.org,Oslo
"6"7,e@example.org,Oslo
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,2,1,0,0
3,3,1,0,0
4,4,1,0,0
5,5,1,0,0
END
    run_load users.csv orders.csv
    expect_refused 'users.csv:2: city: missing: the row has 2 fields, the header 3
users.csv:3: field 4: one too many: the row has 4 fields, the header 3
users.csv:4: city: text after the closing quote of a field
users.csv:5: email_address: quote inside an unquoted field
users.csv:6: user_id: text after the closing quote of a field
timele-load: error: 5 bad rows in 1 file; nothing was loaded'
}

@test "rows are not blamed for what could not be read of their parents' file" {
    write_csv users.csv <<'END'
user_id,email_address
2,a@example.org
3,"b@example.org
4,c@example.org
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
2,2,1,0,0
3,3,1,0,0
4,4,1,0,24
END
    run_load users.csv orders.csv
    expect_refused 'users.csv:3: email_address: quoted field is not closed before the end of the file
orders.csv:4: order_hour_of_day: not in 0 to 23 ("24")
timele-load: error: 2 bad rows in 2 files; nothing was loaded'
}
