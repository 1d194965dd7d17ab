-- Distributes TimeL-E's tables over the nodes of a Citus cluster.
--
--   timele-load --create-schema -d URL
--   psql -X -f contrib/citus.sql URL
--
-- Run it with psql on the coordinator, as the owner of the tables or as a superuser. The tables may be
-- empty or filled. All of it is one transaction: where something fails, all is as it was. What is
-- distributed already stays as it is, so that the file can be run again. docs/citus.md tells more.
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

BEGIN;

SET LOCAL search_path = pg_catalog, pg_temp;
-- Citus tells of each copy, and so does this file.
SET LOCAL client_min_messages = warning;

-- The same lock as that of a run of timele-load.
DO $$
BEGIN
  IF NOT pg_try_advisory_xact_lock(1953066341, 1819238756) THEN
    RAISE EXCEPTION 'timele-load is loading the database %, or another session is distributing it',
      current_database()
      USING ERRCODE = 'lock_not_available', HINT = 'Wait until it has ended, then run this file again.';
  END IF;
END
$$;

DO $$
DECLARE
  version constant text := (SELECT extversion FROM pg_extension WHERE extname = 'citus');
  missing text;
  coordinator text;
  node record;
BEGIN
  IF version IS NULL THEN
    RAISE EXCEPTION 'the database % has no extension citus', current_database()
      USING HINT = 'On each node of the cluster: CREATE EXTENSION citus. The server needs shared_preload_libraries = ''citus''.';
  END IF;
  IF substring(version FROM '^[0-9]+')::integer < 13 THEN
    RAISE EXCEPTION 'Citus % is too old: this file was tried with Citus 13.2', version
      USING HINT = 'ALTER EXTENSION citus UPDATE, when the server has a later one.';
  END IF;
  IF (SELECT groupid <> 0 FROM pg_dist_local_group) THEN
    SELECT format('%s, port %s', nodename, nodeport) INTO coordinator
      FROM pg_dist_node WHERE groupid = 0 AND noderole = 'primary';
    RAISE EXCEPTION 'this is a worker node: only the coordinator distributes tables%',
      coalesce(' (' || coordinator || ')', '');
  END IF;
  SELECT name INTO missing
    FROM unnest(ARRAY['products.departments', 'products.aisles', 'products.products',
                      'products.product_enriched', 'users.users', 'orders.orders',
                      'orders.order_items', 'orders.order_status_history', 'orders.carts',
                      'orders.cart_items']) AS name
   WHERE to_regclass(name) IS NULL
   LIMIT 1;
  IF missing IS NOT NULL THEN
    RAISE EXCEPTION 'there is no table %', missing
      USING HINT = 'timele-load --create-schema creates what is missing.';
  END IF;
  -- Without prepared transactions the commit fails.
  SELECT nodename, nodeport INTO node
    FROM run_command_on_all_nodes('SHOW max_prepared_transactions') AS answer
    JOIN pg_dist_node USING (nodeid)
   WHERE answer.result = '0'
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the node %, port %, has max_prepared_transactions = 0', node.nodename, node.nodeport
      USING HINT = 'A transaction over several nodes needs it. Set it to at least max_connections on each node, and restart the server.';
  END IF;
END
$$;

-- Foreign keys between the tables make Citus go over all of them in one session.
SET LOCAL citus.multi_shard_modify_mode = 'sequential';
SET LOCAL citus.enable_local_reference_table_foreign_keys = off;

-- How each table is to be, in the order in which they are distributed, and whether it is so already.
CREATE TEMPORARY TABLE timele_layout ON COMMIT DROP AS
SELECT wanted.place, wanted.name::regclass AS relation, wanted.name, wanted.key,
       wanted.beside::regclass AS beside, wanted.external_id,
       present.partmethod, present.repmodel,
       CASE
         WHEN present.logicalrelid IS NULL THEN false
         WHEN wanted.key IS NULL THEN present.partmethod = 'n' AND present.repmodel = 't'
         ELSE present.partmethod = 'h'
           AND column_to_column_name(present.logicalrelid, present.partkey) = wanted.key
           AND (wanted.beside IS NULL
                OR present.colocationid = (SELECT colocationid FROM pg_dist_partition
                                            WHERE logicalrelid = wanted.beside::regclass))
       END AS done
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
  ) AS wanted (place, name, key, beside, external_id)
  LEFT JOIN pg_dist_partition AS present ON present.logicalrelid = wanted.name::regclass;

