# Random histories of consent: what the live state says is what a reference in
# plain SQL makes of the events, which knows none of the extension's functions.
# CONSENT_HISTORIES=1000000 for more than 50,000, SEED for others.  They come in
# batches of 50,000, so that what begins and ends around now still does so when
# answers are compared.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $database = 'consent_histories_test';
my $wanted = $ENV{CONSENT_HISTORIES} || 50_000;
my $first_seed = $ENV{SEED} // 20261130;
my $most = 50_000;				# of a batch
my $called = 300;

local $ENV{PGOPTIONS} = '-c work_mem=128MB';

# What is allowed at a time by each key, standing (NULL) or in a session, and
# when that changes next: of each scene the last entry after the last erasure;
# without the guardian of a minor nothing.
sub reference
{
	my ($time) = @_;

	return "SELECT k.subject, k.session, \$time AS time,
		CASE WHEN k.open THEN COALESCE(sum(k.weight) FILTER (WHERE k.holds), 0) ELSE 0 END::bigint AS mask,
		COALESCE(sum(k.weight) FILTER (WHERE k.weight > 0), 0)::bigint AS entries,
		LEAST(k.guard_change, CASE WHEN k.open THEN min(k.change) END) AS change
	FROM (
		SELECT keys.subject, keys.session, 2 ^ s.bit AS weight, e.holds, e.change,
			NOT keys.minor OR COALESCE(g.holds, false) AS open, CASE WHEN keys.minor THEN g.change END AS guard_change
		FROM keys
		LEFT JOIN entries e ON e.subject = keys.subject AND e.session IS NOT DISTINCT FROM keys.session
		LEFT JOIN sales_intel.consent_scene s USING (scene)
		LEFT JOIN entries g ON g.subject = keys.subject AND g.session IS NULL AND g.scene = 'guardian') k
	GROUP BY k.subject, k.session, k.open, k.guard_change" =~ s/\$time/$time/gr;
}

# The entries at a time, from the events.
sub entries
{
	my ($time) = @_;

	return "SELECT subject, scene, session, action = 'grant' AND valid_from <= $time AND $time < valid_until AS holds,
		CASE WHEN action = 'grant' AND valid_from < valid_until THEN
			CASE WHEN $time < valid_from THEN valid_from WHEN $time < valid_until THEN NULLIF(valid_until, 'infinity') END END AS change
	FROM (
		SELECT *, row_number() OVER (PARTITION BY subject, scene, session ORDER BY id DESC) AS place
		FROM (SELECT *, max(id) FILTER (WHERE action = 'erase') OVER (PARTITION BY subject) AS erased FROM sales_intel.consent_event) x
		WHERE action IN ('grant', 'refuse', 'withdraw') AND id > COALESCE(erased, 0)) y
	WHERE place = 1";
}

# ----- What is said against what the reference says -----

