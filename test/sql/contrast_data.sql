-- Contrasts of real dialogues, where there is nothing to find, and of generated
-- deals, where a rule is planted.
CREATE SCHEMA contrast_data;
SET search_path = contrast_data, sales_intel;
SET client_min_messages = warning;
SET extra_float_digits = 0;
\set ECHO none
\i test/data/persuasion.sql
\i test/data/deals.sql
\set ECHO all

-- Persuasion for Good: what persuaders did, by whether the other one gave.
CREATE TABLE dialogue AS
SELECT dialogue, persuader, donation > 0 AS gave, sequence_agg(at, behaviour) AS s
FROM persuasion_dialogue JOIN persuasion_behaviour USING (dialogue) WHERE role = 'persuader' GROUP BY dialogue;
CREATE TABLE persuasion AS
SELECT contrast_agg(s, gave) AS c, contrast_agg(s, gave, '{"min_support": 10}') AS often, contrast_agg(s, gave, persuader, '{}') AS cc,
    contrast_agg(s, gave, '{"triples": true, "min_support": 0.1}') AS ct FROM dialogue;
SELECT s.* FROM persuasion, contrast_summary(c) s;

-- Single behaviours in 10 dialogues and more: three of 25 below 0.05.
SELECT count(*), count(*) FILTER (WHERE p_value < 0.05) AS naive, round(min(p_value)::numeric, 4) AS least FROM persuasion, contrast_patterns(often) WHERE kind = 'presence';
-- Zero discoveries, whatever is counted.
SELECT what, tested, count(*) FILTER (WHERE p_value < 0.01) AS naive, count(*) FILTER (WHERE q_value <= 0.1) AS discoveries,
    count(*) FILTER (WHERE max_p <= 0.1) AS by_permutation, round(min(q_value)::numeric, 3) AS least_q
FROM (SELECT 1 AS i, 'all' AS what, c FROM persuasion UNION ALL SELECT 2, 'in 10 or more', often FROM persuasion
      UNION ALL SELECT 3, 'by persuader', cc FROM persuasion UNION ALL SELECT 4, 'triples', ct FROM persuasion) w, contrast_patterns(c, '{"permutations": 1000}')
GROUP BY i, what, tested ORDER BY i;
-- R 4.2.2: fisher.test(matrix(c(18, 130, 3, 149), 2))$p.value; p.adjust(., "BH") of the least of 690 is 690 times that
SELECT pattern, abs(p_value / 0.000493317968843178 - 1) < 1e-12 AS p, abs(q_value / 0.340389398501793 - 1) < 1e-12 AS q
FROM persuasion, contrast_patterns(c) LIMIT 1;
-- Every expression finds what was counted.
SELECT kind, count(*), bool_and(success_with = yes AND failure_with = no) AS agrees
FROM persuasion, contrast_patterns(c) p, LATERAL (SELECT count(*) FILTER (WHERE gave) AS yes, count(*) FILTER (WHERE NOT gave) AS no FROM dialogue WHERE sequence_match(s, p.expression)) m
GROUP BY kind ORDER BY kind;

-- Deals: of 598 patterns the planted pair comes first.  Rows taken for
-- independent show others too; with representatives as clusters it stays alone.
CREATE TABLE call AS
SELECT id, segment, rep, won, sequence_agg(at, event) AS s FROM deal JOIN deal_event USING (id) GROUP BY id, segment, rep, won;
CREATE TABLE deals AS SELECT contrast_agg(s, won) AS c, contrast_agg(s, won, rep, '{}') AS cc FROM call;
SELECT s.* FROM deals, contrast_summary(cc) s;
SELECT clustered, tested, count(*) FILTER (WHERE q_value <= 0.05) AS discoveries, count(*) FILTER (WHERE max_p <= 0.05) AS by_permutation,
    min(expression) FILTER (WHERE q_value <= 0.0001) AS surest
FROM (SELECT false AS clustered, c FROM deals UNION ALL SELECT true, cc FROM deals) d, contrast_patterns(c, '{"permutations": 1000}')
WHERE kind NOT LIKE '%outcome' GROUP BY clustered, tested ORDER BY clustered;
SELECT expression, success_with, success_without, failure_with, failure_without, round(odds_ratio::numeric, 2) AS odds_ratio, round(low::numeric, 2) AS low,
    round(high::numeric, 2) AS high, q_value < 0.001 AS q, order_p_value < 0.001 AS ordered, max_p
FROM deals, contrast_patterns(cc, '{"permutations": 1000}') WHERE kind = 'pair' LIMIT 1;
-- Flagged by itself: the contract is in all deals won and in no other.
SELECT kind, count(*), count(q_value) AS q FROM deals, contrast_patterns(cc) WHERE 'contract_signed' = ANY (pattern) GROUP BY kind ORDER BY kind;

-- The pair within 90 seconds, and where it holds: 4.72 was planted.
SELECT stratum, a, b, c, d, low < 4.72 AND high > 4.72 AS planted, low < 1 AND high > 1 AS nothing, verdict
FROM (SELECT stratified_agg(segment, sequence_match(s, 'hesitation ... [<= 90s] light_validation'), won) AS t FROM call) p, strata(t) ORDER BY stratum;
SELECT p_value < 0.0001 AS segments_differ
FROM (SELECT stratified_agg(segment, sequence_match(s, 'hesitation ... [<= 90s] light_validation'), won) AS t FROM call) p, breslow_day(t);

-- The score test of clusters: never surer than Fisher's, mostly near the
-- sandwich of contingency_agg, which knows nothing where one cluster has it all.
SELECT count(*), bool_and(p.p_value >= fisher_p(contingency(success_with, failure_with, success_without, failure_without)) * (1 - 1e-9)) AS never_surer
FROM deals, contrast_patterns(cc) p;
-- Its variance is never the smaller one: R's qt(0.975, 126) for 127 representatives.
SELECT max(abs(ln(p_value / odds_ratio_p(t)))) < 1 AS near, min(clusters) AS least, max(clusters) AS most,
    bool_and(ln(p_high / p_low) / 2 / 1.978970601990614 >= sqrt(design_effect * (1.0 / a + 1.0 / b + 1.0 / c + 1.0 / d)) * (1 - 1e-9)) AS wider
FROM (SELECT p_value, p.low AS p_low, p.high AS p_high, contingency_agg(sequence_match(s, expression), won, rep) AS t
      FROM deals, contrast_patterns(cc) p, call WHERE kind = 'presence' GROUP BY 1, 2, 3) p, clustered_cells(t);
SELECT p.p_value > 0.3 AS nothing, p.low < 1 AS includes_one, odds_ratio_p(t) IS NULL AS unknown
FROM (SELECT contrast_agg(s, won, rep, '{}') AS c, contingency_agg(sequence_match(s, 'x'), won, rep) AS t
      FROM (SELECT sequence_agg(to_timestamp(1), CASE WHEN i <= 20 THEN 'x' ELSE 'y' END) AS s, i <= 18 OR i % 2 = 0 AS won, 'r' || (i - 1) / 20 AS rep
            FROM generate_series(1, 2000) i GROUP BY i) one) o, contrast_patterns(c) p
WHERE expression = 'x';

DROP SCHEMA contrast_data CASCADE;
