-- The same rows give the same model, to the last byte: whatever their order,
-- the order of their columns, the plan and the number of workers.
CREATE SCHEMA lead_determinism;
SET search_path = lead_determinism, sales_intel;
SET jit = off;
CREATE TYPE tier AS ENUM ('gold', 'silver', 'bronze');

-- Every kind of column; what each partition knows of levels and arrays differs.
CREATE TABLE lead (
    i integer, region integer, won boolean,
    visits integer, spend float8, price numeric, source text, plan varchar(10),
    code char(6), tier tier, active boolean, vector float8[]
) PARTITION BY LIST (region);
CREATE TABLE lead_0 PARTITION OF lead FOR VALUES IN (0);
CREATE TABLE lead_1 PARTITION OF lead FOR VALUES IN (1);
CREATE TABLE lead_2 PARTITION OF lead FOR VALUES IN (2);
INSERT INTO lead
SELECT i, i % 3,
    CASE WHEN i % 50 <> 7 THEN (i * 48271::bigint) % 65537 < 15000 + 300 * (i % 90) END,
    CASE WHEN i % 11 > 0 THEN i % 90 END, ((i * 7919) % 1009) / 7.0, (i % 17) / 3.0,
    (ARRAY['web', 'Web', 'fair', '', 'E-mail', NULL])[1 + (i + i % 3 * 2) % 6],
    'p' || i % 3 || i % 4,
    'c' || i % 5, (ARRAY['gold', 'silver', 'bronze'])[1 + i % 7 % 3]::tier, i % 2 = 0,
    CASE WHEN i % 3 = 1 AND i > 900 THEN ARRAY[i % 13, NULL, -i % 29] END
FROM generate_series(1, 3000) i;
ANALYZE lead;
-- the reference: one plain pass in the order of i
CREATE TABLE kept AS SELECT * FROM lead ORDER BY i;
ANALYZE kept;
SET max_parallel_workers_per_gather = 0;
SELECT model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"]}')) AS expected
FROM kept k
\gset
SELECT (lead_model_summary(m)).rows, (lead_model_summary(m)).skipped,
    (lead_model_summary(m)).features, (lead_model_summary(m)).usable
FROM (SELECT lead_model_agg(won, k, '{"exclude": ["i", "won"]}') AS m FROM kept k) s;

-- A function that shows the aggregation steps of a plan, one line each.
CREATE FUNCTION steps(query text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        IF line ~ 'Aggregate|Gather|Append|WindowAgg' THEN
            RETURN NEXT regexp_replace(line, '^[ >-]+', '');
        END IF;
    END LOOP;
END $$;

-- Order of the rows.
SELECT setseed(0.25);
SELECT DISTINCT model_hash(m) = :'expected' AS same, count(*)
FROM (
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}' ORDER BY i DESC) AS m FROM lead l
    UNION ALL
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}' ORDER BY random()) FROM lead l
    UNION ALL
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}' ORDER BY random()) FROM lead l
    UNION ALL
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}' ORDER BY vector NULLS FIRST, i) FROM lead l
    UNION ALL
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}' ORDER BY vector NULLS LAST, i) FROM lead l
) s
GROUP BY same;

-- Order of the columns, and columns of other equal types.
SELECT model_hash(lead_model_agg(won, f)) = :'expected' AS same
FROM lead l, LATERAL (SELECT l.vector, l.tier, l.source, l.active, l.visits, l.plan,
    l.code, l.region, l.price, l.spend) f;
SELECT model_hash(lead_model_agg(won, f)) = :'expected' AS same
FROM lead l, LATERAL (SELECT l.price::float8, l.spend, l.region::bigint, l.code::text,
    l.plan::char(20), l.visits::real, l.active::integer, l.source::varchar, l.tier::text,
    l.vector::numeric[]) f;

