-- Distributes TimeL-E's tables over the nodes of a Citus cluster.
--
--   timele-load --create-schema -d URL
--   psql -Xq -f contrib/citus.sql URL
--
-- Run it with psql on the coordinator, as the owner of the tables or as a superuser. The owner cannot put
-- everything on the nodes that a view on the tables may need, such as a type from the time before
-- Citus; a hint says so then. The tables may be empty or filled. All of it is one transaction: where
-- something fails, all is as it was. What is distributed already stays as it is, so that the file can be
-- run again. docs/citus.md tells more.
--
-- orders.orders is distributed by its id, order_items and order_status_history by the order's id, so
-- that an order is on one node with all that belongs to it. Carts likewise. Every node has all of the
-- users and of the catalogue (reference tables). The ledger of timele-load stays on the coordinator.
--
-- What changes in the tables:
--
--   * Citus wants the column that a table is distributed by in each of its unique constraints. So the
--     external ids of orders and carts get a plain index in the place of their unique constraints,
--     and the primary key of the history becomes (order_id, history_id).
--   * Citus wants no triggers. The one that writes the status history goes.
--   * Foreign keys are dropped first and come back last, each with its name, definition and comment.
--
-- Tried with Citus 13.2 on PostgreSQL 15.

\set ON_ERROR_STOP on
\set SHOW_CONTEXT never

BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;

SET LOCAL search_path = pg_catalog, pg_temp;
-- Citus tells of each copy, and so does this file.
SET LOCAL client_min_messages = warning;
-- A policy that hides rows from the owner is an error, so that every row is counted.
SET LOCAL row_security = off;

-- The same lock as that of a run of timele-load.
DO $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(1953066341, 1819238756) THEN
    RAISE EXCEPTION 'timele-load is loading the database %, or another session is distributing it',
      current_database()
      USING ERRCODE = 'lock_not_available',
            HINT = 'Wait until it has ended, then run this file again.';
  END IF;
END
$$;

DO $$
DECLARE
  version constant text := (SELECT extversion FROM pg_extension WHERE extname = 'citus');
  coordinator text;
BEGIN
  IF version IS NULL THEN
    RAISE EXCEPTION 'the database % has no extension citus', current_database()
      USING HINT = 'On each node: CREATE EXTENSION citus. Its server needs shared_preload_libraries = ''citus''.';
  END IF;
  IF substring(version FROM '^[0-9]+')::integer < 13 THEN
    RAISE EXCEPTION 'Citus % is too old: this file was tried with Citus 13.2', version;
  END IF;
  IF (SELECT groupid <> 0 FROM pg_dist_local_group) THEN
    SELECT format(', which is %s, port %s', nodename, nodeport) INTO coordinator
      FROM pg_dist_node
     WHERE groupid = 0 AND noderole = 'primary';
    RAISE EXCEPTION 'this node is a worker: tables are distributed on the coordinator%', coordinator;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_dist_node WHERE groupid = 0) THEN
    RAISE EXCEPTION 'the workers do not know the coordinator'
      USING HINT = 'SELECT citus_set_coordinator_host(''its host name'', 5432)';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_dist_node WHERE shouldhaveshards AND isactive) THEN
    RAISE EXCEPTION 'no node takes rows of a distributed table'
      USING HINT = 'SELECT citus_add_node(''host name of a worker'', 5432)';
  END IF;
END
$$;

-- Foreign keys between the tables make Citus go over all of them in one session.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = off;

-- How each table is to be, in the order in which they are distributed; without key: a reference table.
CREATE TEMPORARY TABLE timele_layout ON COMMIT DROP AS
SELECT wanted.*, to_regclass(wanted.name) AS relation, false AS done, 0::bigint AS rows
  FROM (VALUES
    ( 1, 'products.departments',        NULL,       NULL,            NULL),
    ( 2, 'products.aisles',             NULL,       NULL,            NULL),
    ( 3, 'products.products',           NULL,       NULL,            NULL),
    ( 4, 'products.product_enriched',   NULL,       NULL,            NULL),
    ( 5, 'users.users',                 NULL,       NULL,            NULL),
    ( 6, 'orders.orders',               'id',       NULL,            'external_order_id'),
    ( 7, 'orders.order_items',          'order_id', 'orders.orders', NULL),
    ( 8, 'orders.order_status_history', 'order_id', 'orders.orders', NULL),
    ( 9, 'orders.carts',                'id',       NULL,            'external_cart_id'),
    (10, 'orders.cart_items',           'cart_id',  'orders.carts',  NULL)
  ) AS wanted (place, name, key, beside, external_id);

