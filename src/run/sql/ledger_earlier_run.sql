-- The last run that loaded a file, whose rows have not been dropped since: one that loaded it whole,
-- else one that rejected some of its rows.
--
-- $1  SHA-256 of the file, in hexadecimal digits
-- $2  dataset
--
-- One row at most: the run's id, when it finished (UTC, ISO 8601), how many rows it rejected
SELECT run_id, to_char(finished AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), rows_rejected
FROM timele_load.files
JOIN timele_load.runs USING (run_id)
WHERE sha256 = decode($1, 'hex')
  AND dataset = $2
  AND loaded_before IS NULL
  AND dropped IS NULL
  AND exit_status IN (0, 1)
ORDER BY rows_rejected = 0 DESC, run_id DESC
LIMIT 1;
