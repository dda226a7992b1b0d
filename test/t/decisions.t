# Random rules, principals, rows and times: what row security lets whom do is
# what a reference in plain SQL says, which knows none of the extension's
# functions; explain_access and who_could_access agree.  DECISIONS=1000000 for
# more than 50,000.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $principals = 10;
my $rows = 50;
my $actions = 4;
my $sets = ($ENV{DECISIONS} || 50_000) / ($principals * $rows * $actions);
my $explained = 400;

srand($ENV{SEED} // 20261130);

sub one_of
{
	return $_[rand @_];
}

# ----- Conditions: as the rule has them, and as the reference does; r is the
# row, v the viewer -----

sub unless_nobody
{
	return "CASE WHEN v.who IS NOT NULL THEN $_[0] END";
}

my @values = map { "'$_'" } qw(north south east n%);
my @atoms = (
	sub { ['owner = current_principal()', 'r.owner = v.who'] },
	sub { ['current_principal() IS NULL', 'v.who IS NULL'] },
	sub { ["team = ANY(attrs_bigint('team'))", 'r.team = ANY (v.teams)'] },
	sub { ["NOT (team = ANY(attrs_bigint('team')))", 'r.team <> ALL (v.teams)'] },
	sub { ["region = attr('region')", 'r.region = v.region'] },
	sub { ["amount <= attr_number('limit')", 'r.amount <= v.most'] },
	sub { ["attr_bigint('grade') >= team", 'v.grade >= r.team'] },
	sub { my $z = one_of(@values); ["attr_is('zone', $z)", unless_nobody("v.zones = ARRAY[$z]")] },
	sub { my $z = one_of(@values); ["attr_has('zone', $z)", unless_nobody("$z = ANY (v.zones)")] },
	sub { ["attr_has('zone', region)", unless_nobody('CASE WHEN r.region IS NOT NULL THEN r.region = ANY (v.zones) END')] },
	sub { ["region = ANY(attrs('zone'))", 'r.region = ANY (v.zones)'] },
	sub { ["region = attr('none') OR attrs('none') = '{}'", 'NULL OR ' . unless_nobody('true')] },
	sub { ['in_current_project(account)', unless_nobody("CASE WHEN r.account IS NOT NULL THEN coalesce(r.account::text = ANY (v.accounts), false) END")] },
	sub { ["current_project() = 'alpha'", "v.project = 'alpha'"] },
	sub { my $p = one_of("= 'service'", 'IS NULL', "<> 'sales'"); ["current_purpose() $p", "v.purpose $p"] },
	sub { my $n = int rand 100; map { [$_, $_ =~ s/amount/r.amount/r] } "amount > $n" },
	sub { my $p = one_of("= 'north'", 'IS NULL', "IN ('south', 'east')", "LIKE 'n%'", "NOT IN ('north')"); ["region $p", "r.region $p"] },
	sub { one_of(['flag', 'r.flag'], ['flag IS NOT TRUE', 'r.flag IS NOT TRUE'], ['closes > now()', 'r.closes > now()'], ['true', 'true'], ['NULL::boolean', 'NULL::boolean']) },
);

sub condition
{
	my ($depth) = @_;

	return one_of(@atoms)->() if $depth == 0 || rand() < 0.3;
	my ($a, $b) = map { condition($depth - 1) } 1 .. 2;
	my $form = one_of('(%s) AND (%s)', '(%s) OR (%s)', 'NOT ((%s) AND (%s))', '(%s) IS NOT TRUE OR (%s)', 'CASE WHEN %s THEN %s ELSE flag END', 'coalesce(%s, %s)', '(%s) = (%s)', '(%s) IS DISTINCT FROM (%s)');

	return [sprintf($form, $a->[0], $b->[0]), sprintf($form =~ s/flag/r.flag/r, $a->[1], $b->[1])];
}

my @names = qw(select insert update delete);

sub rule
{
	my ($permit) = @_;
	my @of = grep { rand() < 0.6 } @names;

	return { effect => $permit ? 'permit' : 'forbid', actions => { map { ($_ => 1) } @of ? @of : one_of(@names) }, condition => condition(int rand 4) };
}

# (any permit) AND (every forbid IS FALSE), with another policy's word on select
sub allowed
{
	my ($action, $extra, @rules) = @_;
	my @of = grep { $_->{actions}{$action} } @rules;
	my @permit = map { "($_->{condition}[1])" } grep { $_->{effect} eq 'permit' } @of;

	return join ' AND ', 'coalesce(' . (@permit ? join(' OR ', @permit) : 'false') . ', false)',
		(map { "(($_->{condition}[1]) IS FALSE)" } grep { $_->{effect} eq 'forbid' } @of), $extra && $action eq 'select' ? '(r.id % 7 <> 0)' : ();
}

# ----- Data -----

my @columns = qw(owner team region amount account closes flag);

sub random_rows
{
	my ($table, $count) = @_;

	return "INSERT INTO $table (id, @{[join ', ', @columns]}) SELECT i, (ARRAY['p0', 'p1', 'p2', 'p3', 'p4', NULL])[1 + floor(random() * 6)], nullif(floor(random() * 5), 0),
		(ARRAY['north', 'south', 'east', NULL])[1 + floor(random() * 4)], nullif(floor(random() * 100), 50), nullif(floor(random() * 20), 0), now() + (random() - 0.5) * interval '2 days', (ARRAY[true, false, NULL])[1 + floor(random() * 3)]
		FROM generate_series(1, $count) i;\n";
}

# Ranges that hold, that do not, and that begin or end at this very moment
my $range = "(ARRAY['(,)', tstzrange(now() - interval '1 day', now() + interval '1 day'), tstzrange(now(), NULL), tstzrange(NULL, now(), '()'), tstzrange(NULL, now(), '(]'), tstzrange(now(), NULL, '()'), tstzrange(now() + interval '1 s', NULL), 'empty', '(,)', '(,)', '(,)']::tstzrange[])[1 + floor(random() * 11)]";

sub set_up
{
	my ($set) = @_;

	return "BEGIN; SELECT setseed(@{[$set / 10007]}) \\g /dev/null
	SET search_path = sales_intel, public;
	INSERT INTO principal (principal, login_role, active, valid_during) SELECT 'p' || i, CASE WHEN i % 2 = 0 THEN ('decide_' || i)::regrole END, random() > 0.1, $range FROM generate_series(0, @{[$principals - 1]}) i;
	INSERT INTO principal (principal, login_role, token_only) VALUES ('pool', 'decide_pool', true);
	INSERT INTO principal_attribute SELECT 'p' || i, a, v, $range FROM generate_series(0, @{[$principals - 1]}) i, (VALUES ('team', '1'), ('team', '2'), ('team', '3'), ('team', '2'), ('zone', 'north'), ('zone', 'south'), ('zone', 'n%')) AS x(a, v)
		WHERE random() < 0.5 ON CONFLICT DO NOTHING;
	INSERT INTO principal_attribute SELECT 'p' || i, a, (ARRAY['north', 'south', 'east'])[1 + floor(random() * 3)], $range FROM generate_series(0, @{[$principals - 1]}) i, (VALUES ('region')) AS x(a) WHERE random() < 0.8;
	INSERT INTO principal_attribute SELECT 'p' || i, a, floor(random() * 100)::text, $range FROM generate_series(0, @{[$principals - 1]}) i, (VALUES ('limit'), ('grade')) AS x(a) WHERE random() < 0.8;
	INSERT INTO project (project, valid_during) SELECT p, $range FROM unnest('{alpha,beta,gamma}'::text[]) p;
	INSERT INTO project_member SELECT p, 'p' || i, $range FROM unnest('{alpha,beta,gamma}'::text[]) p, generate_series(0, @{[$principals - 1]}) i WHERE random() < 0.8;
	INSERT INTO project_account SELECT p, a::text, $range FROM unnest('{alpha,beta,gamma}'::text[]) p, generate_series(1, 20) a WHERE random() < 0.5;
	CREATE TEMP TABLE viewing AS SELECT 'p' || i AS principal, i % 2 = 1 AS token, CASE WHEN i % 2 = 1 THEN (ARRAY['alpha', 'beta', 'gamma', NULL])[1 + floor(random() * 4)] END AS project,
		CASE WHEN i % 2 = 1 THEN (ARRAY['service', 'sales', NULL])[1 + floor(random() * 3)] END AS purpose FROM generate_series(0, @{[$principals - 1]}) i;
	SET ROLE decide_desk; SET search_path = public, sales_intel;
	CREATE TABLE deal (id int PRIMARY KEY, owner text, team bigint, region text, amount numeric, account bigint, closes timestamptz, flag boolean, touched boolean DEFAULT false) @{[$set % 2 ? 'PARTITION BY HASH (id)' : '']};
	" . ($set % 2 ? join('', map { "CREATE TABLE deal_$_ PARTITION OF deal FOR VALUES WITH (MODULUS 3, REMAINDER $_);\n" } 0 .. 2) : '') .
	"CREATE TEMP TABLE candidate AS SELECT * FROM deal; GRANT SELECT ON candidate TO PUBLIC; GRANT SELECT, INSERT, UPDATE, DELETE ON deal TO PUBLIC;\n" . random_rows('deal', $rows) . random_rows('candidate', $rows) . "ANALYZE deal;\n";
}

sub quoted
{
	return "'" . $_[0] =~ s/'/''/gr . "'";
}

# Who looks, from the tables alone: q is whom, with which project and purpose.
my $viewer = "(SELECT w.who, CASE WHEN w.who IS NOT NULL THEN q.project END AS project, CASE WHEN w.who IS NOT NULL THEN q.purpose END AS purpose,
	(SELECT max(value) FROM a WHERE attribute = 'region') AS region, (SELECT max(value)::numeric FROM a WHERE attribute = 'limit') AS most, (SELECT max(value)::bigint FROM a WHERE attribute = 'grade') AS grade,
	CASE WHEN w.who IS NOT NULL THEN ARRAY(SELECT DISTINCT value::bigint FROM a WHERE attribute = 'team') END AS teams, CASE WHEN w.who IS NOT NULL THEN ARRAY(SELECT DISTINCT value FROM a WHERE attribute = 'zone') END AS zones,
	CASE WHEN w.who IS NOT NULL THEN ARRAY(SELECT account FROM sales_intel.project_account WHERE project = q.project AND valid_during @> now()) END AS accounts
	FROM (SELECT max(p.principal) FROM sales_intel.principal p WHERE p.principal = q.principal AND p.active AND p.valid_during @> now() AND (q.project IS NULL
		OR EXISTS (SELECT FROM sales_intel.project j JOIN sales_intel.project_member m USING (project) WHERE j.project = q.project AND m.principal = p.principal AND j.valid_during @> now() AND m.valid_during @> now()))) AS w(who))"
	=~ s/FROM a WHERE/FROM sales_intel.principal_attribute WHERE principal = w.who AND valid_during @> now() AND/gr;

