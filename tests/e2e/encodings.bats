#!/usr/bin/env bats
#
# Databases of another encoding than UTF8: a character that they cannot hold makes a bad row, and what
# is loaded is what was in the file.

load harness

teardown() {
    end_test
}

# make_encoded ENCODING: the test's database, with the schema, in another encoding.
make_encoded() {
    maintain "DROP DATABASE \"$PGDATABASE\"" \
        "CREATE DATABASE \"$PGDATABASE\" TEMPLATE template0 ENCODING '$1' LOCALE 'C'"
    setup_schema
    export PGCLIENTENCODING=UTF8
}

# Texts for every kind of column, once with a character that LATIN1 has, once with one that it lacks.
write_shop() {
    cat >users.csv <<END
user_id,email_address,first_name,last_name,city
1,a@example.org,René,Ångström,Århus
2,b@example.org,Zażółć,Brown,Łódź
3,c@example.org,Cy,Smith,Bern
END
    cat >orders.csv <<END
order_id,user_id,order_number,order_dow,order_hour_of_day
1,1,1,1,1
2,2,1,1,1
3,3,1,1,1
END
}

load_quietly() {
    run_load --quiet "$@"
    expect_status 0 && expect_silence
}

@test "a character that the database cannot hold makes a bad row, named by file and line" {
    make_encoded LATIN1
    write_shop
    before=$(snapshot)
    for option in --rebuild=always --rebuild=never --mode=upsert; do
        run_load $option users.csv orders.csv
        expect_status 2
        expect_stderr_line 'users.csv:3: first_name: cannot be stored in this database'\''s encoding LATIN1 ("Zażółć")'
        expect_stderr_line 'users.csv:3: city: cannot be stored in this database'\''s encoding LATIN1 ("Łódź")'
        expect_stderr_contains 'timele-load: error: 1 bad row in 1 file'
        expect_unchanged "$before"
    done
    run_load --check users.csv
    expect_status 0

    run_load --verify --rejects=rejects users.csv orders.csv
    expect_status 1
    [[ $(<rejects/users.csv) == *$'\n2,b@example.org,Zażółć,Brown,Łódź' ]] || unexpected
    [[ $(<rejects/users.reasons.csv) == *,encoding,* ]] || unexpected
    [[ $(<rejects/orders.reasons.csv) == *,parent_rejected,* ]] || unexpected
    expect_sql 'SELECT id, first_name, city FROM users.users ORDER BY id' $'1|René|Århus\n3|Cy|Bern'
    expect_sql 'SELECT id, delivery_name, city FROM orders.orders ORDER BY id' \
        $'1|René Ångström|Århus\n3|Cy Smith|Bern'
    expect_sql "SET client_encoding = LATIN1; SELECT encode(convert_to(city, 'LATIN1'), 'escape')
                  FROM users.users WHERE id = 1" '\305rhus'

    # A value of the database is known again, and a change is one.
    sed -i '3d; s/Århus/Ærø/' users.csv
    load_quietly --verify --mode=upsert users.csv
    run_load --mode=upsert users.csv
    expect_stdout_contains 'nothing new: 2 rows unchanged ('
    expect_sql 'SELECT id, city FROM orders.orders ORDER BY id' $'1|Ærø\n3|Bern'
}

