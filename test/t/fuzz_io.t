# Thousands of damaged and forged values of every type through SQL: an error,
# or a working value.
#
# Half go in as text, half as binary COPY.  Of each, some are plain damage,
# which the checksum finds; in others the checksum is made right again, so that
# only the rules of the format stand in the way.  What is accepted is read by
# every function of its type.  Every error must be one that users may see, no
# number may be NaN, and the session lives on.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use MIME::Base64;
use Mutants;
use Psql;
use Test::More;
use Values;

my $database = 'fuzz_io_test';
my $scale = ($ENV{FUZZ_MUTANTS} // 10000) / 10000;

# Mutants of some values of a type, as lines for COPY: kind, bytes, text.
sub mutants_of
{
	my ($type, $count, @good) = @_;
	my %is_good = map { $_ => 1 } @good;
	my @lines;

	for my $k (1 .. $count)
	{
		my $value = $good[$k % @good];
		my $kind = (qw(text binary))[random_below(2)] . (random_below(5) ? ' forged' : ' damaged');
		my $bytes = $kind =~ /forged/ ? with_hash(mutate(substr($value, 0, -8), @good)) : mutate($value, @good);
		my $text = "$type:" . encode_base64($bytes, '');

		redo if $is_good{$bytes};
		substr($text, random_below(length $text), 1) = '*' if $kind eq 'text damaged' && random_below(2);
		push @lines, join("\t", $kind, '\\\\x' . unpack('H*', $bytes), $text);
	}
	return join "\n", @lines;
}

# Reads the table of mutants.  A value is kept by number, so that what COPY
# reads need not be deleted.  The stage of an outcome is "input" until the
# value is there, then "read", and "works" at the end.
sub outcomes_of
{
	my ($type, $reading) = @_;

	return <<"END";
SET search_path = public, sales_intel;
SET client_min_messages = error;
DROP TABLE IF EXISTS one, outcome;
CREATE TABLE one (id integer PRIMARY KEY, v $type);
CREATE TABLE outcome (kind text, stage text, state text, message text, took interval);
DO \$\$
DECLARE
	file text := current_setting('data_directory') || '/fuzz_io_test.copy';
	start timestamptz;
	stage text;
	r record;
	v $type;
	said text;
	score float8;
BEGIN
	FOR r IN SELECT * FROM mutant ORDER BY id LOOP
		BEGIN
			start := clock_timestamp();
			stage := 'input';
			IF r.kind LIKE 'text%' THEN
				v := r.text::$type;
			ELSE
				EXECUTE format('COPY (SELECT id, bytes FROM mutant WHERE id = %s) TO %L (FORMAT binary)', r.id, file);
				EXECUTE format('COPY one FROM %L (FORMAT binary)', file);
				SELECT o.v INTO v FROM one o WHERE id = r.id;
			END IF;
			stage := 'read';
			IF v::text::$type\::text <> v::text OR $type\_send(v) <> r.bytes THEN
				RAISE EXCEPTION 'round trip differs';
			END IF;
			$reading
			stage := 'works';
			INSERT INTO outcome VALUES (r.kind, stage, '', '', clock_timestamp() - start);
		EXCEPTION WHEN OTHERS THEN
			INSERT INTO outcome VALUES (r.kind, stage, SQLSTATE, SQLERRM, clock_timestamp() - start);
		END;
	END LOOP;
	EXECUTE format('COPY (SELECT) TO PROGRAM %L', 'rm -f ' || quote_literal(file));
END \$\$;
SELECT concat_ws('|', kind, stage, state, count(*), min(message)) FROM outcome GROUP BY kind, stage, state ORDER BY 1;
SELECT concat_ws('|', 'all', '', '', count(*), max(took) < interval '5 seconds') FROM outcome;
END
}

# Which errors reading a value may give is up to its type.
sub fuzz
{
	my ($type, $count, $make, $reading, @errors) = @_;
	my $hex = value($database, "SET search_path = public, sales_intel;\n" . join '', map { "SELECT encode($type\_send($_), 'hex');\n" } @$make);
	my @good = map { pack 'H*', $_ } split /\n/, $hex;
	my @known = grep { hash(substr $_, 0, -8) == unpack('Q<', substr $_, -8) } @good;

	is(scalar @known, scalar @$make, "$type: the checksum is known");
	value($database, "DROP TABLE IF EXISTS mutant;\nCREATE TABLE mutant (id serial PRIMARY KEY, kind text, bytes bytea, text text);\n"
			. "\\copy mutant (kind, bytes, text) FROM stdin\n" . mutants_of($type, $count, @good) . "\n\\.\n");
	my ($report, $errors) = psql($database, outcomes_of($type, $reading));
	is($errors, '', "$type: the session went through all of them");

	my (%works, @odd, $all);
	my %expected = map { $_ => 1 } 'text input 22P02', 'binary input 22P03', map { ("text read $_", "binary read $_") } @errors;
	for (split /\n/, $report)
	{
		my ($kind, $stage, $state, $number, $message) = split /\|/;
		my $seen = join ' ', $kind =~ /^(\w+)/, $stage, $state;

		if ($kind eq 'all') { $all = "$number $message" }
		elsif ($stage eq 'works') { $works{$kind} = $number }
		elsif (!$expected{$seen}) { push @odd, $_ }
		elsif ($stage eq 'read') { diag("$type: $_") }
	}
	is($all // '', "$count t", "$type: each has an outcome, none after long");
	is("@odd", '', "$type: no other error");
	for (qw(text binary))
	{
		is($works{"$_ damaged"} // 0, 0, "$type: no damaged value works ($_)");
		cmp_ok($works{"$_ forged"} // 0, '>', $count / 500, "$type: some forged values work ($_)");
	}
	return;
}

fresh_database($database);
value($database, "SET search_path = public, sales_intel;\n$make_rows" . <<'END');
CREATE VIEW base AS SELECT i, (i * 7919) % 1009 < 300 + 100 * (i % 5) AS won, CASE WHEN i % 9 > 0 THEN i % 5 END AS n,
	'c' || i % 4 AS t, ARRAY[i % 11, i % 7] AS list FROM generate_series(1, 2500) i;
END

# Of a model that reads: a column it wants is not there, is of another kind or
# length, or the margin overflows.
fuzz('lead_model', int(10000 * $scale), [
	q{(SELECT lead_model_agg(won, f, '{"calibration": "none"}') FROM base, LATERAL (SELECT n, t, list) f)},
	q{(SELECT lead_model_agg(won, f, '{"calibration": "platt"}') FROM base, LATERAL (SELECT n, t) f)},
	q{(SELECT lead_model_agg(won, f, '{"calibration": "isotonic", "folds": 2}') FROM base, LATERAL (SELECT n, list) f WHERE i <= 200)},
	q{(SELECT lead_model_agg(true, f) FROM base, LATERAL (SELECT n) f)}], <<'END', qw(42703 42804 2202E 22003));
			IF length(model_hash(v)) <> 64 THEN
				RAISE EXCEPTION 'a hash of another length';
			END IF;
			PERFORM * FROM lead_model_summary(v), lead_model_warnings(v), lead_model_coefficients(v);
			PERFORM * FROM lead_model_choice(v);
			SELECT sum(importance) INTO score FROM lead_model_importance(v);
			IF score <> 0 AND abs(score - 1) > 1e-12 THEN
				RAISE EXCEPTION 'shares add up to %', score;
			END IF;
			SELECT lead_score(v, f) INTO score
			FROM (SELECT 2 AS n, 'c1'::text AS t, ARRAY[3, 4] AS list) f;
			IF score <= 0 OR score >= 1 THEN
				RAISE EXCEPTION 'a score of %', score;
			END IF;
			PERFORM lead_reasons(v, f), (SELECT count(*) FROM lead_explain(v, f)), lead_grade(v, score)
			FROM (SELECT NULL::integer AS n, 'other'::text AS t, NULL::integer[] AS list) f;
END

for (@value_types)
{
	fuzz($_->{type}, int(1200 * $scale), $_->{make}, <<"END", @{ $_->{errors} });
			SELECT concat_ws(' ', $_->{read}) INTO said FROM (SELECT s FROM path ORDER BY deal LIMIT 1) p;
			IF said ~ '\\mNaN\\M' THEN
				RAISE EXCEPTION 'not a number in %', said;
			END IF;
END
}

# Bytes that say of a forecast what cannot be, each with its checksum made right:
# place from the start of the bytes and what is written there.
my $naive = q{(SELECT forecast_agg(i::bigint, i % 4, '{"method": "naive", "season": 1}') FROM generate_series(1, 12) AS i)};
my $days = q{(SELECT forecast_agg('2025-01-01'::date + i, i % 4, '{"method": "naive", "season": 1, "time_zone": "UTC"}') FROM generate_series(1, 12) AS i)};
my $backtest = q{(SELECT backtest_agg(i::bigint, i % 4, 2, 2, '{"method": "naive"}') FROM generate_series(1, 12) AS i)};
my $pool = "(SELECT conformal_agg(m) FROM (SELECT $naive AS m) AS t)";
my ($nan, $infinity) = ("\0" x 6 . "\xf8\x7f", "\0" x 6 . "\xf0\x7f");
my %forged = (
	forecast_model => [$naive, [
		['another version', 4, "\x02"], ['an unknown flag', 6, "\x04"], ['a kind of no times', 8, "\x03"],
		['no unit', 9, "\0"], ['an unknown unit', 9, "\x08"], ['days for positions', 9, "\x02"], ['no step', 10, pack 'q<', 0],
		['a month of a position', 26, "\x01"], ['no day', 27, "\0"], ['a zone of 4 GB', 36, "\xff" x 4],
		['a start beyond all numbers', 40, pack 'q<', -2**63], ['less than no rows', 48, pack 'q<', -1],
		['no values', 56, pack 'L<', 0], ['2^32 - 1 values', 56, "\xff" x 4], ['a value that is none', 60, $nan], ['an infinite value', 60, $infinity],
		['three seasons', 156, "\x03"], ['an exponent of doubles of doubles', 157, pack 's<', 1101], ['no members', 159, "\0"], ['nine members', 159, "\x09"],
		['an unknown method', 160, "\x0e"], ['another method', 160, "\x07"], ['a season of none', 193, pack 'L<', 0], ['25 parameters', 197, "\x19"],
		['2^31 states', 198, pack 'L<', 2**31], ['a state that is none', 202, $nan], ['less than no estimates', 210, "\xff" x 4],
		['an infinite likelihood', 214, $infinity], ['a variance below zero', 230, pack 'd<', -1], ['an infinite fit', 238, $infinity],
		['a scale that is none', 334, $nan], ['65,535 origins', 342, "\xff\xff"], ['no steps', 344, "\0\0"]]],
	'forecast_model by date' => [$days, [
		['hours of dates', 9, "\x01"], ['positions of dates', 9, "\x07"], ['a step of days', 10, pack 'q<', 2], ['an origin of days', 18, pack 'q<', 1],
		['an hour past the day', 28, pack 'q<', 86400000000], ['an unknown zone', 40, 'XYZ']]],
	backtest => [$backtest, [
		['no level', 8, pack 'd<', 1], ['a level that is none', 8, $nan], ['no rows', 16, pack 'Q<', 0], ['2^64 - 1 rows', 16, "\xff" x 8], ['2^58 rows more', 16, pack 'Q<', 2**58 + 4],
		['no fold', 24, pack 'L<', 0], ['2^31 steps', 28, pack 'L<', 2**31], ['a time of a position', 32, pack 'q<', 1],
		['a value that is none', 40, $nan], ['an infinite forecast', 48, $infinity], ['bounds that cross', 56, pack 'd<', 1e9], ['a scale below zero', 80, pack 'd<', -1]]],
	conformal => [$pool, [
		['no steps', 8, pack 'L<', 0], ['2^32 - 1 steps', 8, "\xff" x 4], ['2^64 - 1 errors', 12, "\xff" x 8], ['no last errors', 36, pack 'Q<', 0],
		['an error that is none', 44, $nan], ['an infinite error', 44, $infinity], ['an error below zero', 44, pack 'd<', -1]]]);
for my $name (sort keys %forged)
{
	my ($type) = $name =~ /^(\w+)/;
	my ($make, $changes) = @{ $forged{$name} };
	my $good = pack 'H*', value($database, "SET search_path = public, sales_intel;\nSELECT encode($type\_send($make), 'hex')");
	my $read = sub { "SELECT '$_[0]' WHERE '$type:" . encode_base64(with_hash($_[1]), '') . "'::$type IS NOT NULL;\n" };
	my $script = "SET search_path = public, sales_intel;\n\\set VERBOSITY sqlstate\n\\set ON_ERROR_STOP 0\n" . $read->('unchanged', substr $good, 0, -8);

	for (@$changes)
	{
		my ($what, $at, $with) = @$_;
		my $bytes = substr $good, 0, -8;

		substr($bytes, $at, length $with) = $with;
		$script .= $read->($what, $bytes);
	}
	my ($accepted, $errors) = psql($database, $script);
	is($accepted, 'unchanged', "$name: nothing forged is accepted");
	is($errors, join("\n", ('ERROR:  22P02') x @$changes), "$name: each of " . @$changes . ' forgeries is refused');
}

# No type of the extension, and no function that reads one, is left out.
my @readers = split /\n/, value($database, <<'END');
SELECT DISTINCT t.typname || ' ' || p.proname
FROM pg_proc p JOIN pg_type t ON t.oid = ANY (p.proargtypes)
WHERE p.pronamespace = 'sales_intel'::regnamespace AND t.typnamespace = p.pronamespace AND t.typtype = 'b' AND t.typelem = 0
	AND t.typname <> 'lead_model' AND p.proname !~ '_(in|out|recv|send|trans)$'
ORDER BY 1
END
my %read = map { $_->{type} => $_->{read} } @value_types;
my @unread = grep { my ($type, $function) = split; ($read{$type} // '') !~ /\b$function\(/ } @readers;
cmp_ok(scalar @readers, '>', 80, 'there are functions that read values');
is("@unread", '', 'all of them were tried');
is(value($database, 'SELECT 1'), '1', 'the server is there');
value('postgres', "DROP DATABASE $database");
done_testing();
