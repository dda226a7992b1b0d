# OwnServer.pm
#
# A server of a test's own, a copy of the one at hand, to be killed as often as
# the test likes.
package OwnServer;

use strict;
use warnings;
use Psql;

my @running;

# In a folder; undefined if the server's program is not to be found.  From here
# on "there" runs code that talks to the copy.
sub new
{
	my ($class, $folder) = @_;
	my $program = readlink '/proc/' . (split /\n/, `cat @{[value('postgres', 'SHOW data_directory')]}/postmaster.pid`)[0] . '/exe';
	my $self = bless { folder => $folder, data => "$folder/data", program => $program, port => ($ENV{PGPORT} || 5432) + 1 }, $class;

	return if !$program;
	# The server refuses to run as root.
	my $user = $> == 0 ? 'postgres' : (getpwuid $>)[0];
	$self->{as} = [$> == 0 ? ('runuser', '-u', $user, '--') : ()];
	chmod 0755, $folder;
	chown((getpwnam $user)[2, 3], $folder) or die "chown: $!";
	system(@{ $self->{as} }, 'pg_basebackup', '-D', $self->{data}, '-X', 'stream', '-c', 'fast',
		'-h', $ENV{PGHOST}, '-p', $ENV{PGPORT} || 5432, '-U', $ENV{PGUSER} || 'postgres') == 0 or die 'the server cannot be copied';
	return $self;
}

sub there
{
	my ($self, $code) = @_;

	local ($ENV{PGHOST}, $ENV{PGPORT}) = ($self->{folder}, $self->{port});
	return $code->();
}

# Until it answers; fails at first while processes of the last one are there.
sub start
{
	my ($self) = @_;

	for (1 .. 100)
	{
		$self->{pid} = fork // die "fork: $!";
		if (!$self->{pid})
		{
			chdir $self->{folder};
			open STDERR, '>>', "$self->{folder}/log";
			open STDOUT, '>&', \*STDERR;
			exec(@{ $self->{as} }, $self->{program}, '-D', $self->{data}, '-c', "port=$self->{port}", '-c', "unix_socket_directories=$self->{folder}") or exit 1;
		}
		push @running, $self;
		for (1 .. 300)
		{
			return if $self->there(sub { (psql('postgres', 'SELECT 1'))[0] eq '1' });
			last if waitpid($self->{pid}, 1) == $self->{pid};
			select undef, undef, undef, 0.1;
		}
		select undef, undef, undef, 0.2;
	}
	die 'the server does not start';
}

# With signal KILL as by a crash: its processes see that it is gone.
sub stop
{
	my ($self, $signal) = @_;

	open my $file, '<', "$self->{data}/postmaster.pid" or return;
	kill $signal, <$file> =~ /(\d+)/;
	waitpid $self->{pid}, 0;
	@running = grep { $_ != $self } @running;
	return;
}

END
{
	my $status = $?;

	$_->stop('QUIT') for @running;
	$? = $status;
}

1;
