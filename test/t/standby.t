# On a standby: logins and reusable tokens read as on the primary; a token that
# counts once is refused, for nothing can be recorded there.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

my $directory = tempdir(CLEANUP => 1);
my $data = "$directory/data";
my $port = ($ENV{PGPORT} || 5432) + 1;
my $server = readlink '/proc/' . (split /\n/, `cat @{[value('postgres', 'SHOW data_directory')]}/postmaster.pid`)[0] . '/exe';

plan skip_all => 'the server\'s program is not to be found' if !$server;

# The server refuses to run as root.
my ($user) = $> == 0 ? 'postgres' : (getpwuid $>)[0];
my @as = $> == 0 ? ('runuser', '-u', $user, '--') : ();
chown((getpwnam $user)[2, 3], $directory) or die "chown: $!";

prepare_attacks();
is(system(@as, 'pg_basebackup', '-D', $data, '-R', '-X', 'stream', '-c', 'fast', '-h', $ENV{PGHOST}, '-p', $ENV{PGPORT} || 5432, '-U', $ENV{PGUSER} || 'postgres'), 0, 'a copy of the server');
my $standby = fork // die "fork: $!";
if (!$standby)
{
	chdir $directory;
	open STDERR, '>', '/dev/null';
	exec(@as, $server, '-D', $data, '-c', "port=$port", '-c', "unix_socket_directories=$directory", '-c', 'hot_standby=on') or exit 1;
}
END
{
	if ($standby)
	{
		my $status = $?;

		if (open my $file, '<', "$data/postmaster.pid")
		{
			kill 'INT', <$file> =~ /(\d+)/;
		}
		waitpid $standby, 0;
		$? = $status;
	}
}

sub there
{
	local ($ENV{PGHOST}, $ENV{PGPORT}) = ($directory, $port);
	return as_login(@_);
}
for (1 .. 100)
{
	last if there('postgres', 'SELECT pg_is_in_recovery()') =~ /^t$/m;
	select undef, undef, undef, 0.1;
}

my $read = 'SELECT count(*), max(note) FROM crm.deal;';
my $begin = sub { "BEGIN; SELECT sales_intel.begin_identity('" . token(claims()) . "') \\g /dev/null\n" };
like(there('postgres', 'SELECT pg_is_in_recovery()'), qr/^t$/m, 'it follows');
like(there('attack_alice', $read), qr/^50\|mine$/m, 'a login');
safe(there('attack_pool', $begin->() . $read), '7 a token that counts once', qr/28000.*DETAIL:  It counts once, which a standby cannot record/s, qr/^0\|$/m);
safe(there('attack_nobody', $begin->() . $read), '7 by a login that is nobody', qr/It counts once/, qr/^0\|$/m);
safe(there('attack_alice', "SELECT * FROM sales_intel.whoami(); CREATE TEMP TABLE x (); PREPARE p AS $read EXECUTE p;"), 'nothing more than there', qr/^50\|mine$/m);
value('attack_test', "INSERT INTO sales_intel.principal_attribute (principal, attribute, value) VALUES ('pool', 'token_reuse', 'true')");
for (1 .. 100)
{
	last if there('postgres', "SELECT count(*) FROM sales_intel.principal_attribute WHERE attribute = 'token_reuse'") =~ /^1$/m;
	select undef, undef, undef, 0.1;
}
like(there('attack_pool', $begin->() . $read), qr/^50\|mine$/m, 'a token that may be used again');

# What customers allow
value('attack_test', "SELECT count(sales_intel.grant_consent(i::text, '{quote_push}')) FROM generate_series(1, 100) i \\g /dev/null");
my $allowed = "SELECT 'allowed', count(*) FILTER (WHERE sales_intel.consent_allows(id, 'quote_push')), bool_or(id = 7 AND sales_intel.consent_allows(id, 'quote_push')) FROM crm.deal;\n";
for my $awaited ('allowed|50|t', 'allowed|49|f')
{
	for (1 .. 100)
	{
		last if there('attack_alice', $allowed) =~ /^\Q$awaited\E$/m;
		select undef, undef, undef, 0.1;
	}
	like(there('attack_alice', "${allowed}BEGIN ISOLATION LEVEL REPEATABLE READ;\n${allowed}COMMIT;\n$allowed"), qr/\A(\Q$awaited\E\n?){3}/, "consent follows: $awaited");
	value('attack_test', "SELECT sales_intel.withdraw_consent('7', '{quote_push}')");
}

value('attack_test', "SELECT sales_intel.create_access_rule('crm.deal', 'late', 'forbid', '{select}', 'true')");
for (1 .. 100)
{
	last if there('attack_alice', $read) =~ /^0\|$/m;
	select undef, undef, undef, 0.1;
}
like(there('attack_alice', $read), qr/^0\|$/m, 'rules follow');

finish_attacks();
done_testing;
