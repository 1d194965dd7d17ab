-- The TimeL-E schema: users, orders and carts, and the catalogue.
--
-- Can be run on any database, any number of times: it creates what is missing and changes nothing
-- that is there, but for a function that an earlier version of it made. That includes a database made
-- by TimeL-E's own service, which has other names for constraints and indexes, and an older one
-- without external ids. So each fact stands here once, in one of two forms:
--
--   * CREATE TABLE: the columns that a table has always had
--   * a list in a DO block: all that a table may lack, each entry judged by what it covers
--     (columns, referenced table) and never by its name
--
-- What is there already is not locked, so that a nightly run leaves the application alone. No psql
-- commands and no BEGIN or COMMIT: the caller decides on the transaction. Nothing depends on
-- search_path. PostgreSQL 13 or later; no superuser, no extension.
--
-- Where the tables are distributed by Citus already (contrib/citus.sql), three things cannot be there,
-- and are left out: see "Citus" below. The tables of Citus' catalog are named in EXECUTE alone, so that
-- this file runs without them.
--
-- Two ids per entity:
--
--   id             internal: key of every join, never leaves the database
--   external_*_id  random UUID (version 4): the only id that clients see


-- Schemas and types ----------------------------------------------------------------------------

CREATE SCHEMA IF NOT EXISTS products;
CREATE SCHEMA IF NOT EXISTS users;
CREATE SCHEMA IF NOT EXISTS orders;

-- Up to PostgreSQL 14 every role may create objects in the schema public, and whoever owns the type may
-- drop it, with the columns that have it: no column gets the type of a stranger.
DO $$
DECLARE
  owner pg_catalog.pg_roles;
BEGIN
  IF pg_catalog.to_regtype('public.order_status_enum') IS NULL THEN
    CREATE TYPE public.order_status_enum AS ENUM (
      'pending', 'processing', 'shipped', 'delivered', 'cancelled', 'failed',
      'return_requested', 'returned', 'refunded'
    );
  ELSIF pg_catalog.to_regclass('orders.orders') IS NULL THEN
    SELECT r.* INTO owner
      FROM pg_catalog.pg_type t
      JOIN pg_catalog.pg_roles r ON r.oid = t.typowner
     WHERE t.oid = pg_catalog.to_regtype('public.order_status_enum');
    IF owner.rolname <> current_user AND NOT owner.rolsuper AND NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_database
       WHERE datname = pg_catalog.current_database() AND datdba = owner.oid
    ) AND NOT EXISTS (
      -- A superuser counts as a member of every role.
      SELECT 1 FROM pg_catalog.pg_roles
       WHERE rolname = current_user AND NOT rolsuper AND pg_catalog.pg_has_role(owner.oid, 'USAGE')
    ) THEN
      RAISE EXCEPTION 'the type public.order_status_enum is there already and belongs to %, who could drop it with the columns that have it', owner.rolname
        USING ERRCODE = 'object_not_in_prerequisite_state',
              HINT = 'Drop the type, or ALTER TYPE public.order_status_enum OWNER TO a role that you trust.';
    END IF;
  END IF;
END
$$;


-- The ledger ------------------------------------------------------------------------------------
--
-- What the loader did, run by run; no other program needs it. Whoever loads has to be allowed to
-- read and write it: GRANT USAGE ON SCHEMA timele_load TO loader; GRANT SELECT, INSERT, UPDATE ON ALL
-- TABLES IN SCHEMA timele_load TO loader (UPDATE for --mode=replace). The schema is none of TimeL-E's: --reset leaves it there.

CREATE SCHEMA IF NOT EXISTS timele_load;

CREATE TABLE IF NOT EXISTS timele_load.runs (
  run_id            bigint       GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  started           timestamptz  NOT NULL,
  finished          timestamptz  NOT NULL,
  database_user     text         NOT NULL,
  client_user       text         NOT NULL,
  client_host       text,
  client_process    bigint       NOT NULL,
  application_name  text         NOT NULL,
  server_process    integer      NOT NULL,
  version           text         NOT NULL,
  options           text[]       NOT NULL,
  mode              text         NOT NULL,
  result            text         NOT NULL,
  exit_status       integer      NOT NULL,
  message           text
);

