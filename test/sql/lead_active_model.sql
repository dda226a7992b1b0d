-- The champion of a name: found once per statement, never out of date.
CREATE SCHEMA lead_active;
SET search_path = lead_active, sales_intel;

CREATE TABLE lead AS
SELECT i, (i * 7919) % 1009 < 200 + 150 * (i % 5) AS won, i % 5 AS visits, (i * 31 % 101) / 7.0::float8 AS spend,
    'customer of some kind ' || i % 50 AS source, 'm' || i % 30 AS name
FROM generate_series(1, 600) i;
ANALYZE lead;
SELECT train_lead_model('small', 'SELECT won, visits, spend FROM lead', 'won'),
    train_lead_model('small', 'SELECT won, visits FROM lead', 'won'),
    train_lead_model('large', 'SELECT won, visits, spend, source FROM lead', 'won', '{"max_levels": 1000}'),
    train_lead_model('waiting', 'SELECT won, visits FROM lead', 'won'),
    train_lead_model('waiting');
SELECT promote_model('small', 1), promote_model('large', 1);

SELECT active_lead_model(NULL) IS NULL AS no_name;
SELECT active_lead_model('waiting') IS NULL AS no_champion;
SELECT count(lead_score(active_lead_model('waiting'), l)) FROM lead l;
SELECT active_lead_model('nobody');
SELECT lead_score(active_lead_model(n), l) FROM lead l, (VALUES ('small'), ('nobody')) v(n) WHERE i = 1;
SELECT pg_typeof(active_lead_model('small'));

-- The same scores as with the model itself, over columns; stored in line or not.
EXPLAIN (VERBOSE, COSTS OFF) SELECT lead_score(active_lead_model('small'), l) FROM lead l;
SELECT m.name, pg_column_size(m.model) > 2000 AS out_of_line, count(*) FILTER (WHERE lead_score(m.model, l) = lead_score(active_lead_model(m.name), l)
        AND lead_margin(m.model, l) = lead_margin((SELECT active_lead_model(m.name)), l)) AS same
FROM model_version m, lead l WHERE m.status = 'champion' GROUP BY m.name, m.version ORDER BY m.name;
SELECT count(*) FILTER (WHERE lead_score(active_lead_model('small'), l) = lead_score((SELECT model FROM model_version WHERE name = 'small' AND version = 1), l)) AS same,
    count(DISTINCT lead_grade(active_lead_model('small'), lead_score(active_lead_model('small'), l))) AS grades
FROM lead l;
CREATE TABLE kept AS SELECT n AS name, active_lead_model(n) AS model FROM (VALUES ('small'), ('large')) v(n);
SELECT k.name, model_hash(k.model) = v.model_hash AS same FROM kept k JOIN model_version v ON v.name = k.name AND v.status = 'champion' ORDER BY 1;

-- Many names at one call site, in any order: 30, 64, and more than are kept.
INSERT INTO model_version (name, version, model, label, query, status)
SELECT 'm' || i, 1, model, label, query, 'champion' FROM model_version, generate_series(0, 199) i WHERE name = 'small' AND version = 1 + i % 2;
SELECT n, count(*) AS calls, count(*) FILTER (WHERE model_hash(active_lead_model(name)) = h) AS right
FROM (VALUES (1), (30), (64), (65), (200)) v(n), generate_series(1, 300) i,
    LATERAL (SELECT 'm' || (i * 37) % n AS name) m, LATERAL (SELECT model_hash AS h FROM model_version c WHERE c.name = m.name) h
GROUP BY n ORDER BY n;
SELECT count(*) FILTER (WHERE lead_score(active_lead_model(l.name), l) = lead_score(m.model, l)) AS same FROM lead l JOIN model_version m USING (name);

