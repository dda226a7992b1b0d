# Attacks on what customers do not allow: consent views, masks in rows, fields
# that freeze; their numbers are those of doc/attacks.md.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Attack;
use Psql;
use Test::More;

prepare_attacks();

# Customers 1 to 5 allow everything that is asked for here, 6 to 10 nothing.
sub customers
{
	my ($schema) = @_;

	return "CREATE TABLE $schema.customer (id int PRIMARY KEY, name text, phone text, income int, secret text DEFAULT 'CANARY-secret', consent bigint);
		INSERT INTO $schema.customer SELECT i, CASE WHEN i <= 5 THEN 'open' ELSE 'CANARY-name' END, CASE WHEN i <= 5 THEN '138000' || i ELSE 'CANARY-' || i END, CASE WHEN i <= 5 THEN i ELSE 7770000 + i END FROM generate_series(1, 10) i;
		CREATE TABLE $schema.visit (id int PRIMARY KEY, customer bigint, note text, consent bigint); CREATE INDEX ON $schema.visit (customer);
		INSERT INTO $schema.visit SELECT id, id, CASE WHEN id <= 5 THEN 'open' ELSE 'CANARY-' || id END FROM $schema.customer;\n";
}
my $plain_test = 'EXISTS (SELECT FROM plain_allowed.allowed a WHERE a.id = c.id)';

value('attack_test', "DROP TABLE $_.visit CASCADE") for qw(crm plain_pool plain_mapped);
value('attack_test', join '', map { "SELECT sales_intel.grant_consent('$_', '{quote_push,test_drive}') \\g /dev/null\n" } 1 .. 5);
value('attack_test', q{SELECT sales_intel.grant_role('table_owner', 'attack_desk') \g /dev/null
	SET ROLE attack_desk; SET search_path = crm, sales_intel;} . customers('crm') . q{
	SELECT create_access_rule('visit', 'quotes', 'permit', '{select,insert,update,delete}', $$consent_allows(customer, 'quote_push')$$), protect_table('visit', '{"consent_mask": "consent", "subject_key": "customer"}');
	SELECT create_consent_view('card', 'customer', 'id', '{"id": null, "name": "test_drive", "phone": {"scene": "quote_push", "mask": "mask_phone"}, "income": "quote_push"}'),
		create_consent_view('rows', 'customer', 'id', '{"id": null, "phone": null, "income": null}', '{"row_scene": "quote_push"}'),
		create_consent_view('visits', 'visit', 'customer', '{"id": null, "note": "quote_push"}', '{"freeze": true}');
	GRANT SELECT ON card, rows, visits TO attack_pool, attack_alice, attack_bob, attack_nobody, attack_stranger; GRANT SELECT, INSERT, UPDATE, DELETE ON visit TO attack_pool, attack_alice;});
