-- Chooses how the server joins two tables when it proves a foreign key: by merging two indexes, or
-- as its planner likes. The settings hold until the end of the transaction.
--
-- $1  oid of the foreign key's table
-- $2  oid of the referenced table
-- $3  number of the foreign key's first column
--
-- One row of two columns: the new values of enable_seqscan and enable_hashjoin
--
-- The server proves a foreign key with one join of the two tables, on one processor. Merging the
-- two indexes takes half the time of hashing the tables where an index holds the column and nearly
-- all pages are known to be visible, as those of frozen rows are. The planner thinks that indexes
-- cost more than they do. The pages of a partitioned table are those of its partitions.
SELECT set_config('enable_seqscan', chosen.off, true),
       set_config('enable_hashjoin', chosen.off, true)
FROM (
  SELECT CASE WHEN bool_and(c.relallvisible >= c.relpages * 0.9)
               AND EXISTS (SELECT 1
                           FROM pg_index i
                           JOIN pg_class x ON x.oid = i.indexrelid
                           JOIN pg_am a ON a.oid = x.relam
                           WHERE i.indrelid = $1::oid
                             AND i.indkey[0] = $3::smallint
                             AND i.indisvalid
                             AND i.indpred IS NULL
                             AND a.amname = 'btree')
              THEN 'off'
              ELSE 'on'
         END
  FROM pg_class c
  WHERE c.oid IN ($1::oid, $2::oid)
     OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass))
     OR c.oid IN (SELECT relid FROM pg_partition_tree($2::oid::regclass))
) chosen (off);
