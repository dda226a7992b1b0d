/*
 * A table of deals under rules, its twin under plain policies, and who reads
 * them: three reps, who see all, half and a tenth of the rows, and a pool whose
 * transactions begin with a token.  psql variable: rows.
 */
SET search_path = bench, sales_intel;
SET client_min_messages = warning;

CREATE ROLE bench_all LOGIN;
CREATE ROLE bench_half LOGIN;
CREATE ROLE bench_tenth LOGIN;
CREATE ROLE bench_pool LOGIN;
GRANT USAGE ON SCHEMA bench TO PUBLIC;
SELECT grant_role('app', role) FROM unnest('{bench_all,bench_half,bench_tenth,bench_pool}'::regrole[]) AS role \g /dev/null

INSERT INTO principal (principal, login_role)
SELECT sees, ('bench_' || sees)::regrole FROM unnest('{all,half,tenth}'::text[]) AS sees;
INSERT INTO principal (principal, login_role, token_only) VALUES ('pool', 'bench_pool', true);
INSERT INTO principal_attribute (principal, attribute, value)
SELECT principal, attribute, COALESCE(value, prefix || i)
FROM (VALUES ('all', 9, '1000000', 'manager'), ('half', 4, '500000', 'rep'), ('tenth', 0, '100000', 'rep'))
        AS p(principal, teams, most, role),
     LATERAL (VALUES ('team', NULL, ''), ('region', NULL, 'region '), ('limit', most, ''), ('role', role, ''),
                     ('owner', '7', ''), ('barred', 'nowhere', ''), ('closed', '-1', '')) AS a(attribute, value, prefix),
     generate_series(0, CASE WHEN value IS NULL THEN teams ELSE 0 END) AS i;
INSERT INTO signing_key (kid) VALUES ('bench');

CREATE TABLE deal AS
SELECT i AS id, i::bigint % 1000 AS owner_id, i::bigint % 10 AS team_id, 'region ' || i / 10 % 10 AS region,
       (i::bigint * 7919 % 1000000)::float8 AS amount, md5(i::text)::uuid AS code, 'deal-' || i AS name,
       date '2020-01-01' + i % 2000 AS closes, 'a note about ' || i AS note
FROM generate_series(1, :rows) AS i;
CREATE TABLE plain_deal AS TABLE deal;

SELECT format('ALTER TABLE %1$s ADD PRIMARY KEY (id); CREATE UNIQUE INDEX ON %1$s (code);
               CREATE UNIQUE INDEX ON %1$s (name); CREATE INDEX ON %1$s (owner_id); GRANT SELECT ON %1$s TO PUBLIC',
              rel)
FROM unnest('{deal,plain_deal}'::regclass[]) AS rel
\gexec
ALTER TABLE plain_deal ENABLE ROW LEVEL SECURITY;
ALTER TABLE plain_deal FORCE ROW LEVEL SECURITY;
VACUUM ANALYZE;

-- Each rule three times: as text of ours, as plain policies that ask settings,
-- and by hand, the values written out, %s being those of who reads.
CREATE TABLE rule (
    position   integer GENERATED ALWAYS AS IDENTITY,
    rule       text PRIMARY KEY,
    permit     text,
    forbid     text,
    plain      text,
    plain_not  text,
    hand       text,
    readers    text[]
);
INSERT INTO rule (rule, permit, forbid, plain, plain_not, hand, readers) VALUES
    ('teams', $$team_id = ANY(attrs_bigint('team'))$$, $$region = attr('barred')$$,
     $$team_id = ANY ((SELECT string_to_array(current_setting('bench.team'), ',')::bigint[])::bigint[])$$,
     $$(region = (SELECT current_setting('bench.barred'))) IS FALSE$$,
     $$team_id = ANY ('{%1$s}'::bigint[]) AND (region = 'nowhere') IS FALSE$$, '{all,half,tenth}'),
    ('regions', $$region = ANY(attrs('region'))$$, $$team_id = attr_bigint('closed')$$,
     $$region = ANY ((SELECT string_to_array(current_setting('bench.region'), ','))::text[])$$,
     $$(team_id = (SELECT current_setting('bench.closed')::bigint)) IS FALSE$$,
     $$region = ANY ('{%2$s}'::text[]) AND (team_id = -1) IS FALSE$$, '{all,half,tenth}'),
    ('one region', $$region = attr('region')$$, $$team_id = attr_bigint('closed')$$,
     $$region = (SELECT current_setting('bench.region'))$$,
     $$(team_id = (SELECT current_setting('bench.closed')::bigint)) IS FALSE$$,
     $$region = '%2$s' AND (team_id = -1) IS FALSE$$, '{tenth}'),
    ('amount up to a limit', $$amount <= attr('limit')::float8$$, $$team_id = attr_bigint('closed')$$,
     $$amount <= (SELECT current_setting('bench.limit')::float8)$$,
     $$(team_id = (SELECT current_setting('bench.closed')::bigint)) IS FALSE$$,
     $$amount <= %3$s AND (team_id = -1) IS FALSE$$, '{all,half,tenth}'),
    ('own rows, all for a manager', $$attr_is('role', 'manager') OR owner_id = attr_bigint('owner')$$,
     $$team_id = attr_bigint('closed')$$,
     $$(SELECT current_setting('bench.role') = 'manager') OR owner_id = (SELECT current_setting('bench.owner')::bigint)$$,
     $$(team_id = (SELECT current_setting('bench.closed')::bigint)) IS FALSE$$,
     $$(%4$L = 'manager' OR owner_id = 7) AND (team_id = -1) IS FALSE$$, '{all,tenth}'),
    ('own rows', $$owner_id = attr_bigint('owner')$$, $$region = attr('barred')$$,
     $$owner_id = (SELECT current_setting('bench.owner')::bigint)$$,
     $$(region = (SELECT current_setting('bench.barred'))) IS FALSE$$,
     $$owner_id = 7 AND (region = 'nowhere') IS FALSE$$, '{}');

