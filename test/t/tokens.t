# Forged tokens, signed by an independent implementation where they are signed
# at all: none is accepted but those that must be.  TOKENS=1000000 for more.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

my $forged = $ENV{TOKENS} || 100_000;

fresh_database('tokens_test');
value('tokens_test', <<"END");
SET search_path = public, sales_intel;
INSERT INTO principal (principal) VALUES ('alice'), ('bob');
INSERT INTO signing_key (kid, secret, valid_during) VALUES
	('k1', '\\x@{[unpack 'H*', $secret]}', '(,)'), ('old', '\\x@{[unpack 'H*', $secret]}', '(,2020-01-01)');
CREATE TABLE attempt (id int, token text);
CREATE FUNCTION try(token text) RETURNS text LANGUAGE plpgsql AS \$\$
DECLARE who text;
BEGIN
	who := begin_identity(token);
	RAISE EXCEPTION USING MESSAGE = 'accepted ' || who;
EXCEPTION
	WHEN invalid_authorization_specification THEN RETURN 'refused';
	WHEN OTHERS THEN RETURN SQLERRM;
END \$\$;
END
my $audience = audience('tokens_test');

sub outcomes
{
	my $rows = join '', map { "$_\t$_[$_]\n" } 0 .. $#_;

	return split /\n/, value('tokens_test', "SET search_path = public, sales_intel;
		TRUNCATE attempt;
		COPY attempt FROM stdin;\n$rows\\.
		SELECT try(token) FROM attempt ORDER BY id;");
}

is_deeply([outcomes(
		token(claims()), token(claims(sub => '"b\\u006fb"')) =~ s/\\/\\\\/gr, token(claims(extra => 'true')),
		token(claims(), '{"typ":"JWT","kid":"k1","alg":"HS256"}'))],
	['accepted alice', 'accepted bob', 'accepted alice', 'accepted alice'],
	'tokens of another implementation');

# Properly signed, unless said otherwise
my %refused = (
	'alg none, unsigned' => token(claims(), '{"alg":"none","kid":"k1"}') =~ s/[^.]*$//r,
	'alg none' => token(claims(), '{"alg":"none","kid":"k1"}'),
	'alg HS512' => token(claims(), '{"alg":"HS512","kid":"k1"}'),
	'alg in lower case' => token(claims(), '{"alg":"hs256","kid":"k1"}'),
	'alg twice' => token(claims(), '{"alg":"none","alg":"HS256","kid":"k1"}'),
	'crit' => token(claims(), '{"alg":"HS256","kid":"k1","crit":["exp"]}'),
	'no kid' => token(claims(), '{"alg":"HS256"}'),
	'unknown kid' => token(claims(), '{"alg":"HS256","kid":"k2"}'),
	'kid beyond its grace' => token(claims(), '{"alg":"HS256","kid":"old"}'),
	'kid of SQL' => token(claims(), q({"alg":"HS256","kid":"k1' OR true --"})),
	'another key' => token(claims(), undef, 'x' x 48),
	'empty key' => token(claims(), undef, ''),
	'sub twice' => token('{"sub":"bob",' . substr claims(), 1),
	'sub twice, escaped' => token('{"s\u0075b":"bob",' . substr claims(), 1),
	'bad UTF-8' => token(claims(sub => "\"alice\xff\"")),
	'overlong UTF-8' => token(claims(sub => "\"\xc1\xa1lice\"")),
	'NUL' => token(claims(sub => '"alice\u0000"')),
	'lone surrogate' => token(claims(sub => '"alice\ud800"')),
	'homoglyph' => token(claims(sub => "\"\xd0\xb0lice\"")),
	'space after the principal' => token(claims(sub => '"alice "')),
	'sub is a list' => token(claims(sub => '["alice"]')),
	'aud is a list' => token(claims(aud => "[\"$audience\"]")),
	'another aud' => token(claims(aud => "\"${audience}0\"")),
	'exp a second ago' => token(claims(iat => time - 60, exp => time - 1)),
	'exp as text' => token(claims(exp => '"' . (time + 60) . '"')),
	'exp with a fraction' => token(claims(exp => time . '.5')),
	'exp as 1e10' => token(claims(exp => '1e10')),
	'exp of the largest integer' => token(claims(exp => '9223372036854775807')),
	'exp beyond it' => token(claims(exp => '18446744073709551616')),
	'exp negative' => token(claims(exp => -1)),
	'no exp' => token(claims(exp => undef)),
	'life of an hour' => token(claims(exp => time + 3600)),
	'iat ten seconds ahead' => token(claims(iat => time + 10)),
	'no jti' => token(claims(jti => undef)),
	'jti of one character' => token(claims(jti => '"x"')),
	'unknown project' => token(claims(prj => '"alpha"')),
	'another nonce' => token(claims(nonce => '"guess"')),
	'trailing bytes' => token(claims() . ' x'),
	'four parts' => token(claims()) . '.x',
	'padding' => token(claims()) . '=',
	'empty' => '',
	'a megabyte' => 'x' x 1_000_000,
);
my @names = sort keys %refused;
my @outcomes = outcomes(map { $refused{$_} } @names);
is($outcomes[$_], 'refused', $names[$_]) for 0 .. $#names;

# By chance: bits flipped, cut short, claims exchanged, spliced, patched
srand 20261130;
my @good = map { token(claims()) } 1 .. 50;
my @alphabet = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_', '.', '=');
my @forge = (
	sub { my $at = int rand length $_[0]; substr($_[0], $at, 1) = chr(ord(substr $_[0], $at, 1) ^ 1 << int rand 7); return $_[0] },
	sub { return substr $_[0], 0, rand length $_[0] },
	sub { my @a = split /\./, $_[0]; $a[1] = (split /\./, $_[1])[1]; return join '.', @a },
	sub { my $at = int rand length $_[0]; return substr($_[0], 0, $at) . substr $_[1], $at },
	sub { substr($_[0], rand length $_[0], int rand 3) = join '', map { $alphabet[rand @alphabet] } 0 .. rand 3; return $_[0] },
);
my @bad;
while (@bad < $forged)
{
	my ($token, $other) = ($good[rand @good], $good[rand @good]);
	my $bad = $forge[rand @forge]->(my $copy = $token, $other);

	push @bad, $bad unless $bad =~ /[\0-\x1f\\]/ || $bad eq $token || $bad eq $other;
}
my %count;
$count{$_}++ for outcomes(@bad);
is_deeply(\%count, { refused => $forged }, "$forged forged tokens, all refused");
is(value('tokens_test', 'SELECT count(*) FROM sales_intel.token_use'), 0, 'nothing is left of them');

# In another encoding: names are UTF-8 in tokens, and the database's in tables
value('postgres', "CREATE DATABASE tokens_latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
my $who = value('tokens_latin', <<'END');
CREATE EXTENSION sales_intel;
SET search_path = public, sales_intel;
INSERT INTO principal (principal) VALUES ('ren' || chr(233));
INSERT INTO signing_key (kid) VALUES ('k' || chr(228));
SELECT ascii(right(begin_identity(sign_token('k' || chr(228), jsonb_build_object('sub', 'ren' || chr(233), 'aud', token_audience(), 'jti', 'latin-one',
	'iat', extract(epoch FROM now())::bigint, 'exp', extract(epoch FROM now())::bigint + 60))), 1));
END
is($who, 233, 'a token of a database in LATIN1');

value('postgres', "DROP DATABASE $_") for qw(tokens_test tokens_latin);
done_testing;
