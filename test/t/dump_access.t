# Rules, protected tables and principals through a dump, whole, parallel, and
# data alone: the same decisions as before; keys and used tokens stay behind.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my @reps = map { "dump_rep_$_" } 0 .. 9;

value('postgres', "SET client_min_messages = warning; DROP DATABASE IF EXISTS $_") for qw(access_dump access_restored);
value('postgres', join '', map { "DROP ROLE IF EXISTS $_; CREATE ROLE $_ LOGIN;" } @reps, 'dump_desk');
fresh_database('access_dump');
value('access_dump', <<"END");
SET search_path = public, sales_intel;
GRANT CREATE ON SCHEMA public TO dump_desk;
SELECT grant_role('table_owner', 'dump_desk'), grant_role('app', 'dump_rep_9') \\g /dev/null
INSERT INTO principal (principal, login_role, active, valid_during) SELECT 'rep' || i, ('dump_rep_' || i)::regrole, i <> 8, CASE i WHEN 7 THEN '(,2020-01-01)' ELSE '(,)' END::tstzrange FROM generate_series(0, 9) i;
INSERT INTO principal_attribute (principal, attribute, value, valid_during) SELECT 'rep' || i, 'team', t::text, CASE WHEN t > 3 THEN '(,2020-01-01)' ELSE '(,)' END::tstzrange FROM generate_series(0, 9) i, generate_series(0, 5) t WHERE (i * 7 + t) % 3 = 0;
INSERT INTO principal_attribute (principal, attribute, value) SELECT 'rep' || i, 'limit', (i * 100)::text FROM generate_series(0, 8) i;
INSERT INTO project (project) VALUES ('alpha');
INSERT INTO project_member (project, principal) VALUES ('alpha', 'rep1');
INSERT INTO project_account (project, account) SELECT 'alpha', i FROM generate_series(1, 50) i;
INSERT INTO trusted_definer (role) VALUES ('dump_desk');
INSERT INTO signing_key (kid, secret) VALUES ('k', convert_to(repeat('signing secret ', 3), 'UTF8'));
INSERT INTO token_use VALUES ('a token that was used', now() + interval '1 minute');
SET ROLE dump_desk;
CREATE TABLE deal (id int PRIMARY KEY, owner text, team bigint, amount numeric, note text);
CREATE TABLE visit (id int, team bigint, note text, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (300);
CREATE TABLE visit_2 (note text, id int NOT NULL, team bigint);
ALTER TABLE visit ATTACH PARTITION visit_2 FOR VALUES FROM (300) TO (2000);
CREATE TABLE "Odd ""table" ("k'ey" uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner text);
INSERT INTO deal SELECT i, 'rep' || i % 11, i % 7, i, CASE WHEN i % 13 = 0 THEN 'closed' END FROM generate_series(1, 1000) i;
INSERT INTO visit SELECT i, i % 7 FROM generate_series(1, 1000) i;
INSERT INTO "Odd ""table" (owner) SELECT 'rep' || i % 10 FROM generate_series(1, 100) i;
SELECT create_access_rule('deal', 'own', 'permit', '{select,insert,update}', 'owner = current_principal()'), create_access_rule('deal', 'team''s "own"', 'permit', '{select}', \$\$team = ANY(attrs_bigint('team'))\$\$),
	create_access_rule('deal', 'limit', 'forbid', '{select,update}', \$\$amount > attr_number('limit')\$\$), create_access_rule('deal', 'closed', 'forbid', '{update,delete}', \$\$note = 'closed'\$\$), create_access_rule('deal', 'scrap', 'permit', '{delete}', 'true'),
	create_access_rule('visit', 'team', 'permit', '{select,insert,update,delete}', \$\$team = ANY(attrs_bigint('team')) AND id <> 5\$\$), create_access_rule('"Odd ""table"', 'own', 'permit', '{select}', 'owner = current_principal()') \\g /dev/null
SELECT protect_table('deal', '{"trail": true}'), protect_table('visit', '{"form": "citus"}'), protect_table('"Odd ""table"') \\g /dev/null
CREATE POLICY narrow ON deal AS RESTRICTIVE FOR SELECT USING (id % 10 <> 0);
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO @{[join ', ', @reps]};
RESET ROLE;
INSERT INTO deal VALUES (1001, 'rep1', 1, 1, 'recorded');
END

my $facts = <<'END';
SET search_path = public, sales_intel;
SELECT rel, name, effect, actions, condition, created_by, created_at FROM access_rule ORDER BY rel::text COLLATE "C", name;
SELECT * FROM protected_table ORDER BY rel::text COLLATE "C";
SELECT * FROM principal ORDER BY 1; SELECT * FROM principal_attribute ORDER BY 1, 2, 3; SELECT * FROM project_account ORDER BY 2; SELECT * FROM trusted_definer;
SELECT polrelid::regclass, polname, polcmd, polpermissive, polroles, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid) FROM pg_policy ORDER BY polrelid::regclass::text COLLATE "C", polname;
SELECT oid::regclass, relrowsecurity, relforcerowsecurity, pg_get_userbyid(relowner), relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1::text COLLATE "C", relname COLLATE "C";
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgrelid::regclass::text COLLATE "C", tgname;
SELECT evtname, evtevent, evtenabled, evttags FROM pg_event_trigger ORDER BY evtname;
SELECT count(*) FROM pg_depend WHERE classid = 'pg_policy'::regclass AND refclassid = 'pg_policy'::regclass;
SELECT count(*) FROM access_trail WHERE rel = 'deal'::regclass;
SELECT max(length(note)), count(*) FROM deal;
END

