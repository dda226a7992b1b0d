# Attacks on the ledger, by logins of applications, by its owner, by a superuser;
# their numbers are those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();
value('attack_test', q{
	SELECT sales_intel.grant_role('app', r) FROM unnest('{attack_pool,attack_alice,attack_bob}'::regrole[]) r \g /dev/null
	SELECT count(sales_intel.ledger_append(s, 'k', to_jsonb(i))) FROM unnest('{pact a,pact b}'::text[]) s, generate_series(1, 9) i \g /dev/null
	SELECT sales_intel.ledger_append('release', 'request', '{}'), sales_intel.ledger_append('consent/00', 'consent', '{}') \g /dev/null
	CREATE TABLE kept AS SELECT sales_intel.ledger_digest() AS digest});
my $digest = value('attack_test', 'SELECT digest FROM kept');
my $denied = qr/42501: permission denied/;

# 61: by who appends
attack('61 reading and writing', sql => "SELECT * FROM sales_intel.ledger; UPDATE sales_intel.ledger SET body = '{}'; DELETE FROM sales_intel.ledger; TRUNCATE sales_intel.ledger;
	INSERT INTO sales_intel.ledger SELECT 'pact a', 10, 'k', '{}', now(), 'bob', '', ''; UPDATE sales_intel.ledger_head SET seq = 0; SELECT * FROM sales_intel.ledger_head FOR UPDATE; DO 'BEGIN LOCK sales_intel.ledger_head; END';
	ALTER TABLE sales_intel.ledger DISABLE TRIGGER USER;", must => [[8, $denied], qr/42501: must be owner of table ledger/]);
attack('61 the extension\'s own streams', sql => "SELECT sales_intel.ledger_append('release', 'approve', '{}'); SELECT sales_intel.ledger_append('consent/00', 'grant', '{}');", must => [[2, qr/42501: the stream ".*" is the extension's own/]]);
attack('61 what is inside', sql => "SELECT sales_intel.ledger_lock('pact a'); SELECT sales_intel.ledger_commitment('c'); SELECT sales_intel.ledger_salt('c'); SELECT sales_intel.ledger_verify('pact a'); SELECT sales_intel.ledger_digest(); SELECT * FROM sales_intel.consent_subject;", must => [[6, $denied]]);
attack('61 as somebody else', sql => "SET sales_intel.actor = 'bob'; SET SESSION AUTHORIZATION attack_bob; SELECT sales_intel.ledger_append('mine', 'k', '{}');", must => [$denied =~ s/denied/denied to set session authorization/r]);
is(value('attack_test', q{SELECT string_agg(DISTINCT actor, ',') FROM sales_intel.ledger WHERE stream = 'mine'}), 'alice', '61 is who it is');
attack('40 injected', sql => q{SELECT sales_intel.ledger_append($$'); DROP TABLE sales_intel.ledger; --$$, $$', '$$, '{"x": "\\\\u0001 ''; --"}') > 0;}, must => [qr/^t$/m]);
attack('41 called from SQL', sql => 'SELECT sales_intel.keep_ledger();', must => [$denied]);

# 61: by its owner, or a restore
for my $change ("UPDATE sales_intel.ledger SET body = '{}'", 'DELETE FROM sales_intel.ledger', 'TRUNCATE sales_intel.ledger', "WITH w AS (DELETE FROM sales_intel.ledger RETURNING 1) SELECT * FROM w",
	"INSERT INTO sales_intel.ledger SELECT * FROM sales_intel.ledger ON CONFLICT (stream, seq) DO UPDATE SET body = '{}'", "MERGE INTO sales_intel.ledger l USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
	'UPDATE sales_intel.ledger_head SET seq = 1', 'DELETE FROM sales_intel.ledger_head')
{
	for my $how ('', 'SET session_replication_role = replica; ', 'SET row_security = off; ')
	{
		like((psql('attack_test', $how . $change))[1], qr/rows of "ledger(_head)?" are not changed/, "61 by the owner: $how$change");
	}
}
is(value('attack_test', 'SELECT bool_and(ok) FROM sales_intel.ledger_verify()'), 't', '61 the ledger holds');

# 60: by a superuser, who can do anything; and what shows it
my $prelude = 'BEGIN; ALTER TABLE sales_intel.ledger DISABLE TRIGGER USER; ALTER TABLE sales_intel.ledger_head DISABLE TRIGGER USER; SET search_path = sales_intel, public;';
value('attack_test', q{CREATE FUNCTION framed(value bytea) RETURNS bytea IMMUTABLE LANGUAGE SQL RETURN int8send(octet_length(value)) || value;
	CREATE PROCEDURE rewrite(a_stream text, first bigint) LANGUAGE plpgsql AS $$
	BEGIN
		FOR i IN first .. (SELECT max(seq) FROM sales_intel.ledger WHERE stream = a_stream) LOOP
			UPDATE sales_intel.ledger SET prev_hash = COALESCE((SELECT o.hash FROM sales_intel.ledger o WHERE o.stream = a_stream AND o.seq = i - 1), decode(repeat('00', 32), 'hex')) WHERE stream = a_stream AND seq = i;
			UPDATE sales_intel.ledger SET hash = sha256(framed('sales_intel ledger entry 1') || framed(convert_to(stream, 'UTF8')) || int8send(seq) || framed(convert_to(kind, 'UTF8'))
				|| int8send((extract(epoch FROM at) * 1000000)::bigint) || framed(convert_to(actor, 'UTF8')) || framed(convert_to(body::text, 'UTF8')) || framed(prev_hash)) WHERE stream = a_stream AND seq = i;
		END LOOP;
		UPDATE sales_intel.ledger_head h SET (seq, hash) = (SELECT l.seq, l.hash FROM sales_intel.ledger l WHERE l.stream = a_stream ORDER BY seq DESC LIMIT 1) WHERE stream = a_stream;
	END $$});

my $swap = join '', map { my $t = $_; map { "UPDATE $t SET stream = '$_->[1]' WHERE stream = '$_->[0]';" } ['pact a', 'x'], ['pact b', 'pact a'], ['x', 'pact b'] } qw(ledger ledger_head);
my @tampering = (
	['edit', "UPDATE ledger SET body = '{}' WHERE stream = 'pact a' AND seq = 4", 'pact a|4|edit', 'pact a|edit'],
	['delete', "DELETE FROM ledger WHERE stream = 'pact a' AND seq = 4", 'pact a|4|delete', 'pact a|delete'],
	['reorder', "UPDATE ledger SET seq = 0 WHERE stream = 'pact a' AND seq = 4; UPDATE ledger SET seq = 4 WHERE stream = 'pact a' AND seq = 5; UPDATE ledger SET seq = 5 WHERE stream = 'pact a' AND seq = 0", 'pact a|4|reorder', 'pact a|reorder'],
	['insert', "INSERT INTO ledger SELECT stream, 10, kind, body, at, actor, hash, hash FROM ledger WHERE stream = 'pact a' AND seq = 9", 'pact a|10|insert', 'pact a|insert'],
	['truncate the tail', "DELETE FROM ledger WHERE stream = 'pact a' AND seq > 6", 'pact a|7|truncate', 'pact a|truncate'],
	['truncate the tail, and the head', "DELETE FROM ledger WHERE stream = 'pact a' AND seq > 6; CALL rewrite('pact a', 6)", '', 'pact a|truncate'],
	['swap two pacts', $swap, 'pact a|1|edit pact b|1|edit', 'pact a|swap pact b|swap'],
	['swap two pacts, and hash anew', "$swap CALL rewrite('pact a', 1); CALL rewrite('pact b', 1)", '', 'pact a|rewrite pact b|rewrite'],
	['hash the whole chain anew', "UPDATE ledger SET actor = 'me' WHERE stream = 'pact a' AND seq = 2; CALL rewrite('pact a', 2)", '', 'pact a|rewrite'],
	['a stream and its head', "DELETE FROM ledger WHERE stream = 'pact a'; DELETE FROM ledger_head WHERE stream = 'pact a'", '', 'pact a|missing'],
	['all', 'DELETE FROM ledger; DELETE FROM ledger_head', '', 'consent/00|missing pact a|missing pact b|missing release|missing']);
for (@tampering)
{
	my ($name, $sql, $verified, $compared) = @$_;
	my ($output, $errors) = psql('attack_test', "$prelude $sql;
		SELECT 'v ' || COALESCE(string_agg(concat_ws('|', stream, first_bad, split_part(problem, ':', 1)), ' ' ORDER BY stream), '') FROM ledger_verify() WHERE NOT ok;
		SELECT 'd ' || COALESCE(string_agg(concat_ws('|', stream, split_part(problem, ':', 1)), ' ' ORDER BY stream), '') FROM ledger_verify_digest('$digest') WHERE NOT ok;
		SELECT 'a ' || count(*) FROM access_advisor() WHERE finding ~ 'does not fire always'; ROLLBACK;");

	is($errors, '', "60 $name: is possible");
	like($output, qr/^v \Q$verified\E$/m, "60 $name: verifying says " . ($verified || 'nothing'));
	like($output, qr/^d \Q$compared\E$/m, "60 $name: the digest that was kept says $compared");
	like($output, qr/^a 2$/m, "60 $name: the advisor sees that triggers are off");
}
is(value('attack_test', "SELECT bool_and(ok) FROM sales_intel.ledger_verify_digest('$digest')"), 't', 'untouched, it holds');

finish_attacks();
done_testing();
