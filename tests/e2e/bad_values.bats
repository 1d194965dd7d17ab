#!/usr/bin/env bats
#
# Values that cannot be loaded: each is named with file, line, column and value, all are counted, and
# nothing changes in the database.

load harness
load bad_input

@test "users: ids that are no historical id" {
    write_csv users.csv <<'END'
user_id,email_address
abc,a@example.org
7.5,b@example.org
,c@example.org
"",d@example.org
-1,e@example.org
0,f@example.org
400000,g@example.org
400001,h@example.org
9223372036854775807,i@example.org
9223372036854775808,j@example.org
-9223372036854775809,k@example.org
 5,l@example.org
5 ,m@example.org
0x10,n@example.org
1e3,o@example.org
"1,000",p@example.org
399999,right@example.org
7.0,right.too@example.org
END
    run_load users.csv
    expect_refused 'users.csv:2: user_id: not an integer ("abc")
users.csv:3: user_id: not a whole number ("7.5")
users.csv:4: user_id: empty, but required
users.csv:5: user_id: empty, but required ("")
users.csv:6: user_id: below 1, where ids start ("-1")
users.csv:7: user_id: below 1, where ids start ("0")
users.csv:8: user_id: at or above the floor 400000: ids from there on are the application'\''s ("400000")
users.csv:9: user_id: at or above the floor 400000: ids from there on are the application'\''s ("400001")
users.csv:10: user_id: at or above the floor 400000: ids from there on are the application'\''s ("9223372036854775807")
users.csv:11: user_id: out of range for bigint ("9223372036854775808")
users.csv:12: user_id: out of range for bigint ("-9223372036854775809")
users.csv:13: user_id: not an integer (" 5")
users.csv:14: user_id: not an integer ("5 ")
users.csv:15: user_id: not an integer ("0x10")
users.csv:16: user_id: not an integer ("1e3")
users.csv:17: user_id: not an integer ("1,000")
timele-load: error: 16 bad rows in 1 file; nothing was loaded'
}

