-- The settings of this transaction, those that hold for the work of the other nodes, too. No
-- parameters.
--
-- One row a setting: the statement that sets it once more. Citus passes on the SET LOCAL of a
-- transaction, but only after citus.propagate_set_commands was set.
SELECT format('SET LOCAL %I = %L', s.name, s.setting)
FROM (
  SELECT n.name, current_setting(n.name, true) AS setting
  FROM unnest(ARRAY['statement_timeout', 'idle_in_transaction_session_timeout',
                    'transaction_timeout', 'lock_timeout', 'row_security', 'extra_float_digits',
                    'maintenance_work_mem', 'jit', 'random_page_cost', 'TimeZone', 'DateStyle',
                    'IntervalStyle']) AS n (name)
) s
WHERE s.setting IS NOT NULL
