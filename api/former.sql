-- Former versions ------------------------------------------------------------------------------
--
-- CREATE OR REPLACE refuses a function another result, and with other parameters the former one
-- would stay beside it. Those that an earlier version made go here. Comments on them, and on views
-- that have to be made anew, are in this table until comments.sql has put them back.

CREATE TABLE IF NOT EXISTS api_private.kept_comments (
  object   text  NOT NULL, -- 'users', the view, or 'create_user()', the function
  field    text,
  comment  text  NOT NULL
);

DO $$
DECLARE
  former record;
BEGIN
  FOR former IN
    SELECT pg_proc.*
      FROM (VALUES
        ('api.create_user(text,text,text,text,text,text,text,text,text)', 'uuid'),
        ('api.update_user(uuid,jsonb)', 'void'),
        ('api.create_order(uuid,jsonb)', 'uuid'),
        ('api.set_order_status(uuid,text,uuid,text)', 'void'),
        ('api.create_cart(uuid)', 'uuid'),
        ('api.set_cart_item(uuid,uuid,integer,integer)', 'void'),
        ('api.remove_cart_item(uuid,uuid,integer)', 'void'),
        ('api.checkout(uuid,uuid)', 'uuid'),
        ('api_private.place_order(bigint,integer[],integer[])', 'uuid'),
        ('api_private.record_status(bigint,integer[],public.order_status_enum,'
         'public.order_status_enum,uuid,text)', 'void'),
        ('api_private.show_cart(bigint)', 'api.carts')
      ) AS list (signature, result)
      JOIN pg_catalog.pg_proc
        ON oid = pg_catalog.to_regprocedure(list.signature)
       AND prorettype = pg_catalog.to_regtype(list.result)
  LOOP
    INSERT INTO api_private.kept_comments
    SELECT former.proname || '()', NULL, description
      FROM pg_catalog.pg_description
     WHERE classoid = 'pg_catalog.pg_proc'::regclass AND objoid = former.oid;
    EXECUTE pg_catalog.format('DROP FUNCTION %s', former.oid::regprocedure);
  END LOOP;
END
$$;
