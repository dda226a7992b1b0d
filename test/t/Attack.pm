# Attack.pm
#
# What the tests of attacks share: a database with a protected table, the same
# table under PostgreSQL's own row security as it is often written, and signed
# tokens.  Bob's rows hold canaries, which Alice must not see anywhere: not in
# rows, notices, errors or their details.
package Attack;

use strict;
use warnings;
use Digest::SHA 'hmac_sha256';
use Exporter 'import';
use MIME::Base64 'encode_base64url';
use Psql;
use Test::More;

our @EXPORT = qw(token claims audience prepare_attacks finish_attacks attack as_login run_as both leaks safe $secret);

our $secret = join '', map { chr } 1 .. 48;
my $database = 'attack_test';
my $audience;
my $canary = qr/CANARY|\b7770\d{3}\b/;
my %plain_owner = (pool => "current_setting('app.who', true)", mapped => 'CURRENT_USER::text');

# ----- Tokens, of an independent implementation -----

sub audience
{
	$audience //= value($_[0] // $database, 'SELECT sales_intel.token_audience()');
	return $audience;
}

sub token
{
	my ($claims, $header, $key) = @_;
	my $signed = encode_base64url($header // '{"alg":"HS256","kid":"k1"}') . '.' . encode_base64url($claims);

	return "$signed." . encode_base64url(hmac_sha256($signed, $key // $secret));
}

# With changes; a value of undef goes away.
sub claims
{
	my %claim = (
		sub => '"alice"', aud => '"' . audience() . '"', iat => time, exp => time + 280,
		jti => '"' . join('', map { ('a' .. 'z')[rand 26] } 1 .. 20) . '"', @_);

	return '{' . join(',', map { qq("$_":$claim{$_}) } grep { defined $claim{$_} } sort keys %claim) . '}';
}

# ----- The database -----

my @roles = qw(attack_pool attack_alice attack_bob attack_nobody attack_bi attack_desk attack_stranger);

sub table
{
	my ($schema) = @_;

	return "CREATE TABLE $schema.deal (id int PRIMARY KEY, owner text NOT NULL, region text, amount int, note text);
		CREATE INDEX ON $schema.deal (owner);
		CREATE INDEX ON $schema.deal (amount);
		INSERT INTO $schema.deal SELECT i, CASE WHEN i <= 50 THEN 'alice' ELSE 'bob' END, 'north',
			CASE WHEN i <= 50 THEN i ELSE 7770000 + i END, CASE WHEN i <= 50 THEN 'mine' ELSE 'CANARY-' || i END
		FROM generate_series(1, 100) i;
		CREATE TABLE $schema.visit (id int, owner text NOT NULL, note text, PRIMARY KEY (id, owner)) PARTITION BY RANGE (id);
		CREATE TABLE $schema.visit_1 PARTITION OF $schema.visit FOR VALUES FROM (0) TO (100);
		INSERT INTO $schema.visit SELECT id, owner, note FROM $schema.deal WHERE id < 100;
		GRANT USAGE ON SCHEMA $schema TO PUBLIC;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA $schema
			TO attack_pool, attack_alice, attack_bob, attack_nobody, attack_stranger;\n";
}

# Row security as in many a tutorial: by a setting, or by the login's name; on
# the parent alone, not for its owner, without WITH CHECK on what is new.
sub plain_policies
{
	my ($schema, $owner) = @_;

	return join '', map { "ALTER TABLE $schema.$_ ENABLE ROW LEVEL SECURITY;
		CREATE POLICY own ON $schema.$_ USING (owner = $owner) WITH CHECK (true);\n" } qw(deal visit);
}

sub prepare_attacks
{
	finish_attacks();
	value('postgres', join '', map { "CREATE ROLE $_ " . (/desk|stranger/ ? 'NOLOGIN' : 'LOGIN') . ";\n" } @roles);
	fresh_database($database);
	value($database, <<"END" . table('crm') . table('plain_pool') . table('plain_mapped'));
INSERT INTO sales_intel.principal (principal, login_role, kind, token_only) VALUES
	('alice', 'attack_alice', 'person', false), ('bob', 'attack_bob', 'person', false), ('pool', 'attack_pool', 'service', true);
INSERT INTO sales_intel.principal_attribute (principal, attribute, value) VALUES
	('alice', 'team', '1'), ('bob', 'team', '2'), ('bob', 'salary', '7770999');
INSERT INTO sales_intel.signing_key (kid, secret, valid_during) VALUES
	('k1', '\\x@{[unpack 'H*', $secret]}', '(,)'), ('old', '\\x@{[unpack 'H*', $secret]}', '(,2020-01-01)');
GRANT EXECUTE ON FUNCTION sales_intel.begin_identity(text), sales_intel.session_nonce() TO attack_pool, attack_alice, attack_bob, attack_nobody, attack_stranger;
GRANT EXECUTE ON FUNCTION sales_intel.create_access_rule(regclass, text, text, text[], text), sales_intel.drop_access_rule(regclass, text),
	sales_intel.protect_table(regclass, jsonb), sales_intel.unprotect_table(regclass) TO attack_desk;
CREATE SCHEMA own AUTHORIZATION attack_alice;
CREATE SCHEMA strange AUTHORIZATION attack_stranger;
GRANT CREATE, USAGE ON SCHEMA own TO attack_pool, attack_bob, attack_nobody;
GRANT CREATE, USAGE ON SCHEMA strange TO PUBLIC;
CREATE SCHEMA crm AUTHORIZATION attack_desk;
CREATE SCHEMA plain_pool AUTHORIZATION attack_desk;
CREATE SCHEMA plain_mapped AUTHORIZATION attack_desk;
SET ROLE attack_desk;
END
	value($database, "UPDATE plain_mapped.$_ SET owner = 'attack_' || owner") for qw(deal visit);
	value($database, 'SET ROLE attack_desk;' . plain_policies('plain_pool', $plain_owner{pool}) . plain_policies('plain_mapped', $plain_owner{mapped}));
	value($database, q{SET ROLE attack_desk; SET search_path = crm, sales_intel;
		SELECT create_access_rule(t, 'own', 'permit', '{select,insert,update,delete}', 'owner = current_principal()'),
			create_access_rule(t, 'buried', 'forbid', '{select,insert,update,delete}', $$note = 'buried'$$), protect_table(t)
		FROM unnest('{deal,visit}'::regclass[]) AS t;});
	value($database, 'ANALYZE');
	return;
}

sub finish_attacks
{
	$audience = undef;
	value('postgres', "SET client_min_messages = warning; DROP DATABASE IF EXISTS $database");
	value('postgres', join '', map { "DROP ROLE IF EXISTS $_;\n" } @roles);
	return;
}

# ----- Running -----

# Everything that psql says to a script of a login, errors in full included;
# an error in a transaction undoes its statement only.
sub as_login
{
	my ($login, $script) = @_;

	local $ENV{PGUSER} = $login;
	return join "\n", psql($database, "\\set ON_ERROR_STOP 0\n\\set ON_ERROR_ROLLBACK on\n\\set VERBOSITY verbose\n$script");
}

# As Alice, through the pool or by her own login; or as her in plain PostgreSQL.
sub run_as
{
	my ($who, $script) = @_;
	my %start = (
		pool => ['attack_pool', "SET search_path = crm, own, public;\nBEGIN;\nSELECT sales_intel.begin_identity('" . token(claims()) . "') \\g /dev/null\n"],
		mapped => ['attack_alice', "SET search_path = crm, own, public;\n"],
		plain_pool => ['attack_pool', "SET search_path = plain_pool, own, public;\nSET app.who = 'alice';\nBEGIN;\n"],
		plain_mapped => ['attack_alice', "SET search_path = plain_mapped, own, public;\n"],
	);
	my ($login, $prelude) = @{ $start{$who} };

	return as_login($login, $prelude . $script);
}

# ----- Judging -----

sub leaks
{
	my ($output, $name) = @_;

	like($output, $canary, $name);
	return;
}

# No canary, and what else must be there: an expression, or a number of times
# and an expression.
sub safe
{
	my ($output, $name, @must) = @_;
	my @missing;

	for (@must)
	{
		my ($times, $what) = ref eq 'ARRAY' ? @$_ : (1, $_);
		my $found = () = $output =~ /$what/g;

		push @missing, "$found of $times $what\n" if $found < $times;
	}

	ok($output !~ $canary && !@missing, $name) or
		diag(map({ "leaks: $_\n" } $output =~ /^.*$canary.*$/mg), "missing: @missing\n", substr $output, 0, 2000);
	return;
}

# An attack through the pool and by a mapped login: where "plain" is given (1:
# the same script), plain PostgreSQL falls for it; "must" is what it gets here.
sub attack
{
	my ($name, %how) = @_;

	for my $who (@{ $how{who} // [qw(pool mapped)] })
	{
		if (my $plain = $how{plain})
		{
			leaks(run_as("plain_$who", $plain eq '1' ? $how{sql} : $plain), "$name ($who): plain PostgreSQL falls");
		}
		safe(run_as($who, $how{sql}), "$name ($who)", @{ $how{must} // [] });
	}
	return;
}

1;
