# Random statements by Alice, against two oracles: what they give and do must be
# the same as on tables in which the rows hidden from her do not exist, errors
# included; and a query must give what its parts give where a condition is true,
# false and unknown (Rigger and Su, Finding bugs in database systems via query
# partitioning, OOPSLA 2020).  ATTACK_STATEMENTS and ATTACK_SEED say how many
# and which.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

my $statements = $ENV{ATTACK_STATEMENTS} // 200;
my $seed = $ENV{ATTACK_SEED} // 1;
my $batch = 100;

prepare_attacks();
srand($seed);

# The world as Alice sees it.  What she has talk when they meet a hidden value.
value('attack_test', "CREATE SCHEMA mirror AUTHORIZATION attack_desk; GRANT USAGE ON SCHEMA mirror TO attack_alice; SET ROLE attack_desk; SET search_path = mirror;
	CREATE TABLE deal (LIKE crm.deal INCLUDING ALL); CREATE TABLE visit (LIKE crm.visit INCLUDING ALL) PARTITION BY RANGE (id); CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (100);
	INSERT INTO deal SELECT * FROM plain_pool.deal WHERE owner = 'alice'; INSERT INTO visit SELECT * FROM plain_pool.visit WHERE owner = 'alice';
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mirror TO attack_alice; RESET ROLE; ANALYZE;
	CREATE FUNCTION own.heard(v text) RETURNS boolean COST 0.0001 LANGUAGE plpgsql AS \$\$ BEGIN IF v ~ 'CANARY' THEN RAISE NOTICE 'heard %', v; END IF; RETURN length(v) % 2 = 0; END \$\$;
	CREATE FUNCTION own.counted(v int) RETURNS int IMMUTABLE COST 0.0001 LANGUAGE plpgsql AS \$\$ BEGIN IF v > 7000000 THEN RAISE NOTICE 'heard %', v; END IF; RETURN v % 10; END \$\$");

# ----- Expressions over the tables of a scope: [alias, table] -----

my %columns = (deal => { int => [qw(id amount)], text => [qw(owner region note)] }, map { $_ => { int => ['id'], text => [qw(owner note)] } } qw(visit visit_1));

sub one_of
{
	return $_[rand @_];
}

sub column
{
	my ($type, @scope) = @_;
	my ($alias, $table) = @{ one_of(@scope) };

	return "$alias." . one_of(@{ $columns{$table}{$type} });
}

sub number
{
	my ($depth, @scope) = @_;

	return one_of(sub { column('int', @scope) }, sub { column('int', @scope) }, sub { int rand 100 })->() if $depth <= 0;
	return one_of(
		sub { '(' . number($depth - 1, @scope) . one_of(' + ', ' - ', ' % 7 + ') . number($depth - 1, @scope) . ')' },
		sub { 'length(' . words($depth - 1, @scope) . ')' },
		sub { 'CASE WHEN ' . condition($depth - 1, @scope) . ' THEN ' . number($depth - 1, @scope) . one_of('', ' ELSE ' . number($depth - 1, @scope)) . ' END' },
		sub { 'coalesce(' . number($depth - 1, @scope) . ', ' . number($depth - 1, @scope) . ')' },
		sub { 'own.counted(' . number($depth - 1, @scope) . ')' },
		# which hidden values alone make fail
		sub { '100 / (' . column('int', @scope) . ' - ' . (7770051 + int rand 50) . ')' },
		sub { '10 / (length(' . column('text', @scope) . ') - 9)' },
		sub { my ($from, @inner) = from(0); "(SELECT " . one_of('count(*)::int', 'max(' . number(0, @inner) . ')') . " FROM $from WHERE " . condition($depth - 1, @inner, @scope) . ')' },
	)->();
}

sub words
{
	my ($depth, @scope) = @_;

	return one_of(sub { column('text', @scope) }, sub { column('text', @scope) }, sub { one_of(q('mine'), q('alice'), q('bob'), q('north'), 'NULL::text') })->() if $depth <= 0;
	return one_of(
		sub { '(' . words($depth - 1, @scope) . ' || ' . words($depth - 1, @scope) . ')' },
		sub { one_of('upper', 'reverse', 'md5') . '(' . words($depth - 1, @scope) . ')' },
		sub { 'substr(' . words($depth - 1, @scope) . ', ' . one_of(1 .. 4) . ', 5)' },
		sub { '(' . number($depth - 1, @scope) . ')::text' },
		sub { 'nullif(' . words($depth - 1, @scope) . ', ' . words($depth - 1, @scope) . ')' },
		sub { my ($alias) = @{ one_of(@scope) }; one_of("$alias\::text", "to_jsonb($alias)::text") },
		sub { my ($from, @inner) = from(0); '(SELECT ' . one_of('min', 'max') . '(' . words(0, @inner) . ") FROM $from WHERE " . condition($depth - 1, @inner, @scope) . ')' },
	)->();
}

sub condition
{
	my ($depth, @scope) = @_;
	my $operator = one_of('=', '<>', '<', '>=', 'IS DISTINCT FROM');

	return one_of(
		sub { column('int', @scope) . " $operator " . one_of(int rand 100, 7770050 + int rand 50, number(0, @scope)) },
		sub { column('text', @scope) . " $operator " . words(0, @scope) },
		sub { column('text', @scope) . one_of(q( LIKE 'CANARY%'), q( ~ '^CAN'), ' IS NULL', q( > 'CANARY-7'), q( = 'CANARY-60'), q( IN ('mine', 'bob'))) },
		sub { 'own.heard(' . column('text', @scope) . ')' })->() if $depth <= 0;
	return one_of(
		sub { '(' . condition($depth - 1, @scope) . one_of(' AND ', ' OR ') . condition($depth - 1, @scope) . ')' },
		sub { '(NOT ' . condition($depth - 1, @scope) . ')' },
		sub { '(' . number($depth - 1, @scope) . " $operator " . number($depth - 1, @scope) . ')' },
		sub { 'own.heard(' . words($depth - 1, @scope) . ')' },
		sub { my ($from, @inner) = from(0); one_of('EXISTS', 'NOT EXISTS') . " (SELECT FROM $from WHERE " . condition($depth - 1, @inner, @scope) . ')' },
		sub { my ($from, @inner) = from(0); '(' . number(0, @scope) . one_of(' IN', ' = ANY', ' NOT IN') . ' (SELECT ' . number(0, @inner) . " FROM $from WHERE " . condition($depth - 1, @inner) . '))' },
	)->();
}

# ----- Statements -----

my $aliases = 0;

sub table
{
	my $table = one_of('deal', 'deal', 'visit', 'visit_1');
	my $alias = 't' . ++$aliases;
	my @columns = map { @{ $columns{$table}{$_} } } qw(int text);

	return ("$table $alias", [$alias, $table]) if rand() < 0.7;
	return ('(SELECT ' . join(', ', map { "s.$_" } @columns) . " FROM $table s WHERE " . condition(1, ['s', $table]) . one_of('', ' OFFSET 0') . ") $alias", [$alias, $table]);
}

sub from
{
	my ($more) = @_;
	my ($from, @scope) = table();

	for (1 .. $more)
	{
		my ($other, $its) = table();

		$from .= one_of(' JOIN ', ' LEFT JOIN ', ' FULL JOIN ') . "$other ON $scope[0][0].id = $its->[0].id";
		$from .= ' AND ' . condition(1, @scope, $its) if rand() < 0.5 && $from !~ /FULL/;
		push @scope, $its;
	}
	return ($from, @scope);
}

my %kinds = (
	rows => sub { my ($from, @scope) = from(int rand 2); 'SELECT ' . number(2, @scope) . ', ' . words(2, @scope) . ' AS w, ' . condition(1, @scope) . " FROM $from WHERE " . condition(2, @scope) },
	first => sub { my ($from, @scope) = from(int rand 3); 'SELECT ' . number(1, @scope) . ', ' . words(1, @scope) . " FROM $from WHERE " . condition(2, @scope) . ' ORDER BY 1, 2 LIMIT 7' },
	groups => sub { my ($from, @scope) = from(int rand 2); 'SELECT ' . words(1, @scope) . ', count(*), sum(' . number(1, @scope) . '), max(' . words(1, @scope) . ') FILTER (WHERE ' . condition(1, @scope) . ') AS w, string_agg(DISTINCT ' . words(0, @scope) .
		", ',') FROM $from WHERE " . condition(1, @scope) . ' GROUP BY 1 HAVING ' . one_of('count(*) > 1', 'bool_or(' . condition(1, @scope) . ')') },
	windows => sub { my ($from, @scope) = from(0); 'SELECT ' . number(1, @scope) . ', rank() OVER (ORDER BY ' . words(1, @scope) . '), count(*) OVER (PARTITION BY ' . condition(1, @scope) . ") FROM $from" },
	sets => sub { join one_of(' UNION ', ' EXCEPT ', ' INTERSECT ALL '), map { my ($from, @scope) = from(0); 'SELECT ' . number(1, @scope) . ', ' . words(1, @scope) . " FROM $from WHERE " . condition(1, @scope) } 1 .. 2 },
	with => sub { my ($from, @scope) = from(1); "WITH RECURSIVE x AS @{[one_of('', 'MATERIALIZED')]} (SELECT " . number(1, @scope) . ' AS id, ' . words(1, @scope) . " AS note FROM $from WHERE " . condition(1, @scope) . ') SELECT count(*), max(note), sum(id) FROM x, LATERAL (SELECT ' .
		condition(1, ['x', 'with']) . ' AS p) y WHERE p' },
	parts => sub { my ($from, @scope) = from(int rand 2); my $p = condition(3, @scope); "SELECT 'parts', count(*) = count(*) FILTER (WHERE $p) + count(*) FILTER (WHERE NOT $p) + count(*) FILTER (WHERE ($p) IS NULL), (SELECT count(*) FROM $from) = (SELECT count(*) FROM $from WHERE $p) + (SELECT count(*) FROM $from WHERE NOT $p) + (SELECT count(*) FROM $from WHERE ($p) IS NULL) FROM $from" },
	update => sub { my @scope = ['d', 'deal']; 'UPDATE deal d SET note = coalesce(' . words(1, @scope) . ", 'none'), amount = " . number(1, @scope) . one_of('', ' WHERE ' . condition(2, @scope)) . one_of('', ' RETURNING id, note, amount') },
	delete => sub { my ($from, @scope) = from(0); "DELETE FROM deal d USING $from WHERE " . condition(2, ['d', 'deal'], @scope) . ' RETURNING d.id, d.note' },
	insert => sub { my ($from, @scope) = from(0); "INSERT INTO deal SELECT 1000 + row_number() OVER (ORDER BY $scope[0][0].id), 'alice', " . words(1, @scope) . ', ' . number(1, @scope) . ", 'new' FROM $from WHERE " . condition(1, @scope) . ' RETURNING *' },
	merge => sub { my ($from, @scope) = from(0); my $s = $scope[0][0]; "MERGE INTO deal d USING $from ON d.id = $s.id AND " . condition(1, ['d', 'deal'], @scope) . ' WHEN MATCHED AND ' . condition(1, ['d', 'deal'], @scope) .
		' THEN UPDATE SET note = coalesce(' . words(1, ['d', 'deal'], @scope) . ", 'none') WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (2000 + $s.id, 'alice', NULL, $s.id, 'new')" },
);
$columns{with} = { int => ['id'], text => ['note'] };

# A statement, what it has done if it writes, and how it ended
sub statement
{
	my $kind = one_of(sort keys %kinds);
	my $sql = $kinds{$kind}->();

	return "PREPARE p AS $sql;\nEXECUTE p;\n\\echo -- $kind :SQLSTATE\nDEALLOCATE p;\n" if $kind !~ /update|delete|insert|merge/ && rand() < 0.1;
	return "$sql;\n\\echo -- $kind :SQLSTATE\n" if $kind !~ /update|delete|insert|merge/;
	return "SAVEPOINT s;\n$sql;\n\\echo -- $kind :SQLSTATE\nSELECT d.id, note, amount, region FROM deal d;\nROLLBACK TO s;\n\\echo -- is $kind\n";
}

my @switches = qw(enable_seqscan enable_indexscan enable_bitmapscan enable_hashjoin enable_mergejoin enable_nestloop enable_hashagg enable_material enable_memoize);

sub script
{
	my ($count) = @_;

	return "\\pset footer off\nSET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET plan_cache_mode = " . one_of('auto', 'force_generic_plan') . ';' .
		join('', map { "SET $_ = " . one_of('on', 'on', 'off') . ';' } @switches) . join '', map { statement() } 1 .. $count;
}

# What each statement gave: rows in order, and how it ended
sub results
{
	my ($said) = @_;

	return map { join "\n", sort split /\n/ } $said =~ /(.*?^-- .*?$)/msg;
}

my %end;
my @different;
my $rows = 0;

sub compare
{
	my ($script, @who) = @_;
	my @mirror = results(as_login('attack_alice', "SET search_path = mirror, own, public;\nBEGIN;\n$script"));

	for my $who (@who)
	{
		my $said = run_as($who, ($who eq 'mapped' ? "BEGIN;\n" : '') . $script);
		my @got = results($said);

		push @different, map { { who => $who, got => $got[$_] // 'nothing', want => $mirror[$_], number => $_ } } grep { ($got[$_] // '') ne $mirror[$_] } 0 .. $#mirror;
		push @different, { who => $who, got => $_ } for $said =~ /^((?!LINE).*(?:NOTICE: .*heard|CANARY).*)$/mg;
		push @different, { who => $who, got => $_ } for grep { /^parts/m && !/^parts\|t\|t$/m } @got;
	}
	$end{$_}++ for map { /^-- (?!is )\w+ (\w+)$/m ? $1 : () } @mirror;
	$rows += () = "@mirror" =~ /\|/g;
	return scalar @mirror;
}

my $compared = 0;
for (1 .. $statements / $batch)
{
	$compared += compare(script($batch), qw(pool mapped));
	last if @different;
}
is(scalar @different, 0, "seed $seed: $compared results as if hidden rows did not exist, $rows values; how they ended: " . join ', ', map { "$_ $end{$_}" } sort keys %end) or
	diag(map { my $d = $_; join "\n", map({ "$_: " . substr $d->{$_} // '', 0, 1000 } qw(who number got want)), '' } @different[0 .. ($#different < 3 ? $#different : 3)]);
cmp_ok($end{'00000'}, '>', 0.9 * $statements, 'most of them are good SQL');
cmp_ok($rows, '>', $compared, 'and give rows');

leaks(run_as('plain_mapped', script($batch)), 'plain PostgreSQL falls for some of them');

# What this can see: one more row, in one table
@different = ();
value('attack_test', "ALTER POLICY sales_intel_select ON crm.deal USING (owner = (SELECT sales_intel.current_principal()) OR id = 60)");
compare(script($batch), 'mapped');
cmp_ok(scalar @different, '>', 5, 'a single row that is open is noticed');

finish_attacks();
done_testing;