my $ids = "coalesce(string_agg(r.id::text, ' ' ORDER BY r.id), '')";

sub ask
{
	my ($k) = @_;
	my $login = $k % 2 ? 'decide_pool' : "decide_$k";

	return ($k % 2 ? "SELECT sign_token('k', jsonb_strip_nulls(jsonb_build_object('sub', principal, 'aud', token_audience(), 'iat', extract(epoch FROM clock_timestamp())::bigint, 'exp', extract(epoch FROM clock_timestamp())::bigint + 100,
			'jti', gen_random_uuid(), 'prj', project, 'pur', purpose))) AS token FROM viewing WHERE principal = 'p$k' \\gset\n" : '') .
		"SAVEPOINT s; SET SESSION AUTHORIZATION $login;\n" . ($k % 2 ? "SELECT try_begin(:'token') \\g /dev/null\n" : '') . "SELECT 'got select $k=' || $ids FROM deal r;
		SELECT 'got insert $k=' || insertable(); SELECT 'got move $k=' || movable(); UPDATE deal SET touched = true;
		RESET SESSION AUTHORIZATION; SELECT 'got update $k=' || $ids FROM deal r WHERE touched AND id < 1000; SET SESSION AUTHORIZATION $login; DELETE FROM deal;
		RESET SESSION AUTHORIZATION; SELECT 'got delete $k=' || $ids FROM candidate r WHERE NOT EXISTS (SELECT FROM deal d WHERE d.id = r.id); ROLLBACK TO s;\n";
}