@test "users: texts too long in characters, not in bytes" {
    {
        echo user_id,email_address,phone_number,street_address,city,postal_code,country
        echo "2,a@example.org,$(repeat 1 51),,,,"
        echo "3,b@example.org,,$(repeat x 256),,,"
        echo "4,c@example.org,,,$(repeat é 101),,"
        echo "5,d@example.org,,,,$(repeat 9 21),"
        echo "6,e@example.org,,,,,$(repeat 国 101)"
        echo "7,f@example.org,$(repeat é 50),$(repeat é 255),$(repeat 国 100),$(repeat é 20),$(repeat 国 100)"
    } | write_csv users.csv
    run_load users.csv
    expect_refused "users.csv:2: phone_number: longer than 50 characters (51) (\"$(repeat 1 51)\")
users.csv:3: street_address: longer than 255 characters (256) (\"$(repeat x 60)...\")
users.csv:4: city: longer than 100 characters (101) (\"$(repeat é 60)...\")
users.csv:5: postal_code: longer than 20 characters (21) (\"$(repeat 9 21)\")
users.csv:6: country: longer than 100 characters (101) (\"$(repeat 国 60)...\")
timele-load: error: 5 bad rows in 1 file; nothing was loaded"
}

@test "users: texts that are not UTF-8, or hold a NUL byte" {
    printf '%b' 'user_id,email_address,first_name\n' \
        '2,a@example.org,J\xf6rg\n' \
        '3,b@example.org,\xc0\xaf\n' \
        '4,c@example.org,\xed\xa0\x80\n' \
        '5,d@example.org,cut\xc3\n' \
        '6,e@example.org,\xf4\x90\x80\x80\n' \
        '7,f@example.org,a\x00b\n' \
        '8,g\xff@example.org,\n' \
        '9\x00,h@example.org,\n' \
        '10,i@example.org,Jörg 😀\n' | write_csv users.csv
    run_load users.csv
    expect_refused 'users.csv:2: first_name: invalid UTF-8 ("J\xf6rg")
users.csv:3: first_name: invalid UTF-8 ("\xc0\xaf")
users.csv:4: first_name: invalid UTF-8 ("\xed\xa0\x80")
users.csv:5: first_name: invalid UTF-8 ("cut\xc3")
users.csv:6: first_name: invalid UTF-8 ("\xf4\x90\x80\x80")
users.csv:7: first_name: contains a NUL byte ("a\x00b")
users.csv:8: email_address: invalid UTF-8 ("g\xff@example.org")
users.csv:9: user_id: contains a NUL byte ("9\x00")
timele-load: error: 8 bad rows in 1 file; nothing was loaded
timele-load: hint: NUL bytes are there where a disk was full or a copy was cut off: get the file again. Where a whole file has another encoding, convert it, for example by "iconv -f WINDOWS-1252 -t UTF-8 <FILE >NEW".'
}

@test "users: an empty e-mail address, bare or quoted" {
    write_csv users.csv <<'END'
user_id,email_address
2,
3,""
END
    run_load users.csv
    expect_refused 'users.csv:2: email_address: empty, but required
users.csv:3: email_address: empty, but required ("")
timele-load: error: 2 bad rows in 1 file; nothing was loaded'
}

@test "users: timestamps that are none" {
    write_csv users.csv <<'END'
user_id,email_address,last_login,last_notifications_viewed_at
2,a@example.org,yesterday,
3,b@example.org,,2016-13-01 00:00:00
4,c@example.org,2016-02-30 00:00:00,
5,d@example.org,2015-02-29,
6,e@example.org,2016-08-19 25:00:00,
7,f@example.org,2016-08-19 09:60:00,
8,g@example.org,2016-08-19 09:16:61,
9,h@example.org,19/08/2016 09:16,
10,i@example.org,2016-08-19 09:16:40+16,
11,j@example.org,2016-08-19T,
12,k@example.org,0000-01-01,
13,l@example.org,infinity,
14,m@example.org,1471598200,
15,n@example.org,2016-08-19 09:16:40 CET,
16,right@example.org,2016-02-29 09:16:40.5+0530,2016-08-19T09:16Z
END
    run_load users.csv
    expect_refused 'users.csv:2: last_login: not a timestamp like 2016-08-19 09:16:40+00:00 ("yesterday")
users.csv:3: last_notifications_viewed_at: month out of range ("2016-13-01 00:00:00")
users.csv:4: last_login: no such day ("2016-02-30 00:00:00")
users.csv:5: last_login: no such day ("2015-02-29")
users.csv:6: last_login: hour out of range ("2016-08-19 25:00:00")
users.csv:7: last_login: minute out of range ("2016-08-19 09:60:00")
users.csv:8: last_login: second out of range ("2016-08-19 09:16:61")
users.csv:9: last_login: not a timestamp like 2016-08-19 09:16:40+00:00 ("19/08/2016 09:16")
users.csv:10: last_login: zone out of range ("2016-08-19 09:16:40+16")
users.csv:11: last_login: not a timestamp like 2016-08-19 09:16:40+00:00 ("2016-08-19T")
users.csv:12: last_login: year out of range ("0000-01-01")
users.csv:13: last_login: not a timestamp like 2016-08-19 09:16:40+00:00 ("infinity")
users.csv:14: last_login: not a timestamp like 2016-08-19 09:16:40+00:00 ("1471598200")
users.csv:15: last_login: not a timestamp like 2016-08-19 09:16:40+00:00 ("2016-08-19 09:16:40 CET")
timele-load: error: 14 bad rows in 1 file; nothing was loaded'
}

@test "users and orders: external ids that are no random UUID" {
    write_csv users.csv <<'END'
user_id,email_address,external_user_id
2,a@example.org,no uuid
3,b@example.org,c232ab00-9414-11ec-b3c8-9f6bdeced846
4,c@example.org,2ed6657d-e927-568b-95e1-2665a8aea6a2
5,d@example.org,00000000-0000-0000-0000-000000000000
6,e@example.org,0b6d6fb5-2a3c-4d0e-cf6e-8d8d7c7b6a51
7,f@example.org,{0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51}
8,g@example.org,0b6d6fb52a3c4d0e8f6e8d8d7c7b6a51
9,right@example.org,0B6D6FB5-2A3C-4D0E-8F6E-8D8D7C7B6A51
END
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,external_order_id
2,1,1,0,0,c232ab00-9414-11ec-b3c8-9f6bdeced846
3,1,1,0,0,2ed6657d-e927-568b-95e1-2665a8aea6a2
END
    run_load users.csv orders.csv
    expect_refused 'users.csv:2: external_user_id: not a UUID of 8-4-4-4-12 hexadecimal digits ("no uuid")
users.csv:3: external_user_id: not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx ("c232ab00-9414-11ec-b3c8-9f6bdeced846")
users.csv:4: external_user_id: not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx ("2ed6657d-e927-568b-95e1-2665a8aea6a2")
users.csv:5: external_user_id: not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx ("00000000-0000-0000-0000-000000000000")
users.csv:6: external_user_id: not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx ("0b6d6fb5-2a3c-4d0e-cf6e-8d8d7c7b6a51")
users.csv:7: external_user_id: not a UUID of 8-4-4-4-12 hexadecimal digits ("{0b6d6fb5-2a3c-4d0e-8f6e-8d8d7c7b6a51}")
users.csv:8: external_user_id: not a UUID of 8-4-4-4-12 hexadecimal digits ("0b6d6fb52a3c4d0e8f6e8d8d7c7b6a51")
orders.csv:2: external_order_id: not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx ("c232ab00-9414-11ec-b3c8-9f6bdeced846")
orders.csv:3: external_order_id: not a version 4 UUID: its form is xxxxxxxx-xxxx-4xxx-[89ab]xxx-xxxxxxxxxxxx ("2ed6657d-e927-568b-95e1-2665a8aea6a2")
timele-load: error: 9 bad rows in 2 files; nothing was loaded'
}

@test "orders: ids that are no historical id" {
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day
x,1,1,0,0
,1,1,0,0
7.5,1,1,0,0
-1,1,1,0,0
0,1,1,0,0
3422000,1,1,0,0
9223372036854775808,1,1,0,0
2,x,1,0,0
3,,1,0,0
4,7.5,1,0,0
5,-1,1,0,0
6,0,1,0,0
7,9223372036854775808,1,0,0
3421999,1,1,0,0
END
    run_load orders.csv
    expect_refused 'orders.csv:2: order_id: not an integer ("x")
orders.csv:3: order_id: empty, but required
orders.csv:4: order_id: not a whole number ("7.5")
orders.csv:5: order_id: below 1, where ids start ("-1")
orders.csv:6: order_id: below 1, where ids start ("0")
orders.csv:7: order_id: at or above the floor 3422000: ids from there on are the application'\''s ("3422000")
orders.csv:8: order_id: out of range for bigint ("9223372036854775808")
orders.csv:9: user_id: not an integer ("x")
orders.csv:10: user_id: empty, but required
orders.csv:11: user_id: not a whole number ("7.5")
orders.csv:12: user_id: below 1, where ids start ("-1")
orders.csv:13: user_id: below 1, where ids start ("0")
orders.csv:14: user_id: out of range for bigint ("9223372036854775808")
timele-load: error: 13 bad rows in 1 file; nothing was loaded'
}

@test "orders: other values out of their range" {
    {
        echo order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order,tracking_number,shipping_carrier,created_at
        echo 2,1,,0,0,,,,
        echo 3,1,2147483648,0,0,,,,
        echo 4,1,-2147483649,0,0,,,,
        echo 5,1,first,0,0,,,,
        echo 6,1,1,-1,0,,,,
        echo 7,1,1,7,0,,,,
        echo 8,1,1,,0,,,,
        echo 9,1,1,Monday,0,,,,
        echo 10,1,1,0,24,,,,
        echo 11,1,1,0,-1,,,,
        echo 12,1,1,0,,,,,
        echo 13,1,1,0,8.5,,,,
        echo 14,1,1,0,0,7.5,,,
        echo 15,1,1,0,0,99999999999,,,
        echo 16,1,1,0,0,n/a,,,
        echo "17,1,1,0,0,,$(repeat T 101),,"
        echo "18,1,1,0,0,,,$(repeat ö 51),"
        echo 19,1,1,0,0,,,,2016-08-32
        echo "20,1,2147483647,6.0,08,7.0,$(repeat ö 100),$(repeat ö 50),2016-08-31"
    } | write_csv orders.csv
    run_load orders.csv
    expect_refused "orders.csv:2: order_number: empty, but required
orders.csv:3: order_number: out of range for integer (\"2147483648\")
orders.csv:4: order_number: out of range for integer (\"-2147483649\")
orders.csv:5: order_number: not an integer (\"first\")
orders.csv:6: order_dow: not in 0 to 6 (\"-1\")
orders.csv:7: order_dow: not in 0 to 6 (\"7\")
orders.csv:8: order_dow: empty, but required
orders.csv:9: order_dow: not an integer (\"Monday\")
orders.csv:10: order_hour_of_day: not in 0 to 23 (\"24\")
orders.csv:11: order_hour_of_day: not in 0 to 23 (\"-1\")
orders.csv:12: order_hour_of_day: empty, but required
orders.csv:13: order_hour_of_day: not a whole number (\"8.5\")
orders.csv:14: days_since_prior_order: not a whole number (\"7.5\")
orders.csv:15: days_since_prior_order: out of range for integer (\"99999999999\")
orders.csv:16: days_since_prior_order: not an integer (\"n/a\")
orders.csv:17: tracking_number: longer than 100 characters (101) (\"$(repeat T 60)...\")
orders.csv:18: shipping_carrier: longer than 50 characters (51) (\"$(repeat ö 51)\")
orders.csv:19: created_at: no such day (\"2016-08-32\")
timele-load: error: 18 bad rows in 1 file; nothing was loaded"
}

@test "order items: keys that are no id" {
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order
x,2,1
,2,1
7.5,2,1
-1,2,1
0,2,1
3422000,2,1
9223372036854775808,2,1
1,x,1
1,,1
1,7.5,1
1,-1,1
1,0,1
1,2147483648,1
1,9223372036854775808,1
1,2,x
1,2,
1,2,-1
1,2,1.5
1,2,2147483648
END
    run_load items.csv
    expect_refused 'items.csv:2: order_id: not an integer ("x")
items.csv:3: order_id: empty, but required
items.csv:4: order_id: not a whole number ("7.5")
items.csv:5: order_id: below 1, where ids start ("-1")
items.csv:6: order_id: below 1, where ids start ("0")
items.csv:7: order_id: at or above the floor 3422000: ids from there on are the application'\''s ("3422000")
items.csv:8: order_id: out of range for bigint ("9223372036854775808")
items.csv:9: product_id: not an integer ("x")
items.csv:10: product_id: empty, but required
items.csv:11: product_id: not a whole number ("7.5")
items.csv:12: product_id: below 1, where ids start ("-1")
items.csv:13: product_id: below 1, where ids start ("0")
items.csv:14: product_id: out of range for integer ("2147483648")
items.csv:15: product_id: out of range for bigint ("9223372036854775808")
items.csv:16: add_to_cart_order: not an integer ("x")
items.csv:17: add_to_cart_order: empty, but required
items.csv:18: add_to_cart_order: below 0 ("-1")
items.csv:19: add_to_cart_order: not a whole number ("1.5")
items.csv:20: add_to_cart_order: out of range for integer ("2147483648")
timele-load: error: 19 bad rows in 1 file; nothing was loaded'
}

@test "order items: reordered, quantity and price out of their range" {
    write_csv items.csv <<'END'
order_id,product_id,add_to_cart_order,reordered,quantity,price
1,2,1,2,1,1
1,2,1,-1,1,1
1,2,1,true,1,1
1,2,1,0.5,1,1
1,2,1,0,0,1
1,2,1,0,-1,1
1,2,1,0,2147483648,1
1,2,1,0,1,-0.01
1,2,1,0,1,NaN
1,2,1,0,1,Infinity
1,2,1,0,1,1e400
1,2,1,0,1,$5
1,2,1,0,1,"1,50"
1,2,1,0,1,0x1p3
1,2,1.0,1.0,2.0,1.5e1
END
    run_load items.csv
    expect_refused 'items.csv:2: reordered: not in 0 to 1 ("2")
items.csv:3: reordered: not in 0 to 1 ("-1")
items.csv:4: reordered: not an integer ("true")
items.csv:5: reordered: not a whole number ("0.5")
items.csv:6: quantity: below 1 ("0")
items.csv:7: quantity: below 1 ("-1")
items.csv:8: quantity: out of range for integer ("2147483648")
items.csv:9: price: below 0 ("-0.01")
items.csv:10: price: not a number ("NaN")
items.csv:11: price: not a number ("Infinity")
items.csv:12: price: out of range ("1e400")
items.csv:13: price: not a number ("$5")
items.csv:14: price: not a number ("1,50")
items.csv:15: price: not a number ("0x1p3")
timele-load: error: 14 bad rows in 1 file; nothing was loaded'
}

@test "the catalogue: bad ids and names" {
    {
        echo product_id,product_name,aisle_id,department_id
        echo x,Pear,1,1
        echo ,Pear,1,1
        echo 7.5,Pear,1,1
        echo 0,Pear,1,1
        echo 2147483648,Pear,1,1
        echo 3,,1,1
        echo "4,$(repeat é 256),1,1"
        echo 5,Pear,,1
        echo 6,Pear,0,1
        echo 7,Pear,1,-1
        echo 8,Pear,1,first
        echo "9,$(repeat é 255),1,1"
    } | write_csv products.csv
    printf '%b' 'aisle_id,aisle\nx,a\n0,b\n2147483648,c\n2,\n3,\xff\n' | write_csv aisles.csv
    printf '%b' 'department_id,department\n7.5,a\n-1,b\n,c\n2,""\n3,\x00\n' | write_csv departments.csv
    run_load products.csv aisles.csv departments.csv
    expect_refused "products.csv:2: product_id: not an integer (\"x\")
products.csv:3: product_id: empty, but required
products.csv:4: product_id: not a whole number (\"7.5\")
products.csv:5: product_id: below 1, where ids start (\"0\")
products.csv:6: product_id: out of range for integer (\"2147483648\")
products.csv:7: product_name: empty, but required
products.csv:8: product_name: longer than 255 characters (256) (\"$(repeat é 60)...\")
products.csv:9: aisle_id: empty, but required
products.csv:10: aisle_id: below 1, where ids start (\"0\")
products.csv:11: department_id: below 1, where ids start (\"-1\")
products.csv:12: department_id: not an integer (\"first\")
aisles.csv:2: aisle_id: not an integer (\"x\")
aisles.csv:3: aisle_id: below 1, where ids start (\"0\")
aisles.csv:4: aisle_id: out of range for integer (\"2147483648\")
aisles.csv:5: aisle: empty, but required
aisles.csv:6: aisle: invalid UTF-8 (\"\\xff\")
departments.csv:2: department_id: not a whole number (\"7.5\")
departments.csv:3: department_id: below 1, where ids start (\"-1\")
departments.csv:4: department_id: empty, but required
departments.csv:5: department: empty, but required (\"\")
departments.csv:6: department: contains a NUL byte (\"\\x00\")
timele-load: error: 21 bad rows in 3 files; nothing was loaded
timele-load: hint: NUL bytes are there where a disk was full or a copy was cut off: get the file again. Where a whole file has another encoding, convert it, for example by \"iconv -f WINDOWS-1252 -t UTF-8 <FILE >NEW\"."
}
