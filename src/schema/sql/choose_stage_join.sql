-- Whether the server shall join a large stage with its table by looking up each staged row in an index,
-- rather than as its planner likes.
--
-- $1  schema
-- $2  table
-- $3  first column of its key
--
-- One row: there is such an index
--
-- The planner takes each lookup for a page read from the disk at random. But the rows of a stage are in
-- the order of their files, which is mostly that of the table: one lookup finds what the one before has
-- read. A hash join would give the rows in no order, and to update them so takes twice as long.
SELECT EXISTS (SELECT 1
               FROM pg_index i
               JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
               JOIN pg_class x ON x.oid = i.indexrelid
               JOIN pg_am m ON m.oid = x.relam
               WHERE i.indrelid = format('%I.%I', $1::text, $2::text)::regclass
                 AND a.attname = $3
                 AND i.indisvalid
                 AND NOT i.indcheckxmin
                 AND i.indpred IS NULL
                 AND m.amname = 'btree');
