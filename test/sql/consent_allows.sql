-- What customers allow, asked in queries and rules: scenes, sessions, times,
-- who asks, what a session's own changes do.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
SET timezone = 'UTC';
CREATE ROLE consent_ann LOGIN;
CREATE ROLE consent_bob LOGIN;
CREATE ROLE consent_nobody LOGIN;
INSERT INTO principal (principal, login_role) VALUES ('ann', 'consent_ann'), ('bob', 'consent_bob');
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('ann', 'team', '1'), ('bob', 'team', '2');

-- As grant_consent and withdraw_consent do it: an event, and the state that
-- follows from all of them.
CREATE FUNCTION say(who text, scenes text[], did text, in_session text DEFAULT NULL, since timestamptz DEFAULT '-infinity', until timestamptz DEFAULT 'infinity') RETURNS void LANGUAGE sql AS $$
    INSERT INTO consent_event (subject, scene, session, action, at, valid_from, valid_until, actor)
    SELECT who, s, in_session, did, now(), since, until, 'test' FROM unnest(scenes) s;
    INSERT INTO consent_state (subject, mask, epoch, recheck_at)
    SELECT who, mask, 1, recheck_at FROM consent_replay(who, NULL, statement_timestamp()) WHERE in_session IS NULL
    ON CONFLICT (subject) DO UPDATE SET mask = excluded.mask, recheck_at = excluded.recheck_at, epoch = consent_state.epoch + 1;
    INSERT INTO consent_session (subject, session, mask, overrides, recheck_at)
    SELECT who, in_session, mask, overrides, recheck_at FROM consent_replay(who, in_session, statement_timestamp()) WHERE in_session IS NOT NULL
    ON CONFLICT (subject, session) DO UPDATE SET mask = excluded.mask, overrides = excluded.overrides, recheck_at = excluded.recheck_at;
$$;
SELECT say(i::text, '{quote_push,test_drive}', 'grant') FROM generate_series(1, 200) i WHERE i % 3 = 0 \g /dev/null
SELECT say('3', '{test_drive}', 'withdraw') \g /dev/null
SELECT say('c0ffee00-0000-4000-8000-000000000000', '{quote_push}', 'grant') \g /dev/null
SELECT say('a customer with a long name', '{quote_push}', 'grant') \g /dev/null
CREATE TABLE client AS SELECT i::bigint AS id, i::text AS key, i AS small, 1 + i % 2 AS team, CASE WHEN i % 5 = 0 THEN 'visit' END AS visit, md5(i::text)::uuid AS uuid FROM generate_series(1, 200) i;
ALTER TABLE client ADD PRIMARY KEY (id);
ALTER TABLE client SET (parallel_workers = 2);
GRANT SELECT ON client TO PUBLIC;
ANALYZE;

-- One at a time
SET SESSION AUTHORIZATION consent_ann;
SELECT consent_allows(3, 'quote_push'), consent_allows(3, 'test_drive'), consent_allows(3, 'community'), consent_allows(4, 'quote_push');
SELECT consent_allows('3', 'quote_push'), consent_allows('03', 'quote_push'), consent_allows('', 'quote_push'), consent_allows('a customer with a long name', 'quote_push');
SELECT consent_allows('C0FFEE00-0000-4000-8000-000000000000'::uuid, 'quote_push'), consent_allows(-3, 'quote_push'), consent_allows('3 '::char(2), 'quote_push');
SELECT consent_allows(NULL::text, 'quote_push'), consent_allows(3, NULL), consent_allows(NULL::bigint, 'quote_push', 'visit'), consent_allows(NULL::uuid, NULL, NULL);
-- Many, all ways of asking alike
SELECT count(*), count(*) FILTER (WHERE id % 3 = 0) AS right, count(*) FILTER (WHERE consent_allows(key, 'quote_push')) AS text,
    count(*) FILTER (WHERE consent_allows(small, 'quote_push')) AS int, count(*) FILTER (WHERE consent_allows(id, 'quote_push', visit)) AS session,
    count(*) FILTER (WHERE consent_live(id, 'quote_push', NULL, (SELECT consent_ticket()))) AS live, count(*) FILTER (WHERE consent_live(key, 'quote_push', visit, (SELECT consent_ticket()))) AS live_text,
    count(*) FILTER (WHERE consent_live(uuid, 'quote_push', visit, (SELECT consent_ticket()))) AS live_uuid