UPDATE timele_layout
   SET done = true
  FROM pg_dist_partition AS present
 WHERE present.logicalrelid = relation
   AND CASE
     WHEN key IS NULL THEN present.partmethod = 'n' AND present.repmodel = 't'
     ELSE present.partmethod = 'h'
       AND column_to_column_name(present.logicalrelid, present.partkey) = key
       AND (beside IS NULL OR present.colocationid = (SELECT colocationid FROM pg_dist_partition
                                                       WHERE logicalrelid = to_regclass(beside)))
   END;

DO $$
DECLARE
  obstacle record;
BEGIN
  SELECT * INTO obstacle
    FROM (
      SELECT place, format('there is no table %s', name) AS what,
             'timele-load --create-schema creates what is missing.' AS hint
        FROM timele_layout
       WHERE relation IS NULL
      UNION ALL
      -- A table that Citus calls local (n and s) is taken as any other.
      SELECT place, format('%s is distributed in another way already', name),
             format('SELECT undistribute_table(%L, cascade_via_foreign_keys => true) makes it an ordinary table. See docs/citus.md for what that drops.', name)
        FROM timele_layout
        JOIN pg_dist_partition ON logicalrelid = relation
       WHERE NOT done AND NOT (partmethod = 'n' AND repmodel = 's' AND colocationid = 0)
      UNION ALL
      -- Citus makes such a table anew, its views without their privileges, and drops what depends on these.
      SELECT place, format('Citus has made %s a table that it calls local, and would drop the view %s', name,
                           ev_class::regclass),
             'Drop it yourself, and create it again afterwards (--create-api creates those of the API).'
        FROM timele_layout
        JOIN pg_dist_partition ON logicalrelid = relation
        JOIN pg_depend ON refclassid = 'pg_class'::regclass AND refobjid = relation
                      AND classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite ON pg_rewrite.oid = objid AND ev_class <> relation
       WHERE NOT done AND key IS NOT NULL
      UNION ALL
      SELECT place, format('%s has the trigger %I, and Citus distributes no table with triggers', name, tgname),
             format('If nobody needs it, or something else does what it does: DROP TRIGGER %I ON %s', tgname, name)
        FROM timele_layout
        JOIN pg_trigger ON tgrelid = relation AND NOT tgisinternal
       WHERE NOT done
         AND tgfoid IS DISTINCT FROM to_regprocedure('orders.record_status_change()')
      UNION ALL
      SELECT place, format('%s is distributed by %s, and %s is unique without it', name, key, indexrelid::regclass),
             'Drop it, or give it this column.'
        FROM timele_layout
        JOIN pg_attribute ON attrelid = relation AND attname = key
        JOIN pg_index ON indrelid = relation AND (indisunique OR indisexclusion)
       WHERE NOT done
         AND NOT attnum = ANY ((indkey::smallint[])[0:indnkeyatts - 1])
         -- These are replaced.
         AND NOT EXISTS (
           SELECT 1 FROM pg_attribute AS alone
            WHERE alone.attrelid = relation
              AND indnkeyatts = 1 AND alone.attnum = indkey[0]
              AND (alone.attname = external_id
                   OR alone.attname = 'history_id' AND EXISTS (
                        SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')))
         )
      UNION ALL
      SELECT place, format('%s refers to %s, and Citus lets no other table refer to a distributed one',
                           conrelid::regclass, name),
             format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
        FROM timele_layout
        JOIN pg_constraint ON confrelid = relation AND contype = 'f' AND conparentid = 0
       WHERE NOT done AND key IS NOT NULL
         AND conrelid NOT IN (SELECT relation FROM timele_layout)
      UNION ALL
      -- Citus makes a table anew that refers to a reference table: without comments, and with rules that
      -- break pg_dump.
      SELECT place, format('%s refers to %s, and Citus would make it anew', conrelid::regclass, name),
             format('ALTER TABLE %s DROP CONSTRAINT %I. See docs/citus.md about adding it again.',
                    conrelid::regclass, conname)
        FROM timele_layout
        JOIN pg_constraint ON confrelid = relation AND contype = 'f' AND conparentid = 0
       WHERE NOT done AND key IS NULL
         AND conrelid NOT IN (SELECT relation FROM timele_layout)
         AND conrelid NOT IN (SELECT logicalrelid FROM pg_dist_partition)
      UNION ALL
      SELECT place, format('%s refers to %s, which is on the coordinator only', name, confrelid::regclass),
             format('Put that on every node before: SELECT create_reference_table(''%s'')', confrelid::regclass)
        FROM timele_layout
        JOIN pg_constraint ON conrelid = relation AND contype = 'f' AND conparentid = 0
       WHERE NOT done
         AND confrelid NOT IN (SELECT relation FROM timele_layout)
         AND NOT EXISTS (SELECT 1 FROM pg_dist_partition
                          WHERE logicalrelid = confrelid AND partmethod = 'n' AND repmodel = 't')
      UNION ALL
      SELECT place, format('%s inherits from %s, and Citus distributes no such table', inhrelid::regclass, name),
             format('Make it a table of its own, or %s a partitioned one.', name)
        FROM timele_layout
        JOIN pg_class ON pg_class.oid = relation AND relkind = 'r'
        JOIN pg_inherits ON inhparent = relation
       WHERE NOT done
    ) AS obstacles
   ORDER BY place
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', obstacle.what USING HINT = obstacle.hint;
  END IF;
END
$$;

-- Nobody writes while the rows are copied.
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN SELECT * FROM timele_layout WHERE NOT done ORDER BY place LOOP
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', wanted.name);
    EXECUTE format('UPDATE timele_layout SET rows = (SELECT count(*) FROM %s) WHERE place = %s',
                   wanted.name, wanted.place);
  END LOOP;
END
$$;

CREATE TEMPORARY TABLE timele_foreign_keys ON COMMIT DROP AS
SELECT conrelid::regclass::text AS relation, conname AS name, pg_get_constraintdef(oid) AS definition,
       obj_description(oid, 'pg_constraint') AS comment
  FROM pg_constraint
 WHERE contype = 'f'
   AND conparentid = 0
   AND EXISTS (SELECT 1 FROM timele_layout WHERE relation IN (conrelid, confrelid) AND NOT done);

DO $$
DECLARE
  present record;
BEGIN
  FOR present IN SELECT * FROM timele_foreign_keys LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', present.relation, present.name);
  END LOOP;

  FOR present IN
    SELECT name, indexrelid::regclass AS index, conname
      FROM timele_layout
      JOIN pg_attribute ON attrelid = relation AND attname = external_id
      JOIN pg_index ON indrelid = relation AND indisunique AND indnkeyatts = 1 AND indkey[0] = attnum
      LEFT JOIN pg_constraint ON conindid = indexrelid AND conrelid = relation
     WHERE NOT done
  LOOP
    IF present.conname IS NULL THEN
      EXECUTE format('DROP INDEX %s', present.index);
    ELSE
      EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', present.name, present.conname);
    END IF;
  END LOOP;
  FOR present IN
    SELECT name, external_id
      FROM timele_layout
      JOIN pg_attribute ON attrelid = relation AND attname = external_id
     WHERE NOT EXISTS (
       SELECT 1 FROM pg_index WHERE indrelid = relation AND indkey[0] = attnum AND indpred IS NULL
     )
  LOOP
    EXECUTE format('CREATE INDEX ON %s (%I)', present.name, present.external_id);
  END LOOP;

  FOR present IN
    SELECT timele_layout.name, conname, CASE contype WHEN 'p' THEN 'PRIMARY KEY' ELSE 'UNIQUE' END AS kind,
           obj_description(pg_constraint.oid, 'pg_constraint') AS comment
      FROM timele_layout
      JOIN pg_attribute ON attrelid = relation AND attname = 'history_id'
      JOIN pg_constraint ON conrelid = relation AND contype IN ('p', 'u') AND conkey = ARRAY[attnum]
     WHERE NOT done
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', present.name, present.conname);
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s (order_id, history_id)',
                   present.name, present.conname, present.kind);
    IF present.comment IS NOT NULL THEN
      EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', present.conname, present.name, present.comment);
    END IF;
  END LOOP;

  FOR present IN
    SELECT name, tgname
      FROM timele_layout
      JOIN pg_trigger ON tgrelid = relation AND NOT tgisinternal
     WHERE NOT done
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', present.tgname, present.name);
    RAISE INFO '%: no trigger % any more: set_order_status of the API writes the status history, and nothing else does',
      present.name, present.tgname;
  END LOOP;
END
$$;

-- A view on the tables goes to each node with them, and its schema and the roles that may use that before.
-- Citus creates these as a superuser, but not for a view on a table of this transaction: then the owner
-- would have to create them, and Citus would not find them. So a view on nothing goes before.
DO $$
DECLARE
  present record;
BEGIN
  FOR present IN
    WITH RECURSIVE views (relation) AS (
      SELECT relation FROM timele_layout WHERE NOT done
      UNION
      SELECT ev_class
        FROM views
        JOIN pg_depend ON refclassid = 'pg_class'::regclass AND refobjid = relation
                      AND classid = 'pg_rewrite'::regclass
        JOIN pg_rewrite ON pg_rewrite.oid = objid
    )
    SELECT DISTINCT relnamespace::regnamespace AS schema
      FROM views
      JOIN pg_class ON pg_class.oid = relation AND relkind = 'v'
     WHERE has_schema_privilege(relnamespace, 'CREATE')
  LOOP
    EXECUTE format('CREATE VIEW %s.timele_layout AS SELECT true AS distributed', present.schema);
    EXECUTE format('DROP VIEW %s.timele_layout', present.schema);
  END LOOP;
END
$$;

DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN SELECT * FROM timele_layout ORDER BY place LOOP
    IF wanted.done THEN
      RAISE INFO '%: is there already', wanted.name;
    ELSIF wanted.key IS NULL THEN
      PERFORM create_reference_table(wanted.name);
      RAISE INFO '%: a copy on each node', wanted.name;
    ELSE
      PERFORM create_distributed_table(wanted.name, wanted.key,
                                       colocate_with => coalesce(wanted.beside, 'none'));
      RAISE INFO '%: distributed by %', wanted.name, wanted.key;
    END IF;
  END LOOP;
  -- What was copied is still on the coordinator's disk, where nobody sees it.
  FOR wanted IN SELECT * FROM timele_layout WHERE NOT done ORDER BY place DESC LOOP
    PERFORM truncate_local_data_after_distributing_table(wanted.name);
  END LOOP;
EXCEPTION
  WHEN insufficient_privilege OR undefined_object OR undefined_function OR invalid_schema_name THEN
    RAISE EXCEPTION USING
      ERRCODE = SQLSTATE,
      MESSAGE = SQLERRM,
      HINT = 'The tables, or a view on them, need something on each node that their owner cannot put there. A superuser can run this file.';
END
$$;

DO $$
DECLARE
  present record;
  counted bigint;
BEGIN
  FOR present IN SELECT * FROM timele_foreign_keys LOOP
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', present.relation, present.name, present.definition);
    IF present.comment IS NOT NULL THEN
      EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', present.name, present.relation, present.comment);
    END IF;
  END LOOP;
  FOR present IN SELECT * FROM timele_layout WHERE NOT done ORDER BY place LOOP
    EXECUTE format('SELECT count(*) FROM %s', present.name) INTO counted;
    IF counted <> present.rows THEN
      RAISE EXCEPTION '% had % rows and has % now', present.name, present.rows, counted;
    END IF;
  END LOOP;
END
$$;

SELECT coalesce(string_agg(format('ANALYZE %s;', name), ' ' ORDER BY place), '') AS analyze
  FROM timele_layout
 WHERE NOT done AND rows > 0 \gset

COMMIT;

-- Nobody knows yet what is in the new shards.
:analyze
