-- Idempotency keys -----------------------------------------------------------------------------
--
-- A client that does not know whether its order was placed asks again with the same key, and gets
-- the order that there is. Of a request only a digest is kept. No foreign keys: the loader and
-- --reset would have to know of this table. Old keys may be deleted at any time: what they were for
-- can then be asked for again.

CREATE TABLE IF NOT EXISTS api_private.idempotency_keys (
  external_user_id   uuid         NOT NULL,
  key                text         NOT NULL,
  request            bytea        NOT NULL,
  external_order_id  uuid         NOT NULL,
  created_at         timestamptz  NOT NULL,
  PRIMARY KEY (external_user_id, key)
);

COMMENT ON TABLE api_private.idempotency_keys IS
  'Keys that clients gave with their orders; old ones may be deleted';
COMMENT ON COLUMN api_private.idempotency_keys.request IS
  'SHA-256 of what was asked for with the key';

-- Returns the order that was placed with the key, which becomes `made` when there is none. Whoever
-- has the key at this moment in an open transaction is waited for.
CREATE OR REPLACE FUNCTION api_private.claim_key(
  external_user_id uuid, key text, made uuid, wanted jsonb
) RETURNS uuid
  LANGUAGE plpgsql
  SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  -- With the user and the key in it, nobody can tell equal requests.
  digest bytea := sha256(convert_to(
    concat_ws(' ', claim_key.external_user_id, claim_key.key, wanted), getdatabaseencoding()));
  earlier record;
BEGIN
  IF claim_key.key IS NULL THEN
    RETURN made;
  END IF;
  IF char_length(claim_key.key) NOT BETWEEN 1 AND 255 THEN
    RAISE EXCEPTION 'idempotency_key is empty or longer than 255 characters' USING ERRCODE = 'TE021';
  END IF;
  LOOP
    INSERT INTO api_private.idempotency_keys
      (external_user_id, key, request, external_order_id, created_at)
    VALUES
      (claim_key.external_user_id, claim_key.key, digest, made, clock_timestamp())
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
      RETURN made;
    END IF;
    SELECT k.request, k.external_order_id INTO earlier
      FROM api_private.idempotency_keys k
     WHERE k.external_user_id = claim_key.external_user_id
       AND k.key = claim_key.key;
    -- Else it was deleted in between.
    EXIT WHEN FOUND;
  END LOOP;
  IF earlier.request <> digest THEN
    RAISE EXCEPTION 'the idempotency key was used for another request' USING ERRCODE = 'TE020';
  END IF;
  RETURN earlier.external_order_id;
END
$$;