FROM client WHERE consent_allows(id, 'quote_push');
-- Scenes that differ from row to row
SELECT scene, count(*) FILTER (WHERE consent_allows(id, scene)) FROM client, unnest('{quote_push,test_drive,community}'::text[]) scene GROUP BY scene ORDER BY scene;
-- Without the cache
SET sales_intel.consent_cache = 0;
SELECT count(*) FROM client WHERE consent_allows(id, 'quote_push');
RESET sales_intel.consent_cache;
SELECT count(*) FROM client WHERE consent_allows(id, 'quote_push');
RESET SESSION AUTHORIZATION;

-- A session's own word comes first
SELECT say('3', '{quote_push}', 'withdraw', 'visit'), say('4', '{quote_push}', 'grant', 'visit'), say('5', '{test_drive}', 'grant', 'visit') \g /dev/null
SET SESSION AUTHORIZATION consent_ann;
SELECT id, consent_allows(id, 'quote_push') AS standing, consent_allows(id, 'quote_push', 'visit') AS visit, consent_allows(id, 'test_drive', 'visit') AS drive, consent_allows(id, 'quote_push', 'other') AS other, consent_allows(id, 'quote_push', '') AS empty, consent_allows(id, 'quote_push', NULL) AS none
FROM client WHERE id IN (3, 4, 5, 6) ORDER BY id;
RESET SESSION AUTHORIZATION;

-- Times: what is over, what has not begun, what ends, though nobody looks at the state
SELECT say('1', '{quote_push}', 'grant', NULL, '-infinity', statement_timestamp() + '1 s'), say('2', '{quote_push}', 'grant', NULL, statement_timestamp() + '1 s'), say('4', '{quote_push}', 'grant', 'visit', '-infinity', statement_timestamp() + '1 s') \g /dev/null
SET SESSION AUTHORIZATION consent_ann;
SELECT count(*), min(id) FROM client WHERE consent_allows(id, 'quote_push');
SELECT consent_allows(1, 'quote_push'), consent_allows(2, 'quote_push'), consent_allows(4, 'quote_push', 'visit');
SELECT pg_sleep(1.1);
SELECT consent_allows(1, 'quote_push'), consent_allows(2, 'quote_push'), consent_allows(4, 'quote_push', 'visit');
SELECT count(*), min(id) FROM client WHERE consent_allows(id, 'quote_push');
SELECT count(*), min(id) FROM client WHERE consent_allows(id, 'quote_push');
RESET SESSION AUTHORIZATION;

-- The session's own changes: seen by the next statement, gone when undone,
-- whether or not there is a cache
CREATE FUNCTION seen() RETURNS text LANGUAGE plpgsql AS $$
DECLARE many text; one text;
BEGIN
    SET LOCAL ROLE consent_ann;
    SET LOCAL SESSION AUTHORIZATION consent_ann;
    SELECT count(*) || ', ' || bool_or(id = 7) || ', ' || bool_or(id = 6) INTO many FROM client WHERE consent_allows(id, 'quote_push');
    one := consent_allows(7, 'quote_push') || ', ' || consent_allows(6, 'quote_push');
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    RETURN many || ' and ' || one;
END $$;
SELECT seen();
BEGIN;
SELECT seen();
SELECT say('7', '{quote_push}', 'grant') \g /dev/null
SELECT seen();
SAVEPOINT s;
SELECT say('6', '{quote_push}', 'withdraw') \g /dev/null
SELECT seen();
ROLLBACK TO s;
SELECT seen();
SAVEPOINT s;
SELECT say('6', '{quote_push}', 'withdraw') \g /dev/null
RELEASE s;
SELECT seen();
ROLLBACK;
SELECT seen();
BEGIN;
SAVEPOINT s;
SELECT say('7', '{quote_push}', 'grant') \g /dev/null
SELECT seen();
ROLLBACK TO s;
SELECT seen();
COMMIT;
SELECT seen();
BEGIN;
SELECT say('7', '{quote_push}', 'grant'), say('6', '{quote_push}', 'withdraw') \g /dev/null
COMMIT;
SELECT seen();

