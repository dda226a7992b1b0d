/*
 * Customers read as far as they allow it, in a database with the extension and
 * schema bench: with consent_allows, in a rule and by itself, beside the same
 * scan without a question, a policy with EXISTS, and a function that asks for
 * each row.  Seconds of the processor, and of the clock.  psql variable: rows.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;

CREATE ROLE bench_rep LOGIN;
GRANT USAGE ON SCHEMA bench TO PUBLIC;
INSERT INTO principal (principal, login_role) VALUES ('rep', 'bench_rep');
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('rep', 'rep', '7');

-- In the order of the customers' keys, and in no order.
CREATE TABLE client AS
SELECT i::bigint AS id, 'customer-' || lpad(i::text, 8, '0') AS key, md5(i::text)::uuid AS uuid, i % 1000 AS rep, i * 7919::bigint % 1000 AS amount, md5(i::text) AS note
FROM generate_series(1, :rows) AS i;
CREATE TABLE mixed AS SELECT * FROM client ORDER BY md5(id::text);
CREATE TABLE policed AS TABLE client;
CREATE TABLE ruled AS TABLE client;
SELECT format('ALTER TABLE %1$s ADD PRIMARY KEY (id); CREATE INDEX ON %1$s (rep); GRANT SELECT ON %1$s TO PUBLIC', rel)
FROM unnest('{client,mixed,policed,ruled}'::regclass[]) AS rel
\gexec

-- The peers: a row for each scene, asked by a policy or by a function.
CREATE TABLE consent AS
SELECT id, scene, id % 10 < 7 AS granted FROM client, unnest('{quote_push,test_drive}'::text[]) AS scene;
ALTER TABLE consent ADD PRIMARY KEY (id, scene);
GRANT SELECT ON consent TO PUBLIC;
ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
CREATE POLICY allowed ON policed USING (EXISTS (SELECT FROM consent AS c WHERE c.id = policed.id AND c.scene = 'quote_push' AND c.granted));
CREATE FUNCTION allowed(id bigint, scene text) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS
    'SELECT EXISTS (SELECT FROM bench.consent AS c WHERE c.id = $1 AND c.scene = $2 AND c.granted)';

CREATE TABLE reading (
    position   integer GENERATED ALWAYS AS IDENTITY,
    keys text, step text, seconds float8, processor float8, answer text
);

CREATE PROCEDURE read(keys text, step text, query text, times integer DEFAULT 1)
LANGUAGE plpgsql
AS $$
DECLARE
    started    timestamptz;
    processor  float8;
    seconds    float8;
    found      record;
BEGIN
    FOR run IN 1..times LOOP
        SET LOCAL SESSION AUTHORIZATION bench_rep;
        started := clock_timestamp();
        EXECUTE query INTO found;
        seconds := extract(epoch FROM clock_timestamp() - started);
        SET LOCAL SESSION AUTHORIZATION DEFAULT;
        INSERT INTO reading (keys, step, seconds, answer) VALUES (keys, step, seconds, found::text);
        COMMIT;
    END LOOP;
END
$$;

-- What takes long enough for the processor's time to be looked at, too.
CREATE PROCEDURE read_scan(keys text, step text, query text, times integer DEFAULT 3)
LANGUAGE plpgsql
AS $$
DECLARE
    before float8;
BEGIN
    FOR run IN 1..times LOOP
        before := processor();
        CALL read(keys, step, query);
        UPDATE reading SET processor = processor() - before WHERE position = (SELECT max(position) FROM reading);
        COMMIT;
    END LOOP;
END
$$;

CREATE PROCEDURE allow(keys text)
LANGUAGE plpgsql
AS $$
BEGIN
    TRUNCATE consent_state;
    EXECUTE format('INSERT INTO sales_intel.consent_state (subject, mask)
                    SELECT %I::text, CASE WHEN id %% 10 < 7 THEN 2 ELSE 0 END FROM bench.client ORDER BY id', keys);
END
$$;

-- A rep's own customers, by index.
SELECT create_access_rule('ruled', 'own', 'permit', '{select}', $$rep = attr_bigint('rep') AND consent_allows(id, 'quote_push')$$),
       protect_table('ruled') \g /dev/null

\set keys id
\ir consent_reads.sql
\ir consent_reads.sql
\ir consent_reads.sql
\set keys key
\ir consent_reads.sql
\ir consent_reads.sql
\ir consent_reads.sql
\set keys uuid
\ir consent_reads.sql

-- all say the same
SELECT 1 / (count(*) = 0)::integer AS same
FROM (SELECT FROM reading WHERE answer ~ '^\(' GROUP BY keys HAVING count(DISTINCT answer) > 1) AS t \gset

\pset tuples_only
\pset format unaligned
WITH median AS (
    SELECT keys, step, min(position) AS position,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds) AS seconds,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY processor) AS processor
    FROM reading
    GROUP BY keys, step
), scan AS (
    SELECT keys, seconds, processor FROM median WHERE step = 'a scan'
)
SELECT format(E'| %s | %s | %s | %s | %s | %s |', m.keys, m.step, round(m.seconds::numeric * 1000, 2), round((m.seconds / s.seconds)::numeric, 2),
              round(m.processor::numeric * 1000), round((m.processor / NULLIF(s.processor, 0))::numeric, 2))
FROM median AS m
JOIN scan AS s USING (keys)
ORDER BY m.position;
