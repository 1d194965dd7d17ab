-- Privileges -----------------------------------------------------------------------------------
--
-- Whatever default privileges the database has, each role reaches its part of the API, and has
-- nothing else from here. Where it can reach more, that is said, with the statement that ends it.

-- What the API consists of, as far as it is there.
CREATE OR REPLACE FUNCTION api_private.parts(
  OUT role name, OUT kind text, OUT privilege text, OUT object oid, OUT name text
) RETURNS SETOF record
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'timele_api'::name, 'TABLE', 'SELECT', to_regclass(view)::oid, view
    FROM unnest(ARRAY[
      'api.users', 'api.orders', 'api.order_items', 'api.order_status_history', 'api.carts',
      'api.cart_items', 'api.products', 'api.departments', 'api.aisles'
    ]) AS view
   WHERE to_regclass(view) IS NOT NULL
  UNION ALL
  SELECT CASE WHEN signature LIKE 'api_auth.%' THEN 'timele_auth' ELSE 'timele_api' END,
         'FUNCTION', 'EXECUTE', to_regprocedure(signature)::oid, signature
    FROM unnest(ARRAY[
      'api.create_user(text,text,text,text,text,text,text,text,text)',
      'api.update_user(uuid,jsonb)',
      'api.set_password_hash(uuid,text)',
      'api.delete_user(uuid)',
      'api.create_order(uuid,jsonb,text,text,text,text,text,text,text)',
      'api.add_order_items(uuid,uuid,jsonb)',
      'api.set_order_status(uuid,public.order_status_enum,uuid,text,text,text,text)',
      'api.create_cart(uuid)',
      'api.set_cart_item(uuid,uuid,integer,integer)',
      'api.remove_cart_item(uuid,uuid,integer)',
      'api.clear_cart(uuid,uuid)',
      'api.delete_cart(uuid,uuid)',
      'api.checkout(uuid,uuid,text,text,text,text,text,text,text)',
      'api_auth.find_login(text)'
    ]) AS signature
   WHERE to_regprocedure(signature) IS NOT NULL
$$;

-- The tables of Citus that the views read, with the columns that they need.
CREATE OR REPLACE FUNCTION api_private.read_through_citus(
  OUT relation regclass, OUT relnamespace oid, OUT columns text
) RETURNS SETOF record
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.oid::regclass, c.relnamespace, string_agg(format('%I', attname), ', ' ORDER BY attnum)
    FROM (
      SELECT DISTINCT d.refobjid, d.refobjsubid
        FROM api_private.parts() p
        JOIN pg_rewrite r ON r.ev_class = p.object AND p.kind = 'TABLE'
        JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
         AND d.refclassid = 'pg_class'::regclass
    ) AS needed
    JOIN api_private.citus_tables() AS citus (relation) ON citus.relation = needed.refobjid
    JOIN pg_attribute ON attrelid = needed.refobjid AND attnum = needed.refobjsubid AND attnum > 0
    JOIN pg_class c ON c.oid = needed.refobjid
   GROUP BY c.oid, c.relnamespace
$$;

-- What there is in the schemas that are none of a role's business.
CREATE OR REPLACE FUNCTION api_private.forbidden(
  OUT role name, OUT schema oid, OUT kind text, OUT object oid, OUT owner oid, OUT acl aclitem[],
  OUT name text
) RETURNS SETOF record
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH forbidden AS (
    SELECT r.rolname, n.*
      FROM pg_roles r
      JOIN pg_namespace n
        ON nspname IN ('users', 'orders', 'products', 'timele_load', 'api_private')
        OR nspname = CASE rolname WHEN 'timele_api' THEN 'api_auth' ELSE 'api' END
     WHERE rolname IN ('timele_api', 'timele_auth')
  )
  SELECT rolname, oid, 'SCHEMA', oid, nspowner, nspacl, format('%I', nspname)
    FROM forbidden
   WHERE NOT (
     -- Citus looks for the tables behind the views in the client's name (see below).
     rolname = 'timele_api'
     AND oid IN (SELECT relnamespace FROM api_private.read_through_citus())
     AND NOT has_schema_privilege(rolname, oid, 'CREATE')
   )
  UNION ALL
  SELECT n.rolname, n.oid, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid, relowner,
         -- NULL, since there must not be an empty one.
         nullif(relacl || (
           SELECT array_agg(item) FROM pg_attribute, unnest(attacl) AS item WHERE attrelid = c.oid
         ), '{}'),
         format('%I.%I', nspname, relname)
    FROM forbidden n
    JOIN pg_class c ON relnamespace = n.oid AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT n.rolname, n.oid, 'ROUTINE', p.oid, proowner, proacl,
         format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid))
    FROM forbidden n
    JOIN pg_proc p ON pronamespace = n.oid
     AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) -- nobody can call these
