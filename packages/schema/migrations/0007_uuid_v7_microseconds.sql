-- Written by hand: drizzle-kit does not manage functions. UUID version 7 with the part of the millisecond in rand_a (RFC
-- 9562, sections 5.7 and 6.2, method 3): the instant in units of 1/4096 ms are 60 bits, of which 48 stand before the
-- version and 12 after it, and the variant and 62 random bits are those of a version 4 UUID. The instant is read for
-- each row, to the microsecond, which is less than a row takes: what one transaction enqueues has ids in its order.
-- One expression, so that PostgreSQL puts it into the statement instead of calling a function.
CREATE OR REPLACE FUNCTION "millrace"."uuid_v7"() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT (
    overlay(
      pg_catalog.lpad(
        pg_catalog.to_hex((pg_catalog.date_part('epoch', pg_catalog.clock_timestamp()) * 4096000)::bigint), 15, '0'
      ) PLACING '7' FROM 13 FOR 0
    ) || substring(pg_catalog.gen_random_uuid()::text FROM 20)
  )::uuid
$$;
