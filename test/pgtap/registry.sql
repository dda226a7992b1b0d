-- The registry by role: what it looks like, who may read, train and promote,
-- and that nobody lends rights by it.
BEGIN;
SELECT plan(36);
SET LOCAL client_min_messages = error;

SELECT columns_are('sales_intel', 'model_version', ARRAY['name', 'version', 'model', 'label', 'query', 'options', 'rows',
    'positives', 'roc_auc', 'brier_score', 'calibration_error', 'usable', 'status', 'trained_by', 'trained_at', 'model_hash']);
SELECT columns_are('sales_intel', 'lead_model_version', ARRAY['name', 'version', 'label', 'query', 'options', 'rows',
    'positives', 'roc_auc', 'brier_score', 'calibration_error', 'usable', 'status', 'trained_by', 'trained_at', 'model_hash']);
SELECT results_eq(
    $$SELECT string_agg(format_type(atttypid, atttypmod), ' ' ORDER BY attnum)
      FROM pg_attribute WHERE attrelid = 'sales_intel.model_version'::regclass AND attnum > 0$$,
    $$VALUES ('text integer sales_intel.lead_model text text jsonb bigint bigint double precision double precision '
        'double precision boolean text name timestamp with time zone text')$$,
    'the columns have the documented types');
SELECT bag_eq(
    $$SELECT p.oid::regprocedure::text, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), provolatile, proparallel, proisstrict
      FROM pg_proc p
      WHERE pronamespace = 'sales_intel'::regnamespace
          AND proname IN ('train_lead_model', 'promote_model', 'active_lead_model')$$,
    $$VALUES ('sales_intel.train_lead_model(text,text,name,jsonb)', 'name text, query text, label name, options jsonb', 'integer', 'v'::"char", 'u'::"char", false),
        ('sales_intel.train_lead_model(text,text,name)', 'name text, query text, label name', 'integer', 'v', 'u', false),
        ('sales_intel.train_lead_model(text)', 'name text', 'integer', 'v', 'u', false),
        ('sales_intel.promote_model(text,integer)', 'name text, version integer', 'void', 'v', 'u', false),
        ('sales_intel.active_lead_model(text)', 'name text', 'sales_intel.lead_model', 's', 's', true)$$,
    'the functions are there as documented');
SELECT is_empty(
    $$SELECT oid::regprocedure FROM pg_proc
      WHERE pronamespace = 'sales_intel'::regnamespace AND prosecdef
          AND proname IN ('train_lead_model', 'promote_model', 'active_lead_model')$$,
    'they run with the rights of their caller');
SELECT is_empty(
    $$SELECT FROM pg_extension WHERE extname = 'sales_intel' AND 'sales_intel.model_version'::regclass <> ALL (extconfig)$$,
    'the registry is dumped');

-- The grants of doc/model-registry.md.
CREATE ROLE tap_nobody;
CREATE ROLE tap_analyst;
CREATE ROLE tap_trainer;
CREATE ROLE tap_promoter;
CREATE ROLE tap_team;
GRANT SELECT ON sales_intel.model_version, sales_intel.lead_model_version, sales_intel.lead_model_history
    TO tap_analyst, tap_trainer, tap_promoter;
GRANT INSERT (name, version, model, label, query, options) ON sales_intel.model_version TO tap_trainer, tap_team;
GRANT EXECUTE ON FUNCTION sales_intel.train_lead_model(text), sales_intel.train_lead_model(text, text, name),
    sales_intel.train_lead_model(text, text, name, jsonb) TO tap_trainer, tap_team;
GRANT UPDATE (status) ON sales_intel.model_version TO tap_promoter;
GRANT EXECUTE ON FUNCTION sales_intel.promote_model(text, integer) TO tap_promoter;

CREATE TABLE lead AS
SELECT (i * 7919) % 1009 < 200 + 150 * (i % 5) AS won, i % 5 AS visits FROM generate_series(1, 300) i;
CREATE TABLE secret AS SELECT *, 1 AS salary FROM lead;
CREATE VIEW public.scored AS
SELECT sales_intel.lead_score((SELECT model FROM sales_intel.model_version WHERE name = 'x' AND status = 'champion'), l) AS score FROM lead AS l;
GRANT SELECT ON lead TO tap_nobody, tap_analyst, tap_trainer, tap_promoter, tap_team;
GRANT SELECT ON scored TO tap_nobody;

SET ROLE tap_trainer;
SELECT is(sales_intel.train_lead_model('x', 'SELECT won, visits FROM lead', 'won'), 1, 'a trainer trains');
SELECT is(sales_intel.train_lead_model('x', 'SELECT won, visits FROM lead', 'won', '{"seed": 2}'), 2, 'with options');
SELECT is(sales_intel.train_lead_model('x'), 3, 'and again');
SELECT is((SELECT string_agg(DISTINCT concat_ws(' ', trained_by, status), ', ') FROM sales_intel.model_version),
    'tap_trainer candidate', 'under the trainer''s name, as candidates');
SELECT throws_ok($$SELECT sales_intel.train_lead_model('x', 'SELECT * FROM secret', 'won')$$,
    '42501', 'permission denied for table secret', 'the query runs with the rights of the caller');