CREATE TABLE IF NOT EXISTS timele_load.files (
  run_id          bigint   NOT NULL REFERENCES timele_load.runs ON DELETE CASCADE,
  number          integer  NOT NULL,
  path            text     NOT NULL,
  dataset         text,
  size            bigint,
  sha256          bytea    CHECK (pg_catalog.octet_length(sha256) = 32),
  rows_read       bigint   NOT NULL,
  rows_loaded     bigint   NOT NULL,
  rows_updated    bigint   NOT NULL,
  rows_unchanged  bigint   NOT NULL,
  rows_kept       bigint   NOT NULL,
  rows_skipped    bigint   NOT NULL,
  rows_rejected   bigint   NOT NULL,
  loaded_before   bigint,
  dropped         timestamptz,
  PRIMARY KEY (run_id, number),
  UNIQUE (sha256, run_id, number) -- for its index, which CREATE INDEX would lock the table for
);


-- Tables ---------------------------------------------------------------------------------------
--
-- Citus: for a table that is there already, CREATE TABLE IF NOT EXISTS drops its foreign keys to
-- reference tables and makes them again, and locks everybody out for it. Without this setting it does
-- not; a caller who wants that opens a transaction (psql --single-transaction).

DO $$
BEGIN
  IF pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    PERFORM pg_catalog.set_config('citus.enable_local_reference_table_foreign_keys', 'off', true);
  END IF;
END
$$;


-- Tables: the catalogue ------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS products.departments (
  department_id  integer  NOT NULL,
  department     varchar  NOT NULL
);

CREATE TABLE IF NOT EXISTS products.aisles (
  aisle_id  integer  NOT NULL,
  aisle     varchar  NOT NULL
);

CREATE TABLE IF NOT EXISTS products.products (
  product_id     integer       NOT NULL,
  product_name   varchar(255)  NOT NULL,
  aisle_id       integer       NOT NULL,
  department_id  integer       NOT NULL
);

CREATE TABLE IF NOT EXISTS products.product_enriched (
  product_id   integer  NOT NULL,
  description  text,
  price        numeric(10,2),
  image_url    text
);


-- Tables: users --------------------------------------------------------------------------------

-- Names, e-mail address and password may be NULL: an inferred user has none.
CREATE TABLE IF NOT EXISTS users.users (
  id                                       bigint   NOT NULL,
  first_name                               varchar,
  last_name                                varchar,
  email_address                            varchar,
  hashed_password                          varchar(128),
  phone_number                             varchar(50),
  street_address                           varchar(255),
  city                                     varchar(100),
  postal_code                              varchar(20),
  country                                  varchar(100),
  last_login                               timestamptz,
  last_notifications_viewed_at             timestamptz,
  days_between_order_notifications         integer,
  order_notifications_start_date_time      timestamptz,
  order_notifications_next_scheduled_time  timestamptz,
  last_notification_sent_at                timestamptz,
  pending_order_notification               boolean  NOT NULL DEFAULT true,
  order_notifications_via_email            boolean  NOT NULL DEFAULT false
);


-- Tables: orders and carts ---------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS orders.orders (
  id                      bigint                    NOT NULL,
  user_id                 bigint                    NOT NULL,
  order_number            integer                   NOT NULL,
  order_dow               integer                   NOT NULL,
  order_hour_of_day       integer                   NOT NULL,
  days_since_prior_order  integer,
  total_items             integer                   NOT NULL DEFAULT 0,
  total_price             double precision          NOT NULL DEFAULT 0,
  status                  public.order_status_enum  NOT NULL DEFAULT 'pending',
  delivery_name           varchar(100),
  phone_number            varchar(50),
  street_address          varchar(255),
  city                    varchar(100),
  postal_code             varchar(20),
  country                 varchar(100),
  tracking_number         varchar(100),
  shipping_carrier        varchar(50),
  tracking_url            varchar(255),
  invoice                 bytea,
  created_at              timestamptz               NOT NULL DEFAULT pg_catalog.now(),
  updated_at              timestamptz               NOT NULL DEFAULT pg_catalog.now()
);

