-- Login ----------------------------------------------------------------------------------------
--
-- For the one service that checks passwords. It is no part of schema api, so that no API server can
-- be made to call it.

CREATE OR REPLACE FUNCTION api_auth.find_login(email_address text)
  RETURNS TABLE (external_user_id uuid, hashed_password text)
  LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp
  SET client_min_messages = error
AS $$
BEGIN
  RETURN QUERY
  SELECT u.external_user_id, u.hashed_password::text
    FROM users.users u
   WHERE u.email_address = find_login.email_address;
EXCEPTION WHEN query_canceled OR assert_failure OR OTHERS THEN
  PERFORM api_private.refuse(SQLSTATE, SQLERRM);
END
$$;
