#!/usr/bin/env bats
#
# What other tests compare a schema by, where the server is newer than pg_dump: each change shows.

load harness

# A change of each kind: what a load that drops and makes again might lose.
CHANGES=$(
    cat <<'SQL'
ALTER TABLE t DROP CONSTRAINT t_size_check
ALTER TABLE t RENAME CONSTRAINT t_size_check TO other
ALTER TABLE t ADD CONSTRAINT later CHECK (size < 9) NOT VALID
ALTER TABLE t DROP CONSTRAINT parted, ADD CONSTRAINT parted FOREIGN KEY (part) REFERENCES t ON DELETE CASCADE
ALTER TABLE t DROP CONSTRAINT parted, ADD CONSTRAINT parted FOREIGN KEY (part) REFERENCES t NOT VALID
ALTER TABLE t ALTER CONSTRAINT parted DEFERRABLE
COMMENT ON CONSTRAINT parted ON t IS 'other'
COMMENT ON INDEX t_name IS NULL
COMMENT ON COLUMN t.name IS 'a name'
COMMENT ON SCHEMA s IS 'a schema'
DROP INDEX t_name
DROP INDEX t_name; CREATE UNIQUE INDEX t_name ON t (name)
ALTER INDEX t_name SET (fillfactor = 60)
ALTER INDEX t_sum ALTER COLUMN 1 SET STATISTICS 70
ALTER INDEX t_name DEPENDS ON EXTENSION plpgsql
ALTER TABLE t CLUSTER ON t_name
ALTER TABLE t REPLICA IDENTITY FULL
ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey
ALTER TABLE t ALTER part SET NOT NULL
ALTER TABLE t ALTER name DROP NOT NULL
ALTER TABLE t ALTER name SET DEFAULT 'none'
ALTER TABLE t ALTER name TYPE varchar(9)
ALTER TABLE t ALTER name SET STATISTICS 9
ALTER TABLE t ALTER name SET STORAGE plain
ALTER TABLE t ADD extra integer
ALTER TABLE t DROP name
ALTER TABLE t SET (autovacuum_enabled = off)
ALTER TABLE t SET (toast.autovacuum_enabled = off)
ALTER TABLE u SET UNLOGGED
ALTER TABLE t OWNER TO pg_monitor
ALTER TABLE t ENABLE ROW LEVEL SECURITY
ALTER TABLE t FORCE ROW LEVEL SECURITY
ALTER TABLE t SET SCHEMA public
ALTER TABLE t DISABLE TRIGGER watch
ALTER TABLE t DISABLE RULE quiet
DROP TRIGGER watch ON t
DROP RULE quiet ON t
DROP VIEW v
CREATE OR REPLACE VIEW v AS SELECT id + 0 AS id FROM t
ALTER POLICY mine ON t TO pg_monitor
ALTER POLICY mine ON t USING (id = 2)
GRANT SELECT ON t TO pg_monitor
GRANT UPDATE (name) ON t TO pg_monitor
GRANT USAGE ON SCHEMA s TO pg_monitor
GRANT EXECUTE ON FUNCTION f() TO pg_monitor
ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO pg_monitor
CREATE OR REPLACE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'
ALTER FUNCTION f() SET work_mem TO '1MB'
ALTER SEQUENCE q MINVALUE -5
ALTER SEQUENCE q OWNED BY NONE
DROP STATISTICS together
ALTER STATISTICS together SET STATISTICS 5
ALTER PUBLICATION p SET (publish = 'insert')
ALTER PUBLICATION p DROP TABLE t
ALTER TYPE color RENAME VALUE 'red' TO 'blue'
ALTER DOMAIN small DROP CONSTRAINT small_check
DROP EXTENSION plpgsql CASCADE
SQL
)

setup_file() {
    start_file
    sql <<'SQL'
CREATE SCHEMA s;
SET search_path TO s;
CREATE TABLE t (id integer PRIMARY KEY, name text NOT NULL, part integer, size integer CHECK (size > 0),
                CONSTRAINT parted FOREIGN KEY (part) REFERENCES t);
CREATE SEQUENCE q OWNED BY t.id;
CREATE TABLE u (id integer);
CREATE INDEX t_name ON t (name);
CREATE INDEX t_sum ON t ((id + size));
COMMENT ON INDEX t_name IS 'names';
CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER watch BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f();
CREATE RULE quiet AS ON DELETE TO t DO INSTEAD NOTHING;
CREATE VIEW v AS SELECT id FROM t;
CREATE POLICY mine ON t USING (id = 1);
CREATE STATISTICS together ON id, size FROM t;
SET client_min_messages TO error;
CREATE PUBLICATION p FOR TABLE t;
CREATE TYPE color AS ENUM ('red');
CREATE DOMAIN small AS integer CHECK (VALUE < 5);
SQL
}

# tell STATEMENT...: the definitions after the statements, which are undone.
tell() {
    {
        echo 'SET client_min_messages TO error;'
        printf '%s;\n' 'BEGIN' 'SET search_path TO s' "$@"
        cat "$PROJECT_ROOT/tests/e2e/fixtures/definitions.sql"
    } | sql
}

@test "each kind of change is told, and the same twice is the same" {
    local before change unseen=()
    before=$(tell)
    [[ $before == "$(tell)" ]]
    [[ $before == "$(catalog_definitions)" ]]
    while IFS= read -r change; do
        tell "$change" >after
        [[ "$(<after)" != "$before" ]] || unseen+=("$change")
    done <<<"$CHANGES"
    printf 'not told: %s\n' ${unseen[@]+"${unseen[@]}"}
    ((${#unseen[@]} == 0))
}

@test "what was made again alike is told alike: rows, statistics and object identifiers do not matter" {
    local before
    before=$(tell)
    [[ $(tell 'DROP INDEX t_name' 'CREATE INDEX t_name ON t (name)' "COMMENT ON INDEX t_name IS 'names'") \
        == "$before" ]]
    [[ $(tell "INSERT INTO t VALUES (1, 'a', NULL, 1)" 'ANALYZE t' "SELECT nextval('q')" |
        grep -v '^1$') == "$before" ]]
    [[ $(tell 'ALTER TABLE t ADD extra integer' 'ALTER TABLE t DROP extra') == "$before" ]]
    [[ $(tell 'ALTER TABLE t DROP CONSTRAINT parted' \
        'ALTER TABLE t ADD CONSTRAINT parted FOREIGN KEY (part) REFERENCES t') == "$before" ]]
}

@test "pg_dump tells them where it can" {
    pg_dump_reads_server || skip 'the server is newer than pg_dump'
    [[ $(definitions) == *'PostgreSQL database dump complete'* ]]
}