-- plpgsql keeps the call site of an expression for the whole transaction.
CREATE FUNCTION champion(name text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    hash text := model_hash(active_lead_model(name));
BEGIN
    RETURN (SELECT version FROM sales_intel.model_version v WHERE v.name = champion.name AND v.model_hash = hash);
END $$;
CREATE FUNCTION changing() RETURNS TABLE(step text, version integer) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY VALUES ('at first', champion('small'));
    PERFORM promote_model('small', 2);
    RETURN QUERY VALUES ('promoted', champion('small'));
    BEGIN
        PERFORM promote_model('small', 1);
        RETURN QUERY VALUES ('in a block', champion('small'));
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
        RETURN QUERY VALUES ('block undone', champion('small'));
    END;
    UPDATE sales_intel.model_version SET status = 'retired' WHERE name = 'small' AND status = 'champion';
    RETURN QUERY VALUES ('retired', champion('small'));
    PERFORM promote_model('small', 2);
    RETURN QUERY VALUES ('again', champion('small'));
END $$;
SELECT * FROM changing();
BEGIN;
SELECT champion('small');
SAVEPOINT s;
SELECT promote_model('small', 1);
SELECT champion('small');
ROLLBACK TO s;
SELECT champion('small');
SELECT promote_model('small', 1);
ROLLBACK;
SELECT champion('small');
-- a cursor goes on with what it began with
BEGIN;
DECLARE c CURSOR FOR SELECT model_hash(active_lead_model('small')) = v.model_hash AS version_2 FROM model_version v, lead l WHERE v.name = 'small' AND version = 2;
FETCH 1 FROM c;
SELECT promote_model('small', 1);
FETCH 1 FROM c;
SELECT champion('small');
ROLLBACK;

-- In workers: the leader does nothing but gather.
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT sum(lead_score(active_lead_model('large'), l)) FROM lead l;
CREATE TEMP TABLE alone AS SELECT i, lead_score(active_lead_model('large'), l) AS score FROM lead l;
SELECT count(*) FILTER (WHERE score = lead_score(m.model, l)) AS same FROM alone JOIN lead l USING (i), model_version m WHERE m.name = 'large';
BEGIN;
SELECT promote_model('small', 1);
SELECT count(*) FILTER (WHERE model_hash(active_lead_model('small')) = (SELECT model_hash FROM model_version WHERE name = 'small' AND version = 1)) AS own_change_seen FROM lead;
ROLLBACK;
SELECT count(active_lead_model('nobody')) FROM lead;
SET max_parallel_workers_per_gather = 0;

-- Without its index the table is read; without the table there is an error.
BEGIN;
ALTER INDEX model_version_champion RENAME TO model_version_other;
SELECT champion('small'), champion('large');
CREATE INDEX model_version_champion ON sales_intel.model_version (status, name);
DROP INDEX model_version_champion;
CREATE TABLE elsewhere AS SELECT 'small' AS name;
CREATE INDEX model_version_champion ON elsewhere (name);
ALTER TABLE elsewhere SET SCHEMA sales_intel;
SELECT champion('small'), champion('large');
ROLLBACK;
BEGIN;
ALTER TABLE model_version RENAME TO model_versions;
SELECT active_lead_model('small');
ROLLBACK;

-- Rights are those of the user at the moment of the call; row security is not
-- passed by.
CREATE ROLE regress_lead_reader;
GRANT USAGE ON SCHEMA lead_active TO regress_lead_reader;
SET ROLE regress_lead_reader;
SELECT active_lead_model('small');
RESET ROLE;
GRANT SELECT (name, version, status, model, model_hash) ON model_version TO regress_lead_reader;
SET ROLE regress_lead_reader;
SELECT champion('small');
RESET ROLE;
DO $$
BEGIN
    RAISE NOTICE 'owner: %', lead_active.champion('small');
    REVOKE SELECT (status) ON sales_intel.model_version FROM regress_lead_reader;
    RAISE NOTICE 'owner: %', lead_active.champion('small');
    SET LOCAL ROLE regress_lead_reader;
    RAISE NOTICE 'reader: %', lead_active.champion('small');
END $$;
GRANT SELECT ON model_version TO regress_lead_reader;
ALTER TABLE model_version ENABLE ROW LEVEL SECURITY;
SELECT champion('small') AS owner;
SET ROLE regress_lead_reader;
SELECT active_lead_model('small');
RESET ROLE;
-- nor can numbers be found that policies hide
GRANT INSERT ON model_version TO regress_lead_reader;
GRANT EXECUTE ON FUNCTION train_lead_model(text, text, name), train_lead_model(text, text, name, jsonb) TO regress_lead_reader;
GRANT SELECT ON lead TO regress_lead_reader;
CREATE POLICY other ON model_version FOR SELECT USING (status <> 'champion');
CREATE POLICY add ON model_version FOR INSERT WITH CHECK (true);
SET ROLE regress_lead_reader;
SELECT train_lead_model('small', 'SELECT won, visits FROM lead', 'won');
RESET ROLE;
DROP POLICY other ON model_version;
DROP POLICY add ON model_version;
ALTER TABLE model_version DISABLE ROW LEVEL SECURITY;
DROP OWNED BY regress_lead_reader;
DROP ROLE regress_lead_reader;

DELETE FROM model_version;
SET client_min_messages = warning;
DROP SCHEMA lead_active CASCADE;