-- Zero is zero, whatever its sign.
SELECT count(DISTINCT model_hash(m)) AS models
FROM (
    SELECT lead_model_agg(won, f) AS m FROM lead l, LATERAL (SELECT (l.i % 5)::float8 AS x) f
    UNION ALL
    SELECT lead_model_agg(won, f) FROM lead l, LATERAL (SELECT CASE l.i % 5 WHEN 0 THEN '-0'::float8 ELSE l.i % 5 END AS x) f
) s;

-- Another seed, another label, another option: another model.
SELECT count(DISTINCT model_hash(m)) AS models
FROM (
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}') AS m FROM lead l
    UNION ALL
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"], "seed": 2}') FROM lead l
    UNION ALL
    SELECT lead_model_agg(NOT won, l, '{"exclude": ["i", "won"]}') FROM lead l
    UNION ALL
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"], "folds": 4}') FROM lead l
    UNION ALL
    SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"], "group": "source"}') FROM lead l
) s;

-- Parallel plans; by their cost they are not wanted (see lead_model_serial).
SET cpu_operator_cost = 0;
SET parallel_setup_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT steps($$SELECT lead_model_agg(won, k, '{"exclude": ["i", "won"]}') FROM kept k$$);
SELECT model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"]}')) = :'expected' AS same
FROM kept k;
SET parallel_leader_participation = off;
SELECT model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"]}')) = :'expected' AS same
FROM kept k;
-- each worker a partition, so that one has seen no array and others no "fair"
SELECT steps($$SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}') FROM lead l$$);
SELECT model_hash(lead_model_agg(won, l, '{"exclude": ["i", "won"]}')) = :'expected' AS same
FROM lead l;
-- a weight, a group column, and no options
SELECT count(DISTINCT model_hash(m)) AS models
FROM (
    SELECT lead_model_agg(won, k, 1 + i % 3, '{"exclude": ["i", "won"], "group": "source"}') AS m FROM kept k
    UNION ALL
    SELECT lead_model_agg(won, k, 1 + i % 3, '{"exclude": ["i", "won"], "group": "source"}' ORDER BY i DESC)
    FROM kept k
) s;
SELECT count(DISTINCT model_hash(m)) AS models
FROM (
    SELECT lead_model_agg(i % 4 = 1, f) AS m FROM kept k, LATERAL (SELECT k.visits, k.source) f
    UNION ALL
    SELECT lead_model_agg(i % 4 = 1, f ORDER BY i) AS m FROM kept k, LATERAL (SELECT k.visits, k.source) f
) s;
RESET parallel_leader_participation;

-- Partition-wise: a state per partition, combined, with workers and without.
SET enable_partitionwise_aggregate = on;
SELECT steps($$SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}') FROM lead l$$);
SELECT model_hash(lead_model_agg(won, l, '{"exclude": ["i", "won"]}')) = :'expected' AS same
FROM lead l;
SET max_parallel_workers_per_gather = 0;
SET enable_hashagg = off;
SELECT steps($$SELECT lead_model_agg(won, l, '{"exclude": ["i", "won"]}') FROM lead l GROUP BY active$$);
SELECT active, count(DISTINCT hash) AS models
FROM (
    SELECT active, model_hash(lead_model_agg(won, l, '{"exclude": ["i", "won"]}')) AS hash
    FROM lead l GROUP BY active
    UNION ALL
    SELECT active, model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"]}'))
    FROM kept k GROUP BY active
) s
GROUP BY active
ORDER BY active;
RESET enable_partitionwise_aggregate;
RESET cpu_operator_cost;

-- Groups: hashed, sorted, hashed with so little memory that most groups spill.
CREATE TABLE grouped AS
SELECT g, k.*, md5(i::text || g) AS wide FROM kept k, generate_series(1, 40) g WHERE i % 7 = g % 7;
ANALYZE grouped;
CREATE TABLE hash (plan text, g integer, hash text);
\set by_group 'g, model_hash(lead_model_agg(won, t, ''{"exclude": ["i", "won", "g", "wide"]}'')) FROM grouped t GROUP BY g'
SELECT steps('SELECT ' || :'by_group');
INSERT INTO hash SELECT 'sorted', :by_group;
RESET enable_hashagg;
SET enable_sort = off;
SELECT steps('SELECT ' || :'by_group');
INSERT INTO hash SELECT 'hashed', :by_group;
SET work_mem = '64kB';
SET hash_mem_multiplier = 1;
INSERT INTO hash SELECT 'spilled', :by_group;
-- it did spill
DO $$
DECLARE
    line text;
    spilled boolean := false;
