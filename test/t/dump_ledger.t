# The ledger and the gate for money through a dump, whole, parallel, and data
# alone: chains hold and go on, what was effective is, no trigger fires, rows that
# were shipped come once.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my @roles = qw(dump_ann dump_bob);

value('postgres', "SET client_min_messages = warning; DROP DATABASE IF EXISTS $_") for qw(ledger_dump ledger_restored);
value('postgres', join '', map { "DROP ROLE IF EXISTS $_; CREATE ROLE $_ LOGIN;" } @roles);
fresh_database('ledger_dump');
value('ledger_dump', <<'END');
SET search_path = public, sales_intel;
INSERT INTO principal (principal, login_role) VALUES ('ann', 'dump_ann'), ('bob', 'dump_bob');
SELECT grant_role(p, r) FROM unnest('{app,security_admin}'::text[]) p, unnest('{dump_ann,dump_bob}'::regrole[]) r \g /dev/null
SELECT count(ledger_append('s' || i % 5, 'k', jsonb_build_object('n', i * 1.0, 'note', repeat('Zoë', i)))) FROM generate_series(1, 500) i \g /dev/null
SELECT ledger_append('long', 'k', to_jsonb(repeat('x', 500000))) \g /dev/null
SELECT ledger_lock('empty') \g /dev/null
INSERT INTO release_limit (principal, per_day) VALUES ('ann', 1000), ('*', 500);
INSERT INTO release_level (level, per_day) VALUES ('watch', 900);
SET SESSION AUTHORIZATION dump_ann;
SELECT request_release('discount', 'customer-' || i, i + 0.50, '{"currency": "EUR"}') FROM generate_series(1, 20) i \g /dev/null
SET SESSION AUTHORIZATION dump_bob;
SELECT approve_release(id, '') FROM my_release WHERE id % 2 = 0 ORDER BY id \g /dev/null
SELECT reject_release(id, '') FROM my_release WHERE id % 3 = 0 AND state = 'requested' ORDER BY id \g /dev/null
SELECT set_release_health('*', 'watch', 'why not'), set_release_health('refund', 'critical', 'a bug') \g /dev/null
END

my $digest = value('ledger_dump', 'SELECT sales_intel.ledger_digest()');
my $facts = <<'END';
SET search_path = public, sales_intel;
SET extra_float_digits = 0;
SELECT * FROM ledger_verify();
SELECT count(*), md5(string_agg(l::text, ',' ORDER BY stream, seq)) FROM ledger l;
SELECT * FROM ledger_head ORDER BY stream;
SELECT * FROM effective_release ORDER BY id;
SELECT * FROM release ORDER BY id;
SELECT * FROM release_limit ORDER BY principal, shipped;
SELECT * FROM release_level ORDER BY level, shipped;
SELECT * FROM release_health ORDER BY id;
SELECT release_health_now('{*,discount}'), release_health_now('{*,refund}');
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal AND tgrelid::regclass::text ~ 'ledger|release' ORDER BY 1::text, 2;
SELECT count(*) FROM access_trail WHERE table_name ~ 'release';
END
my $before = value('ledger_dump', $facts);

like($before, qr/^long\|t\|1\|\|$/m, 'there is a ledger');
like($before, qr/^20\|discount\|customer-20\|20.50\|.*bob/m, 'and a release');

sub check
{
	my ($how) = @_;

	is(value('ledger_restored', $facts), $before, "$how: all is as it was");
	is(value('ledger_restored', "SELECT bool_and(ok), count(*) FROM sales_intel.ledger_verify_digest('$digest')"), 't|8', "$how: the digest fits");
	is(value('ledger_restored', "SELECT sales_intel.ledger_append('s1', 'k', '{}'), sales_intel.ledger_append('empty', 'k', '{}')"), '101|1', "$how: streams go on");
	is(value('ledger_restored', "SET SESSION AUTHORIZATION dump_bob; SELECT sales_intel.approve_release(1, ''), sales_intel.request_release('discount', 'c', 1, '{}')"), '|21', "$how: so do releases");
	like((psql('ledger_restored', "SET SESSION AUTHORIZATION dump_ann; SELECT sales_intel.request_release('discount', 'c', 900, '{}')"))[1], qr/ann may have 900 on a day of UTC/, "$how: limits hold");
	like((psql('ledger_restored', "DELETE FROM sales_intel.ledger"))[1], qr/rows of "ledger" are not changed/, "$how: and rows stay");
	is(value('ledger_restored', "SELECT bool_and(ok) FROM sales_intel.ledger_verify_digest('$digest')"), 't', "$how: the digest still fits");
	return;
}

sub run
{
	my ($command) = @_;

	is(system("$command >/dev/null"), 0, $command =~ s/\Q$directory\E/./gr);
	return;
}

run("pg_dump -Fp -f $directory/plain ledger_dump");
run("pg_dump -Fd -j 4 -f $directory/dir ledger_dump");
run("pg_dump -Fc -f $directory/custom ledger_dump");

empty_database('ledger_restored');
run("psql -Xq -v ON_ERROR_STOP=1 -f $directory/plain -d ledger_restored");
check('plain');

empty_database('ledger_restored');
run("pg_restore --exit-on-error -j 4 -d ledger_restored $directory/dir");
check('four at a time');

empty_database('ledger_restored');
run("pg_restore --exit-on-error --schema-only -d ledger_restored $directory/custom");
run("pg_restore --exit-on-error --data-only -d ledger_restored $directory/custom");
check('data alone');

value('postgres', 'DROP DATABASE ledger_dump');
value('postgres', 'DROP DATABASE ledger_restored');
value('postgres', join '', map { "DROP ROLE $_;" } @roles);
done_testing();
