# The trail, keys and profiles through a dump: entries come back once, ids go
# on, secrets stay behind, grants are kept; whole, parallel, and data alone.
use strict;
use warnings;
use File::Temp 'tempdir';
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $directory = tempdir(CLEANUP => 1);

value('postgres', 'DROP ROLE IF EXISTS trail_dump; CREATE ROLE trail_dump');
fresh_database('trail_test');
value('trail_test', <<'END');
SET search_path = public, sales_intel;
CREATE TABLE deal (id bigint PRIMARY KEY, at timestamptz, f float8);
CREATE TABLE part (id integer PRIMARY KEY, v text) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF part FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE gone (id integer PRIMARY KEY);
SELECT record_writes('deal'), record_writes('part'), record_writes('gone');
INSERT INTO deal SELECT i, '2024-01-01'::timestamptz + i * interval '1 hour', sqrt(i) FROM generate_series(1, 500) i;
UPDATE deal SET f = f + 1 WHERE id % 5 = 0;
INSERT INTO part SELECT i, 'v' || i FROM generate_series(1, 100) i;
INSERT INTO gone VALUES (1);
DROP TABLE gone;
INSERT INTO principal (principal) VALUES ('ann');
INSERT INTO signing_key (kid, secret) VALUES ('k', convert_to(repeat('signing secret ', 3), 'UTF8'));
INSERT INTO pseudonym_key (kind, secret) VALUES ('phone', convert_to(repeat('pseudonym secret ', 3), 'UTF8'));
SELECT grant_role('auditor', 'trail_dump'), grant_role('app', 'trail_dump');
END

my $facts = <<'END';
SET search_path = public, sales_intel;
SELECT count(*), max(id), md5(string_agg(concat_ws('|', id, at, table_name, key, action, acting_role, before_hash, after_hash, xid), ',' ORDER BY id)) FROM access_trail;
SELECT rel::regclass, count(*) FROM access_trail WHERE table_name <> 'public.gone' GROUP BY 1 ORDER BY rel::regclass::text COLLATE "C";
SELECT count(*) FROM deal d JOIN access_trail t ON t.rel = 'deal'::regclass AND t.key = d.id::text AND t.after_hash = row_hash(d);
SELECT has_table_privilege('trail_dump', 'access_trail', 'SELECT'), has_column_privilege('trail_dump', 'signing_key', 'kid', 'SELECT'),
	has_column_privilege('trail_dump', 'signing_key', 'secret', 'SELECT'), has_function_privilege('trail_dump', 'begin_identity(text)', 'EXECUTE');
SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE tgfoid = 'record_access'::regproc AND tgname NOT LIKE 'RI%'
	ORDER BY tgrelid::regclass::text COLLATE "C", tgname;
END
my $before = value('trail_test', $facts);

like($before, qr/^500$/m, 'hashes in the trail are those of the rows');

sub check
{
	my ($how) = @_;

	is(value('trail_restored', $facts), $before, "$how: the trail is as it was, no trigger fired");
	is(value('trail_restored', 'SELECT count(*) FROM sales_intel.signing_key') .
		value('trail_restored', 'SELECT count(*) FROM sales_intel.pseudonym_key'), '00', "$how: no keys");
	value('trail_restored', 'INSERT INTO public.part VALUES (1001, $$new$$); UPDATE public.deal SET f = 0 WHERE id = 1');
	is(value('trail_restored', 'SELECT count(*), count(*) FILTER (WHERE id > ' . value('trail_test', 'SELECT max(id) FROM sales_intel.access_trail') .
		') FROM sales_intel.access_trail'), (split /\|/, $before)[0] + 2 . '|2', "$how: and goes on");
	my (undef, $errors) = psql('trail_restored', q{SELECT sales_intel.pseudonym('phone', '1')});
	like($errors, qr/there is no pseudonym key of kind "phone"/, "$how: pseudonyms wait for their key");
	return;
}

sub run
{
	my ($command) = @_;

	is(system("$command >/dev/null"), 0, $command =~ s/\Q$directory\E/./gr);
	return;
}

run("pg_dump -Fp -f $directory/plain trail_test");
run("pg_dump -Fd -f $directory/dir trail_test");
run("pg_dump -Fc -f $directory/custom trail_test");

empty_database('trail_restored');
run("psql -Xq -v ON_ERROR_STOP=1 -f $directory/plain -d trail_restored");
check('plain');

empty_database('trail_restored');
run("pg_restore --exit-on-error -j 4 -d trail_restored $directory/dir");
check('four at a time');

empty_database('trail_restored');
run("pg_restore --exit-on-error --schema-only -d trail_restored $directory/custom");
value('trail_restored', 'SELECT 1');
run("pg_restore --exit-on-error --data-only -d trail_restored $directory/custom");
check('data alone');

open my $dump, '<', "$directory/plain" or die $!;
my $text = do { local $/; <$dump> };
unlike($text, qr/signing secret|pseudonym secret|@{[ unpack 'H*', 'signing secret' ]}|@{[ unpack 'H*', 'pseudonym secret' ]}/, 'no secret is in the dump');
like($text, qr/public\.deal/, 'the trail is');

value('postgres', 'DROP DATABASE trail_test');
value('postgres', 'DROP DATABASE trail_restored');
value('postgres', 'DROP ROLE trail_dump');
done_testing();
