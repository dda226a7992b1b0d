-- Consent: asked for, granted, refused, withdrawn; standing and in sessions; in
-- time; what follows from a withdrawal.  Ids and times are not shown; events,
-- which stay, are those of this test's own database.
CREATE DATABASE regress_consent;
\set database :DBNAME
\c regress_consent
CREATE EXTENSION sales_intel;
SET client_min_messages = warning;
SET search_path = public, sales_intel;
\pset null '-'
\set VERBOSITY default
\set SHOW_CONTEXT never
CREATE FUNCTION allowed(subject text, session text DEFAULT NULL) RETURNS text LANGUAGE SQL AS $$
    SELECT COALESCE(string_agg(s.scene, ' ' ORDER BY s.bit), 'nothing') FROM consent_scene AS s
    WHERE (live_consent(subject, session) >> s.bit) & 1 = 1
$$;
CREATE VIEW told AS
SELECT o.kind, o.subject, o.payload, o.due_at - o.created_at AS within, o.acknowledged_at IS NOT NULL AS acknowledged,
    o.cancelled_at IS NOT NULL AS cancelled
FROM outbox AS o ORDER BY o.id;

SELECT scene, bit, title, basis, regimes FROM consent_scene ORDER BY bit;

-- Standing consent: nothing, until it is granted; a bundle is one event a scene
SELECT allowed('ann');
SELECT cardinality(ask_consent('ann', '{quote_push}', '{"channel": "shop", "wording": "v3"}'));
SELECT allowed('ann');
SELECT cardinality(grant_consent('ann', '{quote_push,test_drive,quote_push}', '{"channel": "shop", "wording": "v3", "evidence": {"signature": 17}}'));
SELECT allowed('ann');
SELECT cardinality(refuse_consent('ann', '{community}', '{"actor": "ann herself"}'));
SELECT scene, session, action, channel, wording, actor, evidence, valid_from, valid_until, ledger_entry ~ '^consent/\d\d#\d+$' AS in_ledger
FROM consent_event ORDER BY id;
SELECT subject, mask, epoch, recheck_at FROM consent_state;
SELECT * FROM told;

-- Withdrawn: hidden from the next statement on; who must hear of it does
SELECT queue_action('send_quote', 'ann', 'quote_push', '{"quote": 7}') > 0 AS queued,
    queue_action('call', 'ann', 'test_drive', '{}', now() + interval '1 day') > 0 AS queued;
SELECT cardinality(withdraw_consent('ann', '{quote_push}'));
SELECT allowed('ann');
SELECT * FROM told;
-- again, and what was never granted: recorded, and that is all
SELECT cardinality(withdraw_consent('ann', '{quote_push,finance_plan}')), cardinality(withdraw_consent('nobody', '{community}'));
SELECT allowed('ann'), allowed('nobody'), (SELECT count(*) FROM outbox) AS told, (SELECT count(*) FROM consent_event WHERE action = 'withdraw') AS recorded;
SELECT cardinality(grant_consent('ann', '{quote_push}'));
SELECT allowed('ann');

-- In a session: its own entry overrides the standing one, there only
SELECT cardinality(grant_consent('ann', '{finance_plan}', '{"session": "call 1"}')), cardinality(withdraw_consent('ann', '{test_drive}', '{"session": "call 1"}'));
SELECT allowed('ann'), allowed('ann', 'call 1') AS in_session, allowed('ann', 'call 2') AS in_another;
SELECT cardinality(withdraw_consent('ann', '{finance_plan}')) AS standing;
SELECT allowed('ann', 'call 1');
SELECT subject, session, mask, overrides, recheck_at FROM consent_session ORDER BY session;
SELECT queue_action('work_out', 'ann', 'finance_plan', '{}', NULL, 'call 1') > 0 AS queued;
SELECT queue_action('work_out', 'ann', 'finance_plan', '{}', NULL, 'call 2');
SELECT queue_action('call', 'ann', 'test_drive', '{}', NULL, 'call 2') > 0 AS queued;
SELECT cardinality(withdraw_consent('ann', '{finance_plan,test_drive}', '{"session": "call 1"}'));
SELECT * FROM told OFFSET 4;