CREATE TEMPORARY TABLE timele_foreign_keys ON COMMIT DROP AS
SELECT conrelid::regclass AS relation, conname AS name, pg_get_constraintdef(oid) AS definition,
       obj_description(oid, 'pg_constraint') AS comment
  FROM pg_constraint
 WHERE contype = 'f'
   AND conparentid = 0
   AND conrelid IN (SELECT relation FROM timele_layout)
   AND EXISTS (SELECT 1 FROM timele_layout WHERE NOT done);

DO $$
DECLARE
  key record;
BEGIN
  FOR key IN SELECT * FROM timele_foreign_keys LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', key.relation, key.name);
  END LOOP;
END
$$;

-- Unique constraints and indexes of external ids.
DO $$
DECLARE
  present record;
BEGIN
  FOR present IN
    SELECT relation, indexrelid::regclass AS index, conname
      FROM timele_layout
      JOIN pg_attribute ON attrelid = relation AND attname = external_id
      JOIN pg_index ON indrelid = relation AND indisunique AND indnkeyatts = 1 AND indkey[0] = attnum
      LEFT JOIN pg_constraint ON conindid = indexrelid AND conrelid = relation
     WHERE NOT done
  LOOP
    EXECUTE CASE WHEN present.conname IS NULL THEN format('DROP INDEX %s', present.index)
                 ELSE format('ALTER TABLE %s DROP CONSTRAINT %I', present.relation, present.conname) END;
  END LOOP;
  FOR present IN
    SELECT relation, external_id
      FROM timele_layout
      JOIN pg_attribute ON attrelid = relation AND attname = external_id
     WHERE NOT EXISTS (SELECT 1 FROM pg_index
                        WHERE indrelid = relation AND indkey[0] = attnum AND indpred IS NULL)
  LOOP
    EXECUTE format('CREATE INDEX ON %s (%I)', present.relation, present.external_id);
  END LOOP;
END
$$;

-- The primary key of the history.
DO $$
DECLARE
  present record;
BEGIN
  FOR present IN
    SELECT relation, conname AS name, obj_description(oid, 'pg_constraint') AS comment
      FROM timele_layout
      JOIN pg_constraint ON conrelid = relation AND contype = 'p'
     WHERE timele_layout.name = 'orders.order_status_history'
       AND NOT done
       AND cardinality(conkey) = 1
  LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I PRIMARY KEY (order_id, history_id)',
                   present.relation, present.name);
    IF present.comment IS NOT NULL THEN
      EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', present.name, present.relation,
                     present.comment);
    END IF;
  END LOOP;
END
$$;

DO $$
DECLARE
  present record;
BEGIN
  FOR present IN
    SELECT tgname AS name FROM pg_trigger
     WHERE tgrelid = 'orders.orders'::regclass
       AND NOT tgisinternal
       AND tgfoid = to_regprocedure('orders.record_status_change()')
  LOOP
    EXECUTE format('DROP TRIGGER %I ON orders.orders', present.name);
  END LOOP;
END
$$;

DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN SELECT * FROM timele_layout ORDER BY place LOOP
    IF wanted.done THEN
      RAISE INFO '%: is so already', wanted.name;
    ELSIF wanted.key IS NULL THEN
      PERFORM create_reference_table(wanted.relation);
      RAISE INFO '%: a copy on each node', wanted.name;
    ELSE
      PERFORM create_distributed_table(wanted.relation, wanted.key,
                                       colocate_with => coalesce(wanted.beside::text, 'none'));
      RAISE INFO '%: distributed by %', wanted.name, wanted.key;
    END IF;
  END LOOP;
END
$$;

-- The rows were copied; what is left of them on the coordinator nobody sees.
DO $$
DECLARE
  copied record;
BEGIN
  FOR copied IN SELECT * FROM timele_layout WHERE NOT done ORDER BY place DESC LOOP
    PERFORM truncate_local_data_after_distributing_table(copied.relation);
  END LOOP;
END
$$;

DO $$
DECLARE
  key record;
BEGIN
  FOR key IN SELECT * FROM timele_foreign_keys LOOP
    EXECUTE format('ALTER TABLE %s ADD CONSTRAINT %I %s', key.relation, key.name, key.definition);
    IF key.comment IS NOT NULL THEN
      EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', key.name, key.relation, key.comment);
    END IF;
  END LOOP;
END
$$;

COMMIT;
