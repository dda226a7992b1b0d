# Attacks on rows that somebody may not see; their numbers are those of
# doc/attacks.md.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();

my $mine = qr/^50\|mine$/m;
my $read = 'SELECT count(*), max(note) FROM deal;';

sub strange
{
	value('attack_test', "SET search_path = strange, crm; SET ROLE attack_stranger; $_[0]");
	return;
}

# 20: everything under, beside and behind the table
attack('20 a partition by itself', sql => 'SELECT note FROM visit_1; TABLE ONLY visit_1; SELECT v FROM visit_1 v;', plain => 1, must => [qr/^mine$/m]);
value('attack_test', "SET ROLE attack_desk; CREATE TABLE $_.visit_2 PARTITION OF $_.visit FOR VALUES FROM (100) TO (200);
	CREATE TABLE $_.visit_3 (LIKE $_.visit); INSERT INTO $_.visit_3 VALUES (300, '" . ($_ eq 'plain_mapped' ? 'attack_bob' : 'bob') . "', 'CANARY-300');
	ALTER TABLE $_.visit ATTACH PARTITION $_.visit_3 FOR VALUES FROM (300) TO (400);
	INSERT INTO $_.visit SELECT 199, owner, note FROM $_.visit_3;
	GRANT SELECT ON ALL TABLES IN SCHEMA $_ TO attack_pool, attack_alice") for qw(crm plain_pool plain_mapped);
attack("20 a new partition, $_", sql => "SELECT note FROM $_; SELECT count(*) FROM visit;", plain => "SELECT note FROM $_", must => [qr/^50$/m]) for qw(visit_2 visit_3);
attack('20 tables of the extension', sql => join("\n", map { "SELECT * FROM sales_intel.$_;" }
	qw(principal principal_attribute signing_key token_use trusted_definer project access_rule protected_table)), must => [[8, qr/42501: permission denied for table/]]);
value('attack_test', 'CREATE VIEW own.toast AS SELECT oid::regclass::text AS name FROM pg_class WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE oid = $$crm.deal$$::regclass); GRANT SELECT ON own.toast TO PUBLIC');
attack('20 what lies out of line', sql => "SELECT 'SELECT * FROM ' || name FROM own.toast \\gexec\n", must => [qr/42501: permission denied for schema pg_toast/]);
strange('CREATE MATERIALIZED VIEW copied AS SELECT * FROM deal; CREATE MATERIALIZED VIEW copied_plain AS SELECT * FROM plain_pool.deal; GRANT SELECT ON copied TO PUBLIC;
	CREATE FUNCTION deals() RETURNS SETOF crm.deal LANGUAGE plpgsql AS $$ BEGIN RETURN QUERY SELECT * FROM crm.deal; END $$;
	CREATE MATERIALIZED VIEW copied_by_function AS SELECT * FROM deals(); GRANT SELECT ON ALL TABLES IN SCHEMA strange TO PUBLIC;');
value('attack_test', 'INSERT INTO sales_intel.principal (principal, login_role) VALUES (\'root\', current_user::regrole); UPDATE sales_intel.principal_attribute SET value = value;
	SET search_path = crm, strange; REFRESH MATERIALIZED VIEW copied; REFRESH MATERIALIZED VIEW copied_by_function');
attack('20 a materialized view, refreshed by a superuser', sql => 'SELECT * FROM strange.copied; SELECT * FROM strange.copied_by_function; SELECT 0 AS nothing;', must => [qr/\A\s*(alice)?\s*0\s*\z/]);

# 21: functions of the extension, asked about others
attack('21 asking about somebody else', sql => q{SELECT * FROM sales_intel.explain_access('bob', 'deal', '60'); SELECT * FROM sales_intel.explain_access('bob', 'deal', '60', '{}');
	SELECT * FROM sales_intel.who_could_access('deal', '60'); SELECT * FROM sales_intel.preview_access('bob', 'deal');
	SELECT sales_intel.attr('salary'), sales_intel.attrs('salary'), sales_intel.attr_has('salary', '7'), sales_intel.attr_bigint('salary');
	SELECT sales_intel.sign_token('k1', '{"sub": "bob"}'), sales_intel.token_audience();}, must => [[5, qr/42501/], qr/^\|\{\}\|f\|$/m]);

# 22: one's own objects over the table, with the rights of whoever calls
attack('22 own views and functions', sql => "CREATE TEMP VIEW v AS TABLE deal; CREATE VIEW own.w WITH (security_invoker) AS TABLE deal; SELECT count(*), max(note) FROM v; SELECT count(*), max(note) FROM own.w;
	CREATE FUNCTION own.f() RETURNS SETOF deal LANGUAGE sql STABLE AS 'TABLE crm.deal'; SELECT count(*), max(note) FROM own.f();
	CREATE FUNCTION own.g() RETURNS SETOF deal LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN QUERY TABLE crm.deal; END'; SELECT count(*), max(note) FROM own.g();
	DO 'BEGIN RAISE NOTICE ''%'', (SELECT array_agg(DISTINCT note) FROM crm.deal); END'; DROP VIEW own.w; DROP FUNCTION own.f, own.g;
	WITH x AS MATERIALIZED (TABLE deal) $read SELECT count(*), max(note) FROM (SELECT * FROM deal OFFSET 0) x;", must => [[6, qr/^50\|mine$/m], qr/NOTICE:  00000: \{mine\}/]);

# Strangers' SECURITY DEFINER functions, which may read the table, but as nobody
strange('CREATE TABLE loot (t text);
	CREATE FUNCTION take() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO strange.loot SELECT note FROM crm.deal; INSERT INTO strange.loot VALUES (sales_intel.current_principal());
		RETURN (SELECT count(*) FROM crm.deal) || coalesce(sales_intel.attr($a$team$a$), $a$ nothing$a$); END $$;
	CREATE FUNCTION take_sql() RETURNS SETOF crm.deal LANGUAGE sql STABLE SECURITY DEFINER AS $$ TABLE crm.deal $$;
	CREATE FUNCTION take_cursor(c refcursor) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ DECLARE r record; BEGIN FETCH NEXT FROM c INTO r; INSERT INTO strange.loot VALUES (r::text); RETURN r; END $$;
	CREATE FUNCTION take_role() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN SET ROLE attack_alice; RETURN (SELECT max(note) FROM crm.deal); END $$;
	CREATE VIEW seen AS TABLE crm.deal; CREATE VIEW seen_barrier WITH (security_barrier) AS TABLE crm.deal;
	CREATE FUNCTION on_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO strange.loot SELECT note FROM crm.deal; RETURN NEW; END $$;
	CREATE TABLE trap (id int); CREATE TRIGGER t AFTER INSERT ON trap FOR EACH STATEMENT EXECUTE FUNCTION on_write(); GRANT INSERT ON trap TO PUBLIC;
	GRANT SELECT ON seen, seen_barrier TO PUBLIC');
attack('22 functions of strangers', sql => 'SELECT strange.take(); SELECT count(*) FROM strange.take_sql(); SELECT strange.take_role(); INSERT INTO strange.trap VALUES (1);
	SELECT count(*), max(note) FROM strange.seen; SELECT count(*), max(note) FROM strange.seen_barrier;', must => [qr/^0 nothing$/m, qr/^0$/m, qr/cannot set parameter "role" within security-definer/, [2, qr/^50\|mine$/m]]);
attack("22 a stranger reads a cursor, $_->[0]", sql => "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; BEGIN; DECLARE c CURSOR FOR $_->[1]; MOVE 1 FROM c; SELECT strange.take_cursor('c'); COMMIT;", must => [qr/28000: the query began with another identity/])
	for ['row by row', 'TABLE deal'], ['sorted before', 'TABLE deal ORDER BY note, id'], ['kept by a join before', 'SELECT d.* FROM (VALUES (60), (1)) x(i) LEFT JOIN deal d ON d.id + 0 = x.i'],
		['a join that has met hidden rows alone', 'SELECT d.* FROM (VALUES (60), (1)) x(i) LEFT JOIN deal d ON d.id = x.i'];
attack('22 a stranger reads the cursor of a loop', sql => q{DO $$ DECLARE r record; BEGIN FOR r IN TABLE crm.deal LOOP PERFORM strange.take_cursor((SELECT name::refcursor FROM pg_cursors WHERE statement LIKE 'TABLE crm.deal%')); END LOOP; END $$},
	must => [qr/28000: the query began with another identity/]);
is(value('attack_test', 'SELECT count(*), count(t) FROM strange.loot'), '1|0', '22 what strangers have: nothing');

# A stranger's function leaves a trigger behind that runs as its caller, when the transaction ends
strange('TRUNCATE loot; GRANT INSERT ON loot TO PUBLIC; CREATE TABLE fuse (id int); CREATE FUNCTION bang() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE r record; BEGIN FOR r IN SELECT note FROM crm.deal LOOP INSERT INTO strange.loot VALUES (r.note); END LOOP; RETURN NEW; END $$;
	CREATE CONSTRAINT TRIGGER late AFTER INSERT ON fuse DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION bang();
	CREATE FUNCTION light() RETURNS void LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN INSERT INTO strange.fuse VALUES (1); END $$');
attack("22 $_->[0]", sql => $_->[1], must => [qr/25000: no identity counts in a deferred trigger/]) for ['a trigger until COMMIT', 'SELECT strange.light(); COMMIT;'],
	['a trigger until SET CONSTRAINTS', 'BEGIN; SELECT strange.light(); SET CONSTRAINTS ALL IMMEDIATE; COMMIT;'];
attack('22 a trigger until a procedure commits', who => ['mapped'], sql => 'DO $$ BEGIN PERFORM strange.light(); COMMIT; END $$', must => [qr/25000: no identity counts in a deferred trigger/]);
is(value('attack_test', 'SELECT count(*) FROM strange.loot'), 0, '22 what strangers have then: nothing');
attack('22 a trigger at once', must => [[3, qr/NOTICE:  00000: 50/], qr/^mine$/m], sql => 'CREATE TABLE own.plain (id int); CREATE FUNCTION own.now() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE $a$%$a$, (SELECT count(*) FROM crm.deal); RETURN NEW; END $$;
	CREATE TRIGGER t AFTER INSERT ON own.plain FOR EACH ROW EXECUTE FUNCTION own.now(); INSERT INTO own.plain VALUES (1); DO $$ BEGIN INSERT INTO own.plain VALUES (2); END $$; COPY own.plain FROM STDIN;
3
\.
	DROP TABLE own.plain; DROP FUNCTION own.now; SELECT min(note) FROM deal;');

# A function of Bob's that acts as Bob, called by Alice
value('attack_test', "SET ROLE attack_bob; CREATE FUNCTION own.of_bob(t text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS 'DECLARE n text; BEGIN EXECUTE ''SELECT max(note) FROM '' || t INTO n; RETURN n; END'");
attack('22 a SECURITY DEFINER function of Bob, called by Alice', who => ['mapped'], plain => "SELECT own.of_bob('plain_mapped.deal')", sql => "SELECT coalesce(own.of_bob('crm.deal'), 'nothing')", must => [qr/^nothing$/m]);
safe(as_login('attack_bob', "SELECT own.of_bob('crm.deal') IS NULL"), '22 and by Bob, whose it is', qr/^f$/m);

# 23: functions and operators of one's own that talk
my $talk = "CREATE FUNCTION pg_temp.talk(v text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', v; RETURN true; END';
	CREATE FUNCTION own.talk2(text, text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', \$1; RETURN true; END';
	CREATE OPERATOR own.<<< (LEFTARG = text, RIGHTARG = text, FUNCTION = own.talk2, RESTRICT = scalarltsel, JOIN = scalarltjoinsel);";
my $end = 'DROP OPERATOR own.<<< (text, text); DROP FUNCTION own.talk2;';
value('attack_test', "SET ROLE attack_desk; CREATE VIEW $_.my_deal AS SELECT * FROM $_.deal WHERE owner IN ('alice', 'attack_alice'); GRANT SELECT ON $_.my_deal TO PUBLIC") for qw(plain_pool plain_mapped crm);
attack("23 $_->[0]", sql => "$talk $_->[1] $end", plain => ($_->[2] ? "$talk " . ($_->[1] =~ s/\bdeal\b/my_deal/gr) . $end : undef), must => [qr/NOTICE:  00000: mine/]) for (
	['in WHERE', 'SELECT count(*) FROM deal WHERE pg_temp.talk(note);', 1],
	['as an operator', 'SELECT count(*) FROM deal WHERE note <<< note;', 1],
	['in CASE', "SELECT count(*) FROM deal WHERE CASE WHEN pg_temp.talk(note) THEN true ELSE false END;", 1],
	['in ORDER BY, FILTER, windows', 'SELECT id FROM deal ORDER BY pg_temp.talk(note), id LIMIT 1; SELECT count(*) FILTER (WHERE pg_temp.talk(note)) FROM deal; SELECT rank() OVER (ORDER BY pg_temp.talk(note)) FROM deal LIMIT 1;'],
	['in JOIN and LATERAL', 'SELECT count(*) FROM deal d LEFT JOIN deal e ON pg_temp.talk(e.note) AND e.id = d.id; SELECT count(*) FROM deal d, LATERAL (SELECT pg_temp.talk(d.note) OFFSET 0) x;'],
	['in HAVING, GROUP BY', 'SELECT note FROM deal GROUP BY note HAVING pg_temp.talk(note); SELECT pg_temp.talk(note) FROM deal GROUP BY 1;'],
	['in a scan by an index', 'SET enable_seqscan = off; SELECT count(*) FROM deal WHERE amount > 0 AND pg_temp.talk(note);'],
	['on the whole row', 'SELECT count(*) FROM deal d WHERE pg_temp.talk(d::text) AND pg_temp.talk(to_json(d)::text); SELECT max(note) FROM deal WHERE pg_temp.talk(note);'],
);
attack('23 functions of the server that run queries', sql => q{SELECT query_to_xml('SELECT * FROM crm.deal', true, true, ''); SELECT table_to_xml('crm.deal', true, true, '');
	SELECT schema_to_xml('crm', true, true, ''); SELECT * FROM ts_stat('SELECT to_tsvector(note) FROM crm.deal');}, must => [qr/<note>mine/]);

# 24
attack('24 errors that only hidden rows raise', sql => join("\n", map { "SELECT count(*) FROM deal WHERE $_ AND owner = 'bob';" }
	'1 / (amount - 7770060) > 0', 'note::int = 1', "note ~ ('[' || note)", 'sqrt(7770000 - amount) > 0', "(note || '!')::numeric > 0", "substr(note, 1, 0 - amount) = ''"), must => [qr/\A(alice)?\s*(0\s*){6}\z/]);

# 25
attack('25 LEAKPROOF, estimators, statistics', sql => "CREATE FUNCTION own.l(text) RETURNS boolean LEAKPROOF LANGUAGE sql AS 'SELECT true'; CREATE STATISTICS own.s ON id, note FROM deal;
	CREATE FUNCTION own.e(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'; ALTER FUNCTION own.e LEAKPROOF; DROP FUNCTION own.e; $talk
	EXPLAIN SELECT * FROM deal WHERE note <<< 'x'; EXPLAIN SELECT * FROM deal a JOIN deal b ON a.note <<< b.note; $end", must => [[3, qr/42501/]]);

# 26
strange('CREATE MATERIALIZED VIEW stats AS SELECT note, amount FROM plain_pool.deal');
value('attack_test', "SET ROLE attack_desk; CREATE MATERIALIZED VIEW $_.counted AS TABLE $_.deal; ANALYZE $_.counted; GRANT SELECT ON $_.counted TO PUBLIC; CREATE STATISTICS $_.s (mcv) ON note, amount FROM $_.deal; ANALYZE $_.deal")
	for qw(plain_pool plain_mapped crm);
attack('26 statistics', plain => 'SELECT histogram_bounds FROM pg_stats', sql => 'SELECT * FROM pg_stats WHERE schemaname = $$crm$$; SELECT * FROM pg_stats_ext WHERE schemaname = $$crm$$; SELECT * FROM pg_statistic; SELECT * FROM pg_statistic_ext_data; SELECT relname, n_live_tup FROM pg_stat_user_tables;',
	must => [qr/42501: permission denied for table pg_statistic/, qr/^deal\|100$/m]);

# 27
attack('27 EXPLAIN shows no values', sql => "EXPLAIN (VERBOSE) SELECT * FROM deal WHERE note > 'm' AND amount > 10; EXPLAIN (ANALYZE, VERBOSE, BUFFERS) SELECT * FROM deal; LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0;",
	must => [qr/InitPlan/, qr/42501: access to library "auto_explain" is not allowed/]);

# 33
attack('33 hidden rows, locked and by place', sql => q{SELECT note FROM deal WHERE id = 60 FOR UPDATE; SELECT note FROM deal WHERE id = 60 FOR KEY SHARE; SELECT note FROM deal WHERE ctid = '(0,60)'; SELECT note FROM deal WHERE ctid >= '(0,51)';
	SELECT note FROM deal WHERE tableoid = 'deal'::regclass AND id > 50 AND xmin IS NOT NULL; UPDATE deal SET note = 'x' WHERE id = 60 RETURNING *; DELETE FROM deal WHERE id > 50 RETURNING *; UPDATE deal d SET region = e.note FROM deal e WHERE e.id = 60 RETURNING *;
	SELECT count(*) FROM deal TABLESAMPLE SYSTEM (100); SELECT 'end';}, must => [qr/\A(alice)?\s*50\s*end\s*\z/]);

# 34
attack('34 COPY', sql => "COPY deal TO STDOUT; COPY (SELECT note FROM deal) TO STDOUT; COPY deal FROM STDIN;\n\\.\nCOPY deal TO 'attack'; COPY deal TO PROGRAM 'cat'; SELECT lo_import('postgresql.conf'); SELECT pg_read_file('postgresql.conf'); CREATE EXTENSION dblink;",
	must => [qr/^50\talice/m, qr/0A000: COPY FROM not supported with row-level security/, [4, qr/42501/]]);

# 35
attack('35 row_security off', sql => 'SET row_security = off; TABLE deal;', must => [qr/42501: query would be affected by row-level security/]);
{
	local $ENV{PGUSER} = 'attack_alice';
	safe(scalar(`pg_dump -t crm.deal attack_test 2>&1`), '35 pg_dump', qr/row-level security/);
	safe(scalar(`pg_dump -t crm.deal --enable-row-security --data-only --inserts attack_test 2>&1`), '35 pg_dump that obeys it', qr/'mine'/);
}
value('attack_test', 'GRANT pg_read_all_data TO attack_alice');
safe(as_login('attack_alice', "SET search_path = crm; $read SELECT count(*) FROM visit_2"), '36 pg_read_all_data sees no more rows', $mine, qr/^0$/m);
value('attack_test', 'REVOKE pg_read_all_data FROM attack_alice');

# 63
value('attack_test', 'GRANT EXECUTE ON FUNCTION sales_intel.explain_access(text, regclass, text), sales_intel.explain_access(text, regclass, text, jsonb) TO PUBLIC');
my @told = map { as_login('attack_alice', "SELECT * FROM sales_intel.explain_access('alice', 'crm.deal', '$_')") } 60, 9999;
is($told[0], $told[1], '63 of a hidden row one is told what one is told of none');
safe($told[0], '63 and no more than that', qr/^\(decision\)\|\|select\|f\|No such row is within reach\.$/m);
safe(as_login('attack_alice', "SELECT * FROM sales_intel.explain_access('alice', 'crm.deal', '60', '$_')"), "63 nor with $_", qr/42501|No such row/)
	for '{"at": "2020-01-01"}', '{"project": "alpha"}', '{"purpose": "audit"}', '{"action": "delete"}';

finish_attacks();
done_testing;
