# 52: a server of its own is killed while subjects withdraw, grant, and are acted
# for, again and again.  It comes back with every withdrawal that it acknowledged,
# and with no half of one.  KILLS=100 for more.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use OwnServer;
use Psql;
use Test::More;

my $database = 'consent_crash';
my $kills = $ENV{KILLS} || 3;
my $clients = 6;
my $subjects = 400;				# of each client
my $folder = tempdir(CLEANUP => 1);

fresh_database($database);
value($database, "SELECT count(sales_intel.grant_consent(c || ' ' || i, '{quote_push,community}')) FROM generate_series(1, $clients) c, generate_series(1, $subjects) i");
my $own = OwnServer->new($folder) or plan skip_all => 'the server\'s program is not to be found';
value('postgres', "DROP DATABASE $database");

# What each withdrawal must have beside its event: the ledger's entry; if it
# stopped something, both messages; and the state that the events make.
my $halves = "
	SELECT 'event ' || e.id || ' without entry' FROM sales_intel.consent_event e
	WHERE NOT EXISTS (SELECT FROM sales_intel.ledger l WHERE l.stream || '#' || l.seq = e.ledger_entry AND l.body -> 'events' @> to_jsonb(e.id) AND l.body ->> 'action' = e.action)
	UNION ALL
	SELECT 'entry ' || l.stream || '#' || l.seq || ' without event' FROM sales_intel.ledger l, jsonb_array_elements_text(l.body -> 'events') i
	WHERE NOT EXISTS (SELECT FROM sales_intel.consent_event e WHERE e.id = i::bigint)
	UNION ALL
	SELECT 'event ' || e.id || ' told ' || count(o.id) FROM sales_intel.consent_event e LEFT JOIN sales_intel.outbox o ON o.event = e.id
	WHERE e.action = 'withdraw' GROUP BY e.id HAVING count(o.id) <> 2
	UNION ALL
	SELECT 'message ' || o.id || ' without event' FROM sales_intel.outbox o WHERE o.event IS NOT NULL AND NOT EXISTS (SELECT FROM sales_intel.consent_event e WHERE e.id = o.event)
	UNION ALL
	SELECT 'state of ' || s.subject FROM sales_intel.consent_state s WHERE s.mask <> (
		SELECT COALESCE(sum(2 ^ c.bit) FILTER (WHERE e.action = 'grant'), 0) FROM sales_intel.consent_scene c,
			LATERAL (SELECT e.action FROM sales_intel.consent_event e WHERE e.subject = s.subject AND e.scene = c.scene ORDER BY e.id DESC LIMIT 1) e)
	UNION ALL
	SELECT 'state without subject: ' || s.subject FROM sales_intel.consent_state s WHERE NOT EXISTS (SELECT FROM sales_intel.consent_subject c WHERE c.subject = s.subject)
	UNION ALL
	SELECT 'action ' || o.id || ' is still queued' FROM sales_intel.outbox o JOIN sales_intel.consent_scene c USING (scene) JOIN sales_intel.consent_state s USING (subject)
	WHERE o.cancelled_at IS NULL AND o.acknowledged_at IS NULL AND (s.mask >> c.bit) & 1 = 0";

# A client's script: for each of its subjects, in an order of the round.
sub script
{
	my ($client, $round) = @_;
	my $name = "$folder/script.$client";

	open my $out, '>', $name or die $!;
	for (1 .. $subjects)
	{
		my $subject = "$client " . (1 + ($_ * 37 + $round * 101) % $subjects);

		print $out "SELECT sales_intel.queue_action('send_quote', '$subject', 'quote_push') \\g /dev/null\n" if random_below(3) == 0;
		print $out "SELECT sales_intel.withdraw_consent('$subject', '{quote_push,community}') \\g /dev/null\n\\echo $round withdrawn $subject\n";
		print $out "SELECT sales_intel.grant_consent('$subject', '{quote_push,community}') \\g /dev/null\n\\echo $round granted $subject\n" if random_below(2);
		print $out "SELECT sales_intel.grant_consent('new $round $subject', '{quote_push}') \\g /dev/null\n" if random_below(4) == 0;
	}
	return $name;
}

