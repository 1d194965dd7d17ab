-- What table_lock_holder.sql says on the other nodes of a cluster of Citus, whose parts of a table are
-- tables of the same schema: orders.orders_102008. The function is Citus' own.
--
-- $1  schemas, an array of text
-- $2  the text of table_lock_holder.sql
--
-- One row at most: that sentence, with the node
SELECT format('%s, on the node %s:%s', result, nodename, nodeport)
FROM run_command_on_workers(replace($2::text, '$1', quote_literal($1::text)))
WHERE success
  AND result <> ''
ORDER BY nodename, nodeport
LIMIT 1;
