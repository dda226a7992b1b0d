# Mutants.pm
#
# Damaged and forged values: bytes that end with the hash of those before, a
# few of them changed, and the hash made right again or not.
package Mutants;

use strict;
use warnings;
no warnings 'portable';
use Exporter 'import';
use FindBin;
use lib $FindBin::Bin;
use Psql;

our @EXPORT = qw(hash with_hash mutate);

# wyhash as in core/si_hash.c, on 64-bit integers
use constant {
	K0 => 0x2d358dccaa6c78a5, K1 => 0x8bb84b93962eacc9,
	K2 => 0x4b33a62ed433d4a3, K3 => 0x4d5a2da51de1aa47,
	LOW => 0xffffffff
};

sub multiply
{
	my ($a, $b) = @_;
	my $low = ($a & LOW) * ($b & LOW);
	my $cross1 = ($a >> 32) * ($b & LOW);
	my $cross2 = ($a & LOW) * ($b >> 32);
	my $middle = ($low >> 32) + ($cross1 & LOW) + ($cross2 & LOW);

	return (($middle & LOW) << 32 | ($low & LOW),
		($a >> 32) * ($b >> 32) + ($cross1 >> 32) + ($cross2 >> 32) + ($middle >> 32));
}

sub fold
{
	my ($low, $high) = multiply(@_);

	return $low ^ $high;
}

# of more than 16 bytes
sub hash
{
	my ($bytes) = @_;
	my ($at, $size) = (0, length $bytes);
	my $word = sub { unpack 'Q<', substr $bytes, $_[0], 8 };
	my $seed = fold(K0, K1);
	my ($lane1, $lane2) = ($seed, $seed);

	for (; $size - $at >= 48; $at += 48)
	{
		$seed = fold($word->($at) ^ K1, $word->($at + 8) ^ $seed);
		$lane1 = fold($word->($at + 16) ^ K2, $word->($at + 24) ^ $lane1);
		$lane2 = fold($word->($at + 32) ^ K3, $word->($at + 40) ^ $lane2);
	}
	$seed ^= $lane1 ^ $lane2;
	for (; $size - $at > 16; $at += 16)
	{
		$seed = fold($word->($at) ^ K1, $word->($at + 8) ^ $seed);
	}
	my ($low, $high) = multiply($word->($size - 16) ^ K1, $word->($size - 8) ^ $seed);
	return fold($low ^ K0 ^ $size, $high ^ K1);
}

sub with_hash
{
	my ($body) = @_;

	return $body . pack('Q<', hash($body));
}

# One to four changes: flips, numbers at the edges, cuts, repeats, other parts.
sub mutate
{
	my ($bytes, @others) = @_;
	my @edges = (map({ pack 'L<', $_ } 0, 1, 2, 999, 1000, 1001, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff),
		map { pack 'd<', $_ } 0, 1, -1, 0.5, 1e308, -1e308, 5e-324, 9**9**9, -9**9**9, -sin(9**9**9));

	for (0 .. random_below(4))
	{
		my $at = random_below(length $bytes);
		my $kind = random_below(8);
		my $edge = $edges[random_below(scalar @edges)];

		if ($kind <= 1) { substr($bytes, $at, 1) ^= chr(1 << random_below(8)) }
		elsif ($kind <= 3) { substr($bytes, $at, length $edge) = $edge }
		elsif ($kind == 4) { substr($bytes, $at, 1 + random_below(16)) = '' }
		elsif ($kind == 5) { substr($bytes, $at, 0) = substr $bytes, random_below(length $bytes), random_below(40) }
		elsif ($kind == 6) { substr($bytes, $at, 1) = chr(random_below(5)) }
		else
		{
			my $other = $others[random_below(scalar @others)];

			substr($bytes, $at) = substr $other, random_below(length $other);
		}
		$bytes .= "\0" while length $bytes < 24;
	}
	return $bytes;
}

1;
