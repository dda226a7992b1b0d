-- A customer allows a scene, and withdraws it; a pgbench client's.
\set i random(1, :rows)
SELECT sales_intel.grant_consent(:i::text, '{quote_push}');
SELECT sales_intel.withdraw_consent(:i::text, '{quote_push}');
