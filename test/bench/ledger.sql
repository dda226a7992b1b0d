-- Verifying a stream of many entries, each of 150 bytes.  psql variable: entries.
SET search_path = sales_intel;

SELECT max(n) AS appended
FROM (
    SELECT ledger_append('long', 'consent', jsonb_build_object('action', 'withdraw', 'scenes', '["quote_push"]'::jsonb, 'event', i,
        'subject', encode(sha256(int8send(i)), 'hex'))) AS n
    FROM generate_series(1, :entries) AS i) AS a \g /dev/null
VACUUM ANALYZE ledger;
CREATE TABLE bench.verification (seconds float8, entries bigint);

DO $$
DECLARE
    started timestamptz;
BEGIN
    FOR run IN 1..3 LOOP
        started := clock_timestamp();
        INSERT INTO bench.verification (entries)
        SELECT entries FROM ledger_verify('long') WHERE ok;
        UPDATE bench.verification SET seconds = extract(epoch FROM clock_timestamp() - started) WHERE seconds IS NULL;
    END LOOP;
END
$$;

SELECT 1 / (count(entries) = 3)::integer AS verified FROM bench.verification \gset

\pset tuples_only
\pset format unaligned
SELECT format('| verification of %s entries, seconds | %s |', min(entries), round(percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds)::numeric, 2))
FROM bench.verification;