CREATE TABLE IF NOT EXISTS orders.order_items (
  order_id           bigint            NOT NULL,
  product_id         integer           NOT NULL,
  add_to_cart_order  integer           NOT NULL,
  reordered          integer           NOT NULL DEFAULT 0,
  quantity           integer           NOT NULL DEFAULT 1,
  price              double precision  NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS orders.order_status_history (
  history_id  integer                   NOT NULL,
  order_id    bigint                    NOT NULL,
  old_status  public.order_status_enum,
  new_status  public.order_status_enum  NOT NULL,
  changed_at  timestamptz               NOT NULL DEFAULT pg_catalog.now(),
  changed_by  uuid,
  note        text
);

CREATE TABLE IF NOT EXISTS orders.carts (
  id           bigint       NOT NULL,
  user_id      bigint       NOT NULL,
  total_items  integer      NOT NULL DEFAULT 0,
  created_at   timestamptz  NOT NULL DEFAULT pg_catalog.now(),
  updated_at   timestamptz  NOT NULL DEFAULT pg_catalog.now()
);

CREATE TABLE IF NOT EXISTS orders.cart_items (
  cart_id            bigint   NOT NULL,
  product_id         integer  NOT NULL,
  add_to_cart_order  integer  NOT NULL,
  reordered          integer  NOT NULL DEFAULT 0,
  quantity           integer  NOT NULL DEFAULT 1
);


-- Columns that an older database lacks ---------------------------------------------------------
--
-- The default of an external id also fills the rows that are there: one random UUID each.
-- An inferred row is a placeholder that the loader made for an id that no file named.
--
-- Citus: each node fills its own copy of a reference table, so that a random value would be another
-- one on each. Such a column is refused once there are rows.

DO $$
DECLARE
  missing record;
  copied oid[] := '{}'; -- the reference tables
  has_rows boolean;
BEGIN
  IF pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    EXECUTE 'SELECT pg_catalog.array_agg(logicalrelid::oid) FROM pg_catalog.pg_dist_partition
              WHERE partmethod = ''n'' AND repmodel = ''t'''
      INTO copied;
    -- The tables are there: back to the default.
    PERFORM pg_catalog.set_config('citus.enable_local_reference_table_foreign_keys', NULL, true);
  END IF;

  FOR missing IN
    WITH wanted (relation, name, definition) AS (VALUES
      ('products.departments', 'description', 'text'),
      ('products.departments', 'image_url',   'text'),
      ('products.departments', 'parent_id',   'integer'),
      ('products.departments', 'inferred',    'boolean NOT NULL DEFAULT false'),
      ('products.aisles',      'inferred',    'boolean NOT NULL DEFAULT false'),
      ('products.products',    'inferred',    'boolean NOT NULL DEFAULT false'),

      ('users.users', 'external_user_id', 'uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid()'),
      ('users.users', 'inferred',         'boolean NOT NULL DEFAULT false'),

      ('orders.orders', 'external_order_id', 'uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid()'),
      ('orders.order_items', 'price_given', 'boolean'),
      ('orders.carts',  'external_cart_id',  'uuid NOT NULL DEFAULT pg_catalog.gen_random_uuid()'),

      -- Earlier runs get none, for theirs is not known.
      ('timele_load.runs', 'transaction_id',
       'xid8, ALTER transaction_id SET DEFAULT pg_catalog.pg_current_xact_id()')
    )
    SELECT * FROM wanted
     WHERE NOT EXISTS (
       SELECT 1 FROM pg_catalog.pg_attribute
        WHERE attrelid = wanted.relation::regclass
          AND attname = wanted.name
     )
  LOOP
    IF missing.relation::regclass = ANY (copied)
      AND missing.definition LIKE '%gen_random_uuid()' THEN
      EXECUTE pg_catalog.format('SELECT EXISTS (SELECT 1 FROM %s)', missing.relation) INTO has_rows;
      IF has_rows THEN
        RAISE EXCEPTION '% has no column %, whose random values would be others on each node of Citus',
          missing.relation, missing.name
          USING ERRCODE = 'object_not_in_prerequisite_state',
                HINT = pg_catalog.format('SELECT undistribute_table(''%s'', cascade_via_foreign_keys => true), create the schema again, and then distribute the tables.', missing.relation);
      END IF;
    END IF;
    EXECUTE pg_catalog.format('ALTER TABLE %s ADD COLUMN %I %s',
                              missing.relation, missing.name, missing.definition);
  END LOOP;
END
$$;


-- Sequences ------------------------------------------------------------------------------------
--
-- The MINVALUE of a sequence is the floor of its table: ids below it belong to the loader (rows
-- from files), ids from it up to the application. No other place in the database says so.
-- A sequence has the name that a serial column would give it: users.users_id_seq.
--
-- A column with a default or an identity draws its ids from somewhere already, and a sequence that
-- has the name may be one that the application asks by itself: both stay as they are.
--
-- Citus: a table that is distributed takes no sequence any more.

DO $$
DECLARE
  missing record;
  distributed oid[] := '{}';
BEGIN
  IF pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    EXECUTE 'SELECT pg_catalog.array_agg(logicalrelid::oid) FROM pg_catalog.pg_dist_partition'
      INTO distributed;
  END IF;

  FOR missing IN
    WITH wanted (relation, id, floor) AS (VALUES
      ('products.departments',        'department_id',       1),
      ('products.aisles',             'aisle_id',            1),
      ('products.products',           'product_id',          1),
      ('users.users',                 'id',             400000),
      ('orders.orders',               'id',            3422000),
      ('orders.order_status_history', 'history_id',          1),
      ('orders.carts',                'id',                  1)
    )
    SELECT wanted.*, sequence.name, pg_catalog.format_type(atttypid, NULL) AS type
      FROM wanted
      CROSS JOIN LATERAL pg_catalog.concat(relation, '_', id, '_seq') AS sequence (name)
      JOIN pg_catalog.pg_attribute ON attrelid = relation::regclass AND attname = id
     WHERE NOT atthasdef
       AND attidentity = ''
       AND pg_catalog.to_regclass(sequence.name) IS NULL
  LOOP
    IF missing.relation::regclass = ANY (distributed) THEN
      RAISE WARNING '% gets no sequence for %: Citus takes none for a table that is distributed',
        missing.relation, missing.id;
      CONTINUE;
    END IF;
    EXECUTE pg_catalog.format('CREATE SEQUENCE %s AS %s MINVALUE %s OWNED BY %s.%I',
                              missing.name, missing.type, missing.floor,
                              missing.relation, missing.id);
    EXECUTE pg_catalog.format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT pg_catalog.nextval(%L)',
                              missing.relation, missing.id, missing.name);
  END LOOP;
END
$$;


-- Constraints and indexes ----------------------------------------------------------------------
--
-- Parents first: a foreign key needs the primary key that it references.
--
-- Every foreign key is NO ACTION. A cascade would let one careless DELETE take an order's items and
-- its history along without a word; the loader deletes children before their parents itself.
--
-- The names are PostgreSQL's choice: one that we chose could be taken already.
--
-- A constraint that is NOT ENFORCED (PostgreSQL 18) counts as none, and stays beside the one that is
-- added. Older servers have no column conenforced: of a row as JSON it is asked for without an error.
--
-- A check that rows violate is left out, with a warning: as NOT VALID it would refuse every UPDATE of
-- these rows, whatever it is about, and so break the application or the next load.
--
-- NaN is above infinity. The type of a price may be numeric, to which PostgreSQL 13 casts no infinity.
--
-- Citus: a key of a table whose rows are distributed by a column must have this column. A primary key
-- that lacks it gets it, a unique constraint becomes an index; contrib/citus.sql does the same.

DO $$
DECLARE
  missing record;
  violations bigint;
  distribution jsonb := '{}'; -- table: the column that its rows are distributed by
BEGIN
  IF pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    EXECUTE 'SELECT pg_catalog.jsonb_object_agg(logicalrelid::oid,
                      pg_catalog.column_to_column_name(logicalrelid, partkey))
               FROM pg_catalog.pg_dist_partition WHERE partmethod <> ''n'''
      INTO distribution;
  END IF;

  FOR missing IN
    WITH wanted (relation, kind, columns, detail) AS (VALUES
      ('products.departments', 'PRIMARY KEY', 'department_id', ''),
      ('products.departments', 'UNIQUE',      'department',    ''),

      ('products.aisles', 'PRIMARY KEY', 'aisle_id', ''),
      ('products.aisles', 'UNIQUE',      'aisle',    ''),

      ('products.products', 'PRIMARY KEY', 'product_id',    ''),
      ('products.products', 'FOREIGN KEY', 'aisle_id',      'products.aisles'),
      ('products.products', 'FOREIGN KEY', 'department_id', 'products.departments'),
      ('products.products', 'INDEX',       'product_name',  ''),
      ('products.products', 'INDEX',       'aisle_id',      ''),
      ('products.products', 'INDEX',       'department_id', ''),

      ('products.product_enriched', 'PRIMARY KEY', 'product_id', ''),
      ('products.product_enriched', 'FOREIGN KEY', 'product_id', 'products.products'),
      ('products.product_enriched', 'CHECK',       'price',
       '>= 0 AND price < float8 ''Infinity'''),

      ('users.users', 'PRIMARY KEY', 'id',                               ''),
      ('users.users', 'UNIQUE',      'external_user_id',                 ''),
      ('users.users', 'UNIQUE',      'email_address',                    ''),
      ('users.users', 'CHECK',       'days_between_order_notifications', 'BETWEEN 1 AND 365'),

      ('orders.orders', 'PRIMARY KEY', 'id',                ''),
      ('orders.orders', 'UNIQUE',      'external_order_id', ''),
      ('orders.orders', 'FOREIGN KEY', 'user_id',           'users.users'),
      ('orders.orders', 'CHECK',       'order_dow',         'BETWEEN 0 AND 6'),
      ('orders.orders', 'CHECK',       'order_hour_of_day', 'BETWEEN 0 AND 23'),
      ('orders.orders', 'CHECK',       'total_items',       '>= 0'),
      ('orders.orders', 'CHECK',       'total_price',
       '>= 0 AND total_price < float8 ''Infinity'''),
      ('orders.orders', 'INDEX',       'user_id',           ''),
      ('orders.orders', 'INDEX',       'user_id, id',       ''),

      ('orders.order_items', 'PRIMARY KEY', 'order_id, product_id', ''),
      ('orders.order_items', 'FOREIGN KEY', 'order_id',             'orders.orders'),
      ('orders.order_items', 'FOREIGN KEY', 'product_id',           'products.products'),
      ('orders.order_items', 'CHECK',       'add_to_cart_order',    '>= 0'),
      ('orders.order_items', 'CHECK',       'reordered',            'IN (0, 1)'),
      ('orders.order_items', 'CHECK',       'quantity',             '> 0'),
      ('orders.order_items', 'CHECK',       'price',
       '>= 0 AND price < float8 ''Infinity'''),
      ('orders.order_items', 'INDEX',       'product_id',           ''),

      ('orders.order_status_history', 'PRIMARY KEY', 'history_id',           ''),
      ('orders.order_status_history', 'FOREIGN KEY', 'order_id',             'orders.orders'),
      ('orders.order_status_history', 'INDEX',       'order_id',             ''),
      ('orders.order_status_history', 'INDEX',       'changed_at',           ''),
      ('orders.order_status_history', 'INDEX',       'order_id, changed_at', ''),

      ('orders.carts', 'PRIMARY KEY', 'id',               ''),
      ('orders.carts', 'UNIQUE',      'external_cart_id', ''),
      ('orders.carts', 'FOREIGN KEY', 'user_id',          'users.users'),
      ('orders.carts', 'CHECK',       'total_items',      '>= 0'),
      ('orders.carts', 'INDEX',       'user_id',          ''),

      ('orders.cart_items', 'PRIMARY KEY', 'cart_id, product_id', ''),
      ('orders.cart_items', 'FOREIGN KEY', 'cart_id',             'orders.carts'),
      ('orders.cart_items', 'FOREIGN KEY', 'product_id',          'products.products'),
      ('orders.cart_items', 'CHECK',       'add_to_cart_order',   '>= 0'),
      ('orders.cart_items', 'CHECK',       'reordered',           'IN (0, 1)'),
      ('orders.cart_items', 'CHECK',       'quantity',            '> 0'),
      ('orders.cart_items', 'INDEX',       'product_id',          '')
    ),
    possible (relation, kind, columns, detail) AS (
      SELECT wanted.relation,
             CASE WHEN lacks_column AND wanted.kind = 'UNIQUE' THEN 'INDEX' ELSE wanted.kind END,
             CASE WHEN lacks_column AND wanted.kind = 'PRIMARY KEY'
                  THEN pg_catalog.concat(distribution_column, ', ', wanted.columns)
                  ELSE wanted.columns
             END,
             wanted.detail
        FROM wanted
       CROSS JOIN LATERAL (
         SELECT distribution ->> wanted.relation::regclass::oid::text
       ) AS d (distribution_column)
       CROSS JOIN LATERAL (
         SELECT distribution_column <> ALL (pg_catalog.string_to_array(wanted.columns, ', '))
       ) AS l (lacks_column)
    )
    SELECT possible.*
      FROM possible
     CROSS JOIN LATERAL (
       SELECT pg_catalog.array_agg(attnum ORDER BY place) AS key
         FROM pg_catalog.unnest(pg_catalog.string_to_array(possible.columns, ', '))
              WITH ORDINALITY AS listed (name, place)
         JOIN pg_catalog.pg_attribute
           ON attrelid = possible.relation::regclass AND attname = listed.name
     ) AS covered
     WHERE NOT CASE possible.kind
       WHEN 'FOREIGN KEY' THEN EXISTS (
         SELECT 1 FROM pg_catalog.pg_constraint
          WHERE conrelid = possible.relation::regclass
            AND contype = 'f'
            AND conkey = covered.key
            AND confrelid = possible.detail::regclass
            AND (pg_catalog.to_jsonb(pg_constraint) ->> 'conenforced') IS DISTINCT FROM 'false'
       )
       WHEN 'CHECK' THEN EXISTS (
         SELECT 1 FROM pg_catalog.pg_constraint
          WHERE conrelid = possible.relation::regclass
            AND contype = 'c'
            AND conkey = covered.key
            AND (pg_catalog.to_jsonb(pg_constraint) ->> 'conenforced') IS DISTINCT FROM 'false'
       )
       -- A unique index serves as a constraint, in any order of its columns, and as an index. One
       -- that is partial, invalid or on an expression (0 in its key) serves as neither.
       ELSE EXISTS (
         SELECT 1 FROM pg_catalog.pg_index
           JOIN pg_catalog.pg_class ON pg_class.oid = indexrelid
           JOIN pg_catalog.pg_am ON pg_am.oid = relam AND amname = 'btree'
           CROSS JOIN LATERAL (SELECT (indkey::smallint[])[0:indnkeyatts - 1]) AS present (key)
          WHERE indrelid = possible.relation::regclass
            AND indisvalid AND indpred IS NULL
            AND CASE possible.kind
              WHEN 'INDEX' THEN present.key = covered.key
              ELSE indisunique AND present.key @> covered.key AND present.key <@ covered.key
            END
       )
     END
  LOOP
    IF missing.kind = 'CHECK' THEN
      EXECUTE pg_catalog.format('SELECT pg_catalog.count(*) FROM %s WHERE NOT (%s %s)',
                                missing.relation, missing.columns, missing.detail)
        INTO violations;
      IF violations > 0 THEN
        RAISE WARNING '% gets no CHECK (% %), because of % with another value; mend what is wrong, then create the schema again',
          missing.relation, missing.columns, missing.detail,
          CASE violations WHEN 1 THEN 'a row' ELSE violations || ' rows' END;
        CONTINUE;
      END IF;
    END IF;
    EXECUTE CASE missing.kind
      WHEN 'INDEX' THEN
        pg_catalog.format('CREATE INDEX ON %s (%s)', missing.relation, missing.columns)
      WHEN 'CHECK' THEN
        pg_catalog.format('ALTER TABLE %s ADD CHECK (%s %s)',
                          missing.relation, missing.columns, missing.detail)
      WHEN 'FOREIGN KEY' THEN
        pg_catalog.format('ALTER TABLE %s ADD FOREIGN KEY (%s) REFERENCES %s',
                          missing.relation, missing.columns, missing.detail)
      ELSE
        pg_catalog.format('ALTER TABLE %s ADD %s (%s)',
                          missing.relation, missing.kind, missing.columns)
    END;
  END LOOP;
END
$$;


-- Status history -------------------------------------------------------------------------------
--
-- Every change of an order's status leaves a row in orders.order_status_history. Two settings:
--
--   timele.changed_by  external id of the user who changes it: SET LOCAL by the application
--   timele.loading     'on' records nothing: SET LOCAL by the loader, which brings its own history
--
-- A trigger that is there to write the history stays, whatever its name, and even where it is
-- disabled or fails (TimeL-E's own reads a column that does not exist): a second one would write
-- every change twice. To have this one instead, drop that trigger and run this file again.
--
-- A function that an earlier version of this file made is brought up to date; one with another text
-- is somebody's own.
--
-- Citus: a distributed table has no trigger. The API's function set_order_status writes the history
-- there; another application has to do it itself.

DO $$
DECLARE
  earlier constant text := $function$
    BEGIN
      IF current_setting('timele.loading', true) = 'on' THEN
        RETURN NULL;
      END IF;

      -- A setting that was SET LOCAL once is empty afterwards, not unknown.
      INSERT INTO orders.order_status_history
        (order_id, old_status, new_status, changed_at, changed_by)
      VALUES
        (NEW.id, OLD.status, NEW.status, now(),
         nullif(current_setting('timele.changed_by', true), '')::uuid);
      RETURN NULL;
    END
    $function$;
  present constant text := (
    SELECT prosrc FROM pg_catalog.pg_proc
     WHERE oid = pg_catalog.to_regprocedure('orders.record_status_change()')
  );
  has_trigger constant boolean := EXISTS (
    SELECT 1 FROM pg_catalog.pg_trigger
      JOIN pg_catalog.pg_proc ON pg_proc.oid = tgfoid
     WHERE tgrelid = 'orders.orders'::regclass
       AND NOT tgisinternal
       AND tgtype & 16 <> 0 -- on UPDATE
       AND pg_catalog.strpos(prosrc, 'order_status_history') > 0
  );
  is_distributed boolean := false;
BEGIN
  IF pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    EXECUTE 'SELECT EXISTS (
               SELECT 1 FROM pg_catalog.pg_dist_partition
                WHERE logicalrelid = ''orders.orders''::regclass
                  AND (partmethod <> ''n'' OR repmodel = ''t'')
             )'
      INTO is_distributed;
  END IF;

  IF present = earlier OR present IS NULL AND NOT has_trigger THEN
    CREATE OR REPLACE FUNCTION orders.record_status_change() RETURNS trigger
      LANGUAGE plpgsql
      SET search_path = pg_catalog, pg_temp
    AS $function$
    DECLARE
      change orders.order_status_history;
      author uuid;
    BEGIN
      IF current_setting('timele.loading', true) = 'on' THEN
        RETURN NULL;
      END IF;

      -- A setting that was SET LOCAL once is empty afterwards, not unknown.
      author := nullif(current_setting('timele.changed_by', true), '');
      -- In an older database the column refers to the internal id.
      IF author IS NOT NULL
        AND pg_typeof(change.changed_by) IN ('integer'::regtype, 'bigint'::regtype) THEN
        SELECT u.id INTO change.changed_by FROM users.users u WHERE u.external_user_id = author;
      ELSE
        change.changed_by := author;
      END IF;

      -- Of two changes in one transaction the second is the later one.
      INSERT INTO orders.order_status_history
        (order_id, old_status, new_status, changed_at, changed_by)
      VALUES
        (NEW.id, OLD.status, NEW.status, clock_timestamp(), change.changed_by);
      RETURN NULL;
    END
    $function$;
  END IF;

  IF NOT has_trigger AND NOT is_distributed THEN
    CREATE TRIGGER record_status_change
      AFTER UPDATE OF status ON orders.orders
      FOR EACH ROW
      WHEN (OLD.status IS DISTINCT FROM NEW.status)
      EXECUTE FUNCTION orders.record_status_change();
  END IF;
END
$$;


-- Comments, where there is none ----------------------------------------------------------------

DO $$
DECLARE
  missing record;
BEGIN
  FOR missing IN
    WITH wanted (relation, name, comment) AS (VALUES
      ('products.departments', NULL,
       'Departments of the shop'),
      ('products.departments', 'department_id',
       'The id in the catalogue files; no external id, clients may see it'),
      ('products.departments', 'parent_id',
       'The department that this one is part of, if any'),
      ('products.departments', 'inferred',
       'Placeholder for an id that no file named'),

      ('products.aisles', NULL,
       'Aisles: what kind of product it is'),
      ('products.aisles', 'aisle_id',
       'The id in the catalogue files; no external id, clients may see it'),
      ('products.aisles', 'inferred',
       'Placeholder for an id that no file named'),

      ('products.products', NULL,
       'Products, each in one aisle and one department'),
      ('products.products', 'product_id',
       'The id in the catalogue files; no external id, clients may see it'),
      ('products.products', 'aisle_id',
       'The aisle that the product stands in'),
      ('products.products', 'department_id',
       'The department that the product belongs to'),
      ('products.products', 'inferred',
       'Placeholder for an id that no file named'),

      ('products.product_enriched', NULL,
       'Description, price and picture of a product, where they are known'),
      ('products.product_enriched', 'product_id',
       'The product that is described'),

      ('users.users', NULL,
       'Users: the historical ones from files and those who registered'),
      ('users.users', 'id',
       'Internal id, never leaves the database; below the MINVALUE of its sequence: from a file'),
      ('users.users', 'external_user_id',
       'External id, random UUID (version 4): the only id of a user that clients see'),
      ('users.users', 'inferred',
       'Placeholder for an id that no file named'),

      ('orders.orders', NULL,
       'Orders: the historical ones from files and those that users placed'),
      ('orders.orders', 'id',
       'Internal id, never leaves the database; below the MINVALUE of its sequence: from a file'),
      ('orders.orders', 'external_order_id',
       'External id, random UUID (version 4): the only id of an order that clients see'),
      ('orders.orders', 'user_id',
       'Internal id of the user who placed the order'),

      ('orders.order_items', NULL,
       'The products of an order'),
      ('orders.order_items', 'order_id',
       'Internal id of the order'),
      ('orders.order_items', 'product_id',
       'The product that was ordered'),

      ('orders.order_items', 'price_given',
       'True: the loader read the price in a file; NULL: it follows products.product_enriched'),

      ('orders.order_status_history', NULL,
       'What became of an order: one row for every status that it had'),
      ('orders.order_status_history', 'history_id',
       'Internal id, never leaves the database'),
      ('orders.order_status_history', 'order_id',
       'Internal id of the order'),
      ('orders.order_status_history', 'changed_by',
       'Who changed the status: external id of the user, or internal id in an integer column; NULL: not known'),

      ('orders.carts', NULL,
       'Carts that are not ordered yet; the application alone writes them'),
      ('orders.carts', 'id',
       'Internal id, never leaves the database'),
      ('orders.carts', 'external_cart_id',
       'External id, random UUID (version 4): the only id of a cart that clients see'),
      ('orders.carts', 'user_id',
       'Internal id of the user whose cart it is'),

      ('orders.cart_items', NULL,
       'The products in a cart'),
      ('orders.cart_items', 'cart_id',
       'Internal id of the cart'),
      ('orders.cart_items', 'product_id',
       'The product in the cart'),

      ('timele_load.runs', NULL,
       'Runs of timele-load that loaded something, or failed to'),
      ('timele_load.runs', 'started',
       'By the clock of the computer that timele-load ran on, as finished is'),
      ('timele_load.runs', 'finished',
       'Just before the commit; of a failed run, after its rollback'),
      ('timele_load.runs', 'client_user',
       'User of the operating system that timele-load ran as'),
      ('timele_load.runs', 'client_process',
       'Process on client_host; server_process is the one that served it'),
      ('timele_load.runs', 'options',
       'As given on the command line, without passwords and file names'),
      ('timele_load.runs', 'result',
       'loaded, loaded with rejects, nothing new (all files were skipped) or failed'),
      ('timele_load.runs', 'message',
       'Why it failed'),

      ('timele_load.runs', 'transaction_id',
       'Transaction of the run: the xmin of the rows that it wrote; --verify knows them by it'),

      ('timele_load.files', NULL,
       'Files of those runs'),
      ('timele_load.files', 'number',
       'Place on the command line, from 1'),
      ('timele_load.files', 'dataset',
       'What the file was recognised as; NULL: the run failed before'),
      ('timele_load.files', 'size',
       'In bytes, as sha256 of what is on disk, compressed or not'),
      ('timele_load.files', 'sha256',
       'NULL: the run failed before it had read the whole file'),
      ('timele_load.files', 'rows_updated',
       'Rows that were there and were changed (rows_unchanged: had nothing to change)'),
      ('timele_load.files', 'rows_kept',
       'Rows that were there and stayed as they were (--mode=skip)'),
      ('timele_load.files', 'rows_skipped',
       'Rows with the same key as another row of the files'),
      ('timele_load.files', 'loaded_before',
       'The run that had loaded the same bytes: this one skipped the file (--skip-loaded)'),
      ('timele_load.files', 'dropped',
       'When --reset or --mode=replace dropped its rows: --skip-loaded loads the file again')
    )
    SELECT wanted.*
      FROM wanted
      LEFT JOIN pg_catalog.pg_attribute
        ON attrelid = wanted.relation::regclass AND attname = wanted.name
     WHERE NOT EXISTS (
       SELECT 1 FROM pg_catalog.pg_description
        WHERE classoid = 'pg_catalog.pg_class'::regclass
          AND objoid = wanted.relation::regclass
          AND objsubid = COALESCE(attnum, 0) -- 0: the table itself
     )
  LOOP
    IF missing.name IS NULL THEN
      EXECUTE pg_catalog.format('COMMENT ON TABLE %s IS %L', missing.relation, missing.comment);
    ELSE
      EXECUTE pg_catalog.format('COMMENT ON COLUMN %s.%I IS %L',
                                missing.relation, missing.name, missing.comment);
    END IF;
  END LOOP;
END
$$;
