# What PostgreSQL tells or lets everybody do who sends SQL of his own, and the
# recipes of doc/security.md that end it; numbers are those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();

# What a script says of a row that is hidden, and of one that is not there.
sub pair
{
	my ($script) = @_;

	return map { as_login('attack_alice', 'SET search_path = crm, own; SET enable_seqscan = off; ' . $script =~ s/KEY/$_/gr) } 60, 9999;
}

sub differ
{
	my ($script, $name) = @_;
	my ($hidden, $absent) = pair($script);

	safe($hidden, "$name: no value");
	isnt($hidden, $absent, "$name: but that there is a row, as doc/security.md says");
	return;
}

sub alike
{
	my ($script, $name, $must) = @_;
	my ($hidden, $absent) = pair($script);

	safe($hidden, $name, $must);
	is($hidden, $absent, "$name: as if there were no row");
	return;
}

# 27: counts, with EXPLAIN and without; why it is not refused is in doc/attacks.md
my $analyze = 'EXPLAIN (ANALYZE, COSTS off, TIMING off, SUMMARY off)';
differ("$analyze SELECT note FROM deal WHERE id = KEY", '27 EXPLAIN ANALYZE');
differ(q{DO $$ DECLARE t text; BEGIN EXECUTE 'EXPLAIN (ANALYZE, FORMAT JSON) SELECT note FROM deal WHERE id = KEY' INTO t; RAISE NOTICE '%', t::jsonb #>> '{0,Plan,Rows Removed by Filter}'; END $$},
	'27 EXPLAIN ANALYZE in a function');
differ("SET plan_cache_mode = force_generic_plan; PREPARE p AS SELECT note FROM deal WHERE id = \$1 AND id < 100000; EXECUTE p(1); $analyze EXECUTE p(KEY);", '27 EXPLAIN ANALYZE of a plan that is kept');
differ("BEGIN; SELECT pg_stat_get_xact_tuples_fetched('deal_pkey'::regclass) AS before \\gset\nSELECT note FROM deal WHERE id = KEY; SELECT pg_stat_get_xact_tuples_fetched('deal_pkey'::regclass) - :before;",
	'27 statistics of the transaction, without EXPLAIN');

# 27: estimates, which are of the hidden rows, too
sub estimate
{
	my ($table, $condition) = @_;

	return as_login('attack_alice', "EXPLAIN SELECT * FROM crm.$table WHERE $condition") =~ /rows=(\d+)/ ? $1 : 'none';
}
is(estimate('deal', "owner = '$_->[0]'"), $_->[1], "27 EXPLAIN tells how frequent a guess is: $_->[0]") for ['bob', 50], ['carol', 1];
cmp_ok(estimate('deal', 'amount > 7770060'), '>', estimate('deal', 'amount > 7770090'), '27 and what lies in a range');

# The recipe for columns whose values can be guessed: no statistics of them
value('attack_test', "SET ROLE attack_desk; SET search_path = crm, sales_intel; CREATE TABLE pay (id int PRIMARY KEY, owner text, amount int);
	INSERT INTO pay SELECT id, owner, amount FROM plain_pool.deal; ANALYZE pay; GRANT SELECT ON pay TO attack_alice;
	ALTER TABLE pay ALTER owner SET STATISTICS 0, ALTER amount SET STATISTICS 0, ALTER owner TYPE text, ALTER amount TYPE int; ANALYZE pay;
	SELECT create_access_rule('pay', 'own', 'permit', '{select}', 'owner = current_principal()'), protect_table('pay')");
is(estimate('pay', "owner = 'bob'"), estimate('pay', "owner = 'carol'"), '27 recipe: without statistics guesses are all as good');
is(estimate('pay', 'amount > 7770060'), estimate('pay', 'amount > 7770090'), '27 recipe: ranges, too');

# The recipe where counts are secret: no SELECT, but a function of a trusted definer
value('attack_test', q{SET ROLE attack_desk; CREATE FUNCTION crm.deal_of(int) RETURNS SETOF crm.deal LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'SELECT * FROM crm.deal WHERE id = $1';
	REVOKE ALL ON FUNCTION crm.deal_of(int) FROM PUBLIC; GRANT EXECUTE ON FUNCTION crm.deal_of(int) TO attack_alice; REVOKE SELECT ON crm.deal FROM attack_alice;
	RESET ROLE; INSERT INTO sales_intel.trusted_definer VALUES ('attack_desk')});
like(as_login('attack_alice', 'SELECT note FROM crm.deal_of(1)'), qr/^mine$/m, '27 recipe: a function gives what is hers');
alike("$analyze SELECT note FROM crm.deal_of(KEY); SELECT note FROM crm.deal WHERE id = KEY;", '27 recipe: EXPLAIN ANALYZE of it', qr/Function Scan on deal_of/);
value('attack_test', "SET ROLE attack_desk; GRANT SELECT ON crm.deal TO attack_alice; RESET ROLE; DELETE FROM sales_intel.trusted_definer");

# auto_explain, where an administrator loads it: to whoever wants the server's messages
value('attack_test', "ALTER DATABASE attack_test SET session_preload_libraries = 'auto_explain'; ALTER DATABASE attack_test SET auto_explain.log_min_duration = 0; ALTER DATABASE attack_test SET auto_explain.log_analyze = on");
safe((pair('SET client_min_messages = log; SELECT note FROM deal WHERE id = KEY'))[0], '27 auto_explain with log_analyze tells the same', qr/Rows Removed by Filter: 1/);
value('attack_test', 'ALTER DATABASE attack_test RESET ALL');

# 31: LOCK goes by privilege, not by rows
my @modes = ('ACCESS SHARE', 'ROW SHARE', 'ROW EXCLUSIVE', 'SHARE UPDATE EXCLUSIVE', 'SHARE', 'SHARE ROW EXCLUSIVE', 'EXCLUSIVE', 'ACCESS EXCLUSIVE');
sub locks
{
	my ($login, $table) = @_;

	return @modes - (() = as_login($login, join '', map { "BEGIN; LOCK TABLE $table IN $_ MODE; ROLLBACK;\n" } @modes) =~ /42501/g);
}
value('attack_test', 'SET ROLE attack_desk; GRANT SELECT ON crm.deal TO attack_bi; GRANT SELECT, INSERT ON crm.visit TO attack_bi');
safe(as_login('attack_bi', "BEGIN; LOCK TABLE crm.deal IN ACCESS EXCLUSIVE MODE;"), '31 LOCK by whoever may read', qr/42501: permission denied for table deal/);
cmp_ok(locks('attack_bi', 'crm.deal'), '<=', 2, '31 who may read locks against DROP alone');
cmp_ok(locks('attack_bi', 'crm.visit'), '<=', 3, '31 who may insert, too');
is(locks('attack_nobody', 'crm.deal'), 8, '31 whoever may update or delete may keep everybody out, as doc/security.md says');
is(locks('attack_alice', 'sales_intel.principal'), 0, '31 tables of the extension');

# 42: within one login
$ENV{PGUSER} = 'attack_pool';
my @others = map { open(my $other, '|-', q(psql -XAtqd attack_test -c "SELECT pg_sleep(60), 'CANARY-42'" >/dev/null 2>&1)) or die; $other } 1 .. 2;
$ENV{PGUSER} = 'postgres';
my $running = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'attack_pool' AND query ~ 'CANARY-42'";
select undef, undef, undef, 0.1 while value('attack_test', $running) < 2;
my $look = "SELECT query FROM pg_stat_activity WHERE usename = 'attack_pool'; SELECT pg_stat_get_backend_activity(id) FROM pg_stat_get_backend_idset() AS id;";
my $end = "SELECT 'ended' WHERE pg_cancel_backend(PID); SELECT 'ended' WHERE pg_terminate_backend(PID);";

sub ended
{
	my $pid = value('attack_test', $running =~ s/count\(\*\)/min(pid)/r);

	return as_login('attack_pool', $end =~ s/PID/$pid/gr);
}
leaks(as_login('attack_pool', $look), '42 sessions of one login: PostgreSQL falls');
like(ended(), qr/^ended$/m, '42 one ends the other: PostgreSQL falls');
value('attack_test', 'REVOKE EXECUTE ON FUNCTION pg_stat_get_activity(integer), pg_stat_get_backend_activity(integer), pg_cancel_backend(integer), pg_terminate_backend(integer, bigint) FROM PUBLIC');
safe(as_login('attack_pool', $look), '42 the recipe: nothing is shown', [2, qr/42501: permission denied for function/]);
safe(ended(), '42 the recipe: nobody is ended', [2, qr/42501: permission denied for function/]);
is(value('attack_test', $running), 1, '42 the other one works on');
is(value('attack_test', "SELECT count(*) FROM sales_intel.access_advisor() WHERE finding ~ 'see the SQL of one another'"), 0, '42 and the advisor is content');
value('attack_test', "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'attack_pool'");
{
	local $SIG{PIPE} = 'IGNORE';
	close $_ for @others;
}

finish_attacks();
done_testing;
