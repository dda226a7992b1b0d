-- Who may do what with consent, by profile.
BEGIN;
SET LOCAL search_path = public, sales_intel;
SET LOCAL client_min_messages = warning;
SELECT plan(14);

CREATE ROLE tap_app; CREATE ROLE tap_auditor; CREATE ROLE tap_consent_manager; CREATE ROLE tap_nobody;
SELECT cmp_ok((SELECT count(*) FROM unnest('{app,auditor,consent_manager}'::text[]) AS p, grant_role(p, ('tap_' || p)::regrole)), '>', 30::bigint, 'profiles are granted');
CREATE FUNCTION may_call(role name) RETURNS text LANGUAGE SQL AS $$
    SELECT string_agg(DISTINCT p.proname::text, ' ' ORDER BY p.proname::text)
    FROM pg_proc AS p
    WHERE p.pronamespace = 'sales_intel'::regnamespace AND has_function_privilege(role, p.oid, 'EXECUTE')
        AND NOT has_function_privilege('tap_nobody', p.oid, 'EXECUTE')
        AND p.prosrc ~ 'consent|sales_intel.outbox'
$$;
SELECT is(may_call('tap_app'), 'acknowledge ask_consent grant_consent queue_action refuse_consent require_consent withdraw_consent',
    'an application records consent and acts by it');
SELECT is(may_call('tap_consent_manager'),
    'acknowledge adopt_regime ask_consent consent_kpis consent_replay consent_report erase_subject grant_consent recheck_consent refuse_consent set_subject withdraw_consent',
    'a consent manager records it and reports');
SELECT is(may_call('tap_auditor'), 'consent_kpis consent_replay consent_report', 'an auditor reports');
SELECT is(may_call('tap_nobody'), NULL, 'others do nothing with it');
SELECT ok(has_function_privilege(r, 'consent_as_of(text, timestamptz)', 'EXECUTE'), r || ' looks back')
FROM unnest('{tap_consent_manager,tap_auditor}'::text[]) AS r;

SELECT set_eq($$SELECT r || ' ' || c.relname
    FROM unnest('{tap_app,tap_auditor,tap_consent_manager,tap_nobody}'::text[]) AS r, pg_class AS c
    WHERE c.relnamespace = 'sales_intel'::regnamespace AND c.relkind IN ('r', 'v') AND c.relname ~ '^(consent_|outbox)'
        AND has_any_column_privilege(r, c.oid, 'INSERT, UPDATE')$$,
    ARRAY['tap_consent_manager consent_scene', 'tap_consent_manager consent_regime'], 'tables of consent are written by functions, but for what is asked about');
SELECT is_empty($$SELECT r || ' ' || c.relname
    FROM unnest('{tap_app,tap_auditor,tap_consent_manager,tap_nobody}'::text[]) AS r, pg_class AS c
    WHERE c.relnamespace = 'sales_intel'::regnamespace AND c.relname ~ '^(consent_|outbox)' AND c.relkind IN ('r', 'v')
        AND has_table_privilege(r, c.oid, 'DELETE, TRUNCATE, TRIGGER, REFERENCES')$$, 'and nobody deletes from them');
SELECT is_empty($$SELECT r FROM unnest('{tap_app,tap_auditor,tap_consent_manager,tap_nobody}'::text[]) AS r
    WHERE has_column_privilege(r, 'consent_subject', 'salt', 'SELECT')$$, 'nobody reads a salt');
SELECT ok(has_column_privilege('tap_auditor', 'consent_subject', 'regime', 'SELECT'), 'but an auditor, under which regime a subject is');
SELECT ok(NOT has_table_privilege('tap_app', 'consent_event', 'SELECT'), 'an application does not read what customers said');

SELECT throws_ok($$INSERT INTO consent_scene (scene, bit, title, shipped) VALUES ('x', 60, 'X', true)$$, '42501', NULL,
    'a consent manager cannot say that a scene came with the extension') FROM set_config('role', 'tap_consent_manager', true);
RESET ROLE;
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc AS p
    WHERE p.pronamespace = 'sales_intel'::regnamespace AND p.prosrc LIKE '%consent%' AND p.prosecdef
        AND has_function_privilege('tap_nobody', p.oid, 'EXECUTE')$$, 'what runs with the owner''s rights is for nobody by default');

SELECT finish();
ROLLBACK;
