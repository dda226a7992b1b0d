# Attacks by writing, by DDL, and on the extension itself; their numbers are
# those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();

# What Bob has, which no attack may change.
my $bobs = "SELECT count(*), min(id), max(id), count(*) FILTER (WHERE region = 'north'), md5(string_agg(d::text, ',' ORDER BY id)) FROM crm.deal d WHERE owner = 'bob'";
my $before = value('attack_test', $bobs);

sub unharmed
{
	my ($name, %how) = @_;

	attack($name, %how);
	is(value('attack_test', $bobs), $before, "$name: Bob's rows are as they were");
	value('attack_test', "DELETE FROM crm.deal WHERE id > 100; SELECT setseed(0)");
	return;
}

sub in_plain
{
	my ($name, $sql) = @_;

	for my $who (qw(pool mapped))
	{
		run_as("plain_$who", "$sql\nCOMMIT;");
		my $changed = value('attack_test', "SELECT count(*) FROM plain_$who.deal WHERE note = 'mine' AND owner NOT IN ('alice', 'attack_alice') OR id > 100");
		isnt($changed, 0, "$name: plain PostgreSQL falls ($who)");
		value('attack_test', "UPDATE plain_$who.deal SET owner = '" . ($who eq 'mapped' ? 'attack_' : '') . "alice' WHERE note = 'mine'; DELETE FROM plain_$who.deal WHERE id > 100");
	}
	return;
}

