-- The gate for money: limits, approval by somebody else, freezing, every refusal.
SET search_path = public, sales_intel;
SET client_min_messages = warning;
\set SHOW_CONTEXT never
CREATE ROLE release_ann LOGIN;
CREATE ROLE release_bob LOGIN;
CREATE ROLE release_bot LOGIN;
CREATE ROLE release_admin LOGIN;
CREATE ROLE release_nobody LOGIN;
INSERT INTO principal (principal, login_role, kind) VALUES ('ann', 'release_ann', 'person'), ('bob', 'release_bob', 'person'), ('bot', 'release_bot', 'service'), ('root', 'release_admin', 'service');
SELECT count(*) > 0 AS granted FROM unnest('{release_ann,release_bob,release_bot,release_nobody}'::regrole[]) AS r, grant_role('app', r);
SELECT count(*) > 0 AS granted FROM grant_role('security_admin', 'release_admin');

SELECT COALESCE(max(seq), 0) AS start FROM ledger WHERE stream = 'release' \gset
SELECT setval('release_id_seq', 1000) \g /dev/null

-- Asked for, approved, effective
SET SESSION AUTHORIZATION release_ann;
SELECT request_release('discount', 'customer-1', 499999.99, '{"currency": "EUR", "for": "fleet"}') AS first \gset
SELECT request_release('discount', 'customer-1', 0.01, '{}') AS cent \gset
SELECT request_release('discount', 'customer-1', 0.000001, '{}');
SELECT request_release('refund', 'customer-2', 1, '{}');
SELECT id = :first AS first, amount, approved_by, state FROM my_release ORDER BY id;
SELECT approve_release(:first, 'I like it');
SET SESSION AUTHORIZATION release_bot;
SELECT approve_release(:first, '');
SELECT reject_release(:first, '');
SELECT count(*) FROM my_release;
SET SESSION AUTHORIZATION release_bob;
SELECT count(*) FROM my_release;
SELECT approve_release(:first, 'seen the contract');
SELECT approve_release(:first, 'again');
SELECT reject_release(:first, 'after all not');
SELECT reject_release(:cent, '');
SELECT approve_release(:cent, '');
SELECT approve_release(0, '');
SELECT amount, approved_by, rejected_by, comment, state FROM my_release ORDER BY id;
SELECT * FROM release;
SELECT * FROM effective_release;
SELECT decide_release('approved', :cent, '');
SELECT enter_release(1, 'discount', 'customer-1', 1, '{}');
SELECT set_release_health('*', 'normal', 'because');
SET SESSION AUTHORIZATION release_ann;
-- what was rejected does not count any more
SELECT request_release('discount', 'customer-1', 0.01, '{}') AS cent \gset
SELECT reject_release(:cent, 'mine, not needed');
RESET SESSION AUTHORIZATION;
SELECT kind, subject, amount, body, requested_by, approved_by, requested_at <= approved_at AS in_order FROM effective_release WHERE id > 1000;
SELECT seq - :start AS seq, kind, actor, body - '{subject,content,release}'::text[] AS body, body ->> 'subject' = (SELECT seal(salt, subject) FROM consent_subject WHERE subject = 'customer-1') AS sealed
FROM ledger WHERE stream = 'release' AND seq > :start ORDER BY seq;
SELECT count(*) FROM ledger WHERE stream = 'release' AND body::text ~ 'customer|fleet|contract';
SELECT ok, entries - :start AS entries FROM ledger_verify('release');

-- What cannot be an amount, or anything else
SET SESSION AUTHORIZATION release_bot;
SELECT request_release('discount', 'c', 'NaN', '{}');
SELECT request_release('discount', 'c', 'Infinity', '{}');
SELECT request_release('discount', 'c', '-Infinity', '{}');
SELECT request_release('discount', 'c', 0, '{}');
SELECT request_release('discount', 'c', -1, '{}');
SELECT request_release('discount', 'c', 500000.01, '{"currency": "JPY"}');
SELECT request_release('', 'c', 1, '{}');
SELECT request_release('*', 'c', 1, '{}');
SELECT request_release('discount', '', 1, '{}');
SELECT request_release('discount', 'c', 1, to_jsonb(repeat('x', 1024 * 1024)));
SELECT request_release(NULL, 'c', 1, '{}');
SELECT request_release('discount', 'c', 1, NULL);
SELECT approve_release(1, NULL);
SELECT request_release('discount', 'c', 500000, '{}') > 0 AS exact;
SET SESSION AUTHORIZATION release_nobody;
SELECT request_release('discount', 'c', 1, '{}');
SELECT approve_release(:first, '');
SELECT count(*) FROM my_release;
RESET SESSION AUTHORIZATION;
SELECT request_release('discount', 'c', 1, '{}');

