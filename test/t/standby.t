# On a standby: logins and reusable tokens read as on the primary; a token that
# counts once is refused, for nothing can be recorded there.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use POSIX ();
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

# A session asks while somebody withdraws on the primary, and asks again once
# that is done and it is on the primary itself: its first snapshot did not say
# who was running.
my $withdrawing = fork // die "fork: $!";
if (!$withdrawing)
{
	value('attack_test', "BEGIN; SELECT sales_intel.withdraw_consent('9', '{quote_push}') \\g /dev/null
		\\! touch $directory/withdrawn
		\\! until [ -e $directory/asked ]; do sleep 0.1; done
		COMMIT");
	POSIX::_exit(0);
}
for (1 .. 100)
{
	last if -e "$directory/withdrawn";
	select undef, undef, undef, 0.1;
}
value('attack_test', "SELECT sales_intel.grant_consent('101', '{quote_push}')");
my $state = "SELECT 'mask', mask <> 0 FROM sales_intel.consent_state WHERE subject = ";
for (1 .. 100)
{
	last if there('postgres', "$state '101'") =~ /^mask\|t$/m;
	select undef, undef, undef, 0.1;
}
my $ask = "SELECT 'asked', count(*) FILTER (WHERE sales_intel.consent_allows(i, 'quote_push')), bool_or(i = 9 AND sales_intel.consent_allows(i, 'quote_push')), pg_is_in_recovery() FROM generate_series(1, 100) i;\n";
my $standbys = "psql -XAtq -h $directory -p $port -U @{[value('postgres', 'SELECT current_user')]} -d attack_test -c";
my $promoted = there('attack_alice', "$ask$ask
	\\! touch $directory/asked
	\\! until [ \"\$($standbys \"SELECT mask FROM sales_intel.consent_state WHERE subject = '9'\")\" = 0 ]; do sleep 0.1; done
	\\! $standbys 'SELECT pg_promote()' >/dev/null
	$ask");
waitpid $withdrawing, 0;
like($promoted, qr/\A(asked\|99\|t\|t\n){2}asked\|98\|f\|f\n?\z/, '45 what was withdrawn meanwhile, after the standby was promoted');

finish_attacks();
done_testing;
