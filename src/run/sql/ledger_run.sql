-- Whether the ledger has a run.
--
-- $1  its id
-- $2  when it started
-- $3  number of the client's process
--
-- One row: it has
SELECT EXISTS (
  SELECT 1 FROM timele_load.runs
  WHERE run_id = $1::bigint AND started = $2::timestamptz AND client_process = $3::bigint
);
