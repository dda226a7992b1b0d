# A dump restores every value to the same bytes, and models that score the same,
# to the last bit; binary COPY does too.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;
use Values;

my $directory = tempdir(CLEANUP => 1);

fresh_database('dump_test');
value('dump_test', <<'END');
SET search_path = public, sales_intel;
CREATE TABLE lead AS
SELECT i, (i * 7919) % 1009 < 300 + 100 * (i % 5) AS won, CASE WHEN i % 9 > 0 THEN i % 5 END AS n, sqrt(i) AS x,
	'ä' || i % 200 || repeat('x', i % 200 * 20) AS t, ARRAY[i % 11, i % 7] AS list
FROM generate_series(1, 4000) i;
CREATE TABLE model (
	name text PRIMARY KEY,
	model sales_intel.lead_model,
	history sales_intel.lead_model[],
	CHECK ((sales_intel.lead_model_summary(model)).rows > 0)
);
INSERT INTO model (name, model)
SELECT 'plain', lead_model_agg(won, f) FROM lead, LATERAL (SELECT n, x, list) f UNION ALL
SELECT 'large', lead_model_agg(won, f) FROM lead, LATERAL (SELECT n, x, t) f UNION ALL
SELECT 'isotonic', lead_model_agg(won, f, '{"calibration": "isotonic", "l1": 1}') FROM lead, LATERAL (SELECT n, list) f UNION ALL
SELECT 'one class', lead_model_agg(true, f) FROM lead, LATERAL (SELECT n) f UNION ALL
SELECT 'none', NULL;
UPDATE model SET history = ARRAY[model, (SELECT model FROM model WHERE name = 'plain')] WHERE name <> 'none';
CREATE VIEW scored AS
SELECT m.name, l.i, sales_intel.lead_score(m.model, l) AS score, sales_intel.lead_margin(m.model, l) AS margin,
	sales_intel.lead_grade(m.model, sales_intel.lead_score(m.model, l)) AS grade
FROM model m, lead l;
CREATE MATERIALIZED VIEW best AS SELECT * FROM scored WHERE grade = 'A';
CREATE FUNCTION best_of(name text) RETURNS float8 LANGUAGE SQL STABLE
RETURN (SELECT max(sales_intel.lead_score(m.model, l)) FROM model m, lead l WHERE m.name = best_of.name);

SET client_min_messages = error;
SELECT train_lead_model('kept', 'SELECT won, n, x, list FROM lead', 'won'),
	train_lead_model('kept', 'SELECT won, n, x, t FROM lead; -- all', 'won', '{"seed": 7}'),
	train_lead_model('kept'),
	train_lead_model('thin', 'SELECT true AS won, n FROM lead', 'won');
SELECT promote_model('kept', 1), promote_model('kept', 2);
CREATE MATERIALIZED VIEW champion AS SELECT i, sales_intel.lead_score(sales_intel.active_lead_model('kept'), l) AS score FROM lead l;
GRANT SELECT ON model_version TO pg_monitor;
GRANT EXECUTE ON FUNCTION promote_model(text, integer) TO pg_monitor;
END

# A table for each other type: its values, a NULL, and a list of them.
value('dump_test', "SET search_path = public, sales_intel;\n$make_rows" . join '', map {
	my ($type, @make) = ($_->{type}, @{ $_->{make} });

	"CREATE TABLE kept_$type AS SELECT n, v::$type, ARRAY[v, NULL]::$type\[] AS list
		FROM (VALUES " . join(', ', map { "($_, $make[$_])" } 0 .. $#make) . ", (99, NULL)) AS t(n, v);\n"
} @value_types);

sub value_facts
{
	my ($table, $type, $read) = @_;

	return "SET search_path = public, sales_intel;
		SELECT '$type', n, length(v::text), md5(v::text), md5($type\_send(list[1])), list[2] IS NULL, md5(concat_ws(' ', $read))
		FROM $table, (SELECT s FROM path ORDER BY deal LIMIT 1) AS p ORDER BY n;
		RESET search_path;\n";
}