BEGIN
    FOR line IN EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF)
        SELECT g, lead_model_agg(won, t, '{"exclude": ["i", "won", "g", "wide"]}')
        FROM grouped t GROUP BY g
    LOOP
        spilled := spilled OR line ~ 'Batches: ([2-9]|1\d)';
    END LOOP;
    RAISE NOTICE 'spilled: %', spilled;
END $$;
RESET work_mem;
RESET hash_mem_multiplier;
RESET enable_sort;
SELECT count(*), count(DISTINCT g) AS groups, count(DISTINCT hash) AS models,
    count(DISTINCT (g, hash)) AS models_by_group
FROM hash;

-- A running window is the model of the rows so far; a moving one of its rows.
SELECT count(*), count(DISTINCT running) AS models, bool_and(running = direct) AS same
FROM (SELECT
        model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"], "folds": 2, "force": true}')
            OVER (ORDER BY i)) AS running,
        (SELECT model_hash(lead_model_agg(won, p, '{"exclude": ["i", "won"], "folds": 2, "force": true}'))
            FROM kept p WHERE p.i <= k.i) AS direct
    FROM kept k
    WHERE i <= 300) s;
SELECT count(*), bool_and(moving = direct) AS same
FROM (SELECT i,
        model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won", "vector"]}')
            OVER (ORDER BY i ROWS BETWEEN 199 PRECEDING AND CURRENT ROW)) AS moving,
        (SELECT model_hash(lead_model_agg(won, p, '{"exclude": ["i", "won", "vector"]}'))
            FROM kept p WHERE p.i BETWEEN k.i - 199 AND k.i) AS direct
    FROM kept k
    WHERE i <= 260) s
WHERE i > 240;

-- Several uses in one SELECT, shared and not.
SELECT model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"]}')) = :'expected' AS first,
    (lead_model_summary(lead_model_agg(won, k, '{"exclude": ["i", "won"]}'))).rows AS shared,
    (lead_model_summary(lead_model_agg(won, k, '{"exclude": ["i", "won"]}')
        FILTER (WHERE active))).rows AS filtered,
    (lead_model_summary(lead_model_agg(won, k, '{"exclude": ["i"]}')
        FILTER (WHERE won IS NULL))).rows AS unlabelled,
    model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"]}')) = :'expected' AS again
FROM kept k;

-- Branches with other record types and column orders, one array, one without.
SELECT model_hash(lead_model_agg(won, f)) = :'expected' AS same
FROM (
    SELECT won, f FROM lead_0 l, LATERAL (SELECT l.visits::bigint, l.spend, l.price, l.source, l.plan,
        l.code, l.tier, l.active, NULL::integer[] AS vector, l.region) f
    UNION ALL
    SELECT won, f FROM lead_1 l, LATERAL (SELECT l.vector, l.region, l.price::float8, l.spend, l.tier::text,
        l.code, l.active, l.plan, l.source, l.visits) f
    UNION ALL
    SELECT won, f FROM lead_2 l, LATERAL (SELECT l.region, l.visits, l.spend, l.price,
        l.source::varchar, l.plan::text, l.code, l.tier, l.active::integer, l.vector) f
) s;

-- Another session, the same model.
\c -
SET search_path = lead_determinism, sales_intel;
SELECT model_hash(lead_model_agg(won, k, '{"exclude": ["i", "won"]}')) = :'expected' AS same
FROM kept k;

SET client_min_messages = warning;
DROP SCHEMA lead_determinism CASCADE;