sub run_clients
{
	my ($round) = @_;

	return map {
		my $client = $_;
		my $name = script($client, $round);
		my $child = fork // die "fork: $!";

		open STDERR, '>', '/dev/null' if !$child;
		open STDOUT, '>', "$folder/said.$client" if !$child;
		exec('psql', '-XAtq', '-d', $database, '-f', $name) if !$child;
		$child;
	} 1 .. $clients;
}

sub said
{
	return map { open my $in, '<', "$folder/said.$_" or die $!; <$in> } 1 .. $clients;
}

my $acknowledged = 0;
$own->start;
for my $round (1 .. $kills)
{
	unlink map { "$folder/said.$_" } 1 .. $clients;
	# every subject is allowed again, so that each withdrawal stops something
	$own->there(sub { value($database, "SELECT count(sales_intel.grant_consent(subject, '{quote_push,community}')) FROM sales_intel.consent_state WHERE mask = 0") });
	my $before = $own->there(sub { value($database, 'SELECT max(id) FROM sales_intel.consent_event') });
	my @children = $own->there(sub { run_clients($round) });
	my $point = 1000 + random_below(20000);

	# at some point of what they have been told, in bytes
	for (1 .. 3000)
	{
		my $told = 0;

		$told += -s "$folder/said.$_" || 0 for 1 .. $clients;
		last if $told >= $point;
		select undef, undef, undef, 0.01;
	}
	$own->stop('KILL');
	waitpid $_, 0 for @children;
	$own->start;
	is($own->there(sub { value($database, $halves) }), '', "52 kill $round: nothing by halves");
	is($own->there(sub { value($database, 'SELECT bool_and(ok) FROM sales_intel.ledger_verify()') }), 't', "52 kill $round: the ledger verifies");
	my %last;
	for (said())
	{
		/^\d+ (withdrawn|granted) (.*)$/ and $last{$2}{$1}++ and die 'told twice';
		$acknowledged++ if $1 eq 'withdrawn';
	}
	my %there = map { $_ => 1 } split /\n/, $own->there(sub { value($database, "SELECT DISTINCT action || ' ' || subject FROM sales_intel.consent_event WHERE id > $before AND subject !~ 'new'") });
	my @lost = grep { my $s = $_; $last{$s}{withdrawn} && !$there{"withdraw $s"} || $last{$s}{granted} && !$there{"grant $s"} } keys %last;
	is("@lost", '', "52 kill $round: nothing is lost that was acknowledged, by then " . keys(%last) . ' subjects');
}
cmp_ok($acknowledged, '>', 20 * $kills, "52 $acknowledged withdrawals were acknowledged");
like($own->there(sub { value($database, "BEGIN; DELETE FROM sales_intel.outbox WHERE id = (SELECT max(id) FROM sales_intel.outbox WHERE event IS NOT NULL);
	UPDATE sales_intel.consent_state SET mask = 1 WHERE subject = '1 1'; $halves; ROLLBACK;") }), qr/^event \d+ told 1\nstate of 1 1\b/, '52 a half would be found');

# The outbox goes on where it was.
my $open = 'SELECT count(*) FROM sales_intel.outbox WHERE acknowledged_at IS NULL AND cancelled_at IS NULL';
cmp_ok($own->there(sub { value($database, $open) }), '>', 0, '52 what was to be told still is');
$own->there(sub { value($database, 'SELECT count(sales_intel.acknowledge(id)) FROM sales_intel.outbox WHERE acknowledged_at IS NULL AND cancelled_at IS NULL') });
is($own->there(sub { value($database, $open) }), 0, '52 and is told');

done_testing();