-- Within one statement of the client's, too
CREATE FUNCTION one_by_one() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE found text[];
BEGIN
    found := ARRAY[seen()];
    PERFORM say('9', '{quote_push}', 'withdraw'), say('7', '{quote_push}', 'withdraw');
    found := found || seen();
    BEGIN
        PERFORM say('7', '{quote_push}', 'grant');
        found := found || seen();
        RAISE EXCEPTION 'undo';
    EXCEPTION WHEN raise_exception THEN
        found := found || seen();
    END;
    PERFORM say('9', '{quote_push}', 'grant'), say('7', '{quote_push}', 'grant');
    RETURN found || seen();
END $$;
SELECT unnest(one_by_one());
SELECT seen();

-- An old cursor sees what it saw, and does not set the others back
BEGIN;
SET LOCAL SESSION AUTHORIZATION consent_ann;
DECLARE old CURSOR FOR SELECT id FROM client WHERE consent_allows(id, 'quote_push') AND id IN (7, 30, 60, 100, 120, 150);
FETCH 1 FROM old;
SET LOCAL SESSION AUTHORIZATION DEFAULT;
SELECT say(s, '{quote_push}', 'withdraw') FROM unnest('{30,60}'::text[]) s \g /dev/null
SELECT seen();
SET LOCAL SESSION AUTHORIZATION consent_ann;
FETCH ALL FROM old;
SELECT count(*) FROM client WHERE consent_allows(id, 'quote_push');
COMMIT;

-- Who was erased is nowhere in the events
SELECT seen();
BEGIN;
DELETE FROM consent_state WHERE subject = '150';
INSERT INTO consent_event (subject, scene, action, at, actor) VALUES ('-', 'quote_push', 'erase', now(), 'test');
COMMIT;
SELECT seen();
-- Nor in a table that is another one
BEGIN;
TRUNCATE consent_state;
SELECT seen();
ROLLBACK;
SELECT seen();

-- Nobody asks
SET SESSION AUTHORIZATION consent_nobody;
SELECT consent_allows(3, 'quote_push');
SELECT consent_ticket();
SELECT count(*) FROM client WHERE consent_live(id, 'quote_push', NULL, (SELECT consent_ticket()));
RESET SESSION AUTHORIZATION;
SELECT consent_allows('3', 'quote_push', 'visit');
-- A scene that is none
SET SESSION AUTHORIZATION consent_ann;
SELECT consent_allows(3, 'quote-push');
SELECT count(*) FROM client WHERE consent_live(id, repeat('x', 300), NULL, (SELECT consent_ticket()));
-- Tickets that are not good: none, of some bytes, of another transaction, for
-- another role, given to somebody else's function
SELECT consent_live(3, 'quote_push', NULL, NULL);
SELECT consent_live(3, 'quote_push', NULL, '\x00');
SELECT consent_live(3, 'quote_push', NULL, decode(repeat('00', 40), 'hex'));
SELECT consent_ticket() AS ticket \gset
SELECT consent_live(3, 'quote_push', NULL, :'ticket'::bytea);
RESET SESSION AUTHORIZATION;
GRANT consent_bob TO consent_ann;
CREATE FUNCTION of_bob(ticket bytea) RETURNS boolean LANGUAGE sql SECURITY DEFINER AS $$ SELECT sales_intel.consent_live(3, 'quote_push', NULL, ticket) $$;
ALTER FUNCTION of_bob OWNER TO consent_bob;
SET SESSION AUTHORIZATION consent_ann;
BEGIN;
SELECT consent_ticket() AS ticket \gset
SELECT consent_live(3, 'quote_push', NULL, :'ticket'::bytea);
SAVEPOINT s;
SELECT of_bob(:'ticket'::bytea);
ROLLBACK TO s;
SET LOCAL ROLE consent_bob;
SELECT consent_live(3, 'quote_push', NULL, :'ticket'::bytea);
ROLLBACK;
RESET SESSION AUTHORIZATION;