$$;

-- Any privilege, on the object or on one of its columns. Whether a role may use the schema is
-- another question.
CREATE OR REPLACE FUNCTION api_private.has_privilege(grantee name, kind text, object oid)
  RETURNS boolean
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE kind
    WHEN 'SCHEMA' THEN has_schema_privilege(grantee, object, 'USAGE, CREATE')
    WHEN 'SEQUENCE' THEN has_sequence_privilege(grantee, object, 'USAGE, SELECT, UPDATE')
    WHEN 'ROUTINE' THEN has_function_privilege(grantee, object, 'EXECUTE')
    ELSE has_table_privilege(grantee, object,
                             'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
      OR has_any_column_privilege(grantee, object, 'SELECT, INSERT, UPDATE, REFERENCES')
  END
$$;

-- Each thing that a role can reach and must not, with the statement that ends it: PUBLIC may have the
-- privilege, another role whose member this one is, or the role itself.
CREATE OR REPLACE FUNCTION api_private.reached(
  OUT role name, OUT kind text, OUT name text, OUT remedy text
) RETURNS SETOF record
  LANGUAGE sql STABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  WITH source (role, grantee, remedy) AS (
    SELECT r.rolname, 'public'::name, NULL
      FROM pg_roles r
     WHERE r.rolname IN ('timele_api', 'timele_auth')
    UNION ALL
    SELECT r.rolname, member_of.rolname, format('REVOKE %I FROM %I', granted.rolname, r.rolname)
      FROM pg_roles r
      JOIN pg_auth_members m ON m.member = r.oid
      JOIN pg_roles granted ON granted.oid = m.roleid
      JOIN pg_roles member_of ON pg_has_role(granted.oid, member_of.oid, 'MEMBER')
     WHERE r.rolname IN ('timele_api', 'timele_auth')
  ), usable AS (
    SELECT f.*
      FROM api_private.forbidden() f
     WHERE kind = 'SCHEMA'
        OR has_schema_privilege(f.role, f.schema, 'USAGE')
        OR EXISTS (SELECT 1 FROM source s
                    WHERE s.role = f.role AND has_schema_privilege(s.grantee, f.schema, 'USAGE'))
  ), granted AS (
    SELECT f.*, coalesce(s.remedy, format('REVOKE ALL ON %s %s FROM PUBLIC', kind, name)) AS remedy
      FROM usable f
      JOIN source s ON s.role = f.role AND api_private.has_privilege(s.grantee, kind, object)
  )
  SELECT DISTINCT role, kind, name, remedy FROM granted
  UNION ALL
  SELECT f.role, f.kind, f.name,
         CASE WHEN rolsuper THEN format('ALTER ROLE %I NOSUPERUSER', f.role)
              WHEN f.owner = r.oid
                THEN format('ALTER %s %s OWNER TO CURRENT_USER', f.kind, f.name)
              ELSE format('REVOKE ALL ON %s %s FROM %I', f.kind, f.name, f.role)
         END
    FROM usable f
    JOIN pg_roles r ON r.rolname = f.role
   WHERE api_private.has_privilege(f.role, f.kind, f.object)
     AND NOT EXISTS (SELECT 1 FROM granted g WHERE g.role = f.role AND g.object = f.object)
$$;

-- 'one, two and 7 more'
CREATE OR REPLACE FUNCTION api_private.enumerate(names text[]) RETURNS text
  LANGUAGE sql IMMUTABLE
  SET search_path = pg_catalog, pg_temp
AS $$
  SELECT array_to_string(names[1:5], ', ') ||
         CASE WHEN cardinality(names) > 5
              THEN format(' and %s more', cardinality(names) - 5) ELSE '' END
$$;

-- What was there before has kept its owner (see boundary.sql).
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN
    SELECT p.name, pg_catalog.pg_get_userbyid(coalesce(relowner, proowner)) AS owner
      FROM api_private.parts() p
      LEFT JOIN pg_catalog.pg_class c ON c.oid = p.object AND p.kind = 'TABLE'
      LEFT JOIN pg_catalog.pg_proc f ON f.oid = p.object AND p.kind = 'FUNCTION'
     WHERE pg_catalog.pg_get_userbyid(coalesce(relowner, proowner)) <> current_user
     ORDER BY p.name
  LOOP
    RAISE EXCEPTION '% belongs to the role %, not to %', part.name, part.owner, current_user
      USING ERRCODE = 'insufficient_privilege';
  END LOOP;
END
$$;

DO $$
DECLARE
  part record;
  client name;
BEGIN
  REVOKE ALL ON SCHEMA api, api_private, api_auth FROM PUBLIC;
  -- One after the other: for ALL IN SCHEMA Citus, where it has distributed the tables, would read all
  -- that follows in this transaction in another way.
  FOR part IN
    SELECT 'TABLE' AS kind, oid::regclass::text AS name
      FROM pg_catalog.pg_class
     WHERE relnamespace = 'api_private'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT 'ROUTINE', oid::regprocedure::text
      FROM pg_catalog.pg_proc
     WHERE pronamespace = 'api_private'::regnamespace
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM PUBLIC', part.kind, part.name);
  END LOOP;
  FOR part IN SELECT * FROM api_private.parts() LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM PUBLIC', part.kind, part.name);
  END LOOP;
  FOREACH client IN ARRAY '{timele_api,timele_auth}'::name[] LOOP
    CONTINUE WHEN pg_catalog.to_regrole(client::text) IS NULL;
    EXECUTE pg_catalog.format('REVOKE ALL ON SCHEMA api, api_private, api_auth FROM %I', client);
    EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %I TO %I',
                              CASE client WHEN 'timele_api' THEN 'api' ELSE 'api_auth' END, client);
    FOR part IN SELECT * FROM api_private.parts() LOOP
      EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM %I', part.kind, part.name, client);
      IF part.role = client THEN
        EXECUTE pg_catalog.format('GRANT %s ON %s %s TO %I', part.privilege, part.kind, part.name,
                                  client);
      END IF;
    END LOOP;
  END LOOP;
