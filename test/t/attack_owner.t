# Attacks by who owns a table, on those who look into it or work on it with
# more rights: his functions never act for anybody else; their numbers are those
# of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();

# What a stranger's function finds out, and keeps if it may.
my $spy = q{INSERT INTO strange.loot VALUES (concat_ws(' ', $1, sales_intel.current_principal(), sales_intel.attr('salary'), (SELECT max(note) FROM crm.deal)))};
value('attack_test', "INSERT INTO sales_intel.principal (principal, login_role) VALUES ('root', current_user::regrole);
	SELECT sales_intel.grant_role('table_owner', 'attack_stranger') \\g /dev/null
	SET ROLE attack_stranger; SET search_path = strange, public, sales_intel;
	CREATE TABLE loot (t text);
	CREATE FUNCTION note(text) RETURNS boolean LANGUAGE plpgsql AS \$\$ BEGIN $spy; RETURN true; END \$\$;
	CREATE FUNCTION spy(text) RETURNS boolean LANGUAGE plpgsql AS \$\$ BEGIN RETURN strange.note(\$1); END \$\$;
	CREATE FUNCTION always(text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \$\$ BEGIN PERFORM strange.note(\$1); RETURN 1; END \$\$;
	CREATE FUNCTION of_row(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS \$\$ BEGIN PERFORM strange.note('index'); RETURN \$1; END \$\$;
	CREATE DOMAIN code AS int CHECK (strange.spy('domain'));
	CREATE TABLE of_domain (id code PRIMARY KEY, owner text);
	CREATE TABLE of_domains (ids code[] PRIMARY KEY, owner text);
	CREATE TABLE of_predicate (id int PRIMARY KEY, owner text);
	CREATE INDEX ON of_predicate (owner) WHERE id > strange.always('predicate');
	CREATE TABLE of_statistics (id int PRIMARY KEY, owner text);
	CREATE STATISTICS s ON (id + strange.always('statistics')), owner FROM of_statistics;
	CREATE TABLE of_policy (id int PRIMARY KEY, owner text);
	CREATE TABLE of_subquery (id int PRIMARY KEY, owner text);
	CREATE VIEW spying AS SELECT strange.spy('view') AS yes;
	CREATE TABLE of_argument (id int PRIMARY KEY, owner text);
	CREATE TABLE of_check (id int PRIMARY KEY, owner text CHECK (strange.always('check') = 1));
	INSERT INTO of_domain VALUES (1, 'x'); INSERT INTO of_domains VALUES ('{1}', 'x');
	" . join('', map { "INSERT INTO $_ VALUES (1, 'x');\n" } qw(of_predicate of_statistics of_policy of_subquery of_argument of_check)) .
	"SELECT create_access_rule(t, 'all', 'permit', '{select}', 'true'), protect_table(t) FROM unnest('{of_domain,of_domains,of_predicate,of_statistics,of_policy,of_subquery,of_argument,of_check}'::regclass[]) t \\g /dev/null
	CREATE POLICY p ON of_policy AS RESTRICTIVE FOR SELECT USING (strange.spy('policy'));
	CREATE POLICY p ON of_subquery AS RESTRICTIVE FOR SELECT USING (EXISTS (SELECT FROM strange.spying));
	CREATE POLICY p ON of_argument AS RESTRICTIVE FOR ALL USING (strange.spy(sales_intel.attr('salary')));
	GRANT SELECT ON ALL TABLES IN SCHEMA strange TO attack_bob; DELETE FROM loot;");

# By who may explain: a superuser here, in a session that has planned nothing
for my $table (qw(of_domain of_predicate of_statistics of_policy of_subquery of_argument of_check))
{
	my ($output, $errors) = psql('attack_test', "SET search_path = strange, sales_intel; SELECT reason FROM explain_access('bob', '$table', '1') WHERE rule = '(decision)';
		SELECT count(*) FROM who_could_access('$table', '1') WHERE principal = 'bob'; SELECT visible FROM preview_access('bob', '$table');");

	like($output, $table =~ /policy|subquery|argument/ ? qr/^The rules show it; another policy/ : qr/^A rule permits it/, "63 $table is explained");
	like($output, qr/^1\n1$/m, "63 $table: who could, and how much");
	safe($output . $errors . value('attack_test', 'SELECT * FROM strange.loot'), "63 $table: its owner learns nothing");
	is(value('attack_test', "SELECT count(*) FROM strange.loot WHERE t ~ 'bob'"), 0, "63 $table: not whom it was about either");
}
like((psql('attack_test', "SELECT * FROM sales_intel.explain_access('bob', 'strange.of_domains', '{1}')"))[1], qr/rows of table "of_domains" cannot be named/, '63 a key of several values of his');

# Whoever is in trusted_definer is asked.
value('attack_test', "INSERT INTO sales_intel.trusted_definer VALUES ('attack_stranger'); DELETE FROM strange.loot; GRANT USAGE ON SCHEMA strange TO PUBLIC");
is(value('attack_test', "SELECT reason FROM sales_intel.explain_access('bob', 'strange.of_policy', '1') WHERE rule = '(decision)'"), 'A rule permits it, and none forbids it.', 'a trusted owner is asked');
value('attack_test', 'DELETE FROM sales_intel.trusted_definer; DELETE FROM strange.loot');

# Whose functions serve all callers, serve strangers' functions, too.
value('attack_test', q{SET ROLE attack_desk; CREATE FUNCTION crm.mine() RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT max(note) FROM crm.deal'; REVOKE ALL ON FUNCTION crm.mine() FROM PUBLIC; GRANT EXECUTE ON FUNCTION crm.mine() TO attack_pool, attack_alice, attack_bob;
	RESET ROLE; INSERT INTO sales_intel.trusted_definer VALUES ('attack_desk'); SET ROLE attack_stranger; CREATE FUNCTION strange.through() RETURNS text LANGUAGE sql SECURITY DEFINER AS 'SELECT crm.mine()'; GRANT EXECUTE ON FUNCTION strange.through() TO PUBLIC});
attack('22 a trusted function, called by a stranger\'s', sql => 'SELECT crm.mine(); SELECT strange.through();', must => [qr/^mine$/m, qr/42501: permission denied for function mine/]);
value('attack_test', 'DELETE FROM sales_intel.trusted_definer; DROP FUNCTION strange.through, crm.mine');

# By who maintains: index expressions, statistics, materialized views
value('attack_test', 'SET ROLE attack_stranger; SET search_path = strange;
	CREATE TABLE bait (id int); INSERT INTO bait VALUES (1); CREATE INDEX bait_index ON bait (strange.of_row(id));
	CREATE MATERIALIZED VIEW taken AS SELECT strange.note($$refresh$$) AS noted, d.* FROM crm.deal d WITH NO DATA;
	CREATE MATERIALIZED VIEW had AS SELECT * FROM crm.deal; CREATE UNIQUE INDEX ON had (id); DELETE FROM loot');
value('attack_test', 'SET search_path = crm; REFRESH MATERIALIZED VIEW strange.taken; REFRESH MATERIALIZED VIEW CONCURRENTLY strange.had; ANALYZE strange.bait; REINDEX TABLE strange.bait; CREATE INDEX ON strange.bait (strange.of_row(id + 1)); CLUSTER strange.bait USING bait_index;');
value('attack_test', 'VACUUM FULL strange.bait');
value('attack_test', 'VACUUM ANALYZE strange.bait');
cmp_ok(value('attack_test', 'SELECT count(*) FROM strange.loot'), '>', 3, 'functions of his ran');
is(value('attack_test', "SELECT string_agg(DISTINCT t, ',') FROM strange.loot"), 'index', '31 but for nobody: maintenance by a superuser');
is(value('attack_test', 'SELECT (SELECT count(*) FROM strange.taken) + (SELECT count(*) FROM strange.had)'), 0, '31 and materialized views are empty');

# Rules read by a superuser, tables protected by one: as their owner, restricted
value('attack_test', 'DELETE FROM strange.loot');
psql('attack_test', "SET search_path = strange, sales_intel; SELECT create_access_rule('of_domain', 'more', 'permit', '{select}', 'id = 5'), create_access_rule('of_check', 'more', 'permit', '{select}', 'id = 5'), protect_table('of_predicate');
	ALTER TABLE of_predicate ADD more int; DROP TABLE of_check;");
is(value('attack_test', "SELECT count(*) FROM strange.loot WHERE t ~ 'root|CANARY'"), 0, 'rules written by a superuser');

# An owner's triggers act as whoever writes, with no more than his own rows
attack('an owner cannot make more of others than plain PostgreSQL lets him', sql => 'SELECT count(*), max(note) FROM deal', must => [qr/^50\|mine$/m]);

# 53, 54: projects
value('attack_test', q{SET ROLE attack_desk; SET search_path = crm, sales_intel; CREATE TABLE account (id bigint PRIMARY KEY, note text);
	INSERT INTO account SELECT i, CASE WHEN i <= 5 THEN 'mine' ELSE 'CANARY-' || i END FROM generate_series(1, 10) i; GRANT SELECT, UPDATE ON account TO PUBLIC;
	SELECT create_access_rule('account', 'project', 'permit', '{select,update}', 'in_current_project(id)'), protect_table('account')});
value('attack_test', q{SET search_path = sales_intel; INSERT INTO project (project) VALUES ('alpha'), ('beta'); INSERT INTO project_member (project, principal) VALUES ('alpha', 'alice'), ('beta', 'bob');
	INSERT INTO project_account (project, account) SELECT CASE WHEN i <= 5 THEN 'alpha' ELSE 'beta' END, i FROM generate_series(1, 10) i});

sub in_project
{
	my ($project, $script, %claims) = @_;

	return as_login('attack_pool', "SET search_path = crm; BEGIN; SELECT sales_intel.begin_identity('" . token(claims(prj => "\"$project\"", %claims)) . "') \\g /dev/null\n$script");
}
my $accounts = 'SELECT count(*), max(note) FROM account;';
leaks(in_project('beta', $accounts, sub => '"bob"'), '54 a member of beta reads it');
safe(in_project('alpha', "$accounts UPDATE account SET note = 'x' WHERE id > 5 RETURNING *; SELECT count(*) FROM account WHERE sales_intel.in_current_project(id + 5);"), '54 a member of alpha reads alpha', qr/^5\|mine\n0$/m);
safe(in_project('beta', $accounts), '54 and not beta', qr/no member of its project/, qr/^0\|$/m);
attack('54 nor anything without a project', sql => $accounts, must => [qr/^0\|$/m]);
safe(in_project('alpha', "$accounts\n\\! PGUSER=postgres psql -Xqd attack_test -c \"DELETE FROM sales_intel.project_account WHERE account = '3'\"\n$accounts"), '54 an account that leaves is gone with the next statement', qr/^5\|mine\n4\|mine$/m);
value('attack_test', q{DELETE FROM sales_intel.project_member WHERE principal = 'alice'});
safe(in_project('alpha', $accounts), '54 a member who left', qr/no member of its project/, qr/^0\|$/m);
value('attack_test', q{INSERT INTO sales_intel.project_member (project, principal) VALUES ('alpha', 'alice'); UPDATE sales_intel.project SET valid_during = tstzrange(NULL, now()) WHERE project = 'alpha'});
safe(in_project('alpha', $accounts), '53 a project that is closed', qr/or the project is closed/, qr/^0\|$/m);

# In force from the next statement, or transaction, of a session that goes on
value('attack_test', q{SELECT sales_intel.unprotect_table('crm.account')});
my $change = sub { "\\! PGUSER=postgres psql -Xqd attack_test -c \"$_[0]\" >/dev/null\n" };
safe(as_login('attack_alice', "SET plan_cache_mode = force_generic_plan; PREPARE p AS SELECT count(*) FROM crm.deal; EXECUTE p;" . $change->("SELECT sales_intel.create_access_rule('crm.deal', 'late', 'forbid', '{select}', 'id > 10')") . 'EXECUTE p;'
	. $change->("UPDATE sales_intel.principal SET active = false WHERE principal = 'alice'") . 'EXECUTE p;' . $change->("UPDATE sales_intel.principal SET active = true WHERE principal = 'alice'; DROP POLICY sales_intel_select ON crm.deal CASCADE") . 'EXECUTE p;'),
	'18 a kept plan follows rules, principals and policies', qr/^50\n10\n0\n0$/m);

finish_attacks();
done_testing;
