-- The API of TimeL-E's database: what clients may see and do, by external ids alone.
--
--   api          views and functions; docs/api.md shows each with an example
--   api_private  what these functions are made of; nobody is granted anything there
--   api_auth     one function, which gives the hash of a password to whoever checks passwords
--   timele_api   the role to grant to whatever an API server logs in as; it reaches api, no more
--   timele_auth  the role to grant to whatever checks passwords; it reaches api_auth, no more
--
-- Runs after schema.sql, on any database that has its tables and columns, any number of times:
-- functions are replaced, a view only when its query has changed, because that locks out its
-- readers. No psql commands and no BEGIN or COMMIT: the caller decides on the transaction. Nothing
-- depends on search_path. PostgreSQL 13 or later; no superuser, no extension.
--
-- How the boundary holds:
--
--   * Views read the tables with their owner's rights, and functions write them so (SECURITY
--     DEFINER), with a search_path of their own. The role needs, and has, no right to a table.
--   * Views hide columns, not rows, so no function in a client's WHERE can see more through them
--     than they show: security_barrier would guard nothing, and keep such conditions from indexes.
--   * Whatever goes wrong in a function leaves it through api_private.refuse. PostgreSQL's own
--     message about a constraint quotes the row, internal id and all.
--   * Settings that print plans, with the ids in them, are the client's to choose; the functions'
--     client_min_messages keeps what they print in the server.


-- Roles and schemas ----------------------------------------------------------------------------

-- A role belongs to all databases of the server: another one's run may create it at this moment.
DO $$
DECLARE
  missing text[];
  name text;
BEGIN
  missing := ARRAY(
    SELECT wanted
      FROM pg_catalog.unnest('{timele_api,timele_auth}'::text[]) AS wanted
     WHERE pg_catalog.to_regrole(wanted) IS NULL
  );
  IF missing = '{}' THEN
    RETURN;
  END IF;
  IF NOT EXISTS (
    SELECT 1 FROM pg_catalog.pg_roles
     WHERE rolname = current_user AND (rolsuper OR rolcreaterole)
  ) THEN
    RAISE WARNING 'the API lacks the % %, which % may not create; let someone else run "CREATE ROLE % NOLOGIN", then create the API again',
      CASE WHEN pg_catalog.cardinality(missing) > 1 THEN 'roles' ELSE 'role' END,
      pg_catalog.array_to_string(missing, ' and '), current_user,
      pg_catalog.array_to_string(missing, ' NOLOGIN; CREATE ROLE ');
    RETURN;
  END IF;
  FOREACH name IN ARRAY missing LOOP
    BEGIN
      EXECUTE pg_catalog.format('CREATE ROLE %I NOLOGIN', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
END
$$;

-- Where Citus is there and has none of TimeL-E's tables, it would warn of each function that it cannot
-- give to its nodes. Nothing of the API is needed there, beside the roles.
DO $$
BEGIN
  IF pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL THEN
    IF NOT EXISTS (
      SELECT 1 FROM pg_catalog.pg_dist_partition
        JOIN pg_catalog.pg_class ON pg_class.oid = logicalrelid
       WHERE relnamespace::regnamespace::text IN ('users', 'orders', 'products')
    ) THEN
      PERFORM pg_catalog.set_config('citus.enable_ddl_propagation', 'off', true);
    END IF;
  END IF;
END
$$;

-- Somebody else's schema may have such a name, and must not be filled here nor be dropped by
-- --reset. TimeL-E's own is known by its comment; an empty one is taken.
DO $$
DECLARE
  wanted record;
BEGIN
  FOR wanted IN
    SELECT list.*, pg_catalog.to_regnamespace(list.name) AS present
      FROM (VALUES
        ('api', 'TimeL-E: what an API server may see and do, by external ids (see docs/api.md)'),
        ('api_private',
         'TimeL-E: what the functions of schema api are made of; no role needs a privilege here'),
        ('api_auth', 'TimeL-E: what checking a password takes (see docs/api.md)')
      ) AS list (name, comment)
  LOOP
    IF wanted.present IS NULL THEN
      EXECUTE pg_catalog.format('CREATE SCHEMA %I', wanted.name);
    ELSIF coalesce(
            pg_catalog.obj_description(wanted.present, 'pg_namespace') NOT LIKE 'TimeL-E: %', true)
      AND EXISTS (
        SELECT 1 FROM pg_catalog.pg_class WHERE relnamespace = wanted.present
        UNION ALL
        SELECT 1 FROM pg_catalog.pg_proc WHERE pronamespace = wanted.present
        UNION ALL
        SELECT 1 FROM pg_catalog.pg_type WHERE typnamespace = wanted.present
      )
    THEN
      RAISE EXCEPTION 'there is a schema "%" already that is not TimeL-E''s', wanted.name
        USING HINT = pg_catalog.format('Rename it, or drop it if nobody needs it. If it is TimeL-E''s and its comment was changed: COMMENT ON SCHEMA %I IS ''TimeL-E: API''.', wanted.name);
    END IF;
    EXECUTE pg_catalog.format('COMMENT ON SCHEMA %I IS %L', wanted.name, wanted.comment);
  END LOOP;
END
$$;

-- Functions run with the rights of their owner, and call those in api_private. Another role that
-- owned one of these, or the schema, could change what they do, and so gain their owner's rights: also
-- a superuser's, for whom PostgreSQL would replace a function and leave it its owner.
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN
    SELECT present.name, pg_catalog.pg_get_userbyid(present.owner) AS owner
      FROM (
        SELECT pg_catalog.format('the schema %I', nspname) AS name, nspowner AS owner
          FROM pg_catalog.pg_namespace
         WHERE nspname IN ('api', 'api_private', 'api_auth')
        UNION ALL
        SELECT pg_catalog.format('%I.%I', nspname, relname), relowner
          FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
         WHERE nspname IN ('api_private', 'api_auth')
        UNION ALL
        SELECT pg_catalog.format('%I.%I', nspname, proname), proowner
          FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace n ON n.oid = pronamespace
         WHERE nspname IN ('api_private', 'api_auth')
      ) AS present
     WHERE pg_catalog.pg_get_userbyid(present.owner) <> current_user
     ORDER BY present.name LIKE 'the schema %' DESC, present.name
  LOOP
    RAISE EXCEPTION '% belongs to the role %, not to %', part.name, part.owner, current_user
      USING ERRCODE = 'insufficient_privilege';
  END LOOP;
END
$$;
