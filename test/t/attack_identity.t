# Attacks on who somebody is; their numbers are those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();

my $mine = qr/^50\|mine$/m;
my $nothing = qr/^0\|$/m;
my $read = 'SELECT count(*), max(note) FROM deal;';

sub begin
{
	return "SELECT sales_intel.begin_identity('" . token(claims(@_)) . "') \\g /dev/null\n";
}

sub pool
{
	return as_login('attack_pool', 'SET search_path = crm, own, public;' . join "\n", @_);
}

# 1
safe(as_login($_, "SET search_path = crm;
	$read INSERT INTO deal VALUES (200, 'alice', 'north', 1, 'new');
	UPDATE deal SET region = 'x' RETURNING note; DELETE FROM deal RETURNING note;"),
	"1 no identity at all ($_)", $nothing, qr/ERROR:  42501: new row violates row-level security/) for qw(attack_pool attack_nobody);

# 2
attack('2 settings that a session may change', who => ['pool'],
	plain => q{SELECT set_config('app.who', 'bob', false); SELECT note FROM deal;},
	sql => q{SELECT set_config('app.who', 'bob', false), set_config('request.jwt.claims', '{"sub": "bob"}', false),
		set_config('request.jwt.claim.sub', 'bob', false), set_config('si.principal', 'bob', false);
		SET sales_intel.principal = 'bob'; SET role = 'attack_bob'; SET session_authorization = 'attack_bob';
		SET application_name = 'bob';} . $read, must => [$mine, qr/reserved prefix/, qr/permission denied to set role/]);
{
	local $ENV{PGOPTIONS} = '-c app.who=bob -c request.jwt.claims={"sub":"bob"}';
	leaks(as_login('attack_pool', 'SELECT note FROM plain_pool.deal'), '2 settings of the connection: plain PostgreSQL falls');
	safe(pool($read), '2 settings of the connection', $nothing);
	local $ENV{PGOPTIONS} = '-c sales_intel.principal=bob -c sales_intel.token=x';
	safe(pool($read), '2 settings of the connection, with our prefix');
}
safe(as_login('attack_pool', "ALTER ROLE attack_pool SET sales_intel.principal = 'bob'; ALTER ROLE attack_pool SET role = 'attack_bob';\n\\c -\nSET search_path = crm;$read"),
	'2 ALTER ROLE SET', $nothing);
value('attack_test', 'ALTER ROLE attack_pool RESET ALL');

# 3: each bit of each character
my $token = token(claims());
value('attack_test', "CREATE TABLE own.attempt (id int, token text);
	CREATE FUNCTION own.try(token text) RETURNS text LANGUAGE plpgsql AS \$\$
	BEGIN
		RETURN 'accepted ' || sales_intel.begin_identity(token);
	EXCEPTION WHEN invalid_authorization_specification THEN RETURN 'refused';
	END \$\$;
	GRANT ALL ON own.attempt TO PUBLIC; GRANT USAGE ON SCHEMA own TO PUBLIC");
sub outcomes
{
	my ($login, @tokens) = @_;
	my $rows = join '', map { my $t = $tokens[$_]; $t =~ s/([^!-\[\]-~])/sprintf '\\x%02x', ord $1/ge; "$_\t$t\n" } 0 .. $#tokens;

	value('attack_test', "TRUNCATE own.attempt; COPY own.attempt FROM stdin;\n$rows\\.\n");
	return split /\n/, as_login($login, 'SELECT own.try(token) FROM own.attempt ORDER BY id;');
}
my @flipped = grep { !/\0/ } map { my $bit = $_; map { my $t = $token; substr($t, $_, 1) = chr(ord(substr $t, $_, 1) ^ 1 << $bit); $t } 0 .. length($token) - 1 } 0 .. 6;
my @outcomes = outcomes('attack_pool', @flipped, $token);
is(pop @outcomes, 'accepted alice', '3 the token itself');
is_deeply([grep { $_ ne 'refused' } @outcomes], [], '3 ' . @flipped . ' tokens with one bit flipped');

# 4, 5, 6, 9 are in tokens.t, too
my %bad = (
	'4 no signature' => $token =~ s/[^.]+$//r, '4 half a signature' => substr($token, 0, -20), '4 an extended one' => "${token}AAAA",
	'4 alg none' => token(claims(), '{"alg":"none","kid":"k1"}'), '4 unknown kid' => token(claims(), '{"alg":"HS256","kid":"k0"}'),
	'5 expired a second ago' => token(claims(iat => time - 60, exp => time - 1)), '5 not yet valid' => token(claims(iat => time + 30, exp => time + 60)),
	'5 without exp' => token(claims(exp => undef)), '5 exp of the largest integer' => token(claims(exp => '9223372036854775807')),
	'5 exp negative' => token(claims(exp => -1)), '6 a life of 301 seconds' => token(claims(iat => time, exp => time + 301)),
	'7 of another database' => token(claims(aud => '"1/2"')), '7 of another session' => token(claims(nonce => '"AAAAAAAAAAAAAAAAAAAAAA"')),
	'8 of an old key' => token(claims(), '{"alg":"HS256","kid":"old"}'), '8 of somebody unknown' => token(claims(sub => '"mallory"')),
	'9 claims twice' => token(claims() =~ s/\{/{"sub":"bob",/r), '9 a megabyte' => 'e' x 1e6, '9 a homoglyph' => token(claims(sub => "\"\xd0\xb0lice\"")),
	'40 SQL as the principal' => token(claims(sub => q("x' OR true --"))), '40 SQL as the kid' => token(claims(), q({"alg":"HS256","kid":"' OR kid='k1"})),
);
my @names = sort keys %bad;
@outcomes = outcomes('attack_pool', map { $bad{$_} } @names);
is($outcomes[$_], 'refused', $names[$_]) for 0 .. $#names;
value('attack_test', "UPDATE sales_intel.principal SET active = false WHERE principal = 'alice'");
is((outcomes('attack_pool', token(claims())))[0], 'refused', '8 of somebody who may no longer');
safe(as_login('attack_alice', "SET search_path = crm; $read SELECT problem FROM sales_intel.whoami()"), '8 nor by his login', $nothing, qr/not active/);
value('attack_test', "UPDATE sales_intel.principal SET active = true WHERE principal = 'alice'");

# 7: stolen tokens; as Bob, so that it is Alice's rows that he must not see
my $stolen = token(claims());
my $steal = "SET search_path = crm; BEGIN; SELECT sales_intel.begin_identity('$stolen'); SELECT count(*), max(owner) FROM deal WHERE owner = 'alice'; COMMIT;\n";
like(as_login('attack_pool', $steal), qr/^50\|alice$/m, '7 a token, once');
unlike(as_login($_, $steal), qr/^50\|/m, "7 the same again ($_)") for qw(attack_pool attack_bob attack_nobody);
$stolen = token(claims());
like(as_login('attack_nobody', $steal =~ s/'[^']+\.[^']+'/'$stolen'/r), qr/^50\|alice$/m, '7 a login that is nobody, once');
unlike(as_login($_, $steal =~ s/'[^']+\.[^']+'/'$stolen'/r), qr/^50\|/m, "7 the same again ($_)") for qw(attack_nobody attack_bob attack_pool);

# 10 to 13: transactions
value('attack_test', q{CREATE FUNCTION own.noted() RETURNS text LANGUAGE plpgsql AS $$ DECLARE n text;
	BEGIN SELECT count(*) || '|' || coalesce(max(note), '') INTO n FROM crm.deal; RETURN n; END $$});
safe(pool('BEGIN;', begin(), begin(sub => '"bob"'), $read, 'COMMIT;'), '10 a second identity', $mine, qr/this transaction has an identity already/);
safe(pool('BEGIN; SAVEPOINT s;', begin(sub => '"bob"'), 'ROLLBACK TO s;', $read, 'COMMIT;'), '11 begun in a savepoint that is undone', $nothing);
safe(pool("\\set ON_ERROR_ROLLBACK off\nBEGIN; DECLARE c CURSOR FOR SELECT note FROM deal WHERE owner = 'bob'; SAVEPOINT s; SELECT 1 \\g /dev/null\n",
	begin(sub => '"bob"'), 'MOVE 1 FROM c; ROLLBACK TO s; FETCH 1 FROM c;'), '11 a cursor that was read there', qr/began with another identity/);
safe(pool("\\set ON_ERROR_ROLLBACK off\nBEGIN; DECLARE c CURSOR FOR $_; SAVEPOINT s;", begin(sub => '"bob"'),
	'MOVE 1 FROM c; ROLLBACK TO s;', begin(), 'FETCH 1 FROM c;'), "11 a cursor that goes on as somebody else: $_", qr/began with another identity/)
	for 'SELECT note FROM deal', 'SELECT note FROM deal ORDER BY note, id', 'SELECT own.noted() FROM generate_series(1, 3)';
safe(pool('BEGIN;', begin(sub => '"bob"'), 'COMMIT;', $read), '12 after COMMIT', $nothing);
safe(pool('BEGIN;', begin(sub => '"bob"'), "\\set ON_ERROR_ROLLBACK off\nSELECT 1/0; COMMIT;", $read), '13 after an error', $nothing);
safe(pool('BEGIN;', begin(sub => '"bob"'), "PREPARE TRANSACTION 'attack';", $read), '13 after PREPARE TRANSACTION', $nothing, qr/0A000: cannot prepare/);
safe(pool('DO $$ BEGIN PERFORM sales_intel.begin_identity(' . "'" . token(claims(sub => '"bob"')) . "'" . '); COMMIT; RAISE NOTICE \'%\', (SELECT array_agg(note) FROM deal); END $$;'),
	'12 after a procedure\'s COMMIT', qr/NOTICE:  00000: <NULL>/);

# 15
attack('15 settings put back', must => [qr/^50\|mine\n50\|mine$/m], sql => "RESET ALL; SET search_path = crm, own; $read
	SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; $read");
safe(pool('BEGIN;', begin(sub => '"bob"'), 'COMMIT; DISCARD ALL; SET search_path = crm;', $read), '15 DISCARD ALL', $nothing);

# 16: a cursor, a loop and a transaction, all past their time
my $short = sub { begin(iat => time - 5, exp => time + 2) };
safe(pool('BEGIN;', $short->(), "DECLARE c CURSOR FOR SELECT owner FROM deal; DECLARE d CURSOR FOR SELECT owner FROM deal ORDER BY note, id; FETCH 1 FROM c; MOVE 1 FROM d;\n\\! sleep 2.2\nFETCH 1 FROM c; FETCH 1 FROM d;", $read,
	'SELECT sales_intel.current_principal(); SELECT problem FROM sales_intel.whoami(); COMMIT;'),
	'16 past its time', qr/^alice$(?!.*^(alice|50))/ms, [4, qr/28000: the identity has expired/], qr/^The identity has expired\.$/m);
safe(pool('BEGIN;', $short->(), 'SELECT count(*), max(note) FROM deal, pg_sleep(2.2);'), '16 in a statement that takes long', qr/28000: the identity has expired/);

# 17
attack('17 parallel workers', must => [$mine, qr/^50\|0$/m], sql => "SET force_parallel_mode = on; SET parallel_setup_cost = 0;
	SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; $read
	SELECT count(*), count(*) FILTER (WHERE d.note <> 'mine') FROM deal d JOIN deal e USING (id);");

# 18: one session, one plan, three identities
my $plan = "EXECUTE p; SELECT own.noted(); SELECT own.counted();";
value('attack_test', q{CREATE FUNCTION own.counted() RETURNS text LANGUAGE sql STABLE AS $$ SELECT count(*) || '|' || coalesce(max(note), '') FROM crm.deal $$});
for my $mode (qw(force_generic_plan force_custom_plan auto))
{
	my $said = pool("SET plan_cache_mode = $mode; PREPARE p AS $read", map { ('BEGIN;', $_, $plan x 7, 'COMMIT; SELECT \'--\';') }
		begin(sub => '"bob"'), begin(), '');
	my ($bob, $alice, $nobody) = split /^--$/m, $said;

	is(scalar(() = $bob =~ /^50\|CANARY-99$/mg), 21, "18 $mode: Bob's plan");
	safe($alice, "18 $mode: as Alice", qr/\A\s*(50\|mine\s*){21}\z/);
	safe($nobody, "18 $mode: as nobody", qr/\A\s*(0\|\s*){21}\z/);
}

# 19
attack('19 a cursor WITH HOLD', who => ['pool'], must => [qr/42P11: a cursor WITH HOLD/, qr/cursor "c" does not exist/],
	sql => 'DECLARE c CURSOR WITH HOLD FOR SELECT note FROM deal; COMMIT; FETCH ALL FROM c;');
value('attack_test', 'CREATE FUNCTION own.listed() RETURNS SETOF text LANGUAGE plpgsql AS $$
	DECLARE hidden CURSOR FOR SELECT note FROM crm.deal; r record; BEGIN FOR r IN hidden LOOP RETURN NEXT r.note; END LOOP; END $$');
my $held = pool('BEGIN;', begin(sub => '"bob"'), 'DECLARE c CURSOR WITH HOLD FOR SELECT own.listed(); COMMIT; FETCH ALL FROM c; SELECT count(*) FROM pg_cursors;');
safe($held, '19 one that hides another', qr/42P11: a cursor WITH HOLD/, qr/cursor "c" does not exist/, qr/^0$/m);

# SET ROLE, and roles that somebody is a member of
value('attack_test', 'GRANT attack_bob TO attack_alice');
safe(as_login('attack_alice', "SET search_path = crm; SET ROLE attack_bob; $read RESET ROLE; $read"), '36 SET ROLE to a login that one is a member of', $nothing, $mine);
leaks(as_login('attack_alice', 'SET ROLE attack_bob; SELECT note FROM plain_mapped.deal'), '36 there plain PostgreSQL falls');
safe(as_login('attack_alice', 'SET ROLE attack_bob; BEGIN;' . begin() . 'SELECT note FROM crm.deal WHERE owner <> \'alice\'; SET ROLE attack_alice; SELECT count(*) FROM crm.deal; COMMIT;'),
	'36 a token begun in another role counts there');
value('attack_test', 'REVOKE attack_bob FROM attack_alice');
attack('36 roles that one is no member of', sql => "SET ROLE attack_bob; SET ROLE attack_desk; SET SESSION AUTHORIZATION attack_bob; SET ROLE postgres;
	ALTER ROLE CURRENT_USER BYPASSRLS; ALTER ROLE CURRENT_USER SUPERUSER; GRANT attack_desk TO CURRENT_USER; GRANT SELECT ON deal TO PUBLIC; $read",
	must => [$mine, [7, qr/42501/]]);

# An impersonator who may no longer
value('attack_test', q{GRANT attack_bob TO attack_bi;
	INSERT INTO sales_intel.principal (principal, login_role, kind) VALUES ('bi', 'attack_bi', 'impersonator')});
leaks(as_login('attack_bi', 'SET ROLE attack_bob; SELECT note FROM crm.deal'), 'an impersonator reads as Bob');
value('attack_test', q{UPDATE sales_intel.principal SET active = false WHERE principal = 'bi'});
safe(as_login('attack_bi', 'SET ROLE attack_bob; SELECT note FROM crm.deal; SELECT problem FROM sales_intel.whoami()'), '8 an impersonator who may no longer', qr/"bi" is not active/);

finish_attacks();
done_testing;