-- Acknowledged once; not what was cancelled
SELECT acknowledge(id) AS first, acknowledge(id) AS second FROM outbox WHERE kind = 'rep_alert' ORDER BY id LIMIT 1;
SELECT acknowledge(id) FROM outbox WHERE cancelled_at IS NOT NULL ORDER BY id LIMIT 1 \g /dev/null
SELECT acknowledge(-1);
SELECT acknowledge(NULL);
-- an alert is what the outbox says, not what is shouted
NOTIFY sales_intel_outbox, '999999';
SELECT acknowledge(999999);

-- nor that of a consent that has ended by itself, which nobody has cancelled yet
SELECT cardinality(grant_consent('late', '{quote_push}', jsonb_build_object('valid_until', clock_timestamp() + interval '0.5 s')));
SELECT queue_action('send_quote', 'late', 'quote_push') AS late \gset
SELECT pg_sleep(0.5);
SELECT acknowledge(:late);
SELECT cancelled_at FROM outbox WHERE id = :late;
SELECT recheck_consent() > 0 AS cancelled;

-- In time: an end, a beginning, and what a reader sees without recheck_consent
SELECT cardinality(grant_consent('bob', '{quote_push}', jsonb_build_object('valid_until', clock_timestamp() + interval '0.3 s')));
SELECT cardinality(grant_consent('bob', '{community}', jsonb_build_object('valid_from', clock_timestamp() + interval '0.3 s')));
SELECT queue_action('send_quote', 'bob', 'quote_push') > 0 AS queued;
SELECT allowed('bob'), recheck_at < 'infinity' AS changes FROM consent_state WHERE subject = 'bob';
SELECT pg_sleep(0.4);
SELECT allowed('bob'), mask AS of_the_row FROM consent_state WHERE subject = 'bob';
SELECT recheck_consent(), recheck_consent() AS again;
SELECT allowed('bob'), mask AS of_the_row, recheck_at FROM consent_state WHERE subject = 'bob';
SELECT kind, cancelled FROM told WHERE subject = 'bob';
-- a clock that steps back: events stay in order
INSERT INTO consent_event (subject, scene, action, at, actor) VALUES ('bob', 'finance_plan', 'grant', now() + interval '1 hour', 'a clock');
SELECT cardinality(withdraw_consent('bob', '{finance_plan,community}'));
SELECT action, scene, at > now() + interval '50 minutes' AS later FROM consent_event WHERE subject = 'bob' ORDER BY id;
SELECT allowed('bob'), (SELECT count(*) FROM consent_as_of('bob', now()) WHERE allowed) AS as_of_now;

-- What was allowed, when, by what proof
SELECT clock_timestamp() AS before_carl \gset
SELECT cardinality(grant_consent('carl', '{quote_push,community}', '{"channel": "web", "wording": "v1", "actor": "carl"}'));
SELECT clock_timestamp() AS granted \gset
SELECT cardinality(withdraw_consent('carl', '{community}', '{"channel": "phone", "actor": "rep 7"}'));
SELECT cardinality(grant_consent('carl', '{finance_plan}', '{"session": "s", "valid_until": "2099-01-01T00:00:00Z"}'));
SELECT scene, session, allowed FROM consent_as_of('carl', :'before_carl') WHERE allowed;
SELECT scene, session, allowed FROM consent_as_of('carl', :'granted') WHERE allowed;
SELECT scene, session, allowed FROM consent_as_of('carl', '2098-12-31T00:00:00Z') WHERE allowed;
SELECT scene, session, allowed FROM consent_as_of('carl', '2099-01-01T00:00:00Z') WHERE allowed;
SELECT scene, session, allowed, since IS NOT NULL AS since, wording, channel, actor, ledger_entry ~ '^consent/\d\d#\d+$' AS ledger_entry FROM consent_report('carl', now());
SELECT since FROM consent_report('carl', '2099-06-01T00:00:00Z') WHERE session = 's';
SELECT count(*) FROM consent_report('carl', now()) AS r
JOIN ledger AS l ON r.ledger_entry = l.stream || '#' || l.seq
JOIN consent_event AS e ON e.ledger_entry = r.ledger_entry AND e.scene = r.scene
WHERE l.body -> 'events' @> to_jsonb(e.id) AND l.body ->> 'subject' = ledger_commitment('carl') AND l.body::text !~ 'carl';

