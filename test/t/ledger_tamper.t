# Entries of the ledger tampered with at random, as a superuser can: each time the
# first bad one is found, and what was done to it.  TAMPERINGS=10000 for more than
# the 1,000 of each run.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Psql;
use Test::More;

my $database = 'ledger_tamper';
my $count = $ENV{TAMPERINGS} || 1000;

fresh_database($database);
value($database, <<'END');
SET search_path = public, sales_intel;
SELECT count(ledger_append('s' || n, 'kind' || i % 3, jsonb_build_object('n', i, 'amount', i * 1.50, 'note', repeat('Zoë ', i)))) FROM unnest('{1,2,3,9,40}'::int[]) n, generate_series(1, n) i \g /dev/null
ALTER TABLE ledger DISABLE TRIGGER keep_ledger;
ALTER TABLE ledger_head DISABLE TRIGGER keep_ledger;
CREATE TABLE missed (n int, how text, stream text, expected bigint, kind text, found bigint, problem text);
CREATE TABLE tried (how text, kind text);

-- The hash in SQL's own functions
CREATE FUNCTION framed(value bytea) RETURNS bytea IMMUTABLE LANGUAGE SQL RETURN int8send(octet_length(value)) || value;
CREATE FUNCTION rehash(a_stream text, p bigint) RETURNS void LANGUAGE SQL AS $$
	UPDATE ledger SET hash = sha256(framed('sales_intel ledger entry 1') || framed(convert_to(stream, 'UTF8')) || int8send(seq) || framed(convert_to(kind, 'UTF8'))
		|| int8send((extract(epoch FROM at) * 1000000)::bigint) || framed(convert_to(actor, 'UTF8')) || framed(convert_to(body::text, 'UTF8')) || framed(prev_hash))
	WHERE stream = a_stream AND seq = p $$;
CREATE FUNCTION flipped(bytes bytea) RETURNS bytea VOLATILE LANGUAGE SQL AS $$ SELECT set_bit(bytes, b, 1 - get_bit(bytes, b)) FROM floor(random() * 8 * octet_length(bytes)) AS f(x), LATERAL (SELECT x::bigint) AS i(b) $$;
CREATE FUNCTION shift(a_stream text, p bigint, by bigint) RETURNS void LANGUAGE SQL AS $$
	UPDATE ledger SET seq = -seq - 1000 WHERE stream = a_stream AND seq >= p;
	UPDATE ledger SET seq = -seq - 1000 + by WHERE stream = a_stream AND seq < -1000 $$;

-- Does it, and says where and what the first fault must be.
CREATE FUNCTION tamper(how text, s text, n bigint, p bigint, q bigint, OUT expected bigint, OUT kind text) LANGUAGE plpgsql AS $$
BEGIN
	expected := p;
	kind := 'edit';
	CASE how
	WHEN 'content' THEN
		CASE floor(random() * 4)::int
			WHEN 0 THEN UPDATE ledger l SET body = jsonb_set(l.body, '{amount}', '1e3') WHERE l.stream = s AND l.seq = p;
			WHEN 1 THEN UPDATE ledger l SET kind = l.kind || ' ' WHERE l.stream = s AND l.seq = p;
			WHEN 2 THEN UPDATE ledger l SET at = l.at + interval '1 microsecond' WHERE l.stream = s AND l.seq = p;
			ELSE UPDATE ledger l SET actor = 'somebody' WHERE l.stream = s AND l.seq = p;
		END CASE;
	WHEN 'hash' THEN UPDATE ledger l SET hash = flipped(l.hash) WHERE l.stream = s AND l.seq = p;
	WHEN 'prev_hash' THEN UPDATE ledger l SET prev_hash = flipped(l.prev_hash) WHERE l.stream = s AND l.seq = p;
	WHEN 'no hash' THEN UPDATE ledger l SET hash = '' WHERE l.stream = s AND l.seq = p;
	WHEN 'content and hash' THEN
		UPDATE ledger l SET body = l.body || '{"more": true}' WHERE l.stream = s AND l.seq = p;
		PERFORM rehash(s, p);
	WHEN 'prev_hash and hash' THEN
		UPDATE ledger l SET prev_hash = flipped(l.prev_hash) WHERE l.stream = s AND l.seq = p;
		PERFORM rehash(s, p);
		kind := 'link';
	WHEN 'delete' THEN
		DELETE FROM ledger l WHERE l.stream = s AND l.seq = p;
		kind := CASE p WHEN n THEN 'truncate' ELSE 'delete' END;
	WHEN 'truncate' THEN
		DELETE FROM ledger l WHERE l.stream = s AND l.seq >= p;
		kind := 'truncate';
	WHEN 'delete and close up' THEN
		DELETE FROM ledger l WHERE l.stream = s AND l.seq = p;
		PERFORM shift(s, p + 1, -1);
		kind := CASE p WHEN n THEN 'truncate' ELSE 'delete' END;
	WHEN 'swap' THEN
		UPDATE ledger l SET seq = -1 WHERE l.stream = s AND l.seq = p;
		UPDATE ledger l SET seq = p WHERE l.stream = s AND l.seq = q;
		UPDATE ledger l SET seq = q WHERE l.stream = s AND l.seq = -1;
		expected := CASE WHEN p = q THEN NULL ELSE LEAST(p, q) END;
		kind := 'reorder';
	WHEN 'insert', 'insert without hash' THEN
		expected := p + (p = q)::int;
		PERFORM shift(s, expected, 1);
		INSERT INTO ledger SELECT s, expected, 'forged', '{}', now(), 'forger',
			COALESCE((SELECT l.hash FROM ledger l WHERE l.stream = s AND l.seq = expected - 1), decode(repeat('00', 32), 'hex')), sha256('x');
		IF how = 'insert' THEN
			PERFORM rehash(s, expected);
		END IF;
		kind := 'insert';
	WHEN 'copy' THEN
		UPDATE ledger l SET (kind, body, at, actor, prev_hash, hash) = (SELECT o.kind, o.body, o.at, o.actor, o.prev_hash, o.hash FROM ledger o WHERE o.stream = s AND o.seq = q)
		WHERE l.stream = s AND l.seq = p;
		expected := CASE WHEN p = q THEN NULL ELSE p END;
	WHEN 'copy of another stream' THEN
		UPDATE ledger l SET (kind, body, at, actor, prev_hash, hash) = (SELECT o.kind, o.body, o.at, o.actor, o.prev_hash, o.hash FROM ledger o WHERE o.stream <> s AND o.seq = LEAST(p, 2) LIMIT 1)
		WHERE l.stream = s AND l.seq = p;
	WHEN 'move away' THEN
		UPDATE ledger l SET seq = l.seq + 1000 WHERE l.stream = s AND l.seq = p;
		kind := 'delete';
	WHEN 'move to another stream' THEN
		UPDATE ledger l SET stream = 'elsewhere' WHERE l.stream = s AND l.seq = p;
		kind := CASE p WHEN n THEN 'truncate' ELSE 'delete' END;
	WHEN 'before the first' THEN
		UPDATE ledger l SET seq = 1 - q WHERE l.stream = s AND l.seq = p;
		expected := 1 - q;
		kind := 'insert';
	WHEN 'head ahead' THEN
		UPDATE ledger_head h SET seq = h.seq + q WHERE h.stream = s;
		expected := n + 1;
		kind := 'truncate';
	WHEN 'head behind' THEN
		UPDATE ledger_head h SET seq = p - 1 WHERE h.stream = s;
		kind := 'insert';
	WHEN 'head''s hash' THEN
		UPDATE ledger_head h SET hash = flipped(h.hash) WHERE h.stream = s;
		expected := n;
	END CASE;
