-- Training sets of point-in-time features beside leaky ones (doc/point-in-time.md):
-- what is promised, what is warned of, what is kept on leads as they stand
-- when they are scored.
CREATE SCHEMA lead_point_in_time;
SET search_path = lead_point_in_time, sales_intel;
SET client_min_messages = warning;
SET timezone = 'UTC';

-- Noise that does not depend on the order of evaluation.
CREATE FUNCTION noise(i integer, salt integer) RETURNS float8
LANGUAGE SQL IMMUTABLE AS $$
    SELECT (hashint8extended(i, salt) & 4294967295) / 4294967296.0::float8
$$;
CREATE FUNCTION today() RETURNS timestamptz IMMUTABLE RETURN timestamptz '2026-01-01';

-- A hidden interest moves stages and outcome; sales calls the hesitant more
-- often, and customers.
CREATE TABLE made_up AS
SELECT *, noise(lead_id, 1) < 1 / (1 + exp(2 - 3 * interest - (source = 'partner')::int)) AS won,
    created_at + (15 + 135 * noise(lead_id, 2)) * interval '1 day' AS closed_at
FROM (SELECT id AS lead_id, noise(id, 3) - noise(id, 4) AS interest, ceil(1000 * noise(id, 5))::int AS employees,
        (ARRAY['web', 'event', 'partner', 'cold call'])[ceil(4 * noise(id, 6))] AS source,
        today() - 730 * noise(id, 7) * interval '1 day' AS created_at
    FROM generate_series(1, 8000) AS id) AS made;
CREATE TABLE lead AS
SELECT lead_id, created_at, source, employees,
    CASE WHEN closed_at < today() THEN closed_at END AS closed_at,
    CASE WHEN closed_at < today() THEN won END AS won
FROM made_up;
CREATE TABLE call AS
SELECT lead_id, at
FROM made_up, LATERAL (
    SELECT created_at + noise(lead_id, 100 + i) * (closed_at - created_at) AS at
    FROM generate_series(1, (12 * exp(-2 * interest) * noise(lead_id, 8))::int) AS i
    UNION ALL
    SELECT closed_at + noise(lead_id, 300 + i) * interval '1 year'
    FROM generate_series(1, CASE WHEN won THEN (20 * noise(lead_id, 9))::int END) AS i) AS e
WHERE at < today();
CREATE TABLE lead_change AS
SELECT lead_id, field, value, at AS valid_from,
    coalesce(lead(at) OVER (PARTITION BY lead_id, field ORDER BY at), 'infinity') AS valid_to
FROM (SELECT lead_id, 'stage' AS field, 'new' AS value, created_at AS at FROM made_up
    UNION ALL
    SELECT lead_id, 'stage', 'talks', created_at + noise(lead_id, 10) * exp(-interest) * interval '30 days' FROM made_up
    UNION ALL
    SELECT lead_id, 'stage', 'contract', closed_at - noise(lead_id, 11) * interval '5 days' FROM made_up WHERE won
    UNION ALL
    SELECT lead_id, 'budget', (100 * employees)::text, closed_at - noise(lead_id, 12) * interval '20 days'
    FROM made_up WHERE noise(lead_id, 13) < CASE WHEN won THEN 0.9 ELSE 0.2 END) AS c
WHERE at < today();
ALTER TABLE lead ADD PRIMARY KEY (lead_id);
CREATE INDEX ON call (lead_id, at);
CREATE INDEX ON lead_change (lead_id, valid_from);
ANALYZE lead, call, lead_change;

-- Leaky: the state of today, whatever happened since the outcome.
CREATE VIEW lead_today AS
SELECT l.lead_id, l.created_at, l.source, l.employees,
    extract(epoch FROM today() - l.created_at) / 86400 AS age_days,
    (SELECT value FROM lead_change AS c WHERE c.lead_id = l.lead_id AND field = 'stage'
        ORDER BY valid_from DESC LIMIT 1) AS stage,
    (SELECT value FROM lead_change AS c WHERE c.lead_id = l.lead_id AND field = 'budget'
        ORDER BY valid_from DESC LIMIT 1)::float8 AS budget,
    count(e.at) AS calls,
    count(e.at) FILTER (WHERE e.at >= today() - interval '30 days') AS recent_calls,
    extract(epoch FROM today() - greatest(l.created_at, l.closed_at, max(e.at))) / 86400 AS quiet_days,
    l.won
FROM lead AS l
    LEFT JOIN call AS e USING (lead_id)
GROUP BY l.lead_id;

-- Clean: the leads open on a day, as they stood then.
CREATE FUNCTION lead_features(as_of timestamptz)
RETURNS TABLE (lead_id int, source text, employees int, age_days float8, stage text,
    budget float8, calls bigint, recent_calls bigint, quiet_days float8)
LANGUAGE sql STABLE BEGIN ATOMIC
SELECT l.lead_id, l.source, l.employees,
    extract(epoch FROM as_of - l.created_at) / 86400,
    c.stage, c.budget, e.calls, e.recent_calls,
    extract(epoch FROM as_of - greatest(c.last_at, e.last_at)) / 86400
FROM lead AS l,
    LATERAL (SELECT max(value) FILTER (WHERE field = 'stage') AS stage,
            max(value) FILTER (WHERE field = 'budget')::float8 AS budget, max(valid_from) AS last_at
        FROM lead_change AS c
        WHERE c.lead_id = l.lead_id AND valid_from < as_of AND valid_to >= as_of) AS c,
    LATERAL (SELECT count(*) AS calls, max(at) AS last_at,
            count(*) FILTER (WHERE at >= as_of - interval '30 days') AS recent_calls
        FROM call AS e
        WHERE e.lead_id = l.lead_id AND e.at < as_of) AS e