# What each may do with each row: select, update and delete
sub decisions
{
	my ($database) = @_;

	return value($database, join '', map { my $rep = $_; "BEGIN; SET SESSION AUTHORIZATION $rep;
		SELECT '$rep', count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM deal; SELECT count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM visit; SELECT count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM visit_2; SELECT count(*) FROM \"Odd \"\"table\";
		UPDATE deal SET note = 'x'; UPDATE visit SET note = 'x'; DELETE FROM deal WHERE id < 0;
		RESET SESSION AUTHORIZATION; SELECT count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM deal WHERE note = 'x'; SELECT count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM visit WHERE note = 'x';
		SET SESSION AUTHORIZATION $rep; DELETE FROM deal; RESET SESSION AUTHORIZATION; SELECT count(*), md5(string_agg(id::text, ',' ORDER BY id)) FROM deal; ROLLBACK;\n" } @reps);
}
my ($before, $decided) = (value('access_dump', $facts), decisions('access_dump'));

like($decided, qr/^dump_rep_1\|[1-9]/m, 'some see some rows');
like($decided, qr/^dump_rep_8\|0\|/m, 'and some none');

sub check
{
	my ($how) = @_;

	is(value('access_restored', $facts), $before, "$how: rules, policies, principals as they were");
	is(decisions('access_restored'), $decided, "$how: " . @reps * 1000 . ' probes of each action, the same decisions');
	is(value('access_restored', 'SELECT count(*) FROM sales_intel.signing_key') . value('access_restored', 'SELECT count(*) FROM sales_intel.token_use'), '00', "$how: no keys, no used tokens");
	value('access_restored', 'INSERT INTO deal VALUES (1002, $$rep1$$, 1, 1, $$once$$)');
	is(value('access_restored', "SELECT count(*) FROM sales_intel.access_trail WHERE key = '1002'"), 1, "$how: the trigger fires once");
	my $rule = q{SET ROLE dump_desk; SET search_path = public, sales_intel; SELECT create_access_rule('deal', 'none', 'forbid', '{select}', 'true') \g /dev/null
		CREATE TABLE visit_3 PARTITION OF visit FOR VALUES FROM (2000) TO (3000);
		SELECT count(*) FROM pg_policy WHERE polrelid = 'visit_3'::regclass; SET SESSION AUTHORIZATION dump_rep_1; SELECT count(*) FROM deal};
	is(value('access_restored', $rule), "8\n0", "$how: rules can be changed, new partitions are protected");
	my (undef, $errors) = psql('access_restored', q{SET ROLE dump_desk; DROP POLICY sales_intel_select ON deal});
	like($errors, qr/because other objects depend on it/, "$how: what permits hangs on what restricts");
	return;
}

sub run
{
	my ($command) = @_;
	my $said = `$command 2>&1 >/dev/null`;

	is($? . $said, '0', $command =~ s/\Q$directory\E/./gr);
	return;
}

run("pg_dump -Fp -f $directory/plain access_dump");
run("pg_dump -Fd -j 4 -f $directory/dir access_dump");
run("pg_dump -Fc -f $directory/custom access_dump");

empty_database('access_restored');
run("psql -Xq -v ON_ERROR_STOP=1 -f $directory/plain -d access_restored");
check('plain');

empty_database('access_restored');
run("pg_restore --exit-on-error -j 4 -d access_restored $directory/dir");
check('four at a time');

empty_database('access_restored');
run("pg_restore --exit-on-error --single-transaction -d access_restored $directory/custom");
check('in one transaction');

empty_database('access_restored');
run("pg_restore --exit-on-error --schema-only -d access_restored $directory/custom");
run("pg_restore --exit-on-error --data-only -d access_restored $directory/custom");
check('data alone');

empty_database('access_restored');
run("pg_restore --exit-on-error --schema-only -d access_restored $directory/dir");
run("pg_restore --exit-on-error --data-only -j 4 -d access_restored $directory/dir");
check('data alone, four at a time');

# Another dump of the same
run("pg_dump -Fc -f $directory/again access_restored");
unlike(`pg_restore -f - $directory/again`, qr/signing secret|@{[ unpack 'H*', 'signing secret' ]}|a token that was used/, 'no secret is in the dump');
like(`pg_restore -f - $directory/again`, qr/CREATE POLICY sales_intel_select_permissive/, 'policies are');

value('postgres', 'DROP DATABASE access_dump');
value('postgres', 'DROP DATABASE access_restored');
value('postgres', join '', map { "DROP ROLE $_;" } @reps, 'dump_desk');
done_testing;