sub refer
{
	my ($extra, @rules) = @_;
	my %may = map { ($_ => allowed($_, $extra, @rules)) } @names;
	my $new = $may{update} . ' AND ' . $may{select};
	# A statement that names its row selects it, too.
	my %named = map { ($_ => /update|delete/ ? "$may{$_} AND $may{select}" : $may{$_}) } @names;
	my %could = map { ($_ => join ' AND ', map { allowed($_, 0, @rules) } /update|delete/ ? ($_, 'select') : $_) } @names;

	return join('', map { my $from = $_ eq 'insert' ? 'candidate' : 'deal'; "SELECT 'want $_ ' || substr(q.principal, 2) || '=' || (SELECT $ids FROM $from r WHERE $may{$_}) FROM viewing q, LATERAL $viewer v;\n" } @names) .
		"SELECT 'want move ' || substr(q.principal, 2) || '=' || (SELECT string_agg(CASE WHEN x.may THEN CASE WHEN y.may THEN 'u' ELSE 'e' END ELSE '-' END, '' ORDER BY c.id) FROM candidate c,
			LATERAL (SELECT $may{update} AND $may{select} AS may FROM deal r WHERE r.id = c.id) x, LATERAL (SELECT $new AS may FROM (SELECT c.id, c.owner, c.region, c.amount, d.team, d.account, d.closes, d.flag FROM deal d WHERE d.id = c.id) r) y WHERE c.id <= 10)
			FROM viewing q, LATERAL $viewer v;
		CREATE TEMP TABLE pair AS SELECT q.*, s.id, s.action, v.who IS NOT NULL AND (SELECT CASE s.action " . join(' ', map { "WHEN '$_' THEN $named{$_}" } @names) . " END FROM deal r WHERE r.id = s.id) AS may
			FROM (SELECT 'p' || floor(random() * $principals) AS principal, 1 + floor(random() * $rows)::int AS id, (ARRAY['select', 'insert', 'update', 'delete'])[1 + floor(random() * 4)] AS action FROM generate_series(1, $explained)) s JOIN viewing q USING (principal), LATERAL $viewer v;
		SELECT 'explained ' || count(*) || '=' || count(*) FILTER (WHERE e.outcome IS DISTINCT FROM p.may) FROM pair p,
			LATERAL (SELECT outcome FROM explain_access(p.principal, 'deal', p.id::text, jsonb_strip_nulls(jsonb_build_object('action', p.action, 'project', p.project, 'purpose', p.purpose))) WHERE rule = '(decision)') e;
		SELECT 'could ' || count(*) || '=' || count(*) FILTER (WHERE w.could IS DISTINCT FROM x.could) FROM generate_series(1, 10) i,
			LATERAL (SELECT string_agg(DISTINCT principal || action, ' ' ORDER BY principal || action) AS could FROM who_could_access('deal', i::text) WHERE principal <> 'pool') w,
			LATERAL (SELECT string_agg(q.principal || n, ' ' ORDER BY q.principal || n) AS could FROM deal r, (SELECT principal, NULL::text AS project, NULL::text AS purpose FROM principal WHERE principal <> 'pool') q, LATERAL $viewer v, unnest(ARRAY['select', 'insert', 'update', 'delete']) n
				WHERE r.id = i AND v.who IS NOT NULL AND CASE n " . join(' ', map { "WHEN '$_' THEN $could{$_}" } @names) . " END) x;\n";
}

