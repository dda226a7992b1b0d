-- Plans under rules: indexes are used, parallel plans stay, the same rows come.
SET client_min_messages = warning;
SET search_path = public, sales_intel;
CREATE ROLE access_ann LOGIN;
INSERT INTO principal (principal, login_role) VALUES ('ann', 'access_ann');
INSERT INTO principal_attribute (principal, attribute, value) VALUES ('ann', 'number', '7'), ('ann', 'team', '7'), ('ann', 'team', '11'),
    ('ann', 'uuid', md5('7')), ('ann', 'text', md5('7')), ('ann', 'barred', 'south'), ('ann', 'limit', '5000');
CREATE TABLE client AS
SELECT i::bigint AS id, i % 100 AS number, (i % 100)::bigint AS big, md5((i % 100)::text) AS text, md5((i % 100)::text)::uuid AS uuid,
    CASE WHEN i % 300 > 0 THEN CASE WHEN i % 7 = 0 THEN 'south' ELSE 'north' END END AS region, i AS amount
FROM generate_series(1, 20000) i;
INSERT INTO client SELECT 20000 + i FROM generate_series(1, 100) i;
ALTER TABLE client ADD PRIMARY KEY (id);
CREATE INDEX ON client (number);
CREATE INDEX ON client (big);
CREATE INDEX ON client (text);
CREATE INDEX ON client (uuid);
VACUUM ANALYZE client;
GRANT SELECT ON client TO access_ann;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sales_intel TO access_ann;

-- The plan that a rule leads to, and whether its rows are those of a condition.
CREATE FUNCTION plan(effects text[], conditions text[], options jsonb DEFAULT '{}', query text DEFAULT 'SELECT sum(amount) FROM client') RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM sales_intel.access_rule;
    PERFORM create_access_rule('client', i::text, effects[i], '{select}', conditions[i]) FROM generate_subscripts(conditions, 1) i;
    PERFORM protect_table('client', options);
    SET LOCAL SESSION AUTHORIZATION access_ann;
    RETURN QUERY EXECUTE 'EXPLAIN (COSTS OFF) ' || query;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
END $$;
CREATE FUNCTION sees(reference text) RETURNS TABLE (rows bigint, as_reference boolean) LANGUAGE plpgsql AS $$
DECLARE seen bigint[]; wanted bigint[];
BEGIN
    SET LOCAL SESSION AUTHORIZATION access_ann;
    SELECT array_agg(id ORDER BY id) INTO seen FROM client;
    SET LOCAL SESSION AUTHORIZATION DEFAULT;
    EXECUTE 'SELECT array_agg(id ORDER BY id) FROM client WHERE ' || reference INTO wanted;
    RETURN QUERY SELECT cardinality(seen)::bigint, seen = wanted;
END $$;

-- By index, whatever the key
SELECT plan('{permit}', '{"big = attr_bigint(''number'')"}');
SELECT * FROM sees('big = 7');
SELECT plan('{permit}', '{"number = attr_bigint(''number'')"}');
SELECT * FROM sees('number = 7');
SELECT plan('{permit}', '{"uuid = attr(''uuid'')::uuid"}');
SELECT * FROM sees($$uuid = md5('7')::uuid$$);
SELECT plan('{permit}', '{"text = attr(''text'')"}');
SELECT * FROM sees($$text = md5('7')$$);
SELECT plan('{permit}', '{"text = ANY(attrs(''text''))"}');
SELECT * FROM sees($$text = md5('7')$$);
SELECT plan('{permit}', '{"big = ANY(attrs_bigint(''team''))"}');
SELECT * FROM sees('big IN (7, 11)');
SELECT plan('{permit}', '{"number = ANY(attrs_bigint(''team''))"}');
SELECT * FROM sees('number IN (7, 11)');
SELECT plan('{permit,permit,forbid}', '{"number = ANY(attrs_bigint(''team''))", "text = attr(''text'')", "region = attr(''barred'')"}');
SELECT * FROM sees($$number IN (7, 11) AND (region = 'south') IS FALSE$$);
-- A point read
SELECT plan('{permit,forbid}', '{"big = ANY(attrs_bigint(''team''))", "region = attr(''barred'')"}', '{}', 'SELECT * FROM client WHERE id = 107');
-- The user's own condition comes second
SELECT plan('{permit,forbid}', '{"big = ANY(attrs_bigint(''team''))", "region = attr(''barred'')"}', '{}', 'SELECT * FROM client WHERE 1 / (amount - 5) > 0');

-- Texts are equal as bytes, but not in every collation
CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
ALTER TABLE client ADD COLUMN short varchar(40), ADD COLUMN loose text COLLATE loose;
UPDATE client SET short = text, loose = upper(text);
CREATE INDEX ON client (short);
CREATE INDEX ON client (loose);
VACUUM ANALYZE client;
SELECT plan('{permit}', '{"short = ANY(attrs(''text''))"}');
SELECT * FROM sees($$text = md5('7')$$);
SELECT plan('{permit}', '{"loose = ANY(attrs(''text''))"}');
SELECT * FROM sees($$text = md5('7')$$);
-- An index in another collation is none of it
DROP INDEX client_text_idx;
CREATE INDEX client_text_idx ON client (text COLLATE "POSIX");
SELECT plan('{permit}', '{"text = ANY(attrs(''text''))"}');

