-- Orders whose user may be another one now take over that user's name, phone number and address.
--
-- Reads the orders from timele_load_user_order. Parameters: the settings timele.orders_floor,
-- timele.delivery_name_length (the most characters of a name) and timele.delivery_name_cut (what
-- is then taken off its end, see table/derivation.h).
--
-- One row an order that differs: id, the new values
SELECT o.id, d.name AS delivery_name, d.phone_number, d.street_address, d.city, d.postal_code,
       d.country
FROM (
  SELECT k.id,
         regexp_replace(left(n.name, current_setting('timele.delivery_name_length')::integer),
                        current_setting('timele.delivery_name_cut'), '') AS name,
         u.phone_number, u.street_address, u.city, u.postal_code, u.country
  FROM pg_temp.timele_load_user_order c
  JOIN orders.orders k ON k.id = c.id
  JOIN users.users u ON u.id = k.user_id
  CROSS JOIN LATERAL (SELECT nullif(concat_ws(' ', nullif(u.first_name, ''),
                                               nullif(u.last_name, '')), '') AS name) n
) d
JOIN orders.orders o ON o.id = d.id
WHERE o.id < current_setting('timele.orders_floor')::bigint
  AND (o.delivery_name, o.phone_number, o.street_address, o.city, o.postal_code, o.country)
      IS DISTINCT FROM
      (d.name, d.phone_number, d.street_address, d.city, d.postal_code, d.country)
