# While several sessions change what customers allow, others ask for it in every
# way there is, and each statement's answers are those of a reference in plain
# SQL over the events, in the same statement: by index, from the cache, in
# workers, in old snapshots and cursors, amid changes of one's own that are
# undone.  Others are there that nobody asks for, so that the cache is not whole
# at once; with little memory, never.  CONSENT_READS=1000 for more than 25
# statements a reader; SEED.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $readers = 4;
my $writers = 3;
my $statements = $ENV{CONSENT_READS} || 25;
my $subjects = 150;
my $seed = $ENV{SEED} // 20261201;
my @scenes = qw(quote_push test_drive community);

srand($seed);

sub one_of
{
	return $_[rand @_];
}

fresh_database('consent_cache');
value('consent_cache', <<"END");
INSERT INTO sales_intel.principal (principal, login_role) VALUES ('tester', session_user::regrole);
CREATE TABLE client AS SELECT i::bigint AS id, 'customer-' || md5(i::text) AS key, md5(i::text)::uuid AS uuid FROM generate_series(1, $subjects) i;
ALTER TABLE client ADD PRIMARY KEY (id);
ALTER TABLE client SET (parallel_workers = 2);
CREATE TABLE place AS SELECT scene, session FROM unnest('{@{[join ',', @scenes]}}'::text[]) scene, unnest('{s1,s2,NULL}'::text[]) session;
-- Of each entry the last event decides, and one of the session comes first.
CREATE FUNCTION holds(who text, what text, where_ text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS \$\$
	SELECT action = 'grant' AND valid_from <= statement_timestamp() AND statement_timestamp() < valid_until
	FROM sales_intel.consent_event WHERE subject = who AND scene = what AND session IS NOT DISTINCT FROM where_ AND action IN ('grant', 'refuse', 'withdraw')
	ORDER BY id DESC LIMIT 1 \$\$;
CREATE FUNCTION reference(who text, what text, where_ text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
	\$\$ SELECT coalesce(CASE WHEN where_ IS NOT NULL THEN holds(who, what, where_) END, holds(who, what, NULL), false) \$\$;
SELECT sales_intel.grant_consent(k, '{quote_push}') FROM client, LATERAL unnest(ARRAY[id::text, key, uuid::text]) k WHERE id % 2 = 0 \\g /dev/null
CREATE TABLE event (kind text, scene text, id bigint);
CREATE TRIGGER boundary BEFORE INSERT ON event FOR EACH ROW EXECUTE FUNCTION sales_intel.check_collection('{"subject": "id"}');
INSERT INTO sales_intel.collection_rule (kind, scene) VALUES ('call', 'community'), ('call', 'test_drive');
INSERT INTO sales_intel.consent_state (subject, mask) SELECT 'other-' || i, 2 FROM generate_series(1, 30000) i;
ANALYZE;
END

# ----- What is asked -----

# A call, and whom the reference is asked about.
my @ways = (
	['sales_intel.consent_allows(id, scene, session)', 'id::text'],
	['sales_intel.consent_allows(key, scene, session)', 'key'],
	['sales_intel.consent_allows(uuid, scene, session)', 'uuid::text'],
	['sales_intel.consent_live(id, scene, session, (SELECT sales_intel.consent_ticket()))', 'id::text'],
	['sales_intel.consent_live(key, scene, session, (SELECT sales_intel.consent_ticket()))', 'key'],
	['sales_intel.consent_live(uuid, scene, session, (SELECT sales_intel.consent_ticket()))', 'uuid::text'],
);

# All of them, or some; each comparison prints how many, and how many differ.
sub compare
{
	my ($call, $who) = @{ one_of(@ways) };
	my $some = one_of('true', 'true', 'id < 4', 'id % 10 = 3', 'session IS NULL');

	return "SELECT 'compared', count(*), count(*) FILTER (WHERE $call IS DISTINCT FROM reference($who, scene, session)), '$call' FROM client, place WHERE $some;\n";
}

sub change
{
	my $who = "(SELECT @{[one_of('id::text', 'key', 'uuid::text')]} FROM client WHERE id = @{[1 + int rand $subjects]})";
	my $scenes = "'{" . join(',', splice @{ [sort { rand() <=> 0.5 } @scenes] }, 0, 1 + rand 2) . "}'";
	my $session = one_of('{}', '{}', '{"session": "s1"}', '{"session": "s2"}');
	my $until = one_of(0.3, 1, 3, 20);

	return "SELECT sales_intel.@{[one_of('withdraw', 'refuse')]}_consent($who, $scenes, '$session') \\g /dev/null\n" if rand() < 0.4;
	return "SELECT sales_intel.grant_consent($who, $scenes, '$session'::jsonb || jsonb_build_object('valid_until', clock_timestamp() + '$until s')) \\g /dev/null\n" if rand() < 0.5;
	return "SELECT sales_intel.grant_consent($who, $scenes, '$session') \\g /dev/null\n";
}

my @kinds = (
	sub { compare() },
	sub { 'BEGIN ISOLATION LEVEL ' . one_of('REPEATABLE READ', 'SERIALIZABLE', 'READ COMMITTED') . ";\n" . join('', map { compare() . "SELECT pg_sleep(0.02) \\g /dev/null\n" } 1 .. 3) . "COMMIT;\n" },
	sub { "SET max_parallel_workers_per_gather = 2;\n" . compare() . "RESET max_parallel_workers_per_gather;\n" },
	sub { 'SET sales_intel.consent_cache = ' . one_of(0, 40, 200) . ";\n" . compare() . one_of('', "RESET sales_intel.consent_cache;\n") . compare() },
	sub { "BEGIN;\n" . change() . compare() . "SAVEPOINT s;\n" . change() . change() . compare() . one_of("ROLLBACK TO s;\n", "RELEASE s;\n") . compare() . compare() . one_of("COMMIT;\n", "ROLLBACK;\n") . compare() },
	sub { "BEGIN;\nSELECT pg_current_xact_id(), pg_sleep(0.1) \\g /dev/null\n" . compare() . compare() . change() . one_of('', compare()) . "COMMIT;\n" . compare() },
	# a row of the state without an event
	sub { "BEGIN;\nSELECT sales_intel.queue_action('call', '@{[1 + int rand $subjects]}', '@{[one_of(@scenes)]}') \\g /dev/null\n" . compare() . compare() . one_of('COMMIT', 'ROLLBACK') . ";\n" . compare() },
	sub { "BEGIN;\nSAVEPOINT s;\n" . change() . compare() . "ROLLBACK TO s;\n" . compare() . one_of("COMMIT;\n", "ROLLBACK;\n") . compare() },
	sub {
		my ($call, $who) = @{ one_of(@ways) };
		return "BEGIN;\nDECLARE c CURSOR FOR SELECT 'compared', 1, ($call IS DISTINCT FROM reference($who, scene, session))::int, 'cursor' FROM client, place WHERE id < 40;\nFETCH 30 FROM c;\n" .
			compare() . "SELECT pg_sleep(0.02) \\g /dev/null\n" . compare() . "FETCH 30 FROM c;\n" . one_of('', change() . compare()) . "FETCH ALL FROM c;\nCOMMIT;\n";
	},
	sub { "PREPARE p (int) AS SELECT 'compared', count(*), count(*) FILTER (WHERE sales_intel.consent_allows(id, scene, session) IS DISTINCT FROM reference(id::text, scene, session)), 'prepared' FROM client, place WHERE id > \$1;\n" . "EXECUTE p (0);\n" . "EXECUTE p (140);\n" . "DEALLOCATE p;\n" },
);

# Errors are left to the count; those that two writers give each other are none.
my $start = "SET client_min_messages = error;\n\\set ON_ERROR_STOP 0\nSET parallel_setup_cost = 0;\nSET parallel_tuple_cost = 0;\nSET min_parallel_table_scan_size = 0;\nSET max_parallel_workers_per_gather = 0;\nSET deadlock_timeout = '20ms';\nSET sales_intel.consent_cache = " . one_of(200, '\'128MB\'') . ";\nSET plan_cache_mode = " . one_of('auto', 'force_generic_plan') . ";\n";

sub writes
{
	return "BEGIN;\n" . join('', map { change() . "SELECT pg_sleep(0.01) \\g /dev/null\n" } 1 .. 3) . one_of("COMMIT;\n", "COMMIT;\n", "ROLLBACK;\n") if rand() < 0.2;
	return change() . 'SELECT pg_sleep(' . rand(0.02) . ") \\g /dev/null\n";
}

# ----- All at once -----

sub run
{
	my ($script) = @_;
	my $pid = open(my $out, '-|') // die "fork: $!";

	return [$pid, $out] if $pid;
	srand($seed + $$);
	print join "\n", psql('consent_cache', $script->());
	exit 0;
}

# An old transaction and an old cursor, asked again after 91 seconds.
my $old = run(sub { "\\set ON_ERROR_STOP 0\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nSELECT 'young ' || sales_intel.consent_allows(2, 'community');\nSELECT pg_sleep(91) \\g /dev/null\nSELECT 'old ' || sales_intel.consent_allows(2, 'community');\nROLLBACK;\n" });
my $cursor = run(sub { "\\set ON_ERROR_STOP 0\nBEGIN;\nDECLARE c CURSOR FOR SELECT 'row ' || sales_intel.consent_allows(id, 'community') FROM client;\nFETCH 1 FROM c;\nSELECT pg_sleep(91) \\g /dev/null\nSELECT 'other ' || sales_intel.consent_allows(2, 'community');\nFETCH 1 FROM c;\nROLLBACK;\n" });
my $late = run(sub { "\\set ON_ERROR_STOP 0\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nINSERT INTO event VALUES ('call', 'community', 2), ('call', 'test_drive', 2) RETURNING 'collected';\nSELECT pg_sleep(91) \\g /dev/null\nINSERT INTO event VALUES ('call', 'community', 2) RETURNING 'late';\nROLLBACK;\n" });
my @writing = map { run(sub { $start . join('', map { writes() } 1 .. 20 * $statements) }) } 1 .. $writers;
my @reading = map { run(sub { $start . join('', map { one_of(@kinds)->() } 1 .. $statements) }) } 1 .. $readers;

my ($compared, $different, @wrong) = (0, 0);
for my $reader (@reading)
{
	my $out = $reader->[1];

	while (<$out>)
	{
		if (/^compared\|(\d+)\|(\d+)\|(.*)/)
		{
			$compared += $1;
			$different += $2;
			push @wrong, $_ if $2;
		}
		elsif (!/deadlock|could not serialize|current transaction is aborted|the consent "\w+" is missing|DETAIL|HINT|CONTEXT|QUERY|LINE|SQL statement|PL\/pgSQL|Process \d|cursor "c" does not exist|^\s*\^?$/ && /ERROR/)
		{
			push @wrong, $_;
		}
	}
	waitpid $reader->[0], 0;
}
cmp_ok($compared, '>', $readers * $statements * 500, "$compared answers compared");
is($different, 0, 'none is another one than that of the events') or diag("SEED=$seed");
is(scalar @wrong, 0, 'no errors but those of transactions in each other\'s way') or diag(@wrong[0 .. ($#wrong < 9 ? $#wrong : 9)]);
for my $writer (@writing)
{
	kill 'TERM', $writer->[0];
	waitpid $writer->[0], 0;
}
my $events = value('consent_cache', "SELECT count(*) FROM sales_intel.consent_event");
cmp_ok($events, '>', 2 * $statements, "$events events meanwhile");

# ----- Age -----

sub all_of
{
	my $out = $_[0][1];

	local $/;
	return scalar <$out>;
}

like(all_of($old), qr/^young (true|false)\n(?!old).*ERROR:  the snapshot is too old to say what is allowed\nDETAIL:  It may have been taken \d+ seconds ago, and 90 are the most/s, '45 a REPEATABLE READ transaction of 91 seconds');
like(all_of($cursor), qr/^row (true|false)\nother (true|false)\n(?!row).*ERROR:  the snapshot is too old/s, '45 a cursor of 91 seconds, where a new statement is answered');
like(all_of($late), qr/^(collected\n)*(?!late).*ERROR:  the snapshot is too old/s, '45 what is collected in a transaction of 91 seconds');

value('postgres', 'DROP DATABASE consent_cache WITH (FORCE)');
done_testing;