# ----- All of it -----

my @roles = ('decide_desk', 'decide_pool LOGIN', map { "decide_$_ LOGIN" } grep { $_ % 2 == 0 } 0 .. $principals - 1);
value('postgres', 'SET client_min_messages = warning; DROP DATABASE IF EXISTS decisions_test;' . join '', map { 'DROP ROLE IF EXISTS ' . (split)[0] . "; CREATE ROLE $_;" } @roles);
fresh_database('decisions_test');
value('decisions_test', <<'END');
GRANT ALL ON SCHEMA public TO decide_desk;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sales_intel TO decide_desk;
GRANT EXECUTE ON FUNCTION sales_intel.begin_identity(text) TO decide_pool;
INSERT INTO sales_intel.signing_key (kid, secret) VALUES ('k', sha256('k'));
CREATE FUNCTION try_begin(token text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM sales_intel.begin_identity(token);
EXCEPTION WHEN invalid_authorization_specification THEN
END $$;
CREATE FUNCTION insertable() RETURNS text LANGUAGE plpgsql AS $$
DECLARE done text[] := '{}';
BEGIN
	FOR i IN 1 .. (SELECT count(*) FROM candidate) LOOP
		BEGIN
			INSERT INTO deal SELECT id + 1000, owner, team, region, amount, account, closes, flag FROM candidate WHERE id = i;
			done := done || i::text;
		EXCEPTION WHEN insufficient_privilege THEN
		END;
	END LOOP;
	RETURN array_to_string(done, ' ');
END $$;
CREATE FUNCTION movable() RETURNS text LANGUAGE plpgsql AS $$
DECLARE c record; done text := '';
BEGIN
	FOR c IN SELECT * FROM candidate WHERE id <= 10 ORDER BY id LOOP
		BEGIN
			UPDATE deal SET owner = c.owner, region = c.region, amount = c.amount WHERE id = c.id;
			IF FOUND THEN
				RAISE EXCEPTION 'undo' USING ERRCODE = 'UNDO1';
			END IF;
			done := done || '-';
		EXCEPTION
			WHEN SQLSTATE 'UNDO1' THEN done := done || 'u';
			WHEN insufficient_privilege THEN done := done || 'e';
		END;
	END LOOP;
	RETURN done;
END $$;
END

my (%count, @different);
for my $set (1 .. $sets)
{
	my $extra = $set % 3 == 0;
	my @rules = ((map { rule(1) } 0 .. rand 3), (map { rule(0) } 1 .. rand 3));
	my $n = 0;
	my $output = value('decisions_test', set_up($set) . join('', map { "SELECT create_access_rule('deal', 'rule " . $n++ . "', '$_->{effect}', '{" . join(',', sort keys %{ $_->{actions} }) . "}', " . quoted($_->{condition}[0]) . ") \\g /dev/null\n" } @rules) .
		"SELECT protect_table('deal', '{\"form\": \"@{[$set % 5 ? 'plain' : 'citus']}\", \"empty\": true}') \\g /dev/null\n" .
		($extra ? "CREATE POLICY extra ON deal AS RESTRICTIVE FOR SELECT USING (id % 7 <> 0); CREATE POLICY wide ON deal USING (true) WITH CHECK (true);\n" : '') .
		"RESET ROLE; SET search_path = public, sales_intel;\n" . join('', map { ask($_) } 0 .. $principals - 1) . refer($extra, @rules) . "ROLLBACK;\n");
	my %said = map { /^(.*?)=(.*)/ ? ($1 => $2) : () } split /\n/, $output;

	for my $k (0 .. $principals - 1)
	{
		for my $what (@names, 'move')
		{
			my ($got, $want) = map { $said{"$_ $what $k"} // "no answer to $_" } qw(got want);

			$count{decisions} += $what eq 'move' ? 10 : $rows;
			$count{positive} += $what eq 'move' ? $got =~ tr/u// : scalar(() = $got =~ /\d+/g);
			push @different, "set $set, $what, p$k:\n  got  $got\n  want $want\n" . join '', map { "  $_->{effect} @{[sort keys %{$_->{actions}}]}: $_->{condition}[0]\n" } @rules if $got ne $want;
		}
	}
	for (grep { /^(explained|could)/ } keys %said)
	{
		my ($what, $times) = split;

		$count{$what} += $times;
		push @different, "set $set: $what differs $said{$_} of $times times\n" if $said{$_} ne '0';
	}
}
is(scalar @different, 0, "$count{decisions} decisions, $count{explained} explanations, $count{could} lists of who could") or diag(@different[0 .. ($#different < 4 ? $#different : 4)]);
cmp_ok($count{positive}, '>', $count{decisions} / 20, "$count{positive} were permitted");
cmp_ok($count{decisions}, '>=', int($sets) * 2000, 'all were asked');

value('postgres', 'DROP DATABASE decisions_test;');
value('postgres', join '', map { 'DROP ROLE ' . (split)[0] . ';' } @roles);
done_testing;
