-- What stands in the way of making TimeL-E's schemas beside those that are there.
--
-- $1  whether those that are there are to be replaced
-- $2  names of the schemas of tables, an array of text
-- $3  names of the schemas of the API
-- $4  schema of the enum type
-- $5  name of the enum type
-- $6  prefix of names of what is set aside
--
-- One row: whether there is something to build beside, or nothing at all; the first obstacle ('': none)
WITH old AS MATERIALIZED (
  SELECT n.oid, n.nspname, n.nspowner FROM pg_namespace n WHERE n.nspname = ANY ($2::text[])
),
type AS MATERIALIZED (
  SELECT t.oid, t.typarray, t.typowner
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE n.nspname = $4 AND t.typname = $5
),
user_of_type AS ( -- what is not dropped with the schemas
  SELECT d.classid, d.objid, d.objsubid
  FROM type t
  JOIN pg_depend d ON d.refclassid = 'pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
  LEFT JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_proc p ON d.classid = 'pg_proc'::regclass AND p.oid = d.objid
  LEFT JOIN pg_type u ON d.classid = 'pg_type'::regclass AND u.oid = d.objid
  JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, p.pronamespace, u.typnamespace)
  WHERE d.deptype = 'n'
    AND (c.oid IS NULL OR c.relkind IN ('r', 'p', 'f', 'c'))
    AND n.nspname <> ALL ($2::text[] || $3::text[])
)
SELECT $1::boolean OR NOT EXISTS (SELECT 1 FROM old UNION ALL SELECT 1 FROM type),
       coalesce(
         (SELECT format('publication %s publishes all tables', min(pubname::text))
          FROM pg_publication WHERE puballtables HAVING count(*) > 0),

         (SELECT 'the database has the extension citus' FROM pg_extension WHERE extname = 'citus'),

         CASE WHEN NOT has_database_privilege(current_database(), 'CREATE')
              THEN format('no CREATE privilege on database %s', current_database())
         END,
         (SELECT format('no CREATE privilege on schema %s', nspname)
          FROM pg_namespace
          WHERE nspname = $4 AND NOT has_schema_privilege(oid, 'CREATE')),

         (SELECT format('schema %s belongs to %s', nspname, pg_get_userbyid(nspowner))
          FROM pg_namespace
          WHERE nspname = ANY ($2::text[] || '{timele_load}'::text[]) AND NOT pg_has_role(nspowner, 'USAGE')
          ORDER BY oid
          LIMIT 1),
         (SELECT format('type %s.%s belongs to %s', $4, $5, pg_get_userbyid(typowner))
          FROM type
          WHERE NOT pg_has_role(typowner, 'USAGE')),
         (SELECT format('type %s.%s is used by %s', $4, $5, pg_describe_object(classid, objid, objsubid))
          FROM user_of_type
          ORDER BY classid, objid, objsubid
          LIMIT 1),

         (SELECT format('there is a schema %s', min(nspname::text))
          FROM pg_namespace WHERE starts_with(nspname, $6) HAVING count(*) > 0),
         '');
