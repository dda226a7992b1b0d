# Attacks on what customers allow, by reading: withdrawn since, in old
# snapshots, for other scenes and sessions, with tickets of others.  Numbers are
# those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use IPC::Open3;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();

# Alice's customers 1 to 40: 31 to 40 allow nothing, and hold canaries.
value('attack_test', <<'END');
CREATE TABLE crm.lead (id bigint PRIMARY KEY, owner text, note text);
ALTER TABLE crm.lead OWNER TO attack_desk;
ALTER TABLE crm.lead SET (parallel_workers = 2);
INSERT INTO crm.lead SELECT i, CASE WHEN i <= 40 THEN 'alice' ELSE 'bob' END, CASE WHEN i <= 30 THEN 'mine' ELSE 'CANARY-' || i END FROM generate_series(1, 60) i;
CREATE TABLE crm.open_lead AS SELECT id FROM crm.lead;
ALTER TABLE crm.open_lead SET (parallel_workers = 2);
GRANT SELECT ON crm.lead, crm.open_lead TO PUBLIC;
SELECT sales_intel.grant_consent(i::text, '{quote_push,test_drive}') FROM generate_series(1, 30) i \g /dev/null
SELECT sales_intel.grant_consent(i::text, '{quote_push}') FROM generate_series(41, 60) i \g /dev/null
SELECT sales_intel.grant_consent('31', '{test_drive}'), sales_intel.grant_consent('32', '{quote_push}', '{"session": "s1"}') \g /dev/null
SET ROLE attack_desk;
SELECT sales_intel.create_access_rule('crm.lead', 'own', 'permit', '{select}', 'owner = current_principal() AND consent_allows(id, $$quote_push$$)'), sales_intel.protect_table('crm.lead');
RESET ROLE;
CREATE FUNCTION own.seen() RETURNS text LANGUAGE sql AS 'SELECT count(*) || $$ $$ || max(note) FROM crm.lead';
ANALYZE;
END

# By another session, while the script waits: from now on, reading the row is a
# leak.  Or as if it had been said some time ago.
my $n = 30;

sub withdraw
{
	my ($since) = @_;
	my $id = $n--;
	my $said = $since ? "INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor) VALUES ('$id', 'quote_push', 'withdraw', now() - '$since'::interval, 'test'); UPDATE sales_intel.consent_state SET mask = 1 WHERE subject = '$id'"
		: "SELECT 1 FROM sales_intel.withdraw_consent('$id', '{quote_push}')";

	return "\\! psql -Xq -U @{[$ENV{PGUSER} || 'postgres']} -d attack_test -1 -c \"$said; UPDATE crm.lead SET note = 'CANARY-$id' WHERE id = $id\" >/dev/null\n";
}

# ----- 44: the next statement -----

my $read = "SELECT count(*), max(note) FROM lead;\n";
my $parallel = "SET max_parallel_workers_per_gather = 2; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off;\n";
for my $way (
	['a scan', $read], ['one row', "SELECT note FROM lead WHERE id = %d; SELECT 'done';\n"], ['a function', "SELECT own.seen();\n"], ['workers', $parallel . $read],
	['a prepared plan', "SET plan_cache_mode = force_generic_plan; PREPARE p AS $read EXECUTE p;\n", "EXECUTE p;\n"], ['no cache', "SET sales_intel.consent_cache = 0;\n" . $read])
{
	for my $who (qw(pool mapped))
	{
		my $left = $n - 1;
		my ($first, $second) = map { s/%d/$n/r } $way->[1], $way->[2] // $way->[1];
		my $must = $way->[0] eq 'one row' ? qr/mine\ndone\ndone/ : qr/\b${n}(?:\||\s)mine\n(?:.*\n)*$left(?:\||\s)mine/;

		safe(run_as($who, $read . $first . withdraw() . $second), "44 withdrawn, then $way->[0] ($who)", $must);
	}
}

# ----- 45: old snapshots -----

my $again = "BEGIN ISOLATION LEVEL %s; SELECT sales_intel.begin_identity('%s') \\g /dev/null\n";
for my $level ('REPEATABLE READ', 'SERIALIZABLE')
{
	my $start = sprintf $again, $level, token(claims());
	my $now = $n;

	safe(as_login('attack_pool', "SET search_path = crm;\n$start$read" . withdraw('91 s') . "SELECT 'then'; $read SELECT sales_intel.consent_allows($now, 'quote_push');"),
		"45 $level, of before a withdrawal 91 seconds ago", qr/^$now\|mine\nthen\n(?!$now)/m, [2, qr/25000: the snapshot is too old[^\n]*\nDETAIL:  It misses what a customer said/]);
}
# A snapshot of another session, which keeps it for a friend
my $pid = open3(my $in, my $out, undef, 'psql', '-XAtq', '-d', 'attack_test', '-U', 'attack_nobody');
print $in "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot();\n";
$in->flush;
chomp(my $snapshot = <$out>);
my $import = "\\set ON_ERROR_ROLLBACK off\nBEGIN ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION SNAPSHOT '$snapshot';\n";
my $was = $n;
safe(as_login('attack_alice', "SET search_path = crm; $import$read" . "ROLLBACK;\n" . withdraw('91 s') . "${import}SELECT 'then'; $read ROLLBACK;\n${import}SELECT sales_intel.consent_allows($was, 'quote_push');"),
	'45 a snapshot that another session keeps', qr/^$was\|mine\nthen\n(?!t)/m, [2, qr/25000: the snapshot is too old/]);