SELECT throws_ok($$SELECT sales_intel.promote_model('x', 1)$$,
    '42501', 'permission denied for function promote_model', 'a trainer does not promote');
SELECT throws_ok($$UPDATE sales_intel.model_version SET status = 'champion' WHERE version = 1$$,
    '42501', 'permission denied for table model_version', 'nor by hand');
SELECT throws_ok($$INSERT INTO sales_intel.model_version (name, version, model, label, query, status)
        SELECT 'x', 4, model, label, query, 'champion' FROM sales_intel.model_version WHERE version = 1$$,
    '42501', 'permission denied for table model_version', 'nor by adding a champion');
SELECT throws_ok($$INSERT INTO sales_intel.model_version (name, version, model, label, query, trained_by)
        SELECT 'x', 4, model, label, query, 'postgres' FROM sales_intel.model_version WHERE version = 1$$,
    '42501', 'permission denied for table model_version', 'nor signs with another name');

SET ROLE tap_promoter;
SELECT throws_ok($$SELECT sales_intel.train_lead_model('x')$$,
    '42501', 'permission denied for function train_lead_model', 'a promoter does not train');
SELECT lives_ok($$SELECT sales_intel.promote_model('x', 2)$$, 'a promoter promotes');
SELECT lives_ok($$SELECT sales_intel.promote_model('x', 1)$$, 'and rolls back');
SELECT throws_ok($$UPDATE sales_intel.model_version SET query = 'SELECT 1'$$,
    '42501', 'permission denied for table model_version', 'but changes nothing else');

SET ROLE tap_analyst;
SELECT is((SELECT count(sales_intel.lead_score(sales_intel.active_lead_model('x'), l)) FROM lead l), 300::bigint, 'an analyst scores');
SELECT is((SELECT string_agg(status, ' ' ORDER BY version) FROM sales_intel.lead_model_version), 'champion retired candidate', 'and reads the registry');
SELECT is((SELECT count(*) FROM sales_intel.lead_model_history), 3::bigint, 'and its history');
SELECT throws_ok($$SELECT sales_intel.train_lead_model('x')$$, '42501', 'permission denied for function train_lead_model', 'but does not train');
SELECT throws_ok($$SELECT sales_intel.promote_model('x', 1)$$, '42501', 'permission denied for function promote_model', 'nor promote');

SET ROLE tap_nobody;
SELECT throws_ok($$SELECT model FROM sales_intel.model_version$$, '42501', 'permission denied for table model_version', 'models are not for all');
SELECT throws_ok($$SELECT name FROM sales_intel.lead_model_version$$, '42501', 'permission denied for view lead_model_version', 'nor what is said of them');
SELECT throws_ok($$SELECT name FROM sales_intel.lead_model_history$$, '42501', 'permission denied for view lead_model_history', 'nor their history');
SELECT throws_ok($$SELECT sales_intel.active_lead_model('x')$$, '42501', 'permission denied for table model_version', 'nor the champion');
SELECT throws_ok($$SELECT sales_intel.lead_score(sales_intel.active_lead_model('nobody'), l) FROM lead l$$,
    '42501', 'permission denied for table model_version', 'nor whether there is one');
SELECT is((SELECT count(score) FROM scored), 300::bigint, 'a view that reads the table lends its owner''s rights');

-- Rights by column are enough; execution alone is not, and says so before it
-- has trained.
RESET ROLE;
GRANT SELECT (name, status, model) ON sales_intel.model_version TO tap_nobody;
SET ROLE tap_nobody;
SELECT is((SELECT count(sales_intel.lead_score(sales_intel.active_lead_model('x'), l)) FROM lead l), 300::bigint, 'three columns are enough to score');
SET ROLE tap_team;
SELECT throws_ok($$SELECT sales_intel.train_lead_model('y', 'SELECT 1 / 0 = 1 AS won, visits FROM lead', 'won')$$,
    '42501', 'permission denied for table model_version', 'a missing right is found before training');
RESET ROLE;
GRANT SELECT ON sales_intel.model_version TO tap_team;

-- A stored query is repeated only where its author has those rights anyway.
SELECT throws_ok($$SELECT sales_intel.train_lead_model('x')$$,
    '42501', 'the query of lead model "x" is not repeated with your rights', 'a superuser does not run a trainer''s query unread');
SET ROLE tap_team;
SELECT throws_ok($$SELECT sales_intel.train_lead_model('x')$$,
    '42501', 'the query of lead model "x" is not repeated with your rights', 'nor does a colleague');
RESET ROLE;
GRANT tap_team TO tap_trainer;
SET ROLE tap_team;
SELECT is(sales_intel.train_lead_model('x'), 4, 'a team repeats what a member wrote');
RESET ROLE;
SELECT sales_intel.train_lead_model('x', 'SELECT won, visits FROM lead', 'won');
SET ROLE tap_trainer;
SELECT is(sales_intel.train_lead_model('x'), 6, 'anyone repeats what a superuser wrote, with rights of their own');
RESET ROLE;

SELECT finish();
ROLLBACK;
