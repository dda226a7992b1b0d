# Tables with masks, consent views and frozen fields through a dump, whole,
# parallel, and data alone: everybody sees what he saw, and writes are kept as
# before; loading changes no mask, and fires nothing.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $directory = tempdir(CLEANUP => 1);

value('postgres', "SET client_min_messages = warning; DROP DATABASE IF EXISTS $_") for qw(view_dump view_restored);
value('postgres', join '', map { "DROP ROLE IF EXISTS $_; CREATE ROLE $_ LOGIN;" } qw(dump_desk dump_rep));
fresh_database('view_dump');
value('view_dump', <<'END');
SET search_path = public, sales_intel;
GRANT CREATE ON SCHEMA public TO dump_desk;
SELECT grant_role('table_owner', 'dump_desk') \g /dev/null
INSERT INTO principal (principal, login_role) VALUES ('rep', 'dump_rep');
SELECT count(*) FROM generate_series(1, 300) i, grant_consent(i::text, CASE WHEN i % 2 = 0 THEN '{quote_push}' ELSE '{test_drive}' END::text[], CASE WHEN i % 3 = 0 THEN '{"valid_until": "2999-01-01"}' ELSE '{}' END::jsonb) g WHERE i % 7 > 0;
SET ROLE dump_desk;
CREATE TABLE visit (id int PRIMARY KEY, customer bigint, note text, consent bigint NOT NULL) PARTITION BY RANGE (id);
CREATE TABLE visit_1 PARTITION OF visit FOR VALUES FROM (0) TO (500);
CREATE TABLE visit_2 (consent bigint NOT NULL, note text, customer bigint, id int NOT NULL);
ALTER TABLE visit ATTACH PARTITION visit_2 FOR VALUES FROM (500) TO (2000);
CREATE INDEX ON visit (customer);
INSERT INTO visit SELECT i, i % 350, 'note', 0 FROM generate_series(1, 1000) i;
CREATE TABLE customer (id text PRIMARY KEY, name text, phone text);
INSERT INTO customer SELECT i, 'name ' || i, '1380000' || i FROM generate_series(1, 350) i;
SELECT create_access_rule('visit', 'quotes', 'permit', '{select,insert,update}', $$consent_allows(customer, 'quote_push')$$) \g /dev/null
SELECT protect_table('visit', '{"consent_mask": "consent", "subject_key": "customer"}') \g /dev/null
SELECT create_consent_view('"Visits ""here"""', 'visit', 'customer', '{"id": null, "note": "test_drive"}'),
	create_consent_view('card', 'customer', 'id', '{"id": null, "name": {"scene": "test_drive", "mask": "mask_name"}, "phone": "quote_push"}', '{"freeze": ["phone"]}') \g /dev/null
GRANT SELECT ON "Visits ""here""", card, visit TO dump_rep;
GRANT INSERT, UPDATE ON visit, customer TO dump_rep;
GRANT SELECT ON customer TO dump_rep;
END

my $facts = <<'END';
SET search_path = public, sales_intel;
SELECT view, source, subject_key, columns, options, created_by, created_at FROM consent_view ORDER BY view::text COLLATE "C";
SELECT rel, options FROM protected_table;
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgname ~ 'sales_intel' AND tgrelid::regclass::text ~ '^(visit|customer)' ORDER BY tgrelid::regclass::text COLLATE "C", tgname;
SELECT oid::regclass, reloptions, pg_get_viewdef(oid), pg_get_userbyid(relowner) FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace ORDER BY relname COLLATE "C";
SELECT md5(string_agg(v::text, ',' ORDER BY id)) FROM visit v;
SELECT count(*), sum(epoch), count(DISTINCT mask) FROM consent_state;
SELECT count(*), count(DISTINCT subject) FROM frozen_field;
END

sub decisions
{
	my ($database) = @_;

	return value($database, q{SET SESSION AUTHORIZATION dump_rep;
		SELECT count(*), md5(string_agg(v::text, ',' ORDER BY id)) FROM visit v; SELECT count(*), count(note), md5(string_agg(v::text, ',' ORDER BY id)) FROM "Visits ""here""" v;
		SELECT count(name), count(phone), md5(string_agg(c::text, ',' ORDER BY id)) FROM card c;});
}
my ($before, $decided) = (value('view_dump', $facts), decisions('view_dump'));

like($decided, qr/^[1-9]\d\d\|.*\n[1-9]\d\d\|0\|.*\n350\|[1-9]\d\d\|/, 'the rep sees some of it');

sub check
{
	my ($how) = @_;

	is(value('view_restored', $facts), $before, "$how: views, triggers, masks as they were");
	is(decisions('view_restored'), $decided, "$how: 2,350 probes, the same decisions");
	is(value('view_restored', q{SET client_min_messages = warning; SELECT sales_intel.withdraw_consent('2', '{quote_push}') \g /dev/null
		INSERT INTO visit VALUES (1500, 2, 'late', 127), (1501, 4, 'late', 0);
		SELECT string_agg(DISTINCT customer || ':' || consent, ',') FROM visit WHERE customer IN (2, 4);}), '2:0,4:2', "$how: masks are kept");
	like((psql('view_restored', q{UPDATE customer SET phone = 'x' WHERE id = '4'; UPDATE customer SET phone = 'x' WHERE id = '2'}))[1], qr/column "phone" is frozen/, "$how: fields freeze");
	return;
}

sub run
{
	my ($command) = @_;
	my $said = `$command 2>&1 >/dev/null`;

	is($? . $said, '0', $command =~ s/\Q$directory\E/./gr);
	return;
}

run("pg_dump -Fp -f $directory/plain view_dump");
run("pg_dump -Fd -j 4 -f $directory/dir view_dump");

empty_database('view_restored');
run("psql -Xq -v ON_ERROR_STOP=1 -f $directory/plain -d view_restored");
check('plain');

empty_database('view_restored');
run("pg_restore --exit-on-error -j 4 -d view_restored $directory/dir");
check('four at a time');

empty_database('view_restored');
run("pg_restore --exit-on-error --schema-only -d view_restored $directory/dir");
run("pg_restore --exit-on-error --data-only -j 4 -d view_restored $directory/dir");
check('data alone, four at a time');

value('postgres', 'DROP DATABASE view_dump');
value('postgres', 'DROP DATABASE view_restored');
value('postgres', 'DROP ROLE dump_desk; DROP ROLE dump_rep;');
done_testing;