-- A day is one of UTC, whatever the session's time zone; yesterday is another
ALTER TABLE release DISABLE TRIGGER guard_release;
UPDATE release SET requested_at = date_trunc('day', clock_timestamp(), 'UTC') - interval '1 microsecond' WHERE requested_by = 'bot';
SET SESSION AUTHORIZATION release_bot;
SET timezone = 'Pacific/Kiritimati';
SELECT request_release('discount', 'c', 500000, '{}') > 0 AS another_day;
SELECT request_release('discount', 'c', 0.01, '{}') > 0 AS same_day;
RESET timezone;
RESET SESSION AUTHORIZATION;

-- The owner of the tables: an update is a decision, or nothing
ALTER TABLE release ENABLE ALWAYS TRIGGER guard_release;
SELECT max(id) AS open FROM release WHERE state = 'requested' \gset
UPDATE release SET state = 'approved', approved_by = 'bob', approved_at = now(), decision_entry = 1 WHERE id = :open;
UPDATE release SET amount = 1 WHERE id = :open;
UPDATE release SET amount = 1, state = 'rejected' WHERE id = :open;
UPDATE release SET amount = 1 WHERE id = :first;
UPDATE release SET state = 'requested' WHERE id = :first;
DELETE FROM release;
TRUNCATE release;
SET session_replication_role = replica;
UPDATE release SET amount = 1 WHERE id = :first;
RESET session_replication_role;
-- what is inserted, or written past the trigger, is not effective
INSERT INTO release (kind, subject, amount, body, requested_by, requested_at, approved_by, approved_at, state, request_entry, decision_entry)
SELECT kind, subject, amount, body, requested_by, requested_at, approved_by, approved_at, state, request_entry, decision_entry FROM release WHERE id = :first;
SELECT count(*) FROM effective_release WHERE id > 1000;
ALTER TABLE release DISABLE TRIGGER guard_release;
SELECT severity, object, finding, remedy FROM access_advisor() WHERE object ~ '^table sales_intel';
UPDATE release SET state = 'approved', approved_by = 'bob', approved_at = now(), decision_entry = (SELECT max(seq) FROM ledger WHERE stream = 'release' AND kind = 'approve') WHERE id = :open;
SELECT count(*) FROM effective_release WHERE id > 1000;
UPDATE release SET state = 'requested', approved_by = NULL, approved_at = NULL, decision_entry = NULL, amount = 1 WHERE id = :open;
UPDATE release SET body = '{"currency": "EUR", "for": "me"}' WHERE id = :first;
SELECT count(*) FROM effective_release WHERE id > 1000;
UPDATE release SET body = '{"currency": "EUR", "for": "fleet"}' WHERE id = :first;
SELECT count(*) FROM effective_release WHERE id > 1000;
UPDATE release SET subject = 'erased:x', body = NULL WHERE id = :first;
SELECT count(*) FROM effective_release WHERE id > 1000;
UPDATE release SET amount = amount + 1 WHERE id = :first;
SELECT count(*) FROM effective_release WHERE id > 1000;
ALTER TABLE release ENABLE ALWAYS TRIGGER guard_release;
SET SESSION AUTHORIZATION release_ann;
SELECT approve_release(:open, '');
RESET SESSION AUTHORIZATION;

