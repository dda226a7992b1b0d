-- Generates 3,862 deals of 127 representatives with what was done in them, for
-- tests and the demonstration: tables deal and deal_event.
--
--   \i test/data/deals.sql
--
-- Nothing is random: every choice is a hash of what it is about, the same on
-- every machine.  What is planted, and what is not:
--
-- * In three of four deals the customer hesitates, and in about half of them
--   a light way to validate the product is offered: within 90 seconds of the
--   hesitation, minutes later, or before it.  Within 90 seconds it multiplies
--   the odds of winning by 4.72, in education and business; in government it
--   changes nothing, nor does any other offer.
-- * Representatives have habits, and some win more often, whatever they do:
--   the deals of one of them are not independent.
-- * All other behaviours have nothing to do with winning.
-- * A contract is signed in every deal that is won: the outcome itself.

CREATE FUNCTION chance(about text) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$SELECT (('x' || substr(md5(about), 1, 8))::bit(32)::bigint + 0.5) / 4294967296.0$$;

CREATE TABLE deal AS
SELECT id, segment, rep, opened_at, offer,
    chance('closes ' || id) < 1 / (1 + exp(1.3 - 1.6 * (chance('talent ' || rep) - 0.5)
        - CASE WHEN offer = 'prompt' AND segment <> 'government' THEN ln(4.72) ELSE 0 END)) AS won
FROM (SELECT id, segment, rep, opened_at,
        CASE WHEN NOT offers THEN 'none' WHEN NOT hesitates THEN 'unasked'
            ELSE (ARRAY['prompt', 'late', 'early'])[1 + floor(3 * chance('when ' || id))::integer] END AS offer
    FROM (SELECT id, rep, timestamptz '2025-01-01 08:00:00+00' + id * interval '1 hour' AS opened_at,
            (ARRAY['education', 'business', 'government'])[1 + floor(3 * chance('segment ' || id))::integer] AS segment,
            chance('hesitates ' || id) < 0.75 AS hesitates,
            chance('offers ' || id) < 0.3 + 0.4 * chance('offers ' || rep) AS offers
        FROM (SELECT id, 'rep ' || lpad((1 + floor(127 * chance('rep ' || id)))::text, 3, '0') AS rep
            FROM generate_series(1, 3862) AS id) AS d) AS d) AS d;

CREATE TABLE deal_event AS
WITH hesitation AS (
    SELECT *, opened_at + make_interval(secs => 300 + floor(900 * chance('doubt ' || id))) AS doubt_at
    FROM deal
)
SELECT id, doubt_at AS at, 'hesitation' AS event
FROM hesitation
WHERE offer IN ('prompt', 'late', 'early') OR (offer = 'none' AND chance('hesitates ' || id) < 0.75)
UNION ALL
SELECT id, doubt_at + make_interval(secs => CASE offer WHEN 'prompt' THEN 15 + floor(75 * chance('delay ' || id))
    WHEN 'early' THEN -15 - floor(250 * chance('delay ' || id)) ELSE 120 + floor(500 * chance('delay ' || id)) END), 'light_validation'
FROM hesitation
WHERE offer <> 'none'
UNION ALL
SELECT id, opened_at + make_interval(secs => floor(1800 * chance(act || n || ' at ' || id))), act
FROM deal, unnest(ARRAY['agenda', 'authority_question', 'budget_question', 'case_study', 'competitor_named', 'demo',
        'discount_offered', 'feature_list', 'follow_up_set', 'implementation_plan', 'joke', 'legal_review', 'need_summary',
        'objection_price', 'open_question', 'pain_named', 'price_named', 'reference_customer', 'roi_calculator', 'security_answer',
        'silence', 'timeline_agreed']) AS act, generate_series(1, 2) AS n
WHERE chance(act || n || ' in ' || id) < 0.05 + 0.5 * chance(act || ' of ' || rep)
UNION ALL
SELECT id, opened_at + interval '40 days', 'contract_signed'
FROM deal
WHERE won;

ANALYZE deal, deal_event;
