#!/usr/bin/env bats
#
# What is shown of rows that cannot be loaded, and how they are counted.

load harness
load bad_input

# What is shown ------------------------------------------------------------------------------------

@test "a value can neither drive the terminal nor fake a line" {
    printf '%b' 'user_id,email_address\n' \
        '\x1b[31mred\x07,a@example.org\n' \
        '"1\ntimele-load: error: all is lost",b@example.org\n' \
        '1\r2,c@example.org\n' \
        'a\tb\x7f,d@example.org\n' \
        'user\u202etxt.exe,e@example.org\n' \
        '\u2066x\u2069\u200f\ufeff,f@example.org\n' \
        '\u009b31m,g@example.org\n' \
        '\xff\xfe,h@example.org\n' | write_csv users.csv
    run_load users.csv
    expect_stderr_line 'users.csv:2: user_id: not an integer ("\x1b[31mred\x07")'
    expect_stderr_line 'users.csv:3: user_id: not an integer ("1\ntimele-load: error: all is lost")'
    expect_stderr_line 'users.csv:7: user_id: not an integer ("a\tb\x7f")'
    expect_stderr_line 'users.csv:8: user_id: not an integer ("user\xe2\x80\xaetxt.exe")'
    expect_stderr_line 'users.csv:9: user_id: not an integer ("\xe2\x81\xa6x\xe2\x81\xa9\xe2\x80\x8f\xef\xbb\xbf")'
    expect_stderr_line 'users.csv:10: user_id: not an integer ("\xc2\x9b31m")'
    expect_stderr_line 'users.csv:11: user_id: invalid UTF-8 ("\xff\xfe")'
    expect_status 2
    expect_unchanged "$before"
    [[ $stderr != *[$'\e\a\r\t\x7f']* ]] || unexpected 'a control character got through'
}

@test "a long value is cut" {
    {
        echo user_id,email_address
        echo "$(repeat é 60),a@example.org"
        echo "$(repeat é 61),b@example.org"
        echo "$(repeat 9 100000),c@example.org"
    } | write_csv users.csv
    run_load users.csv
    expect_refused "users.csv:2: user_id: not an integer (\"$(repeat é 60)\")
users.csv:3: user_id: not an integer (\"$(repeat é 60)...\")
users.csv:4: user_id: out of range for bigint (\"$(repeat 9 60)...\")
timele-load: error: 3 bad rows in 1 file; nothing was loaded"
}

@test "a password is never shown, hashed or plain" {
    printf '%b' 'user_id,email_address,hashed_password,password\n' \
        "2,a@example.org,SECRET$(repeat x 123),SECRET\n" \
        '3,b@example.org,SECRET\xff,SECRET\n' \
        '4,c@example.org,SECRET\x00,SECRET\n' \
        '5,d@example.org,SECRET,SECRET,SECRET\n' \
        '6,e@example.org,SECRET\n' \
        '7,f@example.org,SEC"RET,SECRET\n' \
        '8,g@example.org,"SECRET"x,SECRET\n' \
        '9,h@example.org,SECRET,SEC"RET\n' \
        'x,i@example.org,SECRET,SECRET\n' \
        '1,j@example.org,SECRET,SECRET\n' \
        '11,k@example.org,SECRET,"SECRET\n' | write_csv users.csv
    run_load users.csv
    expect_nowhere SECRET
    expect_refused 'users.csv:2: hashed_password: longer than 128 characters (129)
users.csv:3: hashed_password: invalid UTF-8
users.csv:4: hashed_password: contains a NUL byte
users.csv:5: field 5: one too many: the row has 5 fields, the header 4
users.csv:6: password: missing: the row has 3 fields, the header 4
users.csv:7: hashed_password: quote inside an unquoted field
users.csv:8: hashed_password: text after the closing quote of a field
users.csv:9: password: quote inside an unquoted field
users.csv:10: user_id: not an integer ("x")
users.csv:11: user_id: is in the database already ("1")
users.csv:12: password: quoted field is not closed before the end of the file
timele-load: error: 11 bad rows in 1 file; nothing was loaded
timele-load: hint: Rows that were loaded before are left alone by --mode=skip, and brought up to date by --mode=upsert. NUL bytes are there where a disk was full or a copy was cut off: get the file again. Where a whole file has another encoding, convert it, for example by "iconv -f WINDOWS-1252 -t UTF-8 <FILE >NEW".'
}

@test "a row that the database itself refuses is not shown with its password" {
    sql "ALTER TABLE users.users ADD CONSTRAINT real_city CHECK (length(city) > 2)"
    before=$(snapshot)
    write_csv users.csv <<'END'
user_id,email_address,hashed_password,city
2,a@example.org,SECRET,X
END
    run_load users.csv
    expect_status 3
    expect_stdout ''
    expect_stderr_contains 'real_city'
    expect_nowhere SECRET
    expect_unchanged "$before"
}

# Counting -----------------------------------------------------------------------------------------

@test "every error of a row is told, the row is counted once" {
    write_csv orders.csv <<'END'
order_id,user_id,order_number,order_dow,order_hour_of_day,days_since_prior_order
-2,x,1,7,24,7.5
2,1,1,0,0,
END
    run_load orders.csv
    expect_refused 'orders.csv:2: order_id: below 1, where ids start ("-2")
orders.csv:2: user_id: not an integer ("x")
orders.csv:2: order_dow: not in 0 to 6 ("7")
orders.csv:2: order_hour_of_day: not in 0 to 23 ("24")
orders.csv:2: days_since_prior_order: not a whole number ("7.5")
timele-load: error: 1 bad row in 1 file; nothing was loaded'
}

@test "the first 20 errors of each file are shown, all are counted" {
    local expected='' line
    { echo user_id,email_address && seq -f 'x%g,a@example.org' 2 24; } | write_csv users.csv
    { echo order_id,user_id,order_number,order_dow,order_hour_of_day && seq -f '%g,1,1,0,24' 2 22; } |
        write_csv orders.csv
    { echo order_id,product_id,add_to_cart_order && seq -f '1,2,-%g' 2 21; } | write_csv items.csv
    for line in {2..21}; do expected+="items.csv:$line: add_to_cart_order: below 0 (\"-$line\")"$'\n'; done
    for line in {2..21}; do expected+="orders.csv:$line: order_hour_of_day: not in 0 to 23 (\"24\")"$'\n'; done
    expected+=$'orders.csv: 1 more not shown\n'
    for line in {2..21}; do expected+="users.csv:$line: user_id: not an integer (\"x$line\")"$'\n'; done
    expected+=$'users.csv: 3 more not shown\n'
    run_load items.csv orders.csv users.csv
    expect_refused "${expected}timele-load: error: 64 bad rows in 3 files; nothing was loaded"
}

@test "--quiet says what is wrong all the same" {
    write_csv users.csv <<'END'
user_id,email_address,password
x,a@example.org,SECRET
END
    run_load --quiet users.csv
    expect_refused 'users.csv:2: user_id: not an integer ("x")
timele-load: error: 1 bad row in 1 file; nothing was loaded'
}