# Of all keys, at one time: how many differ; how many are allowed something, and
# how many will change by themselves.
sub compare
{
	my ($name, $said, $differs, $time) = @_;
	my $result = value($database, "
		WITH entries AS MATERIALIZED (@{[entries($time)]}), reference AS MATERIALIZED (@{[reference($time)]})
		SELECT count(*) || '|' || count(*) FILTER (WHERE $differs) || '|' || count(*) FILTER (WHERE reference.mask <> 0) || '|' || count(reference.change)
		FROM reference $said");
	my ($keys, $different, $allowed, $changing) = split /\|/, $result;

	is($different, 0, "$name: $keys keys, $allowed allow something, $changing will change");
	return $allowed > $keys / 10 && $changing > $keys / 20;
}

my $replay = 'CROSS JOIN LATERAL sales_intel.consent_replay(reference.subject, reference.session, reference.time) said';
my $wrong = 'said.mask <> reference.mask OR (reference.session IS NOT NULL AND said.overrides <> reference.entries)';
my $change = "COALESCE(NULLIF(said.recheck_at, 'infinity') > reference.change, reference.change IS NOT NULL AND said.recheck_at = 'infinity')";

my $standing = 'LEFT JOIN reference standing ON standing.subject = reference.subject AND standing.session IS NULL
	CROSS JOIN LATERAL sales_intel.live_consent(reference.subject, reference.session) AS said(mask)';
my $effective = 'said.mask <> CASE WHEN reference.session IS NULL THEN reference.mask
	ELSE (standing.mask & ~reference.entries) | (reference.mask & reference.entries) END';
my $stored = 'LEFT JOIN sales_intel.consent_state state ON state.subject = reference.subject
	LEFT JOIN sales_intel.consent_session own ON own.subject = reference.subject AND own.session = reference.session';
my $stale = 'CASE WHEN reference.session IS NULL THEN (state.mask, 0) <> (reference.mask, 0)
	ELSE (own.mask, own.overrides) <> (reference.mask, reference.entries) END
	AND COALESCE(own.recheck_at, state.recheck_at) > statement_timestamp() OR state.subject IS NULL';

# ----- One batch -----

sub run_batch
{
	my ($histories, $seed) = @_;

	fresh_database($database);
	value($database, "
		SELECT sales_intel.adopt_regime('PIPL');
		CREATE UNLOGGED TABLE keys (subject text COLLATE \"C\", session text COLLATE \"C\", minor boolean)");

	# ----- Events by chance -----

	# Up to twelve a subject, of 11 scenes and three sessions; ends and beginnings
	# minutes around now; clocks that step.
	value($database, "
		SELECT setseed(($seed % 1000) / 1000.0);
		INSERT INTO sales_intel.consent_subject (subject, regime, minor)
		SELECT 's' || i, CASE WHEN random() < 0.5 THEN 'PIPL' ELSE 'GDPR' END, random() < 0.2 FROM generate_series(1, $histories) i;
		INSERT INTO sales_intel.consent_event (subject, scene, session, action, at, valid_from, valid_until, actor)
		SELECT subject, scene, CASE WHEN scene <> 'guardian' AND random() < 0.4 THEN 'call ' || floor(random() * 3) END,
			(ARRAY['ask', 'refuse', 'withdraw', 'withdraw', 'grant', 'grant', 'grant', 'grant', 'grant'])[ceil(random() * 9)],
			now() + (random() - 0.5) * interval '1 day',
			CASE WHEN random() < 0.7 THEN '-infinity' ELSE now() + (random() - 0.6) * interval '10 minutes' END,
			CASE WHEN random() < 0.5 THEN 'infinity' ELSE now() + (random() - 0.4) * interval '10 minutes' END, 'x'
		FROM (
			SELECT subject, CASE WHEN minor AND random() < 0.3 THEN 'guardian' ELSE scenes[ceil(random() * cardinality(scenes))] END AS scene
			FROM sales_intel.consent_subject, (SELECT array_agg(scene) AS scenes FROM sales_intel.consent_scene) s,
				generate_series(1, 12) WHERE random() < 0.6
			ORDER BY random()) e;
		INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor)
		SELECT subject, 'community', 'erase', now(), 'x' FROM sales_intel.consent_subject WHERE random() < 0.03;
		INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor)
		SELECT subject, 'quote_push', 'grant', now(), 'x' FROM sales_intel.consent_subject WHERE random() < 0.1;
		ANALYZE sales_intel.consent_event; ANALYZE sales_intel.consent_subject;
		INSERT INTO sales_intel.consent_state (subject, mask) SELECT subject, 0 FROM sales_intel.consent_subject;
		INSERT INTO sales_intel.consent_session (subject, session, mask, overrides) SELECT DISTINCT subject, session, 0, 0 FROM sales_intel.consent_event WHERE session IS NOT NULL;
		ANALYZE sales_intel.consent_state; ANALYZE sales_intel.consent_session;
		SELECT count(sales_intel.settle_consent(subject, NULL, true)) FROM sales_intel.consent_subject;");

	# ----- Histories that are called, with ends within the run -----

	my $calls = '';
	my @all = qw(test_drive quote_push competitor_comparison finance_plan after_sales_care event_invitation community sharing);
	for my $i (1 .. $called * 10)
	{
		my $who = 'called ' . (1 + random_below($called));
		my $what = (qw(ask refuse withdraw withdraw grant grant grant))[random_below(7)];
		my $scenes = join ',', map { $all[random_below(scalar @all)] } 0 .. random_below(3);
		my @options;

		push @options, "'session', 'call " . random_below(2) . "'" if random_below(3) == 0;
		push @options, "'valid_until', clock_timestamp() + interval '" . (20 + random_below(4000)) . " ms'" if $what eq 'grant' && random_below(2);
		push @options, "'valid_from', clock_timestamp() - interval '1 s' + interval '" . random_below(1010) . " ms'" if $what eq 'grant' && random_below(3) == 0;
		$calls .= "SELECT sales_intel.${what}_consent('$who', '{$scenes}', jsonb_build_object(" . join(', ', @options) . ")) \\g /dev/null\n";
		$calls .= "SELECT sales_intel.set_subject('$who', 'PIPL', " . (random_below(2) ? 'true' : 'false') . ") \\g /dev/null\n" if random_below(20) == 0;
		$calls .= "SELECT sales_intel.grant_consent('$who', '{guardian}') \\g /dev/null\n" if random_below(15) == 0;
		$calls .= "INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor) VALUES ('$who', 'community', 'ask', now() + interval '1 hour', 'x');\n" if random_below(100) == 0;
	}
	my (undef, $errors) = psql($database, $calls);
	is($errors, '', "$called subjects decided by calls");
	my $ran = value($database, "SELECT count(*) || ' events, ' || count(DISTINCT subject) || ' subjects' FROM sales_intel.consent_event");

	value($database, "INSERT INTO keys
		SELECT s.subject, NULL, minor FROM sales_intel.consent_subject s
		UNION ALL
		SELECT DISTINCT e.subject, e.session, s.minor FROM sales_intel.consent_event e JOIN sales_intel.consent_subject s USING (subject) WHERE e.session IS NOT NULL;
		ANALYZE keys");

	# ----- What is said -----

	ok(compare('replayed now', $replay, "$wrong OR $change OR said.recheck_at <> COALESCE(reference.change, 'infinity')", 'statement_timestamp()'),
		'enough is allowed, and enough will change, to tell');
	for my $shift ('-2 minutes', '1 minute')
	{
		compare("replayed at $shift", $replay, "$wrong OR $change", "(statement_timestamp() + interval '$shift')");
	}

	# As readers have it, whose rows are older than what has begun or ended since.
	compare('as readers have it', $standing, $effective, 'statement_timestamp()');
	cmp_ok(value($database, 'SELECT count(*) FROM sales_intel.consent_state WHERE recheck_at <= now()'), '>', $histories / 1000, 'where rows have waited');

	# The rows themselves, once they are brought up to date.
	cmp_ok(value($database, "SELECT sales_intel.recheck_consent(10 * $histories)"), '>', 0, 'recheck_consent brings them up to date');
	compare('as the rows have it', $stored, $stale, 'statement_timestamp()');
	cmp_ok(value($database, 'SELECT count(*) FROM sales_intel.consent_state WHERE recheck_at <= now()'), '<', $histories / 20 + 10, 'and few wait again');

	# As reports have it, of some.
	my $reported = value($database, "
		WITH entries AS MATERIALIZED (@{[entries('statement_timestamp()')]}), reference AS MATERIALIZED (@{[reference('statement_timestamp()')]}),
		said AS (
			SELECT k.subject, r.session, COALESCE(sum(2 ^ s.bit) FILTER (WHERE r.allowed), 0) AS mask
			FROM (SELECT DISTINCT subject FROM sales_intel.consent_event WHERE subject ~ 'called|00\$') k, sales_intel.consent_as_of(k.subject, statement_timestamp()) r
			JOIN sales_intel.consent_scene s USING (scene)
			GROUP BY k.subject, r.session)
		SELECT count(*) || ' ' || count(*) FILTER (WHERE said.mask IS DISTINCT FROM reference.mask) FROM said
		LEFT JOIN reference ON reference.subject = said.subject AND reference.session IS NOT DISTINCT FROM said.session");
	like($reported, qr/^\d{3,} 0$/, "as reports have it: $reported differ");

	diag("$ran; seed $seed");
	return;
}

for (my ($done, $seed) = (0, $first_seed); $done < $wanted; $done += $most, $seed++)
{
	run_batch($wanted - $done < $most ? $wanted - $done : $most, $seed);
}
value('postgres', "DROP DATABASE $database");
done_testing();
