-- What else stands in the way of dropping the indexes and constraints of tables that Citus has distributed,
-- and of creating them again: what it took over when it distributed them, and cannot be told to make.
--
-- $1  tables, an array of regclass
--
-- One row an obstacle:
--   the place in the array, from 1, of the table that stays in place because of it
--   a sentence that says what it is
WITH RECURSIVE listed AS (
  SELECT l.place, l.oid
  FROM unnest($1::regclass[]::oid[]) WITH ORDINALITY AS l (oid, place)
  JOIN pg_dist_partition d ON d.logicalrelid = l.oid
),
part AS ( -- each foreign key that leads from or to one of them, then those of partitions
  SELECT l.place, k.oid, k.conrelid, k.conname, k.conname AS wanted
  FROM listed l JOIN pg_constraint k ON l.oid IN (k.conrelid, k.confrelid)
  WHERE k.contype = 'f' AND k.conparentid = 0
  UNION ALL
  SELECT part.place, k.oid, k.conrelid, k.conname, part.wanted
  FROM part JOIN pg_constraint k ON k.conparentid = part.oid
)
SELECT l.place, format('Citus cannot CLUSTER %s ON %s', i.indrelid::regclass, i.indexrelid::regclass)
FROM listed l JOIN pg_index i ON i.indrelid = l.oid
WHERE i.indisclustered

UNION ALL
SELECT part.place,
       format('Citus cannot switch off the triggers of foreign key %I of %s', part.conname,
              part.conrelid::regclass)
FROM part
WHERE EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgconstraint = part.oid AND t.tgenabled <> 'O')

-- The server names those of partitions as it names that of their table.
UNION ALL
SELECT part.place,
       format('Citus cannot rename foreign key %I of %s', part.conname, part.conrelid::regclass)
FROM part
WHERE part.conname <> part.wanted

-- With its last foreign key to a distributed table, Citus gives up a table that it keeps on the
-- coordinator because of that key. Then it cannot be joined with the others any more.
UNION ALL
SELECT part.place,
       format('Citus keeps %s on the coordinator for its foreign key %I', part.conrelid::regclass,
              part.conname)
FROM part JOIN pg_dist_partition d ON d.logicalrelid = part.conrelid
WHERE d.partmethod = 'n' AND d.repmodel <> 't';