@test "every kind of text is checked, and secrets are not shown" {
    make_encoded LATIN1
    printf 'department_id,department,description,image_url\n1,Ł,,\n2,d,Ł,\n3,e,,Ł\n' >departments.csv
    printf 'aisle_id,aisle\n1,Ł\n' >aisles.csv
    printf 'product_id,product_name,aisle_id,department_id\n1,Ł,1,1\n' >products.csv
    printf 'product_id,description,price,image_url\n1,Ł,1,\n2,x,1,Ł\n' >prices.csv
    printf 'user_id,email_address,hashed_password,country\n1,Ł@example.org,,\n2,b@example.org,Ł,\n' >users.csv
    printf '%s\n' order_id,user_id,order_number,order_dow,order_hour_of_day,tracking_number,shipping_carrier,tracking_url \
        1,1,1,1,1,Ł,Ł,Ł >orders.csv
    run_load --duplicates=first ./*.csv
    expect_status 2
    text="cannot be stored in this database's encoding LATIN1"
    for place in departments.csv:2:\ department departments.csv:3:\ description \
        departments.csv:4:\ image_url aisles.csv:2:\ aisle products.csv:2:\ product_name \
        prices.csv:2:\ description prices.csv:3:\ image_url users.csv:2:\ email_address \
        orders.csv:2:\ tracking_number orders.csv:2:\ shipping_carrier orders.csv:2:\ tracking_url; do
        expect_stderr_contains "$place: $text (\"Ł"
    done
    expect_stderr_line "./users.csv:3: hashed_password: $text"
}

# Every character of the Basic Multilingual Plane, and a few beyond it, against the server's opinion.
# What the C library alone takes makes the run fail: so it is left out here, where it is known.
# Encodings of one byte have none of the many Asian characters: one of sixteen is tried there.
@test "what is held is what the server holds" {
    local every
    characters >characters.csv
    for encoding in LATIN1 LATIN2 LATIN9 WIN1252 WIN1251 WIN1255 WIN1258 KOI8R KOI8U EUC_JP EUC_KR EUC_CN; do
        make_encoded "$encoding"
        every=1
        [[ $encoding == EUC_* ]] || every=16
        awk -F, -v every=$every 'NR == 1 || $1 < 12288 || $1 % every == 0' characters.csv >users.csv
        [[ $encoding != EUC_JP ]] || without_private_use
        rm -rf rejects
        run_load --quiet --rejects=rejects users.csv
        expect_status 1
        held "$encoding" "$every" >expected
        sql 'SELECT id FROM users.users ORDER BY id' >got
        # Of what was asked.
        awk -F, 'NR == FNR { asked[$1]; next } $1 in asked' users.csv expected >expected_here
        diff expected_here got | head -20 >difference
        [[ ! -s difference && -s got ]] || unexpected "$encoding: < the server, > loaded" "$(<difference)"
    done
}

# A user for each character, whose code is the id. They come from a database that has them all.
characters() {
    PGDATABASE=postgres sql "SELECT 'user_id,email_address,city';
        SELECT format('%s,%s@x,%s', c, c, chr(c)) FROM generate_series(161, 131100) c
         WHERE c NOT BETWEEN 55296 AND 57343 AND (c < 65536 OR c > 131072)"
}

without_private_use() {
    sed -i -E '/^(57[3-9]|5[89].|6[0-2].|63[0-6]|637[0-3])[0-9]{2},/d' users.csv
}

held() {
    PGDATABASE=postgres sql "
        CREATE FUNCTION pg_temp.holds(code integer) RETURNS boolean LANGUAGE plpgsql AS
        \$\$BEGIN
          PERFORM convert_to(chr(code), '$1');
          RETURN true;
        EXCEPTION WHEN untranslatable_character THEN
          RETURN false;
        END\$\$;
        SELECT c FROM generate_series(161, 131100) c
         WHERE c NOT BETWEEN 55296 AND 57343 AND (c < 65536 OR c > 131072)
           AND (c < 12288 OR c % $2 = 0) AND pg_temp.holds(c)
         ORDER BY c"
}

@test "where the C library has more characters than the server, nothing is changed" {
    make_encoded EUC_TW
    code=$(PGDATABASE=postgres sql 'SELECT chr(13312)')
    printf 'user_id,email_address,city\n1,a@x,%s\n' "$code" >users.csv
    before=$(snapshot)
    run_load --rejects=rejects users.csv
    expect_status 3
    expect_stderr_contains 'has no equivalent in encoding "EUC_TW"'
    expect_unchanged "$before"
}

@test "SQL_ASCII: bytes count, and a name is not cut within a character" {
    make_encoded SQL_ASCII
    e=$(printf 'é%.0s' {1..60})
    {
        echo user_id,email_address,first_name,last_name,city,postal_code
        echo "1,a@example.org,$e,Adams,Łódź,${e:0:10}"
        echo "2,b@example.org,x$e,Brown,${e:0:50},"
        echo "3,c@example.org,Cy,Smith,${e:0:51},"
        echo "4,d@example.org,Dan,$e,,${e:0:10}x"
        echo "5,e@example.org,Ed,$e,,"
    } >users.csv
    printf '%s\n' order_id,user_id,order_number,order_dow,order_hour_of_day {1,2,5}',1,1,1,1' >orders.csv
    sed -i 's/^\(.\),1/\1,\1/' orders.csv
    run_load --verify --rejects=rejects users.csv orders.csv
    expect_status 1
    expect_stderr_line "users.csv:4: city: longer than 100 bytes (102) (\"${e:0:51}\")"
    expect_stderr_line "users.csv:5: postal_code: longer than 20 bytes (21) (\"${e:0:10}x\")"
    expect_sql 'SELECT id, delivery_name, city FROM orders.orders ORDER BY id' \
        "1|${e:0:50}|Łódź
2|x${e:0:49}|${e:0:50}
5|Ed ${e:0:48}|"

    # The database works it out alike.
    sed -i '4,5d; s/,x/,yy/; s/Ed/Edd/' users.csv
    sed -i "s/,Adams/,Adamsson/" users.csv
    load_quietly --verify --mode=upsert users.csv
    expect_sql 'SELECT id, delivery_name FROM orders.orders ORDER BY id' \
        "1|${e:0:50}
2|yy${e:0:49}
5|Edd ${e:0:48}"
    run_load --verify
    expect_status 0
    [[ $output =~ "orders: delivery details as the user's "\ +3 ]] || unexpected
}

@test "the ledger has a run whose files have names that the database cannot hold" {
    for encoding in LATIN1 SQL_ASCII EUC_JP; do
        make_encoded $encoding
        write_shop
        sed -i 3d users.csv
        cp users.csv 'Łódź é 日本.csv'
        [[ $encoding != EUC_JP ]] || printf 'user_id,email_address\n9,x@example.org\n' >'Łódź é 日本.csv'
        run_load --rejects=Ł 'Łódź é 日本.csv'
        expect_status 0
        expect_silence
        case $encoding in
        LATIN1) name='?ód? é ??.csv' ;;
        SQL_ASCII) name='Łódź é 日本.csv' ;;
        EUC_JP) name='Łódź é 日本.csv' ;;
        esac
        expect_sql 'SELECT path, result FROM timele_load.files JOIN timele_load.runs USING (run_id)' \
            "$name|loaded"
        run_load --skip-loaded 'Łódź é 日本.csv'
        expect_status 0
        expect_stdout_contains 'nothing new: 1 file loaded before ('

        # A failure, too.
        printf 'user_id,email_address\nŁ,x@example.org\n' >'Łódź é 日本.csv'
        run_load 'Łódź é 日本.csv'
        expect_status 2
        expect_sql "SELECT count(*) FROM timele_load.runs WHERE result = 'failed'" 1
    done
}