-- Soon to end, and overdue
SELECT cardinality(grant_consent('dora', '{quote_push,community}', jsonb_build_object('valid_until', now() + interval '10 days')));
SELECT cardinality(withdraw_consent('dora', '{community}'));
SELECT queue_action('send_quote', 'dora', 'quote_push', '{}', now() - interval '1 minute') > 0 AS queued;
SELECT what, subject, scene, session, kind FROM consent_worklist WHERE subject = 'dora' ORDER BY what, kind;

-- Separate consents
SELECT regime, use, scene, article FROM consent_regime ORDER BY regime, use;
SELECT require_consent('ann', 'quote_push', NULL, '{sharing}');
SELECT adopt_regime('PIPL');
SELECT adopt_regime('GDPR'), adopt_regime('PIPL');
SELECT scene, bit, basis, regimes FROM consent_scene WHERE basis <> 'consent' ORDER BY bit;
SELECT set_subject('ann', 'PIPL');
SELECT require_consent('ann', 'quote_push', NULL, '{sharing}');
SELECT cardinality(grant_consent('ann', '{sharing}'));
SELECT require_consent('ann', 'quote_push', NULL, '{sharing}');
SELECT require_consent('ann', 'quote_push', NULL, '{sharing,cross_border}');
SELECT require_consent('ann', 'quote_push', 'call 9', '{sensitive}');
-- minors
SELECT queue_action('send_quote', 'ann', 'quote_push') > 0 AS queued;
SELECT cardinality(grant_consent('ann', '{community}', '{"session": "call 3"}'));
SELECT set_subject('ann', 'PIPL', true);
SELECT allowed('ann'), allowed('ann', 'call 3') AS in_session;
SELECT kind, cancelled FROM told WHERE subject = 'ann' ORDER BY kind DESC LIMIT 1;
SELECT require_consent('ann', 'quote_push');
SELECT require_consent('ann', 'community', 'call 3');
SELECT cardinality(grant_consent('ann', '{guardian}'));
SELECT allowed('ann'), allowed('ann', 'call 3') AS in_session;
SELECT require_consent('ann', 'quote_push'), require_consent('ann', 'community', 'call 3');
SELECT cardinality(withdraw_consent('ann', '{guardian}'));
SELECT allowed('ann'), allowed('ann', 'call 3') AS in_session, (SELECT count(*) FROM consent_as_of('ann', now()) WHERE allowed) AS as_of_now;
SELECT set_subject('ann', 'GDPR', false);
SELECT allowed('ann'), allowed('ann', 'call 3') AS in_session;

-- Figures: 1,000 asked, 880 granted, 440 used
SELECT clock_timestamp() AS start \gset
SELECT count(ask_consent('customer ' || i, '{event_invitation}')) FROM generate_series(1, 1000) AS i;
SELECT count(grant_consent('customer ' || i, '{event_invitation}')) FROM generate_series(1, 880) AS i;
SELECT count(refuse_consent('customer ' || i, '{event_invitation}')) FROM generate_series(881, 900) AS i;
SELECT count(*) FROM generate_series(1, 440) AS i, generate_series(1, 2) AS j, require_consent('customer ' || i, 'event_invitation');
SELECT count(withdraw_consent('customer ' || i, '{event_invitation}')) FROM generate_series(1, 20) AS i;
UPDATE outbox SET acknowledged_at = created_at + id % 2 * interval '1 s' + substr(subject, 10)::integer * interval '10 ms'
WHERE subject ~ '^customer' AND subject <> 'customer 20';
SELECT * FROM consent_kpis(:'start', 'infinity') WHERE asked > 0;
SELECT scene, asked, withdrawals FROM consent_kpis('-infinity', :'start') WHERE scene ~ 'community|event_';
SELECT count(*) FROM consent_kpis(:'start'::timestamptz + interval '1 day', 'infinity') WHERE asked = 0 AND grant_rate IS NULL;

