/*
 * Tables whose rows carry the mask of their customer, and a consent view of
 * one, after consent.sql in its database: read in a scan, by a rep, by row; and
 * one withdrawal with 1,000 rows of the customer.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;

CALL allow('id');
CREATE TABLE bare AS SELECT *, CASE WHEN id % 10 < 7 THEN 2 ELSE 0 END::bigint AS consent FROM client;
CREATE TABLE masked AS TABLE bare;
CREATE TABLE offer AS
SELECT i AS id, CASE WHEN i % 100 = 0 THEN 1 ELSE i END::bigint AS client, md5(i::text) AS note, 0::bigint AS consent
FROM generate_series(1, 100000) AS i;
ALTER TABLE masked ADD PRIMARY KEY (id);
ALTER TABLE offer ADD PRIMARY KEY (id);
CREATE INDEX ON masked (rep);
CREATE INDEX ON offer (client);
SELECT create_access_rule('masked', 'not the smallest', 'permit', '{select}', $$amount >= attr_bigint('least') AND consent_allows(id, 'quote_push')$$),
    create_access_rule('offer', 'all', 'permit', '{select}', 'true'),
    protect_table('masked', '{"consent_mask": "consent"}'),
    protect_table('offer', '{"consent_mask": "consent", "subject_key": "client"}') \g /dev/null
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('rep', 'least', '0');
CREATE ROLE bench_desk;
GRANT USAGE, CREATE ON SCHEMA bench TO bench_desk;
SELECT grant_role('table_owner', 'bench_desk') \g /dev/null
ALTER TABLE masked OWNER TO bench_desk;
SET ROLE bench_desk;
SELECT create_consent_view('bench.card', 'bench.masked', 'id',
    '{"id": null, "rep": null, "amount": "quote_push", "note": {"scene": "quote_push", "mask": "mask_name"}}', '{"row_scene": "quote_push"}') \g /dev/null
RESET ROLE;
GRANT SELECT ON bare, masked, card TO bench_rep;
VACUUM (ANALYZE) bare, masked, offer;

CREATE PROCEDURE withdraw(times integer)
LANGUAGE plpgsql
AS $$
DECLARE
    started timestamptz;
BEGIN
    FOR run IN 1..times LOOP
        PERFORM grant_consent('1', '{quote_push}');
        COMMIT;
        started := clock_timestamp();
        PERFORM withdraw_consent('1', '{quote_push}');
        COMMIT;
        INSERT INTO reading (keys, step, seconds)
        VALUES ('mask', 'a withdrawal with 1,000 rows', extract(epoch FROM clock_timestamp() - started));
        COMMIT;
    END LOOP;
END
$$;

-- In turn: the machine's speed is not constant.
CREATE PROCEDURE race(times integer)
LANGUAGE plpgsql
AS $$
BEGIN
    FOR run IN 1..times LOOP
        CALL read_scan('mask', 'a scan', 'SELECT count(*), sum(amount) FROM bare', 1);
        CALL read_scan('mask', 'the same conditions, by hand', 'SELECT count(*), sum(amount) FROM bare WHERE amount >= 0 AND consent & 2 <> 0', 1);
        CALL read_scan('mask', 'under a rule, with the mask', 'SELECT count(*), sum(amount) FROM masked', 1);
        CALL read_scan('mask', 'a consent view of that: two columns, a row scene', 'SELECT count(amount), sum(amount), count(note) FROM card', 1);
        CALL read_scan('mask, by rep', 'a scan', 'SELECT count(*), sum(n) FROM (SELECT rep, count(*), sum(amount), max(amount) AS n FROM bare GROUP BY rep) AS t', 1);
        CALL read_scan('mask, by rep', 'the same conditions, by hand', 'SELECT count(*), sum(n) FROM (SELECT rep, count(*), sum(amount), max(amount) AS n FROM bare WHERE amount >= 0 AND consent & 2 <> 0 GROUP BY rep) AS t', 1);
        CALL read_scan('mask, by rep', 'under a rule, with the mask', 'SELECT count(*), sum(n) FROM (SELECT rep, count(*), sum(amount), max(amount) AS n FROM masked GROUP BY rep) AS t', 1);
    END LOOP;
END
$$;
CALL race(7);
CALL read('mask', 'a rep''s 1,000 rows with the mask', 'SELECT count(note) FROM masked WHERE rep = 7', 50);
CALL read('mask', 'a rep''s 1,000 rows by the view', 'SELECT count(note) FROM card WHERE rep = 7', 50);
CALL read('mask', 'one row with the mask', 'SELECT note FROM masked WHERE id = 7012', 200);
CALL read('mask', 'one row by the view', 'SELECT note FROM card WHERE id = 7012', 200);
CALL withdraw(20);
SELECT 1 / (count(*) = 0)::integer AS none FROM offer WHERE client = 1 AND consent <> 0 \gset

\pset tuples_only
\pset format unaligned
WITH median AS (
    SELECT keys, step, min(position) AS position, percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY processor) AS processor
    FROM reading
    WHERE keys ~ '^mask'
    GROUP BY keys, step
), scan AS (
    SELECT keys, seconds, processor FROM median WHERE step = 'a scan'
)
SELECT format('| %s | %s | %s | %s | %s | %s |', m.keys, m.step, round(m.seconds::numeric * 1000, 2), round((m.seconds / s.seconds)::numeric, 2),
              round(m.processor::numeric * 1000), round((m.processor / NULLIF(s.processor, 0))::numeric, 2))
FROM median AS m
JOIN scan AS s USING (keys)
ORDER BY m.keys, m.position;
