-- Adds a run and its files to the ledger. One statement for all rows: the server takes them from
-- the report.
--
-- $1  the report (docs/report.md), as JSON
--
-- One row: the run's id, 0 if a trigger kept it from being inserted; files that were kept from it
WITH report AS (
  SELECT $1::jsonb AS r
),
run AS (
  INSERT INTO timele_load.runs (
    started, finished, database_user, client_user, client_host, client_process, application_name,
    server_process, version, options, mode, result, exit_status, message
  )
  SELECT (r->>'started')::timestamptz,
         (r->>'finished')::timestamptz,
         session_user,
         r->'client'->>'user',
         r->'client'->>'host',
         (r->'client'->>'process')::bigint,
         current_setting('application_name'),
         pg_backend_pid(),
         r->>'version',
         ARRAY(SELECT jsonb_array_elements_text(r->'options')),
         r->>'mode',
         r->>'result',
         (r->>'exit_status')::integer,
         r->'error'->>'message'
  FROM report
  RETURNING run_id
),
file AS (
  INSERT INTO timele_load.files (
    run_id, number, path, dataset, size, sha256, loaded_before, rows_read, rows_loaded,
    rows_updated, rows_unchanged, rows_kept, rows_skipped, rows_rejected
  )
  SELECT run_id,
         number,
         f->>'path',
         f->>'dataset',
         (f->>'size')::bigint,
         decode(f->>'sha256', 'hex'),
         (f->'loaded_before'->>'run')::bigint,
         (f->'rows'->>'read')::bigint,
         (f->'rows'->>'loaded')::bigint,
         (f->'rows'->>'updated')::bigint,
         (f->'rows'->>'unchanged')::bigint,
         (f->'rows'->>'kept')::bigint,
         (f->'rows'->>'skipped')::bigint,
         (f->'rows'->>'rejected')::bigint
  FROM run, report, jsonb_array_elements(r->'files') WITH ORDINALITY AS l (f, number)
  RETURNING number
)
SELECT coalesce((SELECT run_id FROM run), 0),
       jsonb_array_length(r->'files') - (SELECT count(*) FROM file)
FROM report;
