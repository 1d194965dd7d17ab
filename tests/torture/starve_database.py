"""The databases of the cases: one for each that runs at a time, and what is in them."""
import os
import time

import psycopg2

TABLES = """
SELECT c.oid::regclass::text, c.oid::regclass::text ~ '^timele_load',
       (SELECT coalesce(array_agg(attname::text), '{}') FROM pg_attribute
         WHERE attrelid = c.oid AND attnum > 0 AND (atttypid IN ('uuid'::regtype,
               'timestamptz'::regtype) OR attname = 'history_id'))
  FROM pg_class c
 WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
 ORDER BY 1"""

# All definitions; a rebuilt index has another oid.
CATALOG = """
SELECT md5(string_agg(md5, '')) FROM (
  SELECT md5(string_agg((to_jsonb(t) - '{relpages,reltuples,relallvisible,relallfrozen,relfrozenxid,
         relminmxid}'::text[])::text, '' ORDER BY oid)) FROM pg_class t WHERE oid >= 16384
  UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY attrelid, attnum)) FROM pg_attribute t
   WHERE attrelid >= 16384
  UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY oid)) FROM pg_constraint t WHERE oid >= 16384
  UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY indexrelid)) FROM pg_index t
   WHERE indexrelid >= 16384
  UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY oid)) FROM pg_trigger t WHERE oid >= 16384
  UNION ALL SELECT md5(string_agg(t::text, '' ORDER BY oid)) FROM pg_proc t WHERE oid >= 16384
  UNION ALL SELECT md5(string_agg(nspname, '' ORDER BY oid)) FROM pg_namespace
   WHERE nspname !~ '^pg_(toast_)?temp') AS all_of_it (md5)"""

SEQUENCES = """
SELECT schemaname || '.' || sequencename, coalesce(last_value + 1, start_value)
  FROM pg_sequences WHERE schemaname !~ '^timele_load' ORDER BY 1"""

OTHERS = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND pid <> pg_backend_pid()
   AND backend_type NOT IN ('autovacuum worker', 'parallel worker')"""

TEMPLATES = ('bare', 'empty', 'loaded')


def maintain(*statements, host=None):
    connection = psycopg2.connect(dbname='postgres', host=host or os.environ['PGHOST'])
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


class State:
    """What a database holds. `exact` tells any change; `loose` leaves out what differs from one load
    of the same files to the next: external ids, times and numbers that a sequence drew."""

    def __init__(self, exact, loose, sequences):
        self.exact, self.loose, self.sequences = exact, loose, sequences

    def keeps(self, before):
        """Whether it is as before; sequences may have gone on."""
        return self.exact == before.exact and self.sequences.keys() == before.sequences.keys() and \
            all(self.sequences[name] >= before.sequences[name] for name in self.sequences)


def read_state(cursor):
    cursor.execute('SET timezone TO \'UTC\'')
    cursor.execute(TABLES)
    exact, loose = [], []
    for table, is_ledger, drawn in cursor.fetchall():
        if is_ledger:
            continue
        cursor.execute(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text COLLATE \"C\")),"
                       f" md5(string_agg(j, '' ORDER BY j COLLATE \"C\"))"
                       f" FROM {table} t, LATERAL (SELECT (to_jsonb(t) - %s::text[])::text) AS l (j)",
                       (drawn,))
        rows = cursor.fetchone()
        exact.append((table, rows[0]))
        loose.append((table, rows[1]))
    cursor.execute(CATALOG)
    exact.append(('definitions', cursor.fetchone()[0]))
    cursor.execute(SEQUENCES)
    return State(exact, loose, dict(cursor.fetchall()))


class Database:
    """One database, made anew from a template where the last run changed it. `host` is another
    server than PGHOST's, `tablespace` another than the usual one."""

    def __init__(self, name, host=None, tablespace=None):
        self.name, self.template, self.before = name, None, None
        self.host = host or os.environ['PGHOST']
        self.location = f' TABLESPACE {tablespace}' if tablespace else ''

    def environment(self):
        return {'PGDATABASE': self.name, 'PGHOST': self.host}

    def connect(self):
        connection = psycopg2.connect(dbname=self.name, host=self.host, application_name='judge')
        connection.autocommit = True
        return connection

    def make(self, template):
        """Sees to it that the database is as the template."""
        if self.template == template:
            return
        strategy = ' STRATEGY file_copy' if SERVER_VERSION >= 150000 else ''
        maintain(f'DROP DATABASE IF EXISTS {self.name} WITH (FORCE)',
                 f'CREATE DATABASE {self.name} TEMPLATE starve_{template}{strategy}{self.location}',
                 host=self.host)
        self.template = template
        self.before = self.state()

    def state(self):
        connection = self.connect()
        with connection.cursor() as cursor:
            state = read_state(cursor)
        connection.close()
        return state

    def drop_building_schemas(self):
        """Drops the schemas of tables that a run did not complete. Returns their names."""
        connection = self.connect()
        with connection.cursor() as cursor:
            cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^timele_load_'")
            names = [row[0] for row in cursor.fetchall()]
            for name in names:
                cursor.execute(f'DROP SCHEMA {name} CASCADE')
        connection.close()
        return names

    def changed(self):
        self.template = None

    def backends_left(self, seconds=10):
        """How many are still there after so many seconds."""
        deadline = time.monotonic() + seconds
        connection = self.connect()
        with connection.cursor() as cursor:
            while True:
                cursor.execute(OTHERS)
                left = cursor.fetchone()[0]
                if left == 0 or time.monotonic() > deadline:
                    break
                time.sleep(0.02)
        connection.close()
        return left


def server_version():
    connection = psycopg2.connect(dbname='postgres')
    version = connection.server_version
    connection.close()
    return version


SERVER_VERSION = server_version()


def make_templates(load, host=None):
    """load(NAME, ARGUMENT...) runs the program in a template. They all share the roles of the API."""
    maintain(*[f'CREATE DATABASE starve_{name} TEMPLATE template0' for name in TEMPLATES], host=host)
    for name in TEMPLATES[1:]:
        load(name, '--create-schema', '--create-api')
    load('loaded', *[os.path.join('..', 'earlier', name) for name in (
        'users.csv', 'orders.csv', 'items.csv', 'history.csv', 'products.csv', 'enriched.csv',
        'aisles.csv', 'departments.csv')])
