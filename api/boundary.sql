-- The API of TimeL-E's database: what clients may see and do, by external ids alone.
--
--   api          views and functions; docs/api.md shows each with an example
--   api_private  what these functions are made of; nobody is granted anything there
--   timele_api   the role to grant to whatever an API server logs in as; it reaches api, no more
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


-- Role and schemas -----------------------------------------------------------------------------

-- A role belongs to all databases of the server: another one's run may create it at this moment.
DO $$
BEGIN
  IF pg_catalog.to_regrole('timele_api') IS NOT NULL THEN
    RETURN;
  END IF;
  IF EXISTS (
    SELECT FROM pg_catalog.pg_roles
     WHERE rolname = current_user AND (rolsuper OR rolcreaterole)
  ) THEN
    BEGIN
      CREATE ROLE timele_api NOLOGIN;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  ELSE
    -- INFO, because no client_min_messages keeps it from the client.
    RAISE INFO 'nobody can use the API: there is no role timele_api, and % may not create it; let someone else run "CREATE ROLE timele_api NOLOGIN", then create the API again', current_user;
  END IF;
END
$$;

-- "api" is a common name: somebody else's schema may have it, and must not be filled here nor be
-- dropped by --reset. TimeL-E's own is known by its comment.
DO $$
BEGIN
  IF pg_catalog.to_regnamespace('api') IS NULL THEN
    CREATE SCHEMA api;
  ELSIF coalesce(
          pg_catalog.obj_description(pg_catalog.to_regnamespace('api'), 'pg_namespace')
            NOT LIKE 'TimeL-E: %', true)
    AND EXISTS (
      SELECT FROM pg_catalog.pg_class
       WHERE relnamespace = pg_catalog.to_regnamespace('api')
      UNION ALL
      SELECT FROM pg_catalog.pg_proc
       WHERE pronamespace = pg_catalog.to_regnamespace('api')
    )
  THEN
    RAISE EXCEPTION 'there is a schema "api" already that is not TimeL-E''s'
      USING HINT = 'Rename it, or drop it if nobody needs it.';
  END IF;
END
$$;

COMMENT ON SCHEMA api IS
  'TimeL-E: what an API server may see and do, by external ids (see docs/api.md)';

CREATE SCHEMA IF NOT EXISTS api_private;
COMMENT ON SCHEMA api_private IS
  'TimeL-E: what the functions of schema api are made of; no role needs a privilege here';