# By hand, as it is often done
value('attack_test', 'CREATE SCHEMA plain_allowed; CREATE TABLE plain_allowed.allowed AS SELECT i AS id FROM generate_series(1, 5) i; GRANT USAGE ON SCHEMA plain_allowed TO PUBLIC; GRANT SELECT ON plain_allowed.allowed TO PUBLIC');
value('attack_test', 'SET ROLE attack_desk;' . customers($_) . "CREATE VIEW $_.card AS SELECT id, CASE WHEN $plain_test THEN phone END AS phone, CASE WHEN $plain_test THEN income END AS income FROM $_.customer c;
	CREATE VIEW $_.rows AS SELECT id, phone, income FROM $_.customer c WHERE $plain_test; GRANT SELECT ON $_.card, $_.rows TO attack_pool, attack_alice") for qw(plain_pool plain_mapped);

# 20: the table, other columns, what lies beside
attack('20 the table under the view', sql => 'TABLE customer; SELECT phone FROM ONLY customer; COPY customer TO STDOUT; SELECT secret FROM card; SELECT consent FROM card; SELECT ctid FROM card; SELECT c FROM card c WHERE id = 6;',
	must => [[3, qr/42501: permission denied for table customer/], [3, qr/42703: column/], qr/^\Q(6,,*****,)\E$/m]);
attack('20 what a view is made of', sql => 'SELECT pg_get_viewdef($$card$$::regclass) ~ $$consent_live$$; SELECT * FROM sales_intel.consent_view; SELECT * FROM sales_intel.frozen_field; SELECT * FROM sales_intel.consent_state;', must => [qr/^t$/m, [3, qr/42501: permission denied/]]);

# 21: functions of the extension
attack('21 what is behind a view', sql => q{SELECT sales_intel.consent_changed('6', 127, false); SELECT sales_intel.keep_consent_mask(); SELECT sales_intel.keep_frozen_fields();
	SELECT sales_intel.create_consent_view('own.v', 'crm.customer', 'id', '{"secret": null}'); SELECT sales_intel.drop_consent_view('card');}, must => [[5, qr/42501: permission denied for function/]]);
attack('21 a ticket of one\'s own', sql => q{SELECT sales_intel.consent_live(6, 'quote_push', NULL, '\x00'); SELECT sales_intel.consent_masked(127, 'quote_push', '\x00'); SELECT sales_intel.consent_live(6, 'quote_push', NULL, NULL);}, must => [[3, qr/28000: the ticket is not good/]]);

# 22: one's own objects over the view
attack('22 own objects over a view', sql => q{CREATE TEMP VIEW v AS TABLE card; SELECT count(phone), count(income), count(name), count(*) FROM v; CREATE TEMP TABLE t AS TABLE card; SELECT count(income) FROM t;
	CREATE FUNCTION own.f() RETURNS SETOF card LANGUAGE sql STABLE AS 'TABLE crm.card'; SELECT count(*), max(phone) FROM own.f() WHERE income IS NULL; DROP FUNCTION own.f;
	WITH x AS MATERIALIZED (TABLE rows) SELECT count(*), max(phone) FROM x;}, who => ['mapped'], must => [qr/^10\|5\|5\|10$/m, qr/^5$/m, qr/^5\|\*{5}$/m, qr/^5\|1380005$/m]);
value('attack_test', q{SET ROLE attack_stranger; CREATE FUNCTION strange.take_cursor(c refcursor) RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ DECLARE r record; BEGIN FETCH NEXT FROM c INTO r; RETURN r; END $$});
attack("22 a stranger reads a cursor of $_", sql => "BEGIN; DECLARE c CURSOR FOR TABLE $_; MOVE 1 FROM c; SELECT strange.take_cursor('c'); COMMIT;", must => [qr/28000: (the query began with another identity|the ticket is not good here)/]) for qw(visit card rows visits);
safe(as_login('attack_nobody', 'SELECT * FROM crm.card; SELECT count(*) FROM crm.rows;'), '22 without an identity', [2, qr/28000: nobody may ask/]);

# 23: what is cheap and tells
my $tell = 'CREATE FUNCTION pg_temp.tell(anyelement) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE $a$%$a$, $1; RETURN true; END $$;';
attack('23 a leaky function in WHERE', sql => "$tell SELECT count(*) FROM rows WHERE pg_temp.tell(phone);", plain => 1, must => [qr/^5$/m, [5, qr/NOTICE:  00000: 138000\d/]]);
attack('23 a leaky function elsewhere', sql => "$tell SELECT count(*) FILTER (WHERE pg_temp.tell(phone)) FROM rows; SELECT CASE WHEN pg_temp.tell(income) THEN 1 END FROM card; SELECT id FROM card ORDER BY pg_temp.tell(name);
	SELECT count(*) FROM card a JOIN rows b ON pg_temp.tell(b.phone) AND a.id = b.id; SELECT count(*) FROM card c WHERE pg_temp.tell(c);", must => [[2, qr/^5$/m]]);
attack('23 a leaky operator', who => ['mapped'], sql => q{CREATE FUNCTION own.leak(text, text) RETURNS boolean COST 0.0000001 LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$;
	CREATE OPERATOR own.### (LEFTARG = text, RIGHTARG = text, PROCEDURE = own.leak, RESTRICT = eqsel); SELECT count(*) FROM rows WHERE phone OPERATOR(own.###) 'x'; DROP FUNCTION own.leak CASCADE;}, must => [qr/^5$/m]);

# 24: errors that depend on what is hidden
attack('24 division by what is hidden', sql => 'SELECT count(*) FROM rows WHERE 1 / (income - 7770006) < 1; SELECT count(*) FROM card WHERE 1 / (income - 7770007) < 1; SELECT count(*) FROM rows WHERE phone::int > 0;', must => [[3, qr/^5$/m]]);

# 25: promises of one's own
attack('25 leakproof, statistics', sql => q{CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LEAKPROOF LANGUAGE plpgsql AS 'BEGIN RETURN true; END'; CREATE STATISTICS own.s ON phone, income FROM crm.customer; CREATE INDEX ON crm.customer (phone);
	ALTER VIEW crm.card RESET (security_barrier); SELECT * FROM pg_stats WHERE tablename IN ('customer', 'card'); EXPLAIN SELECT * FROM card WHERE phone = 'x'; SELECT 0 AS nothing;}, must => [qr/42501: only superuser can define a leakproof function/, [3, qr/42501: must be owner of/]]);

# 37: names of others in front
attack('37 shadows of what a view calls', sql => q{CREATE FUNCTION own.consent_live(bigint, text, text, bytea) RETURNS boolean LANGUAGE sql AS 'SELECT true'; CREATE FUNCTION own.consent_ticket() RETURNS bytea LANGUAGE sql AS $$ SELECT '\x00'::bytea $$;
	CREATE FUNCTION own.mask_phone(text) RETURNS text LANGUAGE sql AS 'SELECT $1'; CREATE TEMP TABLE consent_state AS SELECT i::text AS subject, 127::bigint AS mask FROM generate_series(1, 10) i; CREATE TEMP TABLE customer AS SELECT 1 AS id;
	SET search_path = own, pg_temp, crm, sales_intel, pg_catalog; SELECT count(income), max(phone) FROM crm.card WHERE id > 5; SELECT count(*) FROM crm.rows; UPDATE crm.visit SET note = 'x' WHERE customer = 6;
	DROP FUNCTION own.consent_live, own.consent_ticket, own.mask_phone;}, who => ['mapped'], must => [qr/^0\|\*{5}$/m, qr/^5$/m]);

# 40: what is a value stays one, for owners of tables, too
my @evil = ("x'); DROP TABLE crm.customer; --", '"; DROP TABLE crm.customer; --', "\$\$; TABLE crm.customer; \$\$", '{"', "quote_push' OR true --", 'name", secret AS "name');
for my $evil (@evil)
{
	(my $json = $evil) =~ s/(["\\])/\\$1/g;
	my $try = sub { my (undef, $errors) = psql('attack_test', "SET ROLE attack_desk; SELECT sales_intel.create_consent_view(\$q\$$_[0]\$q\$, 'crm.customer', \$q\$$_[1]\$q\$, \$q\$$_[2]\$q\$, \$q\$$_[3]\$q\$)"); return $errors };

	like($try->('crm.evil', $evil, '{"id": null}', '{}'), qr/has no column/, "40 injection in the key: $evil");
	like($try->('crm.evil', 'id', qq({"$json": null}), '{}'), qr/has no column/, "40 injection in a column: $evil");
	like($try->('crm.evil', 'id', qq({"name": "$json"}), '{}'), qr/unknown scene/, "40 injection in a scene: $evil");
	like($try->('crm.evil', 'id', qq({"name": {"scene": "quote_push", "mask": "$json"}}), '{}'), qr/unknown mask/, "40 injection in a mask: $evil");
	like($try->('crm.evil', 'id', '{"name": "quote_push"}', qq({"row_scene": "$json"})), qr/unknown scene/, "40 injection in an option: $evil");
	is($try->('crm.evil', 'id', qq({"name": {"scene": "quote_push", "mask": "pseudonym", "kind": "$json"}}), '{}'), '', "40 a kind is a text: $evil");
	value('attack_test', "SELECT sales_intel.drop_consent_view('crm.evil')");
	$try->($evil, 'id', '{"id": null}', '{}');
}
is(value('attack_test', 'SELECT count(*) FROM crm.customer'), 10, '40 nothing was run');

# 44: the statement after a withdrawal, in a transaction that is open
sub meanwhile
{
	my ($what) = @_;

	return "\\! psql -XAtq -U $ENV{PGUSER} -d attack_test -c \"SELECT sales_intel.$what\" >/dev/null\n";
}
my $read = "SELECT count(income), count(*) FROM card; SELECT count(*) FROM rows; SELECT count(*) FROM visit; SELECT count(note) FROM visits;\n";
attack('44 read after a withdrawal', sql => $read . meanwhile("withdraw_consent('5', '{quote_push}')") . $read . "UPDATE visit SET note = 'late' WHERE customer = 5; ROLLBACK;" . meanwhile("grant_consent('5', '{quote_push}')"),
	must => [qr/\A(SET\n)?(\s*)5\|10\n5\n5\n5\n4\|10\n4\n4\n4\n/]);

# 45: a snapshot from before; what is written does not rest on it
attack('45 a snapshot of the transaction', who => ['mapped'], sql => 'BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM rows;' . meanwhile("withdraw_consent('4', '{quote_push}')") . q{INSERT INTO visit VALUES (44, 4, 'late'); UPDATE visit SET note = 'late' WHERE customer = 4; ROLLBACK; SELECT count(*) FROM rows;} . meanwhile("grant_consent('4', '{quote_push}')"),
	must => [qr/^5$/m, qr/42501: new row violates row-level security policy/, qr/40001: could not serialize access/, qr/^4$/m]);

# 47: copies of what a view shows cannot be made without whoever looks
value('attack_test', 'SET ROLE attack_desk; CREATE MATERIALIZED VIEW crm.copy AS TABLE crm.card WITH NO DATA; GRANT SELECT ON crm.copy TO PUBLIC');
for my $refresh ('REFRESH MATERIALIZED VIEW crm.copy', 'SET ROLE attack_desk; REFRESH MATERIALIZED VIEW crm.copy')
{
	like((psql('attack_test', $refresh))[1], qr/nobody may ask what customers allow without an identity/, "47 $refresh");
}
attack('47 a materialized view over a consent view', sql => 'TABLE copy;', must => [qr/55000: materialized view "copy" has not been populated/]);

# Fields that freeze
value('attack_test', q{SET ROLE attack_desk; SELECT sales_intel.create_access_rule('crm.visit', 'all', 'permit', '{select,update,insert,delete}', 'true') \g /dev/null});
value('attack_test', "UPDATE crm.visit SET note = 'frozen' WHERE false; INSERT INTO crm.visit VALUES (60, 6, 'old')");
attack('44 a frozen field', sql => q{UPDATE visit SET note = 'new' WHERE id = 60; INSERT INTO visit VALUES (60, 6, '') ON CONFLICT (id) DO UPDATE SET note = 'new'; MERGE INTO visit v USING (SELECT 60 AS id) n ON n.id = v.id WHEN MATCHED THEN UPDATE SET note = 'new';
	UPDATE visit SET customer = 1 WHERE id = 60; UPDATE visit SET customer = 1, note = 'new' WHERE id = 60; UPDATE visit SET consent = 127, note = 'new' WHERE id = 60; UPDATE visit SET consent = 127 WHERE id = 60; UPDATE visit SET note = 'new' WHERE id = 60;
	ALTER TABLE visit DISABLE TRIGGER ALL; SET session_replication_role = replica; DROP TRIGGER "~sales_intel_consent_freeze" ON visit; SELECT note, consent FROM visit WHERE id = 60;},
	must => [[7, qr/55000: column "note" is frozen/], [2, qr/42501: must be owner of/], qr/42501: permission denied to set parameter/, qr/^old\|0$/m]);
is(value('attack_test', 'SELECT note, consent FROM crm.visit WHERE id = 60'), 'old|0', '44 a frozen field is as it was');

finish_attacks();
done_testing;
