# A dump of models restores to models that score the same, to the last bit.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

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
END

my $facts = <<'END';
SELECT name, length(model::text), sales_intel.model_hash(model), array_length(history, 1), sales_intel.model_hash(history[2])
FROM model ORDER BY name COLLATE "C";
SELECT md5(string_agg(concat_ws(' ', name, i, float8send(score), float8send(margin), grade), ',' ORDER BY name COLLATE "C", i)) FROM scored;
SELECT count(*), md5(string_agg(name || i || float8send(score)::text, ',' ORDER BY name COLLATE "C", i)) FROM best;
SELECT name, best_of(name) FROM model ORDER BY name COLLATE "C";
END
my $before = value('dump_test', $facts);
like($before, qr/^large\|\d{6}/m, 'one model is large enough to lie out of line');
unlike($before, qr/^0\|/m, 'leads have grade A');

for my $format (qw(plain custom directory))
{
	my $dump = "$directory/$format";
	my @restore = $format eq 'plain' ? ('psql', '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f') : ('pg_restore', '--exit-on-error');

	is(system('pg_dump', '-F', $format, '-f', $dump, 'dump_test'), 0, "pg_dump, format $format");
	empty_database('restore_test');
	is(system(join(' ', @restore, $format eq 'plain' ? $dump : '', '-d restore_test', $format eq 'plain' ? '' : $dump, '>/dev/null')), 0, 'restored');
	is(value('restore_test', $facts), $before, 'everything is the same');
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
