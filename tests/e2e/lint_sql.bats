#!/usr/bin/env bats
#
# scripts/lint-sql, on a program whose SQL suits each server, and with each text that does not.

load harness

setup() {
    start_test
    mkdir -p project/{scripts,src/room/sql,src/pg/sql,src/schema,api}
    cp "$PROJECT_ROOT/scripts/lint-sql" project/scripts
    cd project || return 1
    cat >src/room/rows.c <<'END'
/* SELECT FROM, UPDATE t SET a = random(); DROP TABLE: in a comment it is none. */
#define TABLE "t" /* FOR UPDATE */
bool rows_delete(struct connection *connection)
{
    // "SELECT FROM"
    log_note(log, "rows are deleted; then %s FROM \"%s\"", '"', "SELECT " COLUMNS " FROM t");
    return connection_execute(connection, "SELECT 1 FROM " TABLE " WHERE a = '; b' AND c = ';'") &&
           connection_execute(connection, "COMMENT ON TABLE t IS 'a; b';") &&
           connection_execute(connection, "DELETE FROM t");
}
END
    cat >src/room/sql/rows.sql <<'END'
-- What SELECT FROM would give; and SELECT more; FOR UPDATE.
/* DROP TABLE t; SELECT */
SELECT a, ';' || "b;", format('DO %L', 'BEGIN a; FOR b IN c LOOP d; END LOOP; END')
FROM t;
END
    printf 'BEGIN;\nSELECT 1 FROM t FOR UPDATE;\nUPDATE t SET a = gen_random_uuid();\n' |
        tee schema.sql >api/part.sql
}

expect_found() {
    run scripts/lint-sql
    expect_status 1
    expect_stdout_contains "$1"
    expect_stdout_contains "$2"
}

@test "statements one by one" {
    run scripts/lint-sql
    expect_status 0
    expect_stdout ''
}

@test "a query without a column, over lines and strings, in scripts too" {
    local text
    for text in '"EXISTS (SELECT FROM t)"' '"EXISTS (SELECT "
        "FROM t)"' '"SELECT\n" "FROM t"' '"SELECT DISTINCT FROM " TABLE'; do
        printf 'int main(void)\n{\n    run(%s);\n}\n' "$text" >src/room/other.c
        expect_found 'src/room/other.c:3' 'a query without a column'
    done
    rm src/room/other.c
    printf 'SELECT 1;\nBEGIN\n  PERFORM\n  FROM t;\nEND\n' >api/other.sql
    expect_found 'api/other.sql:1' 'a query without a column'
    mv api/other.sql schema.sql
    expect_found 'schema.sql:1' 'a query without a column'
}

@test "row locks, but for those of deletions" {
    local lock
    for lock in 'FOR UPDATE' 'FOR SHARE' 'FOR NO KEY UPDATE' 'FOR KEY SHARE OF t'; do
        printf 'run("SELECT 1 FROM t " "%s");\n' "$lock" >src/schema/other.c
        expect_found 'src/schema/other.c:1' 'row locks'
        printf 'SELECT 1\nFROM t\n%s' "$lock" >src/room/sql/other.sql
        mv src/schema/other.c src/schema/deletion.c
        expect_found 'src/room/sql/other.sql:1' 'row locks'
        rm src/room/sql/other.sql
        run scripts/lint-sql
        expect_status 0
    done
}

@test "more than one statement, but for the message that begins a transaction" {
    local text
    for text in '"SET LOCAL a = 1; SET LOCAL b = 2"' '"SET LOCAL a = 1;"
        "SET LOCAL b = 2"' 'SET_A "; SET LOCAL b = 2"' '"SAVEPOINT a;\nRELEASE a"' '"%s;\n%s"' \
        '"a" "; ALTER TABLE t"'; do
        printf 'run(%s);\n' "$text" >src/room/other.c
        expect_found 'src/room/other.c:1' 'more than one statement'
    done
    mv src/room/other.c src/pg/transaction.c
    for text in 'SELECT 1; SELECT 2;' "SELECT a || '; ALTER TABLE t'" "SELECT a || format(';COMMENT ON %s', t)" \
        $'ANALYZE;\n-- and\nthen'; do
        printf '%s\n' "$text" >src/room/sql/other.sql
        expect_found 'src/room/sql/other.sql:1' 'more than one statement'
    done
    printf 'SET a = 1;\nSET b = 2;\n' >src/pg/sql/transaction_settings.sql
    rm src/room/sql/other.sql
    run scripts/lint-sql
    expect_status 0
}

@test "functions that an UPDATE may not call" {
    local call
    for call in 'gen_random_uuid()' 'clock_timestamp ()' "nextval('s')" 'random()'; do
        printf 'run("UPDATE t SET a = %s");\n' "$call" >src/room/other.c
        expect_found 'src/room/other.c:1' 'a VOLATILE function'
    done
    printf "UPDATE t SET a =\n  concat_ws(' ', b)\nFROM u" >src/room/sql/other.sql
    expect_found 'src/room/sql/other.sql:1' 'concat_ws() in an UPDATE'
}