END
$$;

-- With Citus, the rights of a view's owner end on the coordinator: other nodes are asked in the name of
-- whoever reads the view. So the role gets the columns that the views need, no hash among them, in the
-- tables that Citus keeps the rows in (shards), and not in those that have their names.
DO $$
DECLARE
  propagation constant text := pg_catalog.current_setting('citus.enable_ddl_propagation', true);
  needed record;
BEGIN
  IF pg_catalog.to_regrole('timele_api') IS NULL OR NOT EXISTS (
    SELECT 1 FROM api_private.read_through_citus()
  ) THEN
    RETURN;
  END IF;
  -- A table that others refer to is not changed on several sessions at once.
  PERFORM pg_catalog.set_config('citus.multi_shard_modify_mode', 'sequential', true);
  FOR needed IN SELECT * FROM api_private.read_through_citus() ORDER BY relation::text LOOP
    EXECUTE pg_catalog.format('GRANT USAGE ON SCHEMA %s TO timele_api',
                              needed.relnamespace::regnamespace);
    EXECUTE pg_catalog.format('GRANT SELECT (%s) ON %s TO timele_api', needed.columns,
                              needed.relation);
    PERFORM pg_catalog.set_config('citus.enable_ddl_propagation', 'off', true);
    EXECUTE pg_catalog.format('REVOKE ALL (%s) ON %s FROM timele_api', needed.columns,
                              needed.relation);
    PERFORM pg_catalog.set_config('citus.enable_ddl_propagation', propagation, true);
  END LOOP;
