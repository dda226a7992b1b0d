-- Verifying a stream of a million entries, each of 150 bytes.  Parameter: entries.
SELECT max(n) AS appended
FROM (
    SELECT sales_intel.ledger_append('long', 'consent', jsonb_build_object('action', 'withdraw', 'scenes', '["quote_push"]'::jsonb, 'event', i,
        'subject', encode(sha256(int8send(i)), 'hex'))) AS n
    FROM generate_series(1, :entries) AS i) AS a \g /dev/null
VACUUM ANALYZE sales_intel.ledger;
\timing on
SELECT ok, entries FROM sales_intel.ledger_verify('long');
SELECT ok, entries FROM sales_intel.ledger_verify('long');
SELECT ok, entries FROM sales_intel.ledger_verify('long');