-- In rules: asked once who looks, in parallel workers, too
SELECT create_access_rule('client', 'own', 'permit', '{select}', $$team = attr_bigint('team') AND consent_allows(id, 'quote_push')$$);
SELECT create_access_rule('client', 'visit', 'forbid', '{select}', $$NOT consent_allows(key, 'test_drive', visit)$$);
SELECT protect_table('client');
SELECT regexp_replace(pg_get_expr(polqual, polrelid), ' AND [^ ]*identity_lives.*', '') AS qual FROM pg_policy WHERE polrelid = 'client'::regclass AND polname = 'sales_intel_select';
SELECT count(*), sum(id) FROM client WHERE 1 + id % 2 = 1 AND EXISTS (SELECT FROM consent_state s WHERE s.subject = key AND mask & 2 <> 0 AND mask & 1 <> 0);
SET SESSION AUTHORIZATION consent_ann;
SELECT count(*), sum(id) FROM client;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT count(*), sum(id) FROM client WHERE id > 0;
SELECT count(*), sum(id) FROM client WHERE id > 0;
PREPARE p AS SELECT count(*), sum(id) FROM client WHERE id > $1;
SET plan_cache_mode = force_generic_plan;
EXECUTE p (0);
EXECUTE p (100);
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION consent_bob;
EXECUTE p (0);
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION consent_nobody;
EXECUTE p (0);
RESET SESSION AUTHORIZATION;
RESET ALL;
SET client_min_messages = warning;
SET search_path = public, sales_intel;
-- For others, by those who govern
SELECT rule, outcome FROM explain_access('ann', 'client', '6');
SELECT rule, outcome FROM explain_access('ann', 'client', '12');
SELECT rule, outcome FROM explain_access('ann', 'client', '4');
SELECT principal, action, rule FROM who_could_access('client', '12', now()) WHERE action = 'select';
SELECT preview_access('ann', 'client'), preview_access('bob', 'client');
SELECT say('12', '{quote_push}', 'grant', NULL, '2100-01-01') \g /dev/null
SELECT rule, outcome FROM explain_access('ann', 'client', '12') WHERE rule = 'own';
SELECT rule, outcome FROM explain_access('ann', 'client', '12', '{"at": "2100-01-01"}') WHERE rule = 'own';
-- The form without subqueries
SELECT protect_table('client', '{"form": "citus"}');
SELECT regexp_replace(pg_get_expr(polqual, polrelid), ' AND [^ ]*identity_lives.*', '') AS qual FROM pg_policy WHERE polrelid = 'client'::regclass AND polname = 'sales_intel_select';
SET SESSION AUTHORIZATION consent_ann;
SELECT count(*), sum(id) FROM client;
RESET SESSION AUTHORIZATION;
SELECT object, finding FROM access_advisor() WHERE object ~ 'client|rule' AND severity = 'error';

-- Not in a transaction that sees what was long ago; what was restored has numbers
-- of transactions that this server has yet to see
INSERT INTO consent_event (subject, scene, action, at, actor, xid) VALUES ('restored', 'quote_push', 'grant', '2020-01-01', 'tester', '9000000000000');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL SESSION AUTHORIZATION consent_ann;
SELECT consent_allows(3, 'quote_push');
COMMIT;

DROP TABLE client;
DROP FUNCTION one_by_one, seen, say, of_bob;
DELETE FROM principal;
DROP OWNED BY consent_ann, consent_bob, consent_nobody;
DROP ROLE consent_ann, consent_bob, consent_nobody;