END
$$;

-- The roles are TimeL-E's: what was granted to them is taken back. What they have otherwise is not
-- TimeL-E's to take.
DO $$
DECLARE
  found record;
  names text[] := '{}';
  lines integer := 0;
  left_out text[] := '{}';
BEGIN
  FOR found IN
    SELECT DISTINCT f.role, f.kind, f.name
      FROM api_private.forbidden() f
      JOIN pg_catalog.pg_roles r ON r.rolname = f.role
      CROSS JOIN LATERAL pg_catalog.aclexplode(f.acl) AS item
     WHERE item.grantee = r.oid AND pg_catalog.pg_has_role(f.owner, 'USAGE') AND f.owner <> r.oid
     ORDER BY 1, 3
  LOOP
    EXECUTE pg_catalog.format('REVOKE ALL ON %s %s FROM %I', found.kind, found.name, found.role);
    names := names || pg_catalog.format('%s on %s', found.role, found.name);
  END LOOP;
  IF names <> '{}' THEN
    RAISE INFO 'revoked what had been granted to %', api_private.enumerate(names);
  END IF;

  FOR found IN
    SELECT remedy, pg_catalog.array_agg(DISTINCT role::text) AS roles,
           pg_catalog.array_agg(DISTINCT CASE kind WHEN 'SCHEMA' THEN 'the schema ' || name ELSE name END)
             AS names
      FROM api_private.reached()
     GROUP BY remedy
     ORDER BY pg_catalog.min(CASE kind WHEN 'SCHEMA' THEN 1 WHEN 'TABLE' THEN 2 ELSE 3 END),
              pg_catalog.bool_or(name LIKE 'users%') DESC, remedy -- hashes are worst
  LOOP
    lines := lines + 1;
    IF lines <= 8 THEN
      RAISE WARNING '% can reach %; unless that is meant, run "%"',
        pg_catalog.array_to_string(found.roles, ' and '), api_private.enumerate(found.names),
        found.remedy;
    ELSE
      left_out := left_out || found.names;
    END IF;
  END LOOP;
  IF left_out <> '{}' THEN
    RAISE WARNING 'beside these, there is in reach: %', api_private.enumerate(left_out);
  END IF;

  names := ARRAY(
    SELECT pg_catalog.format('api.%I(%s)', proname,
                             pg_catalog.pg_get_function_identity_arguments(p.oid))
      FROM pg_catalog.pg_proc p
      JOIN pg_catalog.pg_roles r ON rolname = 'timele_api'
     WHERE pronamespace = 'api'::regnamespace
       AND p.oid NOT IN (SELECT object FROM api_private.parts())
       AND pg_catalog.has_function_privilege(r.oid, p.oid, 'EXECUTE')
    UNION ALL
    SELECT pg_catalog.format('api.%I', relname)
      FROM pg_catalog.pg_class c
      JOIN pg_catalog.pg_roles r ON rolname = 'timele_api'
     WHERE relnamespace = 'api'::regnamespace
       AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
       AND c.oid NOT IN (SELECT object FROM api_private.parts())
       AND api_private.has_privilege(r.rolname,
                                     CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, c.oid)
     ORDER BY 1
  );
  IF names <> '{}' THEN
    RAISE INFO 'timele_api may use what somebody has added to the schema api: %; unless that is meant, REVOKE it from PUBLIC and from timele_api', api_private.enumerate(names);
  END IF;
END
$$;