close $in;
waitpid $pid, 0;

# ----- 50: another scene, another session -----

attack('50 another scene, one of a bundle that was switched off, another session', sql => "SELECT 'scene', sales_intel.consent_allows(31, 'test_drive'), sales_intel.consent_allows(31, 'quote_push');
	SELECT 'bundle', sales_intel.consent_allows(30, 'test_drive'), sales_intel.consent_allows(30, 'quote_push');
	SELECT 'session', sales_intel.consent_allows(32, 'quote_push', 's1'), sales_intel.consent_allows(32, 'quote_push', 's2'), sales_intel.consent_allows(32, 'quote_push'), sales_intel.consent_allows(32, 'quote_push', NULL), sales_intel.consent_allows(32, 'quote_push', ''),
		sales_intel.consent_allows(32, 'quote_push', 's1 '), sales_intel.consent_allows('32 ', 'quote_push', 's1'), sales_intel.consent_allows('3', 'quote_push', '2s1'); SELECT note FROM lead WHERE id IN (31, 32);",
	must => [qr/^scene\|t\|f$/m, qr/^bundle\|t\|f$/m, qr/^session\|t(\|f){6}\|t$/m]);
attack('50 what customers allow, in the tables', sql => 'SELECT * FROM sales_intel.consent_state; SELECT * FROM sales_intel.consent_event; SELECT * FROM sales_intel.consent_session; SELECT * FROM sales_intel.consent_ticket_key;
	SELECT sales_intel.consent_replay($$1$$, NULL, now()); CREATE TEMP TABLE consent_state AS SELECT i::text AS subject, 2::bigint AS mask, 0::bigint AS epoch, now() + $$1 d$$ AS recheck_at FROM generate_series(1, 60) i; SET search_path = pg_temp, crm;' . $read, must => [[5, qr/42501/], qr/^\d+\|mine$/m]);

# ----- Tickets -----

my $live = "SELECT 'saw', count(*) FILTER (WHERE sales_intel.consent_live(i, 'quote_push', NULL, :'t'::bytea)) FROM generate_series(1, 60) i;\n";
my $ticket = "SELECT sales_intel.consent_ticket() AS t \\gset\n";
my $bad = qr/28000: the ticket is not good here/;
my $begin = "SELECT sales_intel.begin_identity('%s') \\g /dev/null\n";
my $none = qr/\A(?!.*^saw)/ms;
safe(run_as('pool', $ticket . $live), 'a ticket of one\'s own', qr/^saw\|\d\d$/m);
safe(run_as('pool', "${ticket}COMMIT;\n$live BEGIN;\n$live"), 'a ticket of an earlier transaction', [2, $bad], $none);
safe(as_login('attack_pool', "BEGIN; SAVEPOINT s;\n" . sprintf($begin, token(claims())) . $ticket . $live . "ROLLBACK TO s;\n$live"), 'a ticket of an identity that was undone', qr/^saw\|\d\d\n(?!saw)/m, qr/28000: the query began with another identity/);
safe(as_login('attack_pool', "BEGIN; SAVEPOINT s;\n" . sprintf($begin, token(claims())) . $ticket . "ROLLBACK TO s;\n" . sprintf($begin, token(claims())) . $live), 'a ticket of an identity that was begun anew', qr/28000: the query began with another identity/, $none);
safe(as_login('attack_nobody', "\\set t '\\\\x" . '00' x 40 . "'\n$live SELECT sales_intel.consent_ticket();"), 'a made-up ticket', $bad, qr/28000: nobody may ask/, $none);
safe(run_as($_, "$ticket\\setenv TICKET :t\n\\! psql -Xq -v VERBOSITY=verbose -U attack_nobody -d attack_test -c \"SELECT 'saw', sales_intel.consent_live(1, 'quote_push', NULL, '\$TICKET')\" 2>&1\n"), "a ticket in another session ($_)", $bad, $none) for qw(pool mapped);
safe(run_as($_, $ticket . "COMMIT; BEGIN;" . $parallel . "SELECT 'saw', count(*) FROM crm.open_lead WHERE sales_intel.consent_live(id, 'quote_push', NULL, :'t'::bytea);"), "a ticket of an earlier transaction, in workers ($_)", $bad, $none) for qw(pool mapped);
value('attack_test', q{SET ROLE attack_stranger; CREATE FUNCTION strange.ask(t bytea) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN sales_intel.consent_live(1, 'quote_push', NULL, t); END $$;
	CREATE FUNCTION strange.ask() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN RETURN sales_intel.consent_allows(1, 'quote_push'); END $$});
attack('a ticket given to a stranger\'s function', sql => "$ticket SELECT strange.ask(:'t'); SELECT strange.ask();", must => [$bad, qr/28000: nobody may ask/]);

# An identity that is over
safe(as_login('attack_pool', "SET search_path = crm; BEGIN; " . sprintf($begin, token(claims(exp => time + 3))) . "$ticket$live SELECT pg_sleep(4) \\g /dev/null\n${live}SELECT sales_intel.consent_allows(1, 'quote_push');"), '16 a ticket past its time', qr/^saw\|\d\d\n(?!saw)/m, [2, qr/28000: the identity has expired/]);

finish_attacks();
done_testing;