-- The parameters: a row of one's own counts
UPDATE release_limit SET per_day = 1;
DELETE FROM release_limit;
TRUNCATE release_limit;
UPDATE release_level SET frozen = false;
INSERT INTO release_limit VALUES ('bob', 'NaN');
INSERT INTO release_limit VALUES ('bob', 'Infinity');
INSERT INTO release_limit VALUES ('bob', -1);
INSERT INTO release_limit VALUES ('bob', 1, true);
SET SESSION AUTHORIZATION release_admin;
INSERT INTO release_limit (principal, per_day) VALUES ('bob', 10), ('*', 5);
SET SESSION AUTHORIZATION release_bob;
SELECT request_release('discount', 'c', 10.5, '{}');
SELECT request_release('discount', 'c', 10, '{}') > 0 AS own;
SET SESSION AUTHORIZATION release_ann;
SELECT request_release('discount', 'c', 5.5, '{}');
SET SESSION AUTHORIZATION release_admin;
DELETE FROM release_limit WHERE principal = '*' AND NOT shipped;
UPDATE release_limit SET per_day = 5 WHERE principal = 'bob';
RESET SESSION AUTHORIZATION;
SELECT max(id) AS of_bob FROM release WHERE requested_by = 'bob' \gset
SET SESSION AUTHORIZATION release_ann;
-- a limit that has come down since counts
SELECT approve_release(:of_bob, '');
SET SESSION AUTHORIZATION release_admin;
DELETE FROM release_limit WHERE NOT shipped;

-- Health: a service lowers it, a person raises it; a row of no entry only lowers
SELECT set_release_health('*', 'watch', 'chargebacks rise');
SELECT set_release_health('refund', 'critical', 'a bug');
SELECT set_release_health('*', 'normal', 'fine again');
SELECT set_release_health('refund', 'watch', 'fine again');
SELECT set_release_health('*', 'perfect', 'fine again');
SELECT set_release_health('*', 'critical', ' ');
SELECT set_release_health('', 'critical', 'x');
SELECT set_release_health('*', 'critical', NULL);
SELECT kind, level, reason, set_by FROM release_health ORDER BY id;
SET SESSION AUTHORIZATION release_ann;
SELECT request_release('discount', 'c', 100000, '{}');
SELECT request_release('refund', 'c', 1, '{}');
SELECT approve_release(:of_bob, 'while it is watched') IS NOT NULL AS approved;
SET SESSION AUTHORIZATION release_bob;
SELECT request_release('discount', 'c', 99990, '{}') AS below \gset
RESET SESSION AUTHORIZATION;
UPDATE release_health SET level = 'normal';
DELETE FROM release_health;
INSERT INTO release_health (kind, level, reason, set_by, set_at, entry) SELECT '*', 'normal', 'forged', 'ann', now(), max(entry) FROM release_health;
SELECT * FROM release_health_now('{*,discount}');
INSERT INTO release_health (kind, level, reason, set_by, set_at, entry) SELECT '*', 'unheard of', 'forged', 'ann', now(), max(entry) FROM release_health;
SELECT * FROM release_health_now('{*,discount}');
SET SESSION AUTHORIZATION release_ann;
SELECT approve_release(:below, '');
SELECT reject_release(:below, 'rejecting is always possible') IS NOT NULL AS rejected;
RESET SESSION AUTHORIZATION;
SELECT count(*) FROM grant_role('security_admin', 'release_ann') \g /dev/null
SET SESSION AUTHORIZATION release_ann;
SELECT set_release_health('*', 'normal', 'looked into it') IS NOT NULL AS raised;
RESET SESSION AUTHORIZATION;
SELECT * FROM release_health_now('{*,discount}');
SELECT * FROM release_health_now('{*,refund}');

-- Of those who are not active or valid any more, or no persons
UPDATE principal SET active = false WHERE principal = 'bob';
UPDATE principal SET valid_during = '(,2020-01-01)' WHERE principal = 'ann';
SELECT is_person('ann'), is_person('bob'), is_person('bot'), is_person('none');
SET SESSION AUTHORIZATION release_bob;
SELECT approve_release(:open, '');
RESET SESSION AUTHORIZATION;
SELECT ok FROM ledger_verify('release');

DROP OWNED BY release_ann, release_bob, release_bot, release_admin, release_nobody;
DELETE FROM principal WHERE principal IN ('ann', 'bob', 'bot', 'root');
DROP ROLE release_ann, release_bob, release_bot, release_admin, release_nobody;
