# Attacks on consent: actions that race withdrawals, withdrawals in odd orders,
# consent used for what it was not given for, separate consents left out,
# withdrawals that fail half-way; their numbers are those of doc/attacks.md.
# RACES says for how many subjects actions race.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use POSIX ();
use Psql;
use Test::More;

my $database = 'attack_test';
my $races = $ENV{RACES} || 100;

prepare_attacks();
value($database, "SELECT sales_intel.grant_role('app', 'attack_pool'), sales_intel.adopt_regime('PIPL');
	CREATE TABLE act (subject text, way text);
	CREATE TABLE seen (subject text, way text, acts bigint);
	CREATE TABLE plain_consent (subject text PRIMARY KEY, allowed boolean);
	GRANT ALL ON act, seen, plain_consent TO attack_pool;
	INSERT INTO plain_consent SELECT 'r' || i, true FROM generate_series(1, $races) i;
	SELECT count(sales_intel.grant_consent('r' || i, '{quote_push}')) FROM generate_series(1, $races) i");

sub app
{
	return as_login('attack_pool', $_[0]);
}

sub allowed
{
	my ($subject, $session) = @_;
	my $key = $session ? "'$session'" : 'NULL';

	return value($database, "SELECT COALESCE(string_agg(scene, ' ' ORDER BY bit), 'nothing') FROM sales_intel.consent_scene
		WHERE (sales_intel.live_consent('$subject', $key) >> bit) & 1 = 1");
}

# What an action that needs consent is told.
sub told
{
	my ($arguments) = @_;

	return app("SELECT sales_intel.require_consent($arguments), 'allowed';") =~ /(allowed)$|ERROR: +(.*)/m ? $1 // $2 : 'nothing';
}

# ----- 46 -----

# One after the other subjects withdraw, when the first of three actors has acted
# for them; the withdrawal writes down how many actions it sees, after which there
# must be no more.  Returns for how many subjects there were, and all actions.
sub race
{
	my ($way, $act, $withdraw) = @_;
	my $actor = join '', map { my $i = $_; map { "DO \$\$ BEGIN $act INSERT INTO act VALUES ('r$i', '$way'); END \$\$;\n" =~ s/SUBJECT/'r$i'/gr } 1 .. 2 } 1 .. $races;
	my $arrived = "DO \$\$ BEGIN FOR i IN 1 .. 200 LOOP EXIT WHEN EXISTS (SELECT FROM act WHERE subject = SUBJECT AND way = '$way'); PERFORM pg_sleep(0.001); END LOOP; END \$\$;";
	my $withdrawer = join '', map { my $i = $_; "$arrived BEGIN; $withdraw INSERT INTO seen SELECT 'r$i', '$way', count(*) FROM act WHERE subject = 'r$i' AND way = '$way'; COMMIT;\n" =~ s/SUBJECT/'r$i'/gr } 1 .. $races;
	my @children;

	for my $script ($withdrawer, ($actor) x 3)
	{
		my $pid = fork // die "fork: $!";

		if (!$pid)
		{
			local $ENV{PGUSER} = 'attack_pool';
			open STDERR, '>', '/dev/null';
			open my $psql, '|-', 'psql', '-Xq', '-o', '/dev/null', '-d', $database or POSIX::_exit(1);
			print $psql $script;
			close $psql;
			POSIX::_exit(0);
		}
		push @children, $pid;
	}
	waitpid $_, 0 for @children;
	return split /\|/, value($database, "SELECT count(*) FILTER (WHERE a.acts <> s.acts), count(*), sum(a.acts)
		FROM seen s, LATERAL (SELECT count(*) AS acts FROM act a WHERE a.subject = s.subject AND a.way = s.way) a WHERE s.way = '$way'");
}

my ($late, $withdrawn, $acts) = race('plain', 'IF NOT (SELECT allowed FROM plain_consent WHERE subject = SUBJECT) THEN RAISE EXCEPTION $x$withdrawn$x$; END IF; PERFORM pg_sleep(0.002);',
	'UPDATE plain_consent SET allowed = false WHERE subject = SUBJECT;');
cmp_ok($late, '>', 0, "46 looked up, then acted: plain PostgreSQL falls for $late of $withdrawn");
($late, $withdrawn, $acts) = race('ours', 'PERFORM sales_intel.require_consent(SUBJECT, $x$quote_push$x$); PERFORM pg_sleep(0.002);',
	"SELECT sales_intel.withdraw_consent(SUBJECT, '{quote_push}') \\g /dev/null\n");
is("$late $withdrawn", "0 $races", '46 no action is after the withdrawal');
cmp_ok($acts, '>', 0, "46 though $acts were before");

# A queue that is filled while subjects withdraw holds nothing afterwards.
value($database, "SELECT count(sales_intel.grant_consent('r' || i, '{quote_push}')) FROM generate_series(1, $races) i; TRUNCATE act, seen");
(undef, $withdrawn, $acts) = race('queue', 'PERFORM sales_intel.queue_action($x$send_quote$x$, SUBJECT, $x$quote_push$x$);',
	"SELECT sales_intel.withdraw_consent(SUBJECT, '{quote_push}') \\g /dev/null\n");
is(value($database, "SELECT count(*) FROM sales_intel.outbox WHERE kind = 'send_quote' AND acknowledged_at IS NULL AND cancelled_at IS NULL"), 0, '46 and no action is left queued');
cmp_ok(value($database, "SELECT count(*) FROM sales_intel.outbox WHERE kind = 'send_quote'"), '>=', $acts, "46 of $acts");

# ----- 49 -----

is(app("SELECT sales_intel.withdraw_consent('never', '{quote_push}') IS NOT NULL;"), "t\n", '49 what was never granted can be withdrawn');
is(allowed('never'), 'nothing', '49 and is not granted by that');
app("SELECT sales_intel.grant_consent('twice', '{quote_push,community}'), sales_intel.withdraw_consent('twice', '{quote_push}');
	SELECT sales_intel.withdraw_consent('twice', '{quote_push}');");
is(allowed('twice'), 'community', '49 withdrawn twice');
is(value($database, "SELECT count(*) FROM sales_intel.outbox WHERE subject = 'twice'"), 2, '49 others are told once');
app("SELECT sales_intel.grant_consent('twice', '{quote_push}');");
is(allowed('twice'), 'quote_push community', '49 granted again');
# the clock was an hour ahead, and has stepped back
value($database, "INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor) VALUES ('twice', 'quote_push', 'grant', now() + interval '1 hour', 'a clock')");
app("SELECT sales_intel.withdraw_consent('twice', '{quote_push}');");
is(allowed('twice'), 'community', '49 the order of events wins over a clock that steps back');
is(value($database, "SELECT count(*) FROM sales_intel.consent_as_of('twice', now()) WHERE allowed"), 1, '49 in reports, too');
is(value($database, "SELECT bool_and(at >= before) FROM (SELECT at, lag(at) OVER (ORDER BY id) AS before FROM sales_intel.consent_event WHERE subject = 'twice') e"), 't', '49 and times never fall');

# ----- 50 -----

my @scenes = qw(test_drive quote_push competitor_comparison finance_plan after_sales_care event_invitation community);
app("SELECT sales_intel.grant_consent('one', '{test_drive}'), sales_intel.grant_consent('all', '{@{[join ',', @scenes]}}');");
is(told("'one', 'test_drive'"), 'allowed', '50 what was granted is allowed');
is(told("'one', '$_'"), "42501: the consent \"$_\" is missing", "50 granted test_drive, used for $_") for @scenes[1 .. 6];
for my $off (@scenes)
{
	app("SELECT sales_intel.withdraw_consent('all', '{$off}');");
	is(told("'all', '$off'"), "42501: the consent \"$off\" is missing", "50 $off switched off alone");
}
is(allowed('all'), 'nothing', '50 one after the other, all are off');
app("SELECT sales_intel.grant_consent('talk', '{finance_plan}', '{\"session\": \"monday\"}');");
is(told("'talk', 'finance_plan', 'monday'"), 'allowed', '50 granted for a session');
is(told($_), '42501: the consent "finance_plan" is missing', "50 used elsewhere: $_") for "'talk', 'finance_plan', 'tuesday'", "'talk', 'finance_plan'", "'talk', 'finance_plan', 'Monday'", "'talk', 'finance_plan', 'monday '";
app("SELECT sales_intel.grant_consent('brief', '{quote_push}', jsonb_build_object('valid_until', clock_timestamp() + interval '0.2 s')); SELECT pg_sleep(0.3);");
is(told("'brief', 'quote_push'"), '42501: the consent "quote_push" is missing', '50 used after its end');
like(told("'one', $_"), qr/^(22023|42704)/, "50 strange arguments: $_") for "'test_drive,quote_push'", "'TEST_DRIVE'", 'NULL', "''", "'test_drive', ''";

# ----- 51 -----

value($database, "SELECT sales_intel.set_subject('cn', 'PIPL'), sales_intel.set_subject('child', 'PIPL', true)");
app("SELECT sales_intel.grant_consent(s, '{@{[join ',', @scenes]}}') FROM unnest('{cn,child,nowhere}'::text[]) s;");
is(told("'cn', 'quote_push'"), 'allowed', '51 a general consent');
for my $use (qw(sharing cross_border sensitive))
{
	is(told("'$_', 'quote_push', NULL, '{$use}'"), "42501: the consent \"$use\" is missing", "51 is none for $use ($_)") for qw(cn nowhere);
	app("SELECT sales_intel.grant_consent('cn', '{$use}');");
	is(told("'cn', 'quote_push', NULL, '{$use}'"), 'allowed', "51 a separate one is for $use");
	app("SELECT sales_intel.withdraw_consent('cn', '{quote_push}');");
	is(told("'cn', 'quote_push', NULL, '{$use}'"), '42501: the consent "quote_push" is missing', '51 and not without the general one');
	app("SELECT sales_intel.grant_consent('cn', '{quote_push}');");
}
like(told("'cn', 'quote_push', NULL, '{selling}'"), qr/^42704/, '51 a use that no regime knows');
app("SELECT sales_intel.grant_consent('child', '{quote_push}', '{\"session\": \"s\"}');");
is(told($_), '42501: the consent "guardian" is missing', "51 a minor without guardian: $_") for "'child', 'quote_push'", "'child', 'quote_push', 's'", "'child', 'community', NULL, '{sharing}'";
is(allowed('child'), 'nothing', '51 is allowed nothing');
like(app("SELECT sales_intel.grant_consent('child', '{guardian}', '{\"session\": \"s\"}');"), qr/22023/, '51 no guardian for a session');
app("SELECT sales_intel.grant_consent('child', '{guardian}');");
is(told("'child', 'quote_push', 's'"), 'allowed', '51 with the guardian it is');
app("SELECT sales_intel.withdraw_consent('child', '{guardian}');");
is(told("'child', 'quote_push', 's'"), '42501: the consent "guardian" is missing', '51 until that is withdrawn');
like(app("SELECT sales_intel.set_subject('child', 'PIPL', false); UPDATE sales_intel.consent_subject SET minor = false;
	UPDATE sales_intel.consent_state SET mask = -1; INSERT INTO sales_intel.consent_event (subject, scene, action, at, actor) VALUES ('child', 'guardian', 'grant', now(), 'x');"),
	qr/(42501.*){4}/s, '51 an application cannot say otherwise');

# ----- 52 -----

# What breaks off inside a withdrawal leaves nothing of it; each step fails once.
app("SELECT sales_intel.grant_consent('half', '{quote_push,community}'), sales_intel.grant_consent('half', '{quote_push}', '{\"session\": \"s\"}'), sales_intel.queue_action('send_quote', 'half', 'quote_push');");
my $everything = "SELECT md5(concat((SELECT string_agg(e::text, ',' ORDER BY id) FROM sales_intel.consent_event e), (SELECT string_agg(s::text, ',' ORDER BY subject) FROM sales_intel.consent_state s),
	(SELECT string_agg(s::text, ',' ORDER BY s) FROM sales_intel.consent_session s), (SELECT string_agg(o::text, ',' ORDER BY id) FROM sales_intel.outbox o), (SELECT count(*) FROM sales_intel.ledger)))";
my $before = value($database, $everything);
value($database, "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END \$\$");
for my $step (['consent_event', 'INSERT'], ['consent_state', 'UPDATE'], ['consent_session', 'INSERT OR UPDATE'], ['outbox', 'UPDATE'], ['outbox', 'INSERT'])
{
	my ($table, $event) = @$step;
	my $session = $table eq 'consent_session' ? ", '{\"session\": \"s\"}'" : '';

	value($database, "CREATE TRIGGER full_disk BEFORE $event ON sales_intel.$table FOR EACH ROW EXECUTE FUNCTION full_disk()");
	like(app("SELECT sales_intel.withdraw_consent('half', '{quote_push,community}'$session);"), qr/53100/, "52 the disk is full: $event on $table");
	value($database, "DROP TRIGGER full_disk ON sales_intel.$table");
	is(value($database, $everything), $before, '52 and nothing has changed');
}
app("BEGIN; SELECT sales_intel.withdraw_consent('half', '{quote_push}'); ROLLBACK;");
is(value($database, $everything), $before, '52 nor by what is rolled back');
app("SELECT sales_intel.withdraw_consent('half', '{quote_push}');");
is(allowed('half'), 'community', '52 then it goes through');
is(value($database, "SELECT string_agg(kind || CASE WHEN cancelled_at IS NULL THEN '' ELSE ' cancelled' END, ', ' ORDER BY id) FROM sales_intel.outbox WHERE subject = 'half'"), 'send_quote cancelled, marketing_stop, rep_alert', '52 with all that follows');
is(value($database, 'SELECT bool_and(ok) FROM sales_intel.ledger_verify()'), 't', '52 and the ledger verifies');

finish_attacks();
done_testing();
