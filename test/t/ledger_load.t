# 64 writers append to 16 streams: no stream forks, in READ COMMITTED nobody fails,
# in REPEATABLE READ who comes late does.  Then a server of its own is killed while
# they append, again and again: it comes back with all that it acknowledged, and
# nothing by halves.  APPENDS=100000, KILLS=100 for more.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use OwnServer;
use Psql;
use Test::More;

my $database = 'ledger_load';
my $writers = 64;
my $appends = ($ENV{APPENDS} || 6400) / $writers;
my $kills = $ENV{KILLS} || 3;
my $directory = tempdir(CLEANUP => 1);

fresh_database($database);

sub script
{
	my ($name, $text) = @_;

	open my $out, '>', "$directory/$name" or die $!;
	print $out $text;
	return "$directory/$name";
}

# ----- Forks -----

my $one = script('one', "\\set s random(0, 15)\nSELECT sales_intel.ledger_append('w' || :s, 'k', jsonb_build_object('client', :client_id, 'n', random()));\n");
my $some = script('some', "BEGIN;\nSELECT sales_intel.ledger_append('w1', 'k', '{}');\nSELECT sales_intel.ledger_append('w1', 'k', '[]');\nSELECT sales_intel.ledger_append('w2', 'k', '{}');\nEND;\n");
my $all = 'SELECT count(*), bool_and(ok), sum(entries) FROM sales_intel.ledger_verify()';
my $report = `pgbench -n -c $writers -j 2 -t $appends -f $one $database 2>&1`;

my $made = $writers * $appends;
my ($rate) = $report =~ /tps = (\d+)/;
like($report, qr/processed: $made\/$made/, "$writers writers, $made appends");
is(value($database, $all), "16|t|$made", 'no fork: 16 streams hold');
diag("$rate appends/s in all");
$report = `pgbench -n -c 16 -j 2 -t 20 -f $some $database 2>&1`;
like($report, qr/processed: 320\/320/, 'several in one transaction');
is(value($database, $all), '16|t|' . ($made + 960), 'no fork either');
{
	local $ENV{PGOPTIONS} = '-c default_transaction_isolation=repeatable\ read';

	$report = `pgbench -n -c 16 -j 2 -t 20 -f $some --max-tries=1 $database 2>&1`;
	my ($done) = $report =~ /processed: (\d+)\/320/;
	my ($failed) = $report =~ /failed transactions: (\d+)/;
	cmp_ok($failed, '>', 0, "in REPEATABLE READ some fail: $failed");
	is($done + $failed, 320, 'all others are done');
	is(value($database, $all), '16|t|' . ($made + 960 + 3 * $done), 'and no fork');
}

# ----- Cancelled -----

value($database, q{SELECT count(sales_intel.ledger_append('long', 'k', to_jsonb(i))) FROM generate_series(1, 100000) i});
my ($output, $errors) = psql($database, "SET statement_timeout = 20;\n\\set ON_ERROR_STOP 0\n\\timing on\nSELECT sales_intel.ledger_verify('long') FROM generate_series(1, 100);");
like($errors, qr/statement timeout/, 'verifying can be cancelled');
cmp_ok(($output =~ /Time: ([\d.]+)/)[0], '<', 1000, 'soon');

# ----- Killed -----

SKIP:
{
	my $own = OwnServer->new($directory);
	my %acknowledged;
	my $lost = 0;

	skip 'the server\'s program is not to be found', 1 if !$own;
	local ($ENV{PGHOST}, $ENV{PGPORT}) = ($own->{folder}, $own->{port});

	$own->start;
	for my $round (1 .. $kills)
	{
		unlink map { "$directory/acknowledged.$_" } 1 .. 8;
		my @clients = map {
			my $client = $_;
			my $child = fork // die "fork: $!";

			open STDERR, '>', '/dev/null' if !$child;
			exec('psql', '-XAtq', '-d', $database, '-o', "$directory/acknowledged.$client", '-f', script("list.$client",
				join '', map { "SELECT 'w' || s, sales_intel.ledger_append('w' || s, 'k', '{}') FROM (SELECT @{[($client + $_) % 16]} AS s) x;\n" } 1 .. 5000)) if !$child;
			$child;
		} 1 .. 8;

		# at some point of what they have been told so far, in bytes
		my $point = 2000 + random_below(20000);
		for (1 .. 3000)
		{
			my $told = 0;

			$told += -s "$directory/acknowledged.$_" || 0 for 1 .. 8;
			last if $told >= $point;
			select undef, undef, undef, 0.01;
		}
		$own->stop('KILL');
		waitpid $_, 0 for @clients;
		for (1 .. 8)
		{
			open my $in, '<', "$directory/acknowledged.$_" or die $!;
			# an answer is shown once it is acknowledged
			/^(w\d+)\|(\d+)$/ and $acknowledged{$_}++ while <$in>;
		}
		$own->start;
		is(value($database, 'SELECT bool_and(ok) FROM sales_intel.ledger_verify()'), 't', "kill $round: the ledger holds");
	}
	my $there = { map { $_ => 1 } split /\n/, value($database, q{SELECT stream || '|' || seq FROM sales_intel.ledger}) };
	my $sure = 0;
	for (keys %acknowledged)
	{
		chomp;
		$sure++;
		$lost++ if !$there->{$_};
	}
	cmp_ok($sure, '>', 100 * $kills, "$sure appends were acknowledged");
	is($lost, 0, 'none is lost');
	is((grep { $_ > 1 } values %acknowledged), 0, 'no number was given twice');
	$own->stop('QUIT');
}

value('postgres', "DROP DATABASE $database");
done_testing();