END $$;

CREATE PROCEDURE run(tries int) LANGUAGE plpgsql AS $$
DECLARE
	ways text[] := '{content,hash,prev_hash,no hash,content and hash,prev_hash and hash,delete,truncate,delete and close up,swap,insert,insert without hash,copy,copy of another stream,move away,move to another stream,before the first,head ahead,head behind,head''s hash}';
	s record;
	p bigint;
	q bigint;
	how text;
	must record;
	was record;
BEGIN
	FOR i IN 1 .. tries LOOP
		SELECT h.stream, h.seq AS n INTO s FROM ledger_head h ORDER BY h.stream OFFSET floor(random() * 5) LIMIT 1;
		p := 1 + floor(random() * s.n);
		q := 1 + floor(random() * s.n);
		how := ways[1 + floor(random() * cardinality(ways))];
		BEGIN
			must := tamper(how, s.stream, s.n, p, q);
			was := ledger_verify(s.stream);
			RAISE EXCEPTION USING ERRCODE = 'ZZ001';
		EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
			IF must.expected IS NULL THEN
				must.kind := 'nothing done';
			END IF;
			INSERT INTO tried VALUES (how, must.kind);
			IF was.ok <> (must.expected IS NULL) OR was.first_bad IS DISTINCT FROM must.expected OR split_part(was.problem, ':', 1) <> must.kind THEN
				INSERT INTO missed VALUES (i, how, s.stream, must.expected, must.kind, was.first_bad, was.problem);
			END IF;
		END;
	END LOOP;
END $$;
END

value($database, "SET search_path = public, sales_intel; SELECT setseed(0.42); CALL run($count)");
is(value($database, 'SELECT count(*) FROM tried'), $count, "$count tamperings");
is(value($database, 'SELECT string_agg(DISTINCT how, $$, $$) FROM missed'), '', 'each was found at the right place, and is called what it is') or
	diag(value($database, 'SELECT * FROM missed ORDER BY n LIMIT 20'));
cmp_ok(value($database, q{SELECT count(*) FROM tried WHERE kind <> 'nothing done'}), '>', $count * 0.8, 'most of them did something');
is(value($database, q{SELECT string_agg(DISTINCT kind, ',' ORDER BY kind) FROM tried WHERE kind <> 'nothing done'}), 'delete,edit,insert,link,reorder,truncate', 'of all kinds');
is(value($database, 'SELECT bool_and(ok), count(*) FROM sales_intel.ledger_verify()'), 't|5', 'and without any the ledger holds');
diag($count . ' tamperings: ' . value($database, q{SELECT string_agg(how || ' ' || n, ', ' ORDER BY how) FROM (SELECT how, count(*) n FROM tried GROUP BY how) s}));

value('postgres', "DROP DATABASE $database");
done_testing();
