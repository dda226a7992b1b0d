# Attacks on the gate for money, through a pool and by a login of one's own; their
# numbers are those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();
value('attack_test', q{
	INSERT INTO sales_intel.principal (principal, login_role, kind) VALUES ('desk bot', 'attack_bi', 'service');
	SELECT sales_intel.grant_role('app', r) FROM unnest('{attack_pool,attack_alice,attack_bob,attack_bi,attack_nobody}'::regrole[]) r \g /dev/null
	SELECT sales_intel.grant_role('security_admin', r) FROM unnest('{attack_bi}'::regrole[]) r \g /dev/null
	ALTER ROLE attack_stranger LOGIN;
	GRANT EXECUTE ON FUNCTION sales_intel.approve_release(bigint, text) TO attack_stranger});

# Each attack begins with nothing asked for.
sub fresh
{
	value('attack_test', 'ALTER TABLE sales_intel.release DISABLE TRIGGER USER; DELETE FROM sales_intel.release;
		ALTER TABLE sales_intel.release ENABLE ALWAYS TRIGGER keep_ledger; ALTER TABLE sales_intel.release ENABLE ALWAYS TRIGGER guard_release');
	return;
}

sub state_of
{
	return value('attack_test', "SELECT string_agg(state || ' ' || amount, ',' ORDER BY id) FROM sales_intel.release") . '/' . value('attack_test', 'SELECT count(*) FROM sales_intel.effective_release');
}

sub money
{
	my ($name, $sql, @must) = @_;

	for my $who (qw(pool mapped))
	{
		fresh();
		safe(run_as($who, $sql . "\nCOMMIT;"), "$name ($who)", @must);
	}
	return;
}

my $past = qr/23514: the amount is past the limit of the day/;
my $denied = qr/42501: permission denied/;

# 55: the amount
my $ask = sub { "SELECT sales_intel.request_release('quote', 'c', $_[0], '$_[1]') > 0;" };
money('55 the limit itself', $ask->('500000.00', '{}'), qr/^t$/m);
is(state_of(), 'requested 500000.00/0', '55 is asked for, not effective');
money('55 a cent more', $ask->('500000.01', '{}'), $past);
is(state_of(), '/0', '55 is not asked for');
money('55 a fraction more', $ask->('500000.000000000000000000000000000001', '{}'), $past);
money('55 no number', $ask->("'NaN'", '{}'), qr/22023: an amount of money cannot be NaN/);
money('55 infinite', $ask->("'Infinity'", '{}'), qr/22023: an amount of money cannot be Infinity/);
money('55 negative', $ask->('-1', '{}') . $ask->('0', '{}'), [2, qr/22023: an amount of money cannot be/]);
money('55 a negative one makes no room', $ask->('500000', '{}') . $ask->('-500000', '{}') . $ask->('1', '{}'), qr/^t$/m, $past);
money('55 another currency', $ask->('500001', '{"currency": "JPY"}'), $past);
money('55 split in two', $ask->('250000', '{}') . $ask->('250000.01', '{}') . $ask->('250000', '{}'), [2, qr/^t$/m], $past);
money('55 split by kinds and subjects', q{SELECT count(sales_intel.request_release('k' || i, 's' || i, 50000, '{}')) FROM generate_series(1, 11) i;}, $past);
is(state_of(), '/0', '55 nothing of a statement that fails');
money('55 split by savepoints', "SAVEPOINT a;" . $ask->('300000', '{}') . "RELEASE a; SAVEPOINT b;" . $ask->('300000', '{}') . "ROLLBACK TO b;" . $ask->('200000', '{}'), [2, qr/^t$/m], $past);
fresh();
run_as('pool', $ask->('300000', '{}') . 'COMMIT;');
safe(run_as('mapped', $ask->('300000', '{}')), '55 split by logins of one principal', $past);
money('55 another day by the time zone', "SET timezone = 'Pacific/Kiritimati'; " . $ask->('300000', '{}') . "SET timezone = 'Pacific/Pago_Pago';" . $ask->('300000', '{}'), qr/^t$/m, $past);
money('55, 37 what the limit is called is made anew', "CREATE TEMP TABLE release_limit AS SELECT '*'::text AS principal, 9e9 AS per_day, false AS shipped; CREATE TEMP TABLE release_level (level text, per_day numeric, frozen boolean, shipped boolean);
	CREATE FUNCTION pg_temp.check_release(text, text, timestamptz, numeric, text[]) RETURNS void LANGUAGE sql AS ''; SET search_path = pg_temp, own, crm;" . $ask->('500001', '{}'), $past);
money('55 the limit is changed', "UPDATE sales_intel.release_limit SET per_day = 9e9; INSERT INTO sales_intel.release_limit VALUES ('alice', 9e9); DELETE FROM sales_intel.release;" . $ask->('500001', '{}'), [3, $denied], $past);
money('55 the inner function is called', "SELECT sales_intel.enter_release(1, 'quote', 'c', 9e9, '{}'); SELECT sales_intel.ledger_lock('release'); SELECT sales_intel.ledger_append('release', 'approve', '{}');", [2, $denied], qr/42501: the stream "release" is the extension's own/);
money('40 injected', $ask->('1', '{}') =~ s/'quote', 'c'/'x''); DROP TABLE sales_intel.release; --', '\$\$;--'/r, qr/^t$/m);
is(value('attack_test', 'SELECT kind FROM sales_intel.release'), q{x'); DROP TABLE sales_intel.release; --}, '40 is a kind like any other');
for my $nobody (qw(attack_nobody attack_pool))
{
	safe(as_login($nobody, $ask->('1', '{}') . 'SELECT count(*) FROM sales_intel.my_release;'), "1 without an identity ($nobody)", qr/28000: a release needs an identity/, qr/^0$/m);
}

# 56: the approval
my $approve = "SELECT sales_intel.approve_release((SELECT max(id) FROM sales_intel.my_release), '') IS NOT NULL;";
money('56 one\'s own', $ask->('1', '{}') . $approve, qr/42501: nobody approves what he has asked for himself/);
money('56 one\'s own, by a function of one\'s own', "CREATE FUNCTION own.f() RETURNS void SECURITY DEFINER LANGUAGE sql AS 'SELECT sales_intel.approve_release((SELECT max(id) FROM sales_intel.my_release), \$\$x\$\$)';" . $ask->('1', '{}') . 'SELECT own.f(); SELECT sales_intel.decide_release(\'approved\', 1, \'\');', qr/42501: nobody|28000: a release needs/, $denied);
money('56 by writing', $ask->('1', '{}') . "UPDATE sales_intel.release SET state = 'approved'; INSERT INTO sales_intel.release (kind) VALUES ('x'); UPDATE sales_intel.my_release SET state = 'approved';", [3, $denied]);

# Bob is led to call what Alice made.
fresh();
run_as('mapped', $ask->('7', '{}') . "CREATE OR REPLACE FUNCTION own.trap() RETURNS text SECURITY DEFINER LANGUAGE plpgsql AS \$\$ BEGIN PERFORM sales_intel.approve_release((SELECT max(id) FROM sales_intel.my_release), 'x'); RETURN 'done'; END \$\$; GRANT EXECUTE ON FUNCTION own.trap() TO PUBLIC;");
safe(as_login('attack_bob', 'SELECT own.trap();'), '56 a definer\'s function approves nothing for whoever calls it', qr/28000: a release needs an identity/);
value('attack_test', 'SET ROLE attack_stranger; CREATE TABLE strange.slow (id int); CREATE FUNCTION strange.later() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM sales_intel.approve_release(r, $x$x$x$) FROM generate_series(1, 1000) r; RETURN NULL; END $$;
	CREATE CONSTRAINT TRIGGER later AFTER INSERT ON strange.slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION strange.later(); CREATE FUNCTION strange.set_off() RETURNS void SECURITY DEFINER LANGUAGE sql AS $$ INSERT INTO strange.slow VALUES (1) $$; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA strange TO PUBLIC');
safe(as_login('attack_bob', 'SELECT strange.set_off();'), '56 nor a trigger that is put off', qr/no identity counts in a deferred trigger/);
is(state_of(), 'requested 7/0', '56 nothing was approved');
safe(as_login('attack_bi', 'SELECT sales_intel.approve_release(' . value('attack_test', 'SELECT max(id) FROM sales_intel.release') . ", '');"), '56 a service', qr/42501: a person decides about a release/);
safe(as_login('attack_bob', $approve . $approve), '56 replayed', qr/^t$/m, qr/22004: an argument of a release is NULL|55000: release \d+ was decided already/);
my $id = value('attack_test', 'SELECT max(id) FROM sales_intel.release');
safe(as_login('attack_bob', "SELECT sales_intel.approve_release($id, ''); SELECT sales_intel.reject_release($id, '');"), '56 replayed by number', [2, qr/55000: release \d+ was decided already/]);
is(state_of(), 'approved 7/1', '56 is effective once');
for my $owner ("UPDATE sales_intel.release SET amount = 70", "SET session_replication_role = replica; UPDATE sales_intel.release SET amount = 70", "UPDATE sales_intel.release SET state = 'requested'", "UPDATE sales_intel.release SET subject = 'me'",
	"MERGE INTO sales_intel.release r USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET amount = 70", "INSERT INTO sales_intel.release OVERRIDING SYSTEM VALUE SELECT * FROM sales_intel.release ON CONFLICT (id) DO UPDATE SET amount = 70")
{
	like((psql('attack_test', $owner))[1], qr/was decided already/, "56 changed after it was approved, by the tables' owner: $owner");
}
like((psql('attack_test', 'DELETE FROM sales_intel.release'))[1], qr/rows of "release" are not changed/, '56 deleted, to be asked for again');
is(state_of(), 'approved 7/1', '56 is as it was');
value('attack_test', 'ALTER TABLE sales_intel.release DISABLE TRIGGER USER; UPDATE sales_intel.release SET amount = 70');
is(state_of(), 'approved 70/0', '56 past the trigger: is not effective');
like(value('attack_test', 'SELECT string_agg(severity || finding, $$ $$) FROM sales_intel.access_advisor()'), qr/errorIts trigger guard_release does not fire always/, '56 and the advisor says so');

# 57: health
fresh();
run_as('mapped', $ask->('7', '{}') . 'COMMIT;');
safe(as_login('attack_bi', "SELECT sales_intel.set_release_health('*', 'critical', 'stop') IS NOT NULL; SELECT sales_intel.set_release_health('*', 'watch', 'go'); SELECT sales_intel.set_release_health('*', 'normal', 'go');"),
	'57 a service freezes, and does not unfreeze', qr/^t$/m, [2, qr/42501: a person raises the level of health/]);
safe(as_login('attack_bob', $approve . $ask->('1', '{}')), '57 frozen', [2, qr/55000: releases of kind "quote" are frozen/]);
safe(as_login('attack_bi', "INSERT INTO sales_intel.release_health (kind, level, reason, set_by, set_at, entry) VALUES ('*', 'normal', 'x', 'bob', now(), 1); UPDATE sales_intel.release_health SET level = 'normal'; SELECT sales_intel.enter_health('*', 'normal', 'x');
	UPDATE sales_intel.release_level SET frozen = false WHERE level = 'critical';"), '57 by writing', [3, $denied], qr/55000: shipped rows of "release_level" are not changed/);
safe(as_login('attack_bob', "SELECT sales_intel.set_release_health('*', 'normal', 'x');"), '57 a person who may not', $denied);
value('attack_test', "INSERT INTO sales_intel.release_health (kind, level, reason, set_by, set_at, entry) SELECT '*', 'normal', 'x', 'bob', now(), seq FROM sales_intel.ledger WHERE stream = 'release' AND kind = 'health'");
safe(as_login('attack_bob', $approve), '57 raised by a row that the ledger does not have', qr/55000: releases of kind "quote" are frozen/);
is(state_of(), 'requested 7/0', '57 nothing was approved');
is(value('attack_test', q{SELECT ok FROM sales_intel.ledger_verify('release')}), 't', 'and the ledger holds');
is(value('attack_test', q{SELECT count(*) FROM sales_intel.ledger WHERE stream = 'release' AND body::text ~ '"c"'}), 0, 'and says nobody\'s name');

finish_attacks();
done_testing();
