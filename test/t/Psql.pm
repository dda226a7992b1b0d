# Psql.pm
#
# What the TAP tests share: psql as a function.  The server is the one that
# PGHOST, PGPORT and PGUSER name.
package Psql;

use strict;
use warnings;
use Exporter 'import';
use File::Temp 'tempfile';
use IPC::Open3;

our @EXPORT = qw(psql value fresh_database empty_database random_below);

# Runs a script in a database; returns standard output and standard error,
# each without its last line end.
sub psql
{
	my ($database, $script) = @_;
	my ($in, $err) = (scalar tempfile(), scalar tempfile());

	# Files, since of two pipes one may be full while the other one is read.
	print $in $script;
	seek $in, 0, 0;
	my $pid = open3('<&' . fileno $in, my $out, '>&' . fileno $err,
		'psql', '-XAtq', '-v', 'ON_ERROR_STOP=1', '-d', $database);

	local $/;
	my $said = <$out>;
	waitpid $pid, 0;
	seek $err, 0, 0;
	chomp(my @both = ($said // '', <$err> // ''));
	s/\n\z// for @both;
	return @both;
}

# The output of a script that must not fail.
sub value
{
	my ($output, $errors) = psql(@_);

	die $errors if $errors =~ /^(psql:.*)?(ERROR|FATAL)/m;
	return $output;
}

# A new database with the extension in it, in place of an older one.
sub fresh_database
{
	my ($name) = @_;

	empty_database($name);
	value($name, 'CREATE EXTENSION sales_intel');
	return;
}

sub empty_database
{
	my ($name) = @_;

	value('postgres', "SET client_min_messages = warning;
		DROP DATABASE IF EXISTS $name;
		CREATE DATABASE $name ENCODING 'UTF8' TEMPLATE template0");
	return;
}

# The same numbers in every run; Marsaglia's xorshift.
my $state = 2463534242;

sub random_below
{
	my ($limit) = @_;

	$state ^= ($state << 13) & 0xffffffff;
	$state ^= $state >> 17;
	$state ^= ($state << 5) & 0xffffffff;
	return $state % $limit;
}

1;
