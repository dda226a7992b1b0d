/*
 * ClickHouse (chdb) and DuckDB in this process on the rows of bench.event, one
 * thread each.  Arguments: the folder whose node_modules holds the packages,
 * and the rows as CSV (entity, microseconds, event).  Writes statements for
 * psql that store seconds and answers.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const RUNS = 3;
const [folder, csv] = process.argv.slice(2);
const require = createRequire(join(folder, 'package.json'));

const DENSE = 'Funnel, a half of the events are steps';
const RARE = 'Funnel, one event in 23 is a step';
const TRANSITIONS = 'Transitions between all kinds';
const PATTERN = 'Entities that do A, later B, later C';
const LOAD = 'Rows into the peers';
const WEEK = 7 * 86400 * 1e6;

const text = (value) => `'${String(value).replaceAll("'", "''")}'`;

function write(table, columns, values) {
	console.log(`INSERT INTO bench.${table} (${columns}) VALUES (${values.map(text)});`);
}

async function timed(section, step, run, work) {
	const start = performance.now();
	const before = process.cpuUsage();
	const found = await work();
	const seconds = (performance.now() - start) / 1000;
	const { user, system } = process.cpuUsage(before);
	write('result', 'section, step, run, seconds, processor',
		[section, step, run, seconds, (user + system) / 1e6]);
	return found;
}

async function ask(engine, section, step, question, query) {
	for (let run = 1; run <= RUNS; run++) {
		const answer = await timed(section, step, run, () => engine(query));
		write('answer', 'question, source, answer', [question, `${section}: ${step}`, answer]);
	}
}

// The plain SQL of behaviour_data.sql; "at" is a word of DuckDB's.
function windows(a, b, c) {
	return `
WITH one AS (
    SELECT entity, ts, event, max(ts) FILTER (WHERE event = '${a}') OVER same AS start
    FROM event
    WHERE event IN ('${a}', '${b}', '${c}')
    WINDOW same AS (PARTITION BY entity ORDER BY ts)
), two AS (
    SELECT *, max(start) FILTER (WHERE event = '${b}' AND start >= ts - ${WEEK})
              OVER (PARTITION BY entity ORDER BY ts) AS start_of_two
    FROM one
), deepest AS (
    SELECT max(CASE WHEN event = '${c}' AND start_of_two >= ts - ${WEEK} THEN 3
                    WHEN event = '${b}' AND start >= ts - ${WEEK} THEN 2
                    WHEN event = '${a}' THEN 1
                    ELSE 0 END) AS level
    FROM two
    GROUP BY entity
)
SELECT concat(count(*) FILTER (WHERE level >= 1), ' ', count(*) FILTER (WHERE level >= 2), ' ',
              count(*) FILTER (WHERE level >= 3))
FROM deepest`;
}

const LEAD = `
SELECT concat(count(*), ' ', sum(n), ' ', max(n))
FROM (SELECT count(*) AS n
      FROM (SELECT event, lead(event) OVER (PARTITION BY entity ORDER BY ts) AS next FROM event)
      WHERE next IS NOT NULL
      GROUP BY event, next)`;

async function duckdb(scratch) {
	const { DuckDBInstance, version } = require('@duckdb/node-api');
	const instance = await DuckDBInstance.create(join(scratch, 'duckdb'), { threads: '1' });
	const connection = await instance.connect();
	const engine = async (query) => (await connection.runAndReadAll(query)).getRows()[0]?.[0];

	await timed(LOAD, 'DuckDB: read the CSV', 1, () => engine(`
		CREATE TABLE event AS FROM read_csv('${csv}',
		columns = {'entity': 'BIGINT', 'ts': 'BIGINT', 'event': 'VARCHAR'}, header = false)`));
	write('peer', 'item, value', ['DuckDB', version()]);
	await ask(engine, DENSE, 'DuckDB, the same SQL', 'dense', windows('R', 'S', 'T'));
	await ask(engine, RARE, 'DuckDB, the same SQL', 'rare', windows('A', 'B', 'C'));
	await ask(engine, TRANSITIONS, 'DuckDB, `lead()`', 'transitions', LEAD);
	await ask(engine, PATTERN, 'DuckDB, `string_agg` and a regular expression', 'pattern', `
		SELECT count(*) FROM (SELECT string_agg(event, '' ORDER BY ts) AS s FROM event GROUP BY entity)
		WHERE regexp_matches(s, 'A.*B.*C')`);
	connection.closeSync();
}

const is = (...names) => names.map((name) => `event = '${name}'`).join(', ');

const FUNNEL = (...steps) => `
SELECT concat(countIf(level >= 1), ' ', countIf(level >= 2), ' ', countIf(level >= 3))
FROM (SELECT windowFunnel(${WEEK})(ts, ${is(...steps)}) AS level FROM event GROUP BY entity)`;

const NEIGHBOUR = `
SELECT concat(count(), ' ', sum(n), ' ', max(n))
FROM (SELECT count() AS n
      FROM (SELECT event, leadInFrame(toNullable(event)) OVER (PARTITION BY entity ORDER BY ts
                   ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS next FROM event)
      WHERE next IS NOT NULL
      GROUP BY event, next)`;

const MATCH = `
SELECT countIf(found)
FROM (SELECT sequenceMatch('(?1).*(?2).*(?3)')(ts, ${is('A', 'B', 'C')}) AS found FROM event GROUP BY entity)`;

async function clickhouse(scratch) {
	const { Session } = require('chdb');
	const session = new Session(join(scratch, 'clickhouse'));
	const engine = (query) => session.query(query, 'TSV').trim();
	const create = (key) => engine(`
		CREATE TABLE event (entity Int64, ts UInt64, event LowCardinality(String))
		ENGINE = MergeTree ORDER BY ${key}`);

	engine('SET max_threads = 1, max_insert_threads = 1');
	write('peer', 'item, value', ['ClickHouse', engine('SELECT version()')]);
	create('ts');
	await timed(LOAD, 'ClickHouse: read the CSV', 1, () => engine(
		`INSERT INTO event SELECT * FROM file('${csv}', CSV, 'entity Int64, ts UInt64, event String')`));
	for (const order of ['', ', sorted by entity']) {
		if (order) {
			engine('RENAME TABLE event TO by_time');
			create('(entity, ts)');
			await timed(LOAD, 'ClickHouse: sort by entity', 1,
				() => engine('INSERT INTO event SELECT * FROM by_time'));
		}
		await ask(engine, DENSE, `ClickHouse, \`windowFunnel\`${order}`, 'dense', FUNNEL('R', 'S', 'T'));
		await ask(engine, RARE, `ClickHouse, \`windowFunnel\`${order}`, 'rare', FUNNEL('A', 'B', 'C'));
		await ask(engine, TRANSITIONS, `ClickHouse, \`leadInFrame()\`${order}`, 'transitions', NEIGHBOUR);
		await ask(engine, PATTERN, `ClickHouse, \`sequenceMatch\`${order}`, 'pattern', MATCH);
	}
	session.close();
}

const scratch = mkdtempSync(join(folder, 'data.'));
for (const [name, peer] of Object.entries({ DuckDB: duckdb, ClickHouse: clickhouse })) {
	try {
		await peer(scratch);
	} catch (error) {
		write('peer', 'item, value', [name, `not measured: ${error.message.split('\n')[0]}`]);
	}
}
rmSync(scratch, { recursive: true, force: true });
