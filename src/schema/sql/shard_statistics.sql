-- How many rows tables have that Citus has distributed, as the nodes know it of their shards. The
-- catalog of the coordinator takes these tables for empty. Each node is asked once, over a connection
-- of its own, and nothing is locked: a lock that this transaction holds cannot keep it waiting.
--
-- $1  schemas, an array of name
-- $2  tables in them, an array that is as long
--
-- One row a distributed table:
--   its place in the arrays, from 1
--   an estimate of its rows
--   how many of its rows may change until the planner's statistics are out of date (table_state.sql)
--
-- Each node has all rows of a reference table. One that does not answer counts as empty here: what the
-- run asks of it next tells why.
WITH wanted AS MATERIALIZED (
  SELECT l.place, p.logicalrelid, p.partmethod, format('%I.%I', l.schema, l.name) AS name
  FROM unnest($1::name[], $2::name[]) WITH ORDINALITY AS l (schema, name, place)
  JOIN pg_dist_partition p ON p.logicalrelid = to_regclass(format('%I.%I', l.schema, l.name))
),
answer AS MATERIALIZED (
  SELECT result
  FROM run_command_on_all_nodes((
    SELECT format($command$
      SELECT coalesce(json_agg(found), '[]')
      FROM (
        SELECT root.name,
               sum(greatest(c.reltuples::bigint, pg_stat_get_live_tuples(c.oid))) AS rows,
               sum(CASE WHEN c.reltuples > 0
                        THEN greatest(0, ceil(current_setting('autovacuum_analyze_threshold')::float8
                                              + current_setting('autovacuum_analyze_scale_factor')::float8
                                                * c.reltuples
                                              - coalesce(pg_stat_get_mod_since_analyze(c.oid), 0)))
                        ELSE 0
                   END)::bigint AS changes
        FROM unnest(%L::text[]) AS root (name)
        CROSS JOIN LATERAL (
          SELECT root.name::regclass
          UNION
          SELECT relid FROM pg_partition_tree(root.name::regclass)
        ) AS part (oid)
        JOIN pg_dist_shard s ON s.logicalrelid = part.oid
        JOIN pg_class c ON c.oid = to_regclass(shard_name(s.logicalrelid, s.shardid))
        GROUP BY root.name
      ) found
      $command$, array_agg(name))
    FROM wanted
  ))
  WHERE success
)
SELECT wanted.place,
       coalesce(CASE WHEN wanted.partmethod = 'n' THEN max(found.rows) ELSE sum(found.rows) END, 0)::bigint,
       coalesce(CASE WHEN wanted.partmethod = 'n' THEN max(found.changes) ELSE sum(found.changes) END, 0)::bigint
FROM wanted
LEFT JOIN (answer CROSS JOIN LATERAL json_to_recordset(answer.result::json) AS found (name text, rows bigint, changes bigint))
  ON found.name = wanted.name
GROUP BY wanted.place, wanted.partmethod;
