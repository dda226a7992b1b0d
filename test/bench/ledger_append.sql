-- One append, of a pgbench client: sixteen streams.
\set stream random(0, 15)
SELECT sales_intel.ledger_append('stream ' || :stream, 'consent', '{"action": "withdraw", "scenes": ["quote_push"], "event": 4711, "subject": "5dceacbd7765abf7563ac861dea02e3c377cb7b92810055b4b4cc344b3552932"}');