-- Parallel plans stay, where what a rule asks is asked once
SET enable_indexscan = off;
SET enable_bitmapscan = off;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT plan('{permit,forbid}', '{"big = ANY(attrs_bigint(''team''))", "region = attr(''barred'')"}');
SELECT * FROM sees($$big IN (7, 11) AND (region = 'south') IS FALSE$$);
SELECT plan('{permit}', '{"attr_is(''number'', ''7'') AND amount <= attr_number(''limit'') / 2"}');
SELECT * FROM sees('amount <= 2500');
-- Not where it is asked for each row: of the row, or in the form without subqueries
SELECT plan('{permit}', '{"attr_has(''barred'', region)"}');
SELECT * FROM sees($$region = 'south'$$);
SELECT plan('{permit,forbid}', '{"big = ANY(attrs_bigint(''team''))", "region = attr(''barred'')"}', '{"form": "citus"}');
SELECT * FROM sees($$big IN (7, 11) AND (region = 'south') IS FALSE$$);
RESET ALL;
SET search_path = public, sales_intel;
SET client_min_messages = warning;

-- among() is = ANY, by chance and at the edges
SELECT setseed(0.5);
SELECT count(*) FILTER (WHERE among(x, ascending(a)) IS DISTINCT FROM (x = ANY (a))) AS wrong_bigint,
    count(*) FILTER (WHERE among(x::int, ascending(a)) IS DISTINCT FROM (x::int = ANY (a))) AS wrong_integer,
    count(*) FILTER (WHERE x = ANY (a)) BETWEEN 1000 AND 19000 AS some_are, count(*) FILTER (WHERE (x = ANY (a)) IS NULL) BETWEEN 1000 AND 19000 AS some_unknown
FROM (SELECT CASE WHEN random() < 0.1 THEN NULL ELSE floor(random() * 20) - 5 END::bigint AS x,
        (SELECT array_agg(CASE WHEN random() < 0.05 THEN NULL ELSE floor(random() * 25) - 8 END::bigint) FROM generate_series(1, (random() * 20)::int + 0 * i)) AS a
    FROM generate_series(1, 20000) i) t;
SELECT count(*) FILTER (WHERE among(x, a) IS DISTINCT FROM (x = ANY (a))) AS wrong_text,
    count(*) FILTER (WHERE x = ANY (a)) BETWEEN 1000 AND 19000 AS some_are, count(*) FILTER (WHERE (x = ANY (a)) IS NULL) BETWEEN 1000 AND 19000 AS some_unknown
FROM (SELECT CASE WHEN random() < 0.1 THEN NULL ELSE repeat('é', (random() * 3)::int) || floor(random() * 20) END AS x,
        (SELECT array_agg(CASE WHEN random() < 0.03 THEN NULL ELSE repeat('é', (random() * 3)::int) || floor(random() * 20) END) FROM generate_series(1, (random() * 40)::int + 0 * i)) AS a
    FROM generate_series(1, 20000) i) t;
SELECT left(x, 20) AS x, left(a::text, 20) AS a, among(x, a), among(x, a) IS NOT DISTINCT FROM (x = ANY (a)) AS same
FROM (VALUES ('1', '{}'::text[]), (NULL, '{}'), (NULL, NULL), ('1', NULL), ('1', '{NULL}'), ('', '{"",a}'), ('b', '{{a,NULL},{b,c}}'), ('', '[5:6]={a,b}'), (repeat('x', 5000), ARRAY[repeat('y', 5000), repeat('x', 5000)])) v (x, a);
SELECT x, a, among(x, ascending(a)), among(x, ascending(a)) IS NOT DISTINCT FROM (x = ANY (a)) AS same
FROM (VALUES (1, '{}'::bigint[]), (NULL, '{}'), (NULL, NULL), (1, NULL), (1, '{NULL}'), (9223372036854775807, '{-9223372036854775808,9223372036854775807}'), (-9223372036854775808, '{9223372036854775807,-9223372036854775808}')) v (x, a);
SELECT ascending('{3,NULL,1,3,NULL,2}'), ascending('{}'), ascending('{NULL}'), ascending('{{2,1},{4,3}}'), ascending('[5:6]={2,1}');
SELECT among(1, '{NULL,NULL,NULL}'), among(1, '{NULL,NULL,1}');
SELECT among(1::bigint, '{{1}}');
SELECT count(*) FROM (SELECT ascending(array_agg(i)) AS a FROM generate_series(0, 20000, 2) i) t, generate_series(-3, 20003) x WHERE among(x, a);

DROP TABLE client;
DROP COLLATION loose;
DROP FUNCTION plan, sees;
DELETE FROM principal;
DROP OWNED BY access_ann;
DROP ROLE access_ann;
