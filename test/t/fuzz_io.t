# 10,000 damaged and forged models through SQL: an error, or a working model.
#
# Half go in as text, half as binary COPY.  Of each, some are plain damage,
# which the checksum finds; in others the checksum is made right again, so that
# only the rules of the format stand in the way.  What is accepted is read and
# scored.  Every error must be one that users may see, and the session lives on.
use strict;
use warnings;
no warnings 'portable';
use FindBin;
use lib $FindBin::Bin;
use MIME::Base64;
use Psql;
use Test::More;

my $mutants = $ENV{FUZZ_MUTANTS} // 10000;
my $database = 'fuzz_io_test';

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
		my $at = random_below(length($bytes) - 20);
		my $kind = random_below(7);
		my $edge = $edges[random_below(scalar @edges)];

		if ($kind <= 1) { substr($bytes, $at, 1) ^= chr(1 << random_below(8)) }
		elsif ($kind <= 3) { substr($bytes, $at, length $edge) = $edge }
		elsif ($kind == 4) { substr($bytes, $at, 1 + random_below(16)) = '' }
		elsif ($kind == 5) { substr($bytes, $at, 0) = substr $bytes, random_below(length($bytes) - 20), random_below(40) }
		else
		{
			my $other = $others[random_below(scalar @others)];
			my $from = random_below(length $other);

			substr($bytes, $at) = substr $other, $from;
			$bytes .= "\0" x 24;
		}
	}
	return $bytes;
}

fresh_database($database);
my $models = value($database, <<'END');
SET search_path = public, sales_intel;
CREATE VIEW base AS SELECT i, (i * 7919) % 1009 < 300 + 100 * (i % 5) AS won, CASE WHEN i % 9 > 0 THEN i % 5 END AS n,
	'c' || i % 4 AS t, ARRAY[i % 11, i % 7] AS list FROM generate_series(1, 2500) i;
SELECT encode(lead_model_send(m), 'hex') FROM (
	SELECT lead_model_agg(won, f, '{"calibration": "none"}') AS m FROM base, LATERAL (SELECT n, t, list) f UNION ALL
	SELECT lead_model_agg(won, f, '{"calibration": "platt"}') FROM base, LATERAL (SELECT n, t) f UNION ALL
	SELECT lead_model_agg(won, f, '{"calibration": "isotonic", "folds": 2}') FROM base, LATERAL (SELECT n, list) f WHERE i <= 200 UNION ALL
	SELECT lead_model_agg(true, f) FROM base, LATERAL (SELECT n) f) s;
END
my @good = map { pack 'H*', $_ } split /\n/, $models;
is(scalar @good, 4, 'four models to start from');
is(hash(substr $_, 0, -8), unpack('Q<', substr $_, -8), 'the checksum is known') for @good;

my %is_good = map { $_ => 1 } @good;

# kind, hexadecimal bytes, text
my @rows;
for my $k (1 .. $mutants)
{
	my $model = $good[$k % 4];
	my $kind = (qw(text binary))[$k % 2] . (random_below(5) ? ' forged' : ' damaged');
	my $bytes = $kind =~ /forged/ ? with_hash(mutate(substr($model, 0, -8), @good)) : mutate($model, @good);
	my $text = 'lead_model:' . encode_base64($bytes, '');

	redo if $is_good{$bytes};
	substr($text, random_below(length $text), 1) = '*' if $kind eq 'text damaged' && random_below(2);
	$text =~ s/\\/\\\\/g;
	push @rows, join("\t", $kind, '\\\\x' . unpack('H*', $bytes), $text);
}
value($database, "CREATE TABLE mutant (id serial PRIMARY KEY, kind text, bytes bytea, text text);\n\\copy mutant (kind, bytes, text) FROM stdin\n"
		. join("\n", @rows) . "\n\\.\n");

my ($report, $errors) = psql($database, <<'END');
SET search_path = public, sales_intel;
CREATE TABLE one (m lead_model);
CREATE TABLE outcome (kind text, state text, message text);
DO $$
DECLARE
	file text := current_setting('data_directory') || '/fuzz_io_test.copy';
	r record;
	model lead_model;
	score float8;
	shares float8;
	state text;
BEGIN
	FOR r IN SELECT * FROM mutant ORDER BY id LOOP
		BEGIN
			IF r.kind LIKE 'text%' THEN
				model := r.text::lead_model;
			ELSE
				TRUNCATE one;
				EXECUTE format('COPY (SELECT bytes FROM mutant WHERE id = %s) TO %L (FORMAT binary)', r.id, file);
				EXECUTE format('COPY one FROM %L (FORMAT binary)', file);
				SELECT m INTO model FROM one;
			END IF;
			state := 'read';
			IF model::text::lead_model::text <> model::text OR length(model_hash(model)) <> 64 THEN
				RAISE EXCEPTION 'round trip differs';
			END IF;
			PERFORM * FROM lead_model_summary(model), lead_model_warnings(model), lead_model_coefficients(model);
			PERFORM * FROM lead_model_choice(model);
			SELECT sum(importance) INTO shares FROM lead_model_importance(model);
			IF shares <> 0 AND abs(shares - 1) > 1e-12 THEN
				RAISE EXCEPTION 'shares add up to %', shares;
			END IF;
			SELECT lead_score(model, f) INTO score
			FROM (SELECT 2 AS n, 'c1'::text AS t, ARRAY[3, 4] AS list) f;
			state := 'scored';
			IF score <= 0 OR score >= 1 THEN
				RAISE EXCEPTION 'a score of %', score;
			END IF;
			PERFORM lead_reasons(model, f), (SELECT count(*) FROM lead_explain(model, f)), lead_grade(model, score)
			FROM (SELECT NULL::integer AS n, 'other'::text AS t, NULL::integer[] AS list) f;
			INSERT INTO outcome VALUES (r.kind, 'works');
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO outcome VALUES (r.kind, SQLSTATE, SQLERRM);
		END;
	END LOOP;
	EXECUTE format('COPY (SELECT) TO PROGRAM %L', 'rm ' || quote_literal(file));
END $$;
SELECT concat_ws('|', kind, state, count(*), min(message)) FROM outcome GROUP BY kind, state ORDER BY 1;
SELECT 'total|' || count(*) FROM outcome;
END
is($errors, '', 'the session went through all of them');
diag($report);
my %count;
for (split /\n/, $report)
{
	my ($kind, $state, $count) = split /\|/;
	if ($kind eq 'total') { is($state, $mutants, 'every mutant has an outcome') }
	else { $count{$kind}{$state} = $count }
}
# invalid text or bytes; then for a model that reads: a column it wants is not
# there, is of another kind or length, or the margin overflows
my %expected = map { $_ => 1 } qw(works 22P02 22P03 42703 42804 2202E 22003);
for my $kind (sort keys %count)
{
	my @odd = grep { !$expected{$_} } keys %{ $count{$kind} };

	is("@odd", '', "$kind: no other error");
}
cmp_ok($count{"$_ forged"}{works}, '>', $mutants / 500, "some forged models work ($_)") for qw(text binary);
is($count{"$_ damaged"}{works} // 0, 0, "no damaged model works ($_)") for qw(text binary);
is(value($database, 'SELECT 1'), '1', 'the server is there');
value('postgres', "DROP DATABASE $database");
done_testing();
