# Twenty clients share six connections of one login through PgBouncer, in
# transaction mode, each transaction with a token of somebody else, and nobody
# sees a row of another's.  TRANSACTIONS=100000 for more than 10,000.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

my ($pgbouncer) = grep { -x } '/usr/sbin/pgbouncer', '/usr/bin/pgbouncer', '/usr/local/bin/pgbouncer';
plan skip_all => 'PgBouncer is not installed' if !$pgbouncer;

my $clients = 20;
my $each = ($ENV{TRANSACTIONS} || 10_000) / $clients;
my $directory = tempdir(CLEANUP => 1);
my $port = 6432;

# The pooler refuses to run as root, as the server does.
my ($user) = $> == 0 ? 'postgres' : (getpwuid $>)[0];
chown((getpwnam $user)[2, 3], $directory) or die "chown: $!";

value('postgres', 'SET client_min_messages = warning; DROP DATABASE IF EXISTS pool_test; DROP ROLE IF EXISTS pool_login; CREATE ROLE pool_login LOGIN');
fresh_database('pool_test');
value('pool_test', <<"END");
INSERT INTO sales_intel.principal (principal, login_role, token_only) VALUES ('pool', 'pool_login', true);
INSERT INTO sales_intel.principal (principal) SELECT 'rep' || i FROM generate_series(0, 9) i;
INSERT INTO sales_intel.signing_key (kid, secret) VALUES ('k1', '\\x@{[unpack 'H*', $secret]}');
CREATE TABLE deal (id int PRIMARY KEY, owner text);
INSERT INTO deal SELECT i, 'rep' || i % 10 FROM generate_series(1, 500) i;
CREATE INDEX ON deal (owner);
CREATE TABLE plain_deal AS TABLE deal;
ALTER TABLE plain_deal ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON plain_deal USING (owner = current_setting('app.who', true));
SELECT sales_intel.create_access_rule('deal', 'own', 'permit', '{select,update}', 'owner = current_principal()'), sales_intel.protect_table('deal');
CREATE TABLE token (id int PRIMARY KEY, who text, token text);
CREATE TABLE seen (what text, who text, own int, others int, backend int DEFAULT pg_backend_pid());
GRANT EXECUTE ON FUNCTION sales_intel.begin_identity(text) TO pool_login;
GRANT SELECT, UPDATE ON deal, plain_deal TO pool_login;
GRANT SELECT ON token TO pool_login;
GRANT INSERT ON seen TO pool_login;
END
audience('pool_test');
value('pool_test', "COPY token FROM stdin;\n" . join('', map { my $who = 'rep' . $_ % 7; "$_\t$who\t" . token(claims(sub => qq("$who"))) . "\n" } 0 .. $clients * $each - 1) . "\\.\n");

sub file
{
	my ($name, $text) = @_;

	open my $file, '>', "$directory/$name" or die "$name: $!";
	print $file $text;
	close $file;
	return "$directory/$name";
}

my $ini = file('pgbouncer.ini', <<"END");
[databases]
pool_test = host=$ENV{PGHOST} port=@{[$ENV{PGPORT} || 5432]} user=pool_login
[pgbouncer]
pool_mode = transaction
default_pool_size = 6
max_client_conn = 100
auth_type = any
listen_addr =
listen_port = $port
unix_socket_dir = $directory
logfile = $directory/log
pidfile = $directory/pid
END
my $pooler = fork // die "fork: $!";
if (!$pooler)
{
	open STDERR, '>', '/dev/null';
	exec(($> == 0 ? ('runuser', '-u', $user, '--') : ()), $pgbouncer, '-q', $ini) or exit 1;
}
END
{
	if ($pooler)
	{
		my $status = $?;

		if (open my $file, '<', "$directory/pid")
		{
			kill 'TERM', <$file> =~ /(\d+)/;
		}
		waitpid $pooler, 0;
		$? = $status;
	}
}
for (1 .. 100)
{
	last if -S "$directory/.s.PGSQL.$port";
	select undef, undef, undef, 0.1;
}

# How many of whose rows are seen
sub look
{
	my ($what, $table) = @_;

	return "INSERT INTO seen SELECT '$what', :who, count(*) FILTER (WHERE owner = :who), count(*) FILTER (WHERE owner <> :who) FROM $table;\n";
}

sub bench
{
	my ($transactions, @files) = @_;
	my $output = `pgbench -n -M extended -h $directory -p $port -U pool_login -c $clients -j 2 -t $transactions -D n=-1 @files pool_test 2>&1`;

	is($?, 0, 'pgbench ran') or diag($output);
	return;
}

# In plain PostgreSQL a setting outlives the transaction, and its client.
my $next = "\\set n :n + 1\n\\set id :client_id * $each + :n\nSELECT token, who FROM token WHERE id = :id \\gset\n";
bench(20, '-f', file('plain', $next . "SELECT set_config('app.who', :who, false);\n" . look('plain', 'plain_deal')));
cmp_ok(value('pool_test', "SELECT count(*) FROM seen WHERE what = 'plain' AND others > 0"), '>', 0, '14 plain PostgreSQL falls');

bench($each, '-f', file('own', "${next}BEGIN;\nSELECT sales_intel.begin_identity(:token);\n" . look('own', 'deal') . "COMMIT;\n") . '@6',
	'-f', file('undone', "${next}BEGIN;\nSELECT sales_intel.begin_identity(:token);\nUPDATE deal SET owner = owner;\nROLLBACK;\n") . '@1',
	'-f', file('nobody', "\\set who random(0, 9)\n" . look('nobody', 'deal') =~ s/:who/('rep' || :who)/gr) . '@1',
	'-f', file('setting', "${next}SELECT set_config('app.who', :who, false), set_config('search_path', 'public', false);\n" . look('nobody', 'deal')) . '@1',
	'-f', file('loop', "${next}BEGIN;\nSELECT sales_intel.begin_identity(:token);\nDECLARE c CURSOR FOR SELECT * FROM deal;\nFETCH 3 FROM c;\n" . look('own', 'deal') . "COMMIT;\n") . '@1');
is(value('pool_test', "SELECT count(*) > @{[$clients * $each / 2]}, count(*) FILTER (WHERE own <> 50 OR others <> 0) FROM seen WHERE what = 'own'"), 't|0', '14 everybody sees his own rows, and no other');
is(value('pool_test', "SELECT count(*) > @{[$clients * $each / 20]}, count(*) FILTER (WHERE own <> 0 OR others <> 0) FROM seen WHERE what = 'nobody'"), 't|0', '14 nobody sees none');
is(value('pool_test', 'SELECT count(*) FROM deal WHERE owner <> $$rep$$ || id % 10'), 0, 'nothing was changed');
is(value('pool_test', 'SELECT count(DISTINCT backend) BETWEEN 1 AND 6, count(DISTINCT who) >= 7 FROM seen'), 't|t', 'through six connections');

value('postgres', 'DROP DATABASE pool_test WITH (FORCE)');
value('postgres', 'DROP ROLE pool_login');
done_testing;
