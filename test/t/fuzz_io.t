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