-- What follows is asked for by whoever reads.
CREATE TABLE reading (
    position   integer GENERATED ALWAYS AS IDENTITY,
    rule text, sees text, query text, workers integer, entrant text, ms float8, answer text
);
CREATE TABLE plan (position integer GENERATED ALWAYS AS IDENTITY, rule text, line text);
CREATE TABLE short (
    position   integer GENERATED ALWAYS AS IDENTITY,
    section text, step text, entrant text, ms float8
);

-- Refused in the course of verification, again and again: us of each.
CREATE FUNCTION refuse(token text, times integer)
RETURNS float8
LANGUAGE plpgsql
AS $$
DECLARE
    started timestamptz := clock_timestamp();
BEGIN
    FOR i IN 1..times LOOP
        BEGIN
            PERFORM sales_intel.begin_identity(token);
        EXCEPTION WHEN invalid_authorization_specification THEN
            NULL;
        END;
    END LOOP;
    RETURN extract(epoch FROM clock_timestamp() - started) * 1000 / times;
END
$$;
CREATE FUNCTION claims(subject text, jti text)
RETURNS jsonb
LANGUAGE sql
RETURN jsonb_build_object('sub', subject, 'aud', token_audience(), 'iat', extract(epoch FROM clock_timestamp())::bigint,
                          'exp', extract(epoch FROM clock_timestamp())::bigint + 290, 'jti', jti, 'pur', 'service');

-- Both tables follow this rule from now on.
CREATE PROCEDURE follow(named text)
LANGUAGE plpgsql
AS $$
DECLARE
    r rule;
BEGIN
    SELECT * INTO STRICT r FROM rule WHERE rule = named;
    PERFORM unprotect_table('deal') WHERE EXISTS (SELECT FROM protected_table);
    PERFORM drop_access_rule('deal', name) FROM access_rule;
    PERFORM create_access_rule('deal', 'permit', 'permit', '{select}', r.permit);
    PERFORM create_access_rule('deal', 'forbid', 'forbid', '{select}', r.forbid);
    PERFORM protect_table('deal');
    DROP POLICY IF EXISTS permit ON plain_deal;
    DROP POLICY IF EXISTS forbid ON plain_deal;
    EXECUTE format('CREATE POLICY permit ON plain_deal FOR SELECT USING (%s)', r.plain);
    EXECUTE format('CREATE POLICY forbid ON plain_deal AS RESTRICTIVE FOR SELECT USING (%s)', r.plain_not);
END
$$;

-- The settings that plain policies ask, and the predicate by hand.
CREATE PROCEDURE become(sees text)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM set_config('bench.' || attribute, string_agg(value, ',' ORDER BY value), true)
    FROM principal_attribute WHERE principal = sees GROUP BY attribute;
    EXECUTE format('SET LOCAL SESSION AUTHORIZATION %I', 'bench_' || sees);
END
$$;
CREATE FUNCTION by_hand(named text, sees text)
RETURNS text
LANGUAGE sql
RETURN (SELECT format(hand, a ->> 'team', a ->> 'region', a ->> 'limit', a ->> 'role')
        FROM rule, (SELECT jsonb_object_agg(attribute, value) AS a
                    FROM (SELECT attribute, string_agg(value, ',' ORDER BY value) AS value
                          FROM principal_attribute WHERE principal = sees GROUP BY attribute) AS t) AS v
        WHERE rule = named);
