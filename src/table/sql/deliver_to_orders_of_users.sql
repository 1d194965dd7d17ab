-- The orders of changed users take over name, phone number and address of their user.
--
-- Reads the users from timele_load_user. Parameters: the settings timele.orders_floor,
-- timele.delivery_name_length (the most characters of a name) and timele.delivery_name_cut (what is
-- then taken off its end, see table/derivation.h).
--
-- One row an order that differs: id, the new values
SELECT o.id, d.name AS delivery_name, d.phone_number, d.street_address, d.city, d.postal_code,
       d.country
FROM (
  SELECT u.id,
         regexp_replace(left(n.name, current_setting('timele.delivery_name_length')::integer),
                        current_setting('timele.delivery_name_cut'), '') AS name,
         u.phone_number, u.street_address, u.city, u.postal_code, u.country
  FROM users.users u
  JOIN pg_temp.timele_load_user c ON c.id = u.id
  CROSS JOIN LATERAL (SELECT nullif(concat_ws(' ', nullif(u.first_name, ''),
                                               nullif(u.last_name, '')), '') AS name) n
) d
JOIN orders.orders o ON o.user_id = d.id
WHERE o.id < current_setting('timele.orders_floor')::bigint
  AND (o.delivery_name, o.phone_number, o.street_address, o.city, o.postal_code, o.country)
      IS DISTINCT FROM
      (d.name, d.phone_number, d.street_address, d.city, d.postal_code, d.country)
