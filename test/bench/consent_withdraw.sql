-- The next of a pgbench client's thousand customers withdraws.
\set n :n + 1
SELECT sales_intel.withdraw_consent((:client_id * 1000 + :n)::text, '{quote_push}');