WHERE l.created_at < as_of AND (l.closed_at >= as_of OR l.closed_at IS NULL);
END;
CREATE VIEW lead_training AS
SELECT l.created_at, f.*,
    CASE WHEN cutoff + interval '90 days' <= today()
        THEN coalesce(l.won AND l.closed_at < cutoff + interval '90 days', false) END AS won
FROM lead AS l,
    LATERAL (SELECT l.created_at + interval '14 days' AS cutoff) AS d,
    LATERAL lead_features(cutoff) AS f
WHERE f.lead_id = l.lead_id AND cutoff < today();

-- The planner sees through the function: one lead, by index.
EXPLAIN (COSTS OFF) SELECT calls, stage FROM lead_features('2025-06-02') AS f WHERE lead_id = 7;

-- What was recorded later does not matter to it.
BEGIN;
CREATE TABLE seen AS SELECT * FROM lead_features('2025-06-02');
DELETE FROM call WHERE at >= '2025-06-02';
DELETE FROM lead_change WHERE valid_from >= '2025-06-02';
UPDATE lead_change SET valid_to = 'infinity' WHERE valid_to >= '2025-06-02';
UPDATE lead SET closed_at = NULL, won = NULL WHERE closed_at >= '2025-06-02';
SELECT count(*) > 800 AS leads, count(*) FILTER (WHERE seen IS DISTINCT FROM f) AS changed
FROM seen FULL JOIN lead_features('2025-06-02') AS f USING (lead_id);
ROLLBACK;

-- Side by side: trained on fourteen months, tested on the leads of later ones.
CREATE TABLE rival AS
SELECT 1 AS n, 'today' AS trained_on, lead_model_agg(won, l, '{"exclude": ["lead_id", "created_at", "won"]}') AS model
FROM lead_today AS l WHERE created_at < '2025-03-01'
UNION ALL
SELECT 2, 'today, less what is warned of', lead_model_agg(won, l,
    '{"include": ["source", "employees", "age_days", "calls", "recent_calls"]}')
FROM lead_today AS l WHERE created_at < '2025-03-01'
UNION ALL
SELECT 3, 'as of two weeks', lead_model_agg(won, l, '{"exclude": ["lead_id", "created_at", "won"]}')
FROM lead_training AS l WHERE created_at < '2025-03-01';
CREATE TABLE kept AS
SELECT n, trained_on, model, s.roc_auc AS promised, wrong, truth, score, observed
FROM rival, lead_model_summary(model) AS s,
    LATERAL (SELECT roc_auc(lead_score(model, l), won) AS wrong
        FROM lead_today AS l WHERE created_at >= '2025-03-01') AS t,
    LATERAL (SELECT roc_auc(lead_score(model, l), won) AS truth,
            avg(lead_score(model, l)) FILTER (WHERE won IS NOT NULL) AS score, avg(won::int)::float8 AS observed
        FROM lead_training AS l WHERE created_at >= '2025-03-01') AS u;
SELECT trained_on, promised > 0.99 AS splendid, promised - truth > 0.1 AS broken_promise, promised - truth > 0.3 AS collapsed,
    abs(promised - truth) < 0.03 AS kept_promise, abs(score - observed) < 0.02 AS right_level
FROM kept
ORDER BY n;
SELECT trained_on, code, feature FROM rival, lead_model_warnings(model) WHERE code = 'leak_suspected' ORDER BY n, feature COLLATE "C";
-- the leaky ones rank worse than chance, and a test on rows of today hides it
SELECT trained_on, truth < 0.5 AS worse_than_chance, wrong > 0.7 AS hidden
FROM kept
WHERE n < 3
ORDER BY n;

-- Leads whose horizon has not ended are skipped and counted, won or not;
-- counted as lost they would pull the level down.
SELECT (lead_model_summary(lead_model_agg(t.won, t, '{"exclude": ["lead_id", "created_at", "won"]}'))).skipped =
        count(*) FILTER (WHERE t.created_at + interval '104 days' > today()) AS skipped,
    count(*) FILTER (WHERE t.won IS NULL AND l.won) > 30 AS won_but_early,
    avg(coalesce(t.won, false)::int) < avg(t.won::int) - 0.01 AS too_low
FROM lead_training AS t JOIN lead AS l USING (lead_id);

-- Several snapshots of a lead: ungrouped, trees know leads again by what stays
-- the same, and auto believes them; grouped, the promise is kept.
CREATE TABLE lead_snapshot AS
SELECT monday, l.created_at, f.*,
    CASE WHEN monday + interval '90 days' <= today()
        THEN coalesce(l.won AND l.closed_at < monday + interval '90 days', false) END AS won
FROM generate_series(timestamptz '2024-01-01', today(), interval '2 weeks') AS monday,
    LATERAL lead_features(monday) AS f
    JOIN lead AS l USING (lead_id);
SELECT grouped_by, algorithm, rows > 20000 AS many, roc_auc - truth > 0.03 AS broken_promise, abs(roc_auc - truth) < 0.03 AS kept_promise
FROM (SELECT 'lead' AS grouped_by, lead_model_agg(won, s, '{"group": "lead_id", "exclude": ["monday", "created_at", "won"]}') AS model
        FROM lead_snapshot AS s WHERE monday < '2025-03-01'
        UNION ALL
        SELECT 'nothing', lead_model_agg(won, s, '{"exclude": ["lead_id", "monday", "created_at", "won"]}')
        FROM lead_snapshot AS s WHERE monday < '2025-03-01') AS trained,
    lead_model_summary(model),
    LATERAL (SELECT roc_auc(lead_score(model, s), won) AS truth FROM lead_snapshot AS s WHERE created_at >= '2025-03-01') AS t
ORDER BY grouped_by;

DROP SCHEMA lead_point_in_time CASCADE;