# 32
in_plain('32 moved away', "UPDATE deal SET owner = 'bob';");
in_plain('32 made for Bob', "INSERT INTO deal VALUES (300, 'bob', 'north', 1, 'planted');");
unharmed('32 rows moved out of scope, made for others', sql => "UPDATE deal SET owner = 'bob'; UPDATE deal SET owner = 'bob' WHERE id = 1; UPDATE deal SET owner = NULL; UPDATE deal SET note = 'buried' WHERE id = 1;
	INSERT INTO deal VALUES (300, 'bob', 'north', 1, 'planted'); INSERT INTO deal SELECT 301, 'bob', 'north', 1, 'planted'; INSERT INTO deal VALUES (302, NULL, 'x', 1, 'x'); UPDATE visit SET owner = 'bob'; INSERT INTO visit_1 VALUES (90, 'bob', 'x');
	INSERT INTO deal VALUES (303, 'alice', 'x', 1, 'buried');", must => [[8, qr/42501: new row violates row-level security/]]);

# 28
unharmed('28 keys that are taken', sql => "INSERT INTO deal VALUES (60, 'alice', 'x', 1, 'x'); INSERT INTO deal VALUES (60, 'alice', 'x', 1, 'x') ON CONFLICT DO NOTHING RETURNING *;
	INSERT INTO deal VALUES (60, 'alice', 'x', 1, 'x') ON CONFLICT (id) DO UPDATE SET region = deal.note; INSERT INTO deal VALUES (60, 'alice', 'x', 1, 'x') ON CONFLICT (id) DO UPDATE SET region = 'x' WHERE deal.amount > 5 RETURNING *;
	UPDATE deal SET id = 60 WHERE id = 1; INSERT INTO deal VALUES (60, 'bob', 'x', 1, 'x') ON CONFLICT (id) DO UPDATE SET region = 'x';
	CREATE FUNCTION pg_temp.talk(v text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', v; RETURN true; END';
	INSERT INTO deal VALUES (60, 'alice', 'x', 1, 'x') ON CONFLICT (id) DO UPDATE SET region = 'x' WHERE pg_temp.talk(deal.note);", must => [qr/23505/, qr/42501: new row violates row-level security policy "sales_intel_update" \(USING expression\)/]);
unharmed('28 MERGE', sql => "MERGE INTO deal d USING (VALUES (60), (300)) s(id) ON d.id = s.id WHEN MATCHED THEN UPDATE SET region = d.note WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'alice', 'x', 1, 'new');
	MERGE INTO deal d USING generate_series(51, 100) s(id) ON d.id = s.id WHEN MATCHED THEN DELETE; MERGE INTO deal d USING deal s ON d.id = s.id WHEN MATCHED THEN UPDATE SET owner = 'bob';
	MERGE INTO deal d USING (VALUES (301)) s(id) ON d.id = s.id WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'bob', 'x', 1, 'new');", must => [[2, qr/42501/]]);

# 29
attack('29 a foreign key that feels for rows', sql => 'CREATE TABLE own.probe (id int REFERENCES crm.deal); CREATE TEMP TABLE probe (id int REFERENCES crm.deal);', must => [[1, qr/42501: permission denied for table deal/]]);

# 30
unharmed('30 DDL', sql => join("\n", map { "$_;" } 'CREATE TRIGGER t BEFORE INSERT ON deal FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()', 'CREATE RULE r AS ON UPDATE TO deal DO ALSO SELECT 1',
	'CREATE POLICY p ON deal USING (true)', 'CREATE INDEX ON deal (note)', 'ALTER TABLE deal DISABLE ROW LEVEL SECURITY', 'ALTER TABLE deal NO FORCE ROW LEVEL SECURITY', 'DROP POLICY sales_intel_select ON deal CASCADE',
	'ALTER POLICY sales_intel_select ON deal USING (true)', 'ALTER TABLE deal OWNER TO CURRENT_USER', 'ALTER TABLE visit DETACH PARTITION visit_1', 'CREATE TABLE own.visit_9 PARTITION OF visit FOR VALUES FROM (900) TO (999)', 'CREATE TABLE own.heir () INHERITS (deal)',
	'DROP EVENT TRIGGER sales_intel_ddl', 'ALTER EVENT TRIGGER sales_intel_ddl DISABLE', 'SET session_replication_role = replica', 'ALTER FUNCTION sales_intel.identity_lives(timestamptz) OWNER TO CURRENT_USER',
	'CREATE OR REPLACE FUNCTION sales_intel.current_principal() RETURNS text LANGUAGE sql AS $x$SELECT $a$bob$a$$x$', 'CREATE FUNCTION sales_intel.attr(varchar) RETURNS text LANGUAGE sql AS $x$SELECT $a$bob$a$$x$', 'COMMENT ON TABLE deal IS $$x$$', 'ALTER EXTENSION sales_intel DROP FUNCTION sales_intel.attr(text)', 'DROP EXTENSION sales_intel CASCADE',
	q{SELECT sales_intel.create_access_rule('deal', 'all', 'permit', '{select}', 'true')}, q{SELECT sales_intel.drop_access_rule('deal', 'own')}, q{SELECT sales_intel.unprotect_table('deal')}, q{SELECT sales_intel.protect_table('deal')}), must => [[24, qr/42501/]]);

# 31
unharmed('31 TRUNCATE and maintenance', sql => 'TRUNCATE deal; CLUSTER deal USING deal_pkey; REINDEX TABLE deal; VACUUM deal; ANALYZE deal;', must => [qr/42501: permission denied for table deal/]);
value('attack_test', 'GRANT TRUNCATE ON crm.deal TO attack_nobody; CREATE TABLE own.kept AS TABLE crm.deal');
as_login('attack_nobody', 'TRUNCATE crm.deal');
is(value('attack_test', 'SELECT count(*) FROM crm.deal'), 0, '31 whoever is granted TRUNCATE empties a protected table: the advisor warns');
value('attack_test', 'INSERT INTO crm.deal TABLE own.kept; DROP TABLE own.kept; REVOKE TRUNCATE ON crm.deal FROM attack_nobody');

# The owner is bound as others are; members of him are, too
value('attack_test', 'GRANT attack_desk TO attack_alice');
safe(as_login('attack_alice', 'SET ROLE attack_desk; TABLE crm.deal; SELECT count(*) FROM crm.visit_1; SET search_path = crm; ALTER TABLE deal ADD seen text DEFAULT current_user; TABLE deal;
	CREATE INDEX ON deal (lower(note)); CREATE VIEW crm.all_deals AS TABLE deal; TABLE crm.all_deals; CREATE TABLE crm.copy AS TABLE deal; TABLE crm.copy; ALTER TABLE deal DROP seen CASCADE;'), 'the owner without identity', qr/^0$/m);
leaks(as_login('attack_alice', 'SET ROLE attack_desk; TABLE plain_pool.deal'), 'the owner: plain PostgreSQL falls');
value('attack_test', 'REVOKE attack_desk FROM attack_alice; SET ROLE attack_desk; DROP VIEW IF EXISTS crm.all_deals; DROP TABLE IF EXISTS crm.copy');

value('attack_test', 'GRANT SET ON PARAMETER session_replication_role TO attack_desk; SET ROLE attack_desk; SET session_replication_role = replica; CREATE TABLE crm.visit_7 PARTITION OF crm.visit FOR VALUES FROM (700) TO (800)');
is(value('attack_test', "SELECT count(*) FROM pg_policy WHERE polrelid = 'crm.visit_7'::regclass"), 8, '30 an owner who may switch triggers off makes no open partition');
value('attack_test', 'REVOKE SET ON PARAMETER session_replication_role FROM attack_desk');

# 37: names of one's own where the extension's functions look for names
value('attack_test', "INSERT INTO sales_intel.token_use SELECT 'aaaaaaaaaaaaaaaaaaaaa' || i, now() - interval '2 days' FROM generate_series(1, 3) i");
my $shadow = "CREATE FUNCTION own.run(text, text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''runs as %'', current_user; RETURN true; END'; CREATE OPERATOR own.= (LEFTARG = text, RIGHTARG = text, FUNCTION = own.run);
	CREATE FUNCTION own.run(timestamptz, timestamptz) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''runs as %'', current_user; RETURN true; END'; CREATE OPERATOR own.< (LEFTARG = timestamptz, RIGHTARG = timestamptz, FUNCTION = own.run);
	CREATE FUNCTION own.attr(text) RETURNS text LANGUAGE sql AS 'SELECT ''x'''; CREATE FUNCTION own.current_principal() RETURNS text LANGUAGE sql AS 'SELECT ''bob''';
	CREATE FUNCTION own.identity_lives(timestamptz) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE FUNCTION own.count() RETURNS bigint LANGUAGE sql AS 'SELECT 1';
	CREATE TABLE own.principal (LIKE sales_intel.principal); CREATE TABLE own.signing_key (LIKE sales_intel.signing_key); CREATE TABLE own.token_use (LIKE sales_intel.token_use);
	CREATE TEMP TABLE principal (principal text, login_role regrole); CREATE TEMP TABLE signing_key (kid text, secret bytea, valid_during tstzrange); CREATE TEMP TABLE token_use (jti text, expires_at timestamptz); CREATE TEMP TABLE deal (id int); CREATE TYPE pg_temp.interval AS (x int);
	INSERT INTO signing_key VALUES ('evil', '\\x00', '(,)'); SET search_path = pg_temp, own, pg_catalog;";
my $evil = token(claims(sub => '"bob"'), '{"alg":"HS256","kid":"evil"}', "\0");
safe(as_login('attack_pool', "$shadow BEGIN; SELECT sales_intel.begin_identity('" . token(claims()) . "'); SELECT pg_catalog.count(*), pg_catalog.max(note) FROM crm.deal; COMMIT; BEGIN; SELECT sales_intel.begin_identity('$evil'); TABLE crm.deal; COMMIT;"),
	'37 names that shadow', qr/^50\|mine$/m, qr/No key of its "kid"/);
unlike(as_login('attack_pool', "SET search_path = own, pg_catalog; BEGIN; SELECT sales_intel.begin_identity('" . token(claims()) . "'); COMMIT;"), qr/runs as/, '37 no operator of the caller runs as the owner');
is(value('attack_test', 'SELECT count(*) FROM sales_intel.token_use WHERE expires_at < now()'), 0, '37 though old tokens were cleared away');

# 38
for my $planted ('CREATE SCHEMA sales_intel AUTHORIZATION attack_stranger', 'CREATE SCHEMA sales_intel; CREATE FUNCTION sales_intel.attr(varchar) RETURNS text LANGUAGE sql RETURN 1::text',
	'CREATE SCHEMA sales_intel; CREATE TABLE sales_intel.principal (principal text)', 'CREATE SCHEMA sales_intel; CREATE OPERATOR sales_intel.= (LEFTARG = text, RIGHTARG = text, FUNCTION = texteq)', 'CREATE SCHEMA sales_intel; GRANT CREATE ON SCHEMA sales_intel TO attack_stranger')
{
	empty_database('attack_planted');
	value('attack_planted', $planted);
	my (undef, $errors) = psql('attack_planted', 'CREATE EXTENSION sales_intel');

	like($errors, qr/ERROR:  the schema "sales_intel" is in use/, "38 $planted");
}
empty_database('attack_planted');
value('attack_planted', 'CREATE SCHEMA sales_intel; CREATE EXTENSION sales_intel');
value('postgres', 'DROP DATABASE attack_planted');

# 40: text is data
my @texts = (q{'; DROP TABLE crm.deal; --}, q{' OR true --}, '$$; SELECT 1; $$', '\\', "x') OR (true", '"', "a\nb", '%s%n', '{}', '../../x');
for my $text (@texts)
{
	my $quoted = "'" . $text =~ s/'/''/gr . "'";

	value('attack_test', "BEGIN; SET ROLE attack_desk; SET search_path = crm, sales_intel; SET standard_conforming_strings = on;
		SELECT create_access_rule('deal', $quoted, 'forbid', '{select}', 'note = ' || quote_literal($quoted)); SELECT drop_access_rule('deal', $quoted); ROLLBACK");
	my (undef, $errors) = psql('attack_test', "\\set ON_ERROR_STOP 0\n" . join "\n", map { "SELECT $_;" } "sales_intel.explain_access($quoted, 'crm.deal', '1')", "sales_intel.explain_access('bob', 'crm.deal', $quoted)",
		"sales_intel.who_could_access('crm.deal', $quoted)", "sales_intel.create_access_rule('crm.deal', 'x', $quoted, '{select}', 'true')", "sales_intel.create_access_rule('crm.deal', 'x', 'permit', ARRAY[$quoted], 'true')",
		"sales_intel.sign_token($quoted, '{}')", "sales_intel.begin_identity($quoted)", "sales_intel.preview_access($quoted, 'crm.deal')", "sales_intel.drop_access_rule('crm.deal', $quoted)", "sales_intel.create_access_rule('crm.deal', 'x', 'forbid', '{select}', $quoted)");
	is(scalar(() = $errors =~ /^ERROR:/mg), 10, '40 ' . ($text =~ s/\n/ /gr));
}
is(value('attack_test', $bobs), $before, '40 all is as it was');
value('attack_test', q{SET search_path = crm, sales_intel; SET ROLE attack_desk; CREATE TABLE "x'; DROP TABLE crm.deal; --" ("a"" OR true --" int PRIMARY KEY, owner text);
	INSERT INTO "x'; DROP TABLE crm.deal; --" VALUES (1, 'alice'); SELECT create_access_rule('"x''; DROP TABLE crm.deal; --"', 'own', 'permit', '{select}', $$"a"" OR true --" = 1 AND owner = current_principal()$$), protect_table('"x''; DROP TABLE crm.deal; --"')});
is(value('attack_test', q{SELECT outcome FROM sales_intel.explain_access('alice', $$crm."x'; DROP TABLE crm.deal; --"$$, '1') WHERE rule = 'own'}), 't', '40 names that are SQL');

# 41
attack('41 functions that are not for SQL', sql => 'SELECT sales_intel.identity_lives_support(NULL); SELECT sales_intel.follow_ddl(); SELECT sales_intel.follow_drop(); SELECT sales_intel.identity_lives(NULL), sales_intel.identity_lives($$infinity$$), sales_intel.identity_deadline() IS NULL;
	SELECT sales_intel.identity_lives(now());', must => [qr/ERROR/, qr/began with another identity/]);
my @calls = split /\n/, value('attack_test', "SELECT format('SELECT %s(%s);', p.oid::regproc, (SELECT string_agg('NULL::' || format_type(t, NULL), ',') FROM unnest(proargtypes) t)) FROM pg_proc p
	WHERE pronamespace = 'sales_intel'::regnamespace AND prokind = 'f' AND ('internal'::regtype = ANY (proargtypes) OR prorettype IN ('internal'::regtype, 'trigger'::regtype, 'event_trigger'::regtype))");
is(scalar(() = as_login('attack_alice', join "\n", @calls) =~ /ERROR/g), scalar @calls, '41 all ' . @calls . ' functions of internal arguments, triggers and event triggers');

# 42
like(as_login('attack_alice', "SELECT count(*) FROM pg_stat_activity WHERE usename = 'postgres' AND query NOT IN ('<insufficient privilege>', ''); SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'postgres' AND backend_type = 'client backend' LIMIT 1; SELECT 'end'"), qr/^0$/m, '42 what others run is not shown to another login');

# 59
value('attack_test', q{SET ROLE attack_desk; SET search_path = crm, sales_intel; SELECT create_access_rule('deal', 'p' || i, 'permit', '{select}', 'id > ' || i) FROM generate_series(1, 100) i;
	SELECT create_access_rule('deal', 'closed', 'forbid', '{select}', 'true')});
attack('59 one forbid against 100 permits', sql => 'SELECT count(*) FROM deal;', must => [qr/^0$/m]);
value('attack_test', q{SET ROLE attack_desk; SET search_path = crm, sales_intel; SELECT drop_access_rule('deal', 'closed'); SELECT create_access_rule('deal', 'unknown', 'forbid', '{select}', 'NULL::boolean')});
attack('59 a forbid that is NULL', sql => 'SELECT count(*) FROM deal;', must => [qr/^0$/m]);
value('attack_test', q{SET ROLE attack_desk; SET search_path = crm, sales_intel; SELECT drop_access_rule('deal', 'unknown'); SELECT create_access_rule('deal', 'broken', 'forbid', '{select}', 'id / (id - id) = 1')});
attack('59 a rule that raises an error', sql => 'SELECT note FROM deal;', must => [qr/22012: division by zero/]);

finish_attacks();
done_testing;