-- What is not taken, and changes nothing
CREATE TABLE before AS SELECT (SELECT count(*) FROM consent_event) AS events, (SELECT sum(epoch) FROM consent_state) AS epochs, (SELECT count(*) FROM consent_subject) AS subjects, (SELECT count(*) FROM ledger) AS entries;
SELECT grant_consent('eve', '{quote_push,no_scene}');
SELECT grant_consent('eve', '{quote_push,NULL}');
SELECT grant_consent('eve', '{}');
SELECT grant_consent('eve', NULL);
SELECT grant_consent('', '{quote_push}');
SELECT grant_consent(NULL, '{quote_push}');
SELECT withdraw_consent(repeat('x', 1001), '{quote_push}');
SELECT grant_consent('eve', '{quote_push}', '{"session": ""}');
SELECT grant_consent('eve', '{quote_push}', '{"session": null}');
SELECT grant_consent('eve', '{guardian}', '{"session": "s"}');
SELECT grant_consent('eve', '{quote_push}', '{"valid_until": "2020-01-01T00:00:00Z"}');
SELECT grant_consent('eve', '{quote_push}', '{"valid_from": "2031-01-01T00:00:00Z", "valid_until": "2031-01-01T00:00:00Z"}');
SELECT grant_consent('eve', '{quote_push}', '{"valid_until": "soon"}');
SELECT grant_consent('eve', '{quote_push}', '{"valid_until": 5}');
SELECT grant_consent('eve', '{quote_push}', '{"chanel": "shop"}');
SELECT grant_consent('eve', '{quote_push}', '{"actor": ""}');
SELECT grant_consent('eve', '{quote_push}', '["shop"]');
SELECT grant_consent('eve', '{quote_push}', NULL);
SELECT withdraw_consent('eve', '{quote_push}', '{"valid_until": "2031-01-01T00:00:00Z"}');
SELECT require_consent('eve', 'quote_push');
SELECT require_consent('eve', 'no_scene');
SELECT require_consent(NULL, 'quote_push');
SELECT require_consent('ann', 'quote_push', '');
SELECT require_consent('ann', 'quote_push', NULL, '{selling}');
SELECT queue_action('', 'ann', 'quote_push');
SELECT adopt_regime('CCPA');
SELECT set_subject('eve', 'CCPA');
SELECT set_subject('eve', 'PIPL', NULL);
SELECT * FROM consent_report('eve', now());
SELECT * FROM consent_as_of('ann', NULL);
SELECT * FROM consent_kpis('2031-01-01T00:00:00Z', '2031-01-01T00:00:00Z');
UPDATE consent_event SET action = 'grant';
DELETE FROM consent_event;
TRUNCATE consent_event;
UPDATE consent_scene SET bit = 20 WHERE scene = 'community';
DELETE FROM consent_scene WHERE scene = 'community';
SELECT events = (SELECT count(*) FROM consent_event) AND epochs = (SELECT sum(epoch) FROM consent_state)
    AND subjects = (SELECT count(*) FROM consent_subject) AND entries = (SELECT count(*) FROM ledger) AS unchanged FROM before;

-- no free bit
INSERT INTO consent_scene (scene, bit, title) SELECT 'scene ' || b, b, 'one of many' FROM generate_series(0, 61) AS b
WHERE b NOT IN (SELECT s.bit FROM consent_scene AS s);
INSERT INTO consent_regime (regime, use, scene, title, article) VALUES ('LGPD', 'sharing', 'sharing', 'Share', 'Article 7'), ('LGPD', 'sensitive', 'sensible', 'Sensitive data', 'Article 11');
SELECT adopt_regime('LGPD');
SELECT cardinality(grant_consent('max', ARRAY(SELECT scene FROM consent_scene)));
SELECT mask FROM consent_state WHERE subject = 'max';
\c :database
DROP DATABASE regress_consent;
