-- The classes of texts that PostgreSQL takes for a value and that timele-load does not, as the manual
-- has them ("What PostgreSQL takes and this program does not"). Each function is asked of texts that
-- PostgreSQL takes. NULL: the text has a form in which the manual says that it is taken. '': it is in
-- no class.

-- The characters that isspace() knows.
CREATE FUNCTION pg_temp.is_padded(t text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT t ~ '^[ \t\n\v\f\r]|[ \t\n\v\f\r]$'
$$;

CREATE FUNCTION pg_temp.integer_class(t text, minimum numeric, maximum numeric)
  RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN t ~ '^[-+]?[0-9]+([.]0+)?$' THEN
      CASE WHEN t::numeric NOT BETWEEN minimum AND maximum THEN 'outside of the column''s range' END
    WHEN pg_temp.is_padded(t) THEN 'blanks around it'
    WHEN t ~* '^[-+]?0[xob]' THEN 'hexadecimal, octal or binary'
    WHEN t ~ '[0-9]_[0-9]' THEN 'underscores between digits'
    ELSE ''
  END
$$;

CREATE FUNCTION pg_temp.is_numeric(t text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN t::numeric IS NOT NULL;
EXCEPTION WHEN data_exception THEN
  RETURN false;
END
$$;

-- `above` is the first number that is too large.
CREATE FUNCTION pg_temp.decimal_class(t text, scale integer, above numeric)
  RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN pg_temp.is_padded(t) THEN 'blanks around it'
    WHEN t ~* '^[-+]?(nan|inf(inity)?)$' THEN 'NaN and Infinity'
    WHEN t ~* '^[-+]?0[xob]' THEN 'hexadecimal, octal or binary'
    WHEN t ~ '[0-9]_[0-9]' THEN 'underscores between digits'
    WHEN t ~* '[0-9.]e[ \t\n\v\f\r]+[-+]?[0-9]' THEN 'blanks in an exponent'
    WHEN t ~* 'e[-+]?0*1073741823$' THEN 'an exponent of 1073741823'
    WHEN t !~ '^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$' THEN ''
    WHEN NOT pg_temp.is_numeric(t) THEN 'more digits than numeric has'
    WHEN t::numeric < 0 THEN 'below 0'
    WHEN round(t::numeric, scale) >= above THEN 'too large'
  END
$$;

CREATE FUNCTION pg_temp.timestamp_class(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN t ~ concat('^[0-9]{4}-[0-9]{2}-[0-9]{2}',
                    '([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?',
                    '( ?([Zz]|[-+][0-9]{2}([0-9]{2}|:[0-9]{2}(:[0-9]{2})?)?))?$')
      AND t !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}-' THEN NULL
    WHEN t ~* '^\s*(now|today|tomorrow|yesterday|epoch|[-+]?inf(inity)?)' THEN 'words for times'
    WHEN t ~* '[a-z]' AND t ~* '([^a-z]|^)(bc|ad)([^a-z]|$)' THEN 'eras, BC and AD'
    WHEN t ~* '([^a-z]|^)[ap]m([^a-z]|$)' THEN 'AM and PM'
    WHEN t ~* '([^a-z]|^)j(ulian|d)?[0-9 ]' THEN 'Julian days'
    WHEN regexp_replace(regexp_replace(t, '^([-0-9]+)[Tt]', '\1 '), '[Zz]$', '') ~* '[a-z]'
      THEN 'names of months, days and zones'
    WHEN pg_temp.is_padded(t) THEN 'blanks around it'
    WHEN t ~ '^[-+]?[0-9]{5,}-' THEN 'years before 0001 and after 9999'
    WHEN t !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([^0-9]|$)' THEN 'a date in another form'
    WHEN t ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}([Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?[ ]*[-+]'
      THEN 'a zone in another form'
    ELSE 'a time in another form'
  END
$$;

CREATE FUNCTION pg_temp.uuid_class(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN t ~* '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$' THEN NULL
    WHEN t ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN 'another version or variant than 4'
    WHEN t ~* '^[{][-0-9a-f]+[}]$' THEN 'braces'
    WHEN t ~* '^[-0-9a-f]+$' THEN 'hyphens elsewhere, or none'
    ELSE ''
  END
$$;

CREATE FUNCTION pg_temp.status_class(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN t NOT IN ('pending', 'processing', 'shipped', 'delivered', 'cancelled', 'failed',
                             'return_requested', 'returned', 'refunded') THEN '' END
$$;

-- A length of 0 is no limit.
CREATE FUNCTION pg_temp.text_class(t text, length integer, is_unique boolean, required boolean)
  RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE
    WHEN required AND t = '' THEN 'empty, where a value is required'
    WHEN length > 0 AND char_length(t) > length THEN
      CASE WHEN t ~ ' $' THEN 'blanks behind the longest text' ELSE '' END
    WHEN is_unique AND octet_length(t) > 2692 THEN 'a unique text of more than 2692 bytes'
  END
$$;
