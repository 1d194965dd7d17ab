-- The orders of changed users take over name, phone number and address of their user.
--
-- Reads the users from timele_load_user. Parameters: the setting timele.orders_floor. No rows.
UPDATE orders.orders o SET delivery_name = d.name, phone_number = d.phone_number,
  street_address = d.street_address, city = d.city, postal_code = d.postal_code,
  country = d.country
FROM (
  SELECT u.id,
         left(nullif(concat_ws(' ', nullif(u.first_name, ''), nullif(u.last_name, '')), ''), 100)
           AS name,
         u.phone_number, u.street_address, u.city, u.postal_code, u.country
  FROM users.users u
  JOIN pg_temp.timele_load_user c ON c.id = u.id
) d
WHERE o.user_id = d.id
  AND o.id < current_setting('timele.orders_floor')::bigint
  AND (o.delivery_name, o.phone_number, o.street_address, o.city, o.postal_code, o.country)
      IS DISTINCT FROM
      (d.name, d.phone_number, d.street_address, d.city, d.postal_code, d.country);