my $facts = <<'END' . join '', map { value_facts("kept_$_->{type}", $_->{type}, $_->{read}) } @value_types;
SELECT name, length(model::text), sales_intel.model_hash(model), array_length(history, 1), sales_intel.model_hash(history[2])
FROM model ORDER BY name COLLATE "C";
SELECT md5(string_agg(concat_ws(' ', name, i, float8send(score), float8send(margin), grade), ',' ORDER BY name COLLATE "C", i)) FROM scored;
SELECT count(*), md5(string_agg(name || i || float8send(score)::text, ',' ORDER BY name COLLATE "C", i)) FROM best;
SELECT name, best_of(name) FROM model ORDER BY name COLLATE "C";
SELECT * FROM sales_intel.lead_model_version ORDER BY name COLLATE "C", version;
SELECT count(*), md5(string_agg(model::text, ',' ORDER BY name COLLATE "C", version)) FROM sales_intel.model_version;
SELECT count(*), md5(string_agg(i || float8send(score)::text, ',' ORDER BY i)) FROM champion;
SELECT count(*), md5(string_agg(i || float8send(sales_intel.lead_score(sales_intel.active_lead_model('kept'), l))::text, ',' ORDER BY i)) FROM lead l;
SELECT has_table_privilege('pg_monitor', 'sales_intel.model_version', 'SELECT'),
	has_function_privilege('pg_monitor', 'sales_intel.promote_model(text, integer)', 'EXECUTE');
END
my $before = value('dump_test', $facts);
is(scalar(() = $before =~ /^\w+\|\d\|\d+\|\w{32}\|\w{32}\|t\|\w{32}$/mg), scalar(map { @{ $_->{make} } } @value_types), 'all values are there');
is(scalar(() = $before =~ /^\w+\|99\|\|\|\|t\|/mg), scalar @value_types, 'and a NULL of each type');
like($before, qr/^large\|\d{6}/m, 'one model is large enough to lie out of line');
unlike($before, qr/^0\|/m, 'leads have grade A');
like($before, qr/^kept\|1\|.*\|retired\|.*^kept\|2\|.*\|champion\|.*^kept\|3\|.*\|candidate\|.*^thin\|1\|.*\|f\|candidate\|/ms, 'the registry has versions of each kind');

# Out and in again in binary form.
for (@value_types)
{
	my ($type, $read) = @$_{qw(type read)};

	value('dump_test', "CREATE TABLE copied (LIKE kept_$type);
\\copy kept_$type TO '$directory/$type' (FORMAT binary)
\\copy copied FROM '$directory/$type' (FORMAT binary)\n");
	my ($kept, $copied) = map { value('dump_test', value_facts($_, $type, $read)) } "kept_$type", 'copied';
	is($copied, $kept, "binary COPY of $type");
	value('dump_test', 'DROP TABLE copied');
}

for my $format (qw(plain custom directory))
{
	my $dump = "$directory/$format";
	my @restore = $format eq 'plain' ? ('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f') : ('pg_restore', '--exit-on-error');

	is(system('pg_dump', '-F', $format, '-f', $dump, 'dump_test'), 0, "pg_dump, format $format");
	empty_database('restore_test');
	is(system(join(' ', @restore, $format eq 'plain' ? $dump : '', '-d restore_test', $format eq 'plain' ? '' : $dump, '>/dev/null')), 0, 'restored');
	is(value('restore_test', $facts), $before, 'everything is the same');
	is(value('restore_test', q{SELECT sales_intel.train_lead_model('kept')}), '4', 'versions go on from there');
	is(value('restore_test', q{SELECT count(DISTINCT model_hash) FROM sales_intel.model_version WHERE name = 'kept' AND version > 1}),
		'1', 'training gives the same model');
	value('postgres', 'DROP DATABASE restore_test');
}

# What is the extension's own is not in the dump, but for its name.
open my $dump, '<', "$directory/plain" or die $!;
my @lines = <$dump>;
is(scalar(grep { /CREATE EXTENSION.*sales_intel/ } @lines), 1, 'the dump creates the extension');
is(scalar(grep { /CREATE (FUNCTION|AGGREGATE|TYPE) sales_intel\./ } @lines), 0, 'and nothing that belongs to it');

# A damaged dump says so.
s/^(plain\tlead_model:.{200})./$1*/ for @lines;
open my $damaged, '>', "$directory/damaged" or die $!;
print $damaged @lines;
close $damaged;
empty_database('restore_test');
my ($output, $errors) = psql('restore_test', "\\i $directory/damaged");
like($errors, qr/invalid input syntax for type lead_model.*COPY model, line \d+, column model/s, 'a damaged dump is refused, naming line and column');

value('postgres', 'DROP DATABASE restore_test');
value('postgres', 'DROP DATABASE dump_test');
done_testing();
