#!/usr/bin/env bash
# Time what the extension does on a throw-away server, the peers beside it in
# the same run, and write the pages: doc/benchmarks.md of training, scoring and
# drift, doc/benchmarks-behaviour.md of funnels, transitions, patterns and
# contrast, doc/benchmarks-forecast.md of forecasts, doc/benchmarks-access.md of
# reading under rules, doc/benchmarks-consent.md of reading as far as customers
# allow it.
#
#   PART=lead|behaviour|forecast|access|consent  one of them alone
#   ROWS=100000              leads, or values of series; EVENTS=1000000 events:
#                            for a quick look, which leaves the page alone
#   COMPETITIONS=folder      with m1_series.csv.gz and m1_values.csv.gz, the M1
#                            competition, and m4_weekly.csv.gz and
#                            m4_hourly.csv.gz, of the M4 competition; without
#                            them the forecasts' page is left alone
#   PEERS=folder             its node_modules holds chdb and @duckdb/node-api;
#                            otherwise npm installs them for the run, if it can
#   BESIDE="what else ran"   is said on the page
set -eu
cd "$(dirname "$0")/.."

part=${PART:-all}
rows=${ROWS:-1000000}
events=${EVENTS:-10000000}
bench=test/bench
# The interpreter that Debian's modules belong to, whatever is first in PATH.
python=${PYTHON:-/usr/bin/python3}

# A kernel forced on the library slows everyone; let it choose for this CPU.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE

run() {
	psql -Xq -v ON_ERROR_STOP=1 "$@"
}

cell() {	# query of one value
	run -Atc "$1"
}

configure_server() {
	run <<-'END'
		ALTER SYSTEM SET shared_buffers = '1GB';
		ALTER SYSTEM SET jit = off;
		ALTER SYSTEM SET autovacuum = off;
		ALTER SYSTEM SET max_wal_size = '8GB';
		ALTER SYSTEM SET checkpoint_timeout = '1h';
		ALTER SYSTEM SET max_parallel_workers_per_gather = 0;
	END
	as_server ".$bindir/pg_ctl" -D data -l log -w -s restart
}

machine() {
	echo "- $(lscpu | sed -n 's/^Model name: *//p'), $(nproc) cores," \
		"$(awk '/^MemTotal/ {printf "%.0f GB", $2 / 1e6}' /proc/meminfo) of memory"
	echo "- PostgreSQL $(cell 'SHOW server_version'), shared_buffers 1 GB, jit off," \
		"all data cached"
	cell "SELECT '- sales_intel ' || max(value) FILTER (WHERE item = 'extension version') ||
		', OpenBLAS ' || max(value) FILTER (WHERE item = 'blas flavour') ||
		', core ' || max(value) FILTER (WHERE item = 'blas core')
		FROM sales_intel.build_info()"
	cell "SELECT '- $1: ' || string_agg(item || ' ' || value, ', ' ORDER BY position)
		FROM bench.peer"
	[ -z "${BESIDE:-}" ] || echo "- Beside this run: $BESIDE"
}

lead_page() {
	cat <<-END
		# Benchmarks

		Written by \`make bench\`. $rows generated leads, 20 float8 columns, a
		boolean outcome; best of three runs, wall clock, one backend unless said
		otherwise. Ratios are to the first line of each table; above 1 is slower.

		$(machine Python)

		The peers copy the rows out, work in one Python process that is already
		running with its libraries loaded, and copy the scores back into a table.

		The first sections, up to those named "Trees", are of logistic models. The
		peers' fit has no penalty, ours its default. "Newton-cholesky" is
		scikit-learn's second-order solver, made for this shape of data; "impute,
		scale" is the preparation that columns with gaps and of unlike scales need
		before lbfgs converges (the generated ones are all standard normal).
		$(run -f $bench/report.sql)

		## Trees as good?

		AUC of the models trained above on 200,000 further rows of the same law. The
		truth is linear, hence the logistic model is ahead.

		$(run -f $bench/quality.sql)

		## Memory of training

		Peak of the backend's own memory (RssAnon, looked at every 10 ms) beyond what
		it had before its first query of the extension; the trees are those timed
		above. And the model that came out, with its size.

		$(run -f $bench/memory.sql)

		## The same model?

		Largest difference of a logistic coefficient from scikit-learn newton-cholesky:

		$(run -f $bench/agreement.sql)
	END
}

behaviour_page() {
	cat <<-END
		# Benchmarks of behaviour

		Written by \`make bench\`. $events generated events of $((events / 100)) entities,
		100 each within 30 days, 20 kinds by name, in order of time, without index
		unless said otherwise; three steps within 7 days. Best of three runs (two of
		what takes long), wall clock, one backend or one thread unless said otherwise,
		work_mem 256 MB. "Processor" is the time that backend or process had one for
		itself: without workers, and less than the wall clock where other work ran
		beside it. Ratios are of wall clocks to the first line of each table; above 1
		is slower.

		$(machine Peers)

		The peers run in one Node process, on a copy of the rows that they hold
		themselves, with the event dictionary-coded in ClickHouse; their seconds are
		of the query alone, the copy has a section of its own.
		$(run -f $bench/report.sql)

		## Memory

		Peak of the backend's own memory (RssAnon, looked at every 10 ms) beyond what
		it had before its first query of the extension, and the size of what came out.

		$(run -f $bench/behaviour_memory.sql)

		## The same answers?

		Entities that reach each step; for transitions the different ones, all, and
		those of the most frequent; for contrast the patterns tested and the smallest
		q-value, which of made-up conversations is no discovery.

		$(run -f $bench/behaviour_answer.sql)
	END
}

forecast_page() {
	cat <<-END
		# Benchmarks of forecasts

		Written by \`make bench\`. Models with their intervals and forecasts, in SQL: with the
		scan, the grouping, and the refits by which intervals are calibrated. Wall clock, one
		backend unless said otherwise, work_mem 256 MB; "processor" is the time that backend
		or process had one for itself, less than the wall clock where other work ran beside it.

		$(machine Peer)

		Measured on retail turnover, which ships in test/data, and on series of the M1 and M4
		competitions, which do not: Makridakis et al. 1982 (R package Mcomp) and 2020 (R
		package M4comp2018). Their folder is given as COMPETITIONS. The end of each series,
		its horizon, is held back. sMAPE (0 to 200), MASE and OWA are those of the M4
		competition: OWA is the mean of both, each relative to Naive2, that is, to the last
		value, seasonally adjusted, as R does it; below 1 is better. Forecasts below zero count as zero where
		the past has no negative value.

		$(run -f $bench/forecast_report.sql)
	END
}

access_page() {
	cat <<-END
		# Benchmarks of governed access

		Written by \`make bench\`. $rows deals; what rules cost beside the same query without
		policy, beside the predicate written out by hand in WHERE, and beside plain policies
		that ask \`(SELECT current_setting(...))\`. All four in turn, round by round; medians;
		below, numbers without a unit are ratios to "no policy".

		$(machine Peers)

		A query that counts rows does next to nothing with each: there, any condition shows,
		by hand, too. Who sees a part of the rows saves what the query does with the others.

		$(run -f $bench/access_report.sql)
	END
}

consent_page() {
	cat <<-END
		# Benchmarks of consent

		Written by \`make bench\`. $rows customers, seven in ten of whom allow what is asked;
		keys are of type bigint (id), text (key) and uuid, asked for by consent_live() in a
		query; or each row carries its customer's mask, under a rule that also compares a
		number, and grouped by rep. Medians; ratios are to the same scan without a question.
		"Processor" is the time that the backend had one for itself, in steps of 10 ms.

		$(machine Peers)

		| keys | | ms | ratio | processor, ms | ratio |
		|---|---|---:|---:|---:|---:|
		$(cat "$cluster/consent")

		Beside each other, where it says so; and the ledger.

		| | |
		|---|---:|
		$(cat "$cluster/load")
	END
}

publish() {	# part, page, whether it is of full size
	if "$3"; then
		"$1_page" >"$2.new"
		mv "$2.new" "$2"
		cat "$2"
	else
		"$1_page"
	fi
}

new_database() {	# part
	echo "$1"
	createdb "$1"
	export PGDATABASE=$1
	run -c "CREATE EXTENSION sales_intel"
	run -f $bench/schema.sql
}

time_lead() {
	new_database lead
	run -v rows="$rows" -f $bench/lead_data.sql
	run -f $bench/lead.sql
	run -v rows="$rows" -f $bench/trees.sql
	run -v rows="$rows" -f $bench/drift.sql
	"$python" -B $bench/lead_peer.py
	OMP_NUM_THREADS=1 "$python" -B $bench/trees_peer.py
	"$python" -B $bench/memory.py
	publish lead doc/benchmarks.md "$([ "$rows" = 1000000 ] && echo true || echo false)"
}

# Without Node, npm or network the page says so, and the rest is measured.
install_peers() {	# folder
	if [ -n "${PEERS:-}" ]; then
		ln -s "$(cd "$PEERS" && pwd)/node_modules" "$1/node_modules"
	else
		timeout 300 npm install --prefix "$1" --silent --no-audit --no-fund \
			chdb@3.4.0 @duckdb/node-api@1.5.6-r.1 >"$1/log" 2>&1
	fi
}

time_behaviour_peers() {
	local folder="$cluster/peers"
	mkdir "$folder"
	if install_peers "$folder" && command -v node >/dev/null; then
		run -c "\\copy (SELECT entity, (extract(epoch FROM at) * 1000000)::bigint, event FROM bench.event) TO '$folder/event.csv' (FORMAT csv)"
		node $bench/behaviour_peer.mjs "$folder" "$folder/event.csv" >"$folder/found.sql" ||
			echo "The peers broke off."
		run -f "$folder/found.sql"
	fi
	[ "$(cell 'SELECT count(*) FROM bench.peer')" != 0 ] ||
		run -c "INSERT INTO bench.peer (item, value)
			VALUES ('ClickHouse and DuckDB', 'not measured, npm could not install them here')"
	rm -rf "$folder"
}

time_behaviour() {
	new_database behaviour
	run -v events="$events" -f $bench/behaviour_data.sql
	run -v events="$events" -f $bench/behaviour.sql
	time_behaviour_peers
	"$python" -B $bench/behaviour_memory.py
	publish behaviour doc/benchmarks-behaviour.md "$([ "$events" = 10000000 ] && echo true || echo false)"
}

# The competitions' values are CSV of series, t, split (train or test), value;
# the list of M1's series is of series, period, season, horizon.
load_competition() {	# file, origin, season [, which of the series]
	[ -r "${COMPETITIONS:-}/$1" ] || return 0
	gzip -dc "$COMPETITIONS/$1" | run -c "COPY bench.loaded FROM STDIN (FORMAT csv, HEADER)"
	run -c "DELETE FROM bench.loaded WHERE NOT (${4:-true})"
	run -v origin="$2" -v season="$3" -v every=$every -f $bench/forecast_collect.sql
}

load_competitions() {
	[ -r "${COMPETITIONS:-}/m1_series.csv.gz" ] || return 0
	run -c "CREATE TABLE bench.m1 (series text, period text, season integer, horizon integer)"
	gzip -dc "$COMPETITIONS/m1_series.csv.gz" | run -c "COPY bench.m1 FROM STDIN (FORMAT csv, HEADER)"
	for period in yearly,1 quarterly,4 monthly,12; do
		load_competition m1_values.csv.gz "M1 ${period%,*}" "${period#*,}" \
			"series IN (SELECT series FROM bench.m1 WHERE period = '${period%,*}')"
	done
	load_competition m4_weekly.csv.gz "M4 weekly" 1
	load_competition m4_hourly.csv.gz "M4 hourly" 24
}

enter_r() {	# function of R, origin, of how many-th series, of how many blocks, which
	run -c "COPY (SELECT series, season, horizon, value
			FROM bench.past JOIN bench.series USING (origin, series)
			WHERE origin = '$2' AND bench.in_block(number, $3, $4, $5)
			ORDER BY series, t) TO STDOUT (FORMAT csv, HEADER)" |
		OMP_NUM_THREADS=1 Rscript $bench/forecast_peer.R "$1" "$2" "$5" | run
}

# Ours and R's in turn, block by block: the machine's speed is not constant.
# A few series before each block warm the new backend up, as R is, too.
race() {	# method, function of R, runs, blocks, of how many-th series
	local ours="$1 in SQL" options="{\"method\": \"$1\"}" run block
	run -c "INSERT INTO bench.race (method, entrant) VALUES ('$1', '$ours'), ('$1', '$2 in R')"
	echo "$ours and $2 in R"
	for run in $(seq "$3"); do
		run -c "DELETE FROM bench.forecast WHERE entrant = '$2 in R'"
		for block in $(seq 0 $(($4 - 1))); do
			run -c "SET search_path = bench, sales_intel" \
				-c "BEGIN" -c "CALL enter('$raced', '$ours', '$options', 50)" -c "ROLLBACK" \
				-c "CALL enter('$raced', '$ours', '$options', $5, $4, $block)"
			enter_r "$2" "$raced" "$5" "$4" "$block"
		done
	done
}

time_forecast() {
	local every=$((rows < 1000000 ? 1000000 / rows : 1)) raced
	new_database forecast
	run -v rows="$rows" -v every=$every -f $bench/forecast_data.sql
	load_competitions
	Rscript $bench/forecast_peer.R | run
	run -v every=$every -f $bench/forecast.sql
	run -Atc "SELECT DISTINCT origin FROM bench.series" | while read -r raced; do
		enter_r naive2 "$raced" 1 1 0 </dev/null
	done
	raced=$(cell "SELECT origin FROM bench.series WHERE origin ~ 'monthly' ORDER BY origin LIMIT 1")
	race theta thetaf 5 1 1
	race ets ets 1 6 1
	race arima auto.arima 1 6 5
	"$python" -B $bench/forecast_memory.py
	publish forecast doc/benchmarks-forecast.md "$([ "$rows" = 1000000 ] &&
		[ -r "${COMPETITIONS:-}/m1_values.csv.gz" ] && echo true || echo false)"
}

# pgbench says what a transaction takes; the script comes from standard input.
pgbench_ms() {	# transactions, more arguments
	cat >"$cluster/script"
	pgbench -n -t "$@" -f "$cluster/script" 2>&1 |
		sed -n 's/^latency average = \([0-9.]*\) ms$/\1/p; /ERROR/p'
}

note() {	# section, step, entrant; ms from standard input
	run -c "INSERT INTO bench.short (section, step, entrant, ms) VALUES ('$1', '$2', '$3', $(cat))"
}

# One of the tenth's rows, or all of its own, each of four ways.
read_some() {	# section, step, transactions, mode, rule, condition on the key
	local settings entrant hand
	settings=$(cell "SELECT string_agg(format('-c bench.%s=%s', attribute, replace(value, ' ', '\ ')), ' ')
		FROM sales_intel.principal_attribute WHERE principal = 'tenth'")
	hand=$(cell "SET search_path = bench, sales_intel; SELECT by_hand('$5', 'tenth')")
	while read -r entrant user from; do
		printf '\\set i random(1, %s)\nSELECT * FROM bench.%s;\n' $((rows / 10)) "$from" |
			PGUSER=$user PGOPTIONS=$settings pgbench_ms "$3" -M "$4" |
			note "$1" "$2" "$(echo "$entrant" | tr _ ' ')"
	done <<-END
		no_policy postgres deal WHERE $6
		by_hand postgres deal WHERE $6 AND $hand
		plain_policies bench_tenth plain_deal WHERE $6
		rules bench_tenth deal WHERE $6
	END
}

# A token is good once, and for 290 seconds.
sign_tokens() {	# how many
	run <<-END
		SET search_path = bench, sales_intel;
		SET client_min_messages = warning;
		DROP TABLE IF EXISTS token;
		CREATE TABLE token AS
		SELECT i, sign_token(kid, claims('tenth', gen_random_uuid()::text)) AS token
		FROM signing_key, generate_series(1, $1) AS i;
		ALTER TABLE token ADD PRIMARY KEY (i);
		GRANT SELECT ON token TO PUBLIC;
		VACUUM ANALYZE token;
	END
}

begin_some() {	# run, step, more of the transaction
	local entrant call
	while read -r entrant call; do
		printf '\\set i :i + 1\nBEGIN;\nSELECT %s(token) FROM bench.token WHERE i = :i;\n%s\nCOMMIT;\n' "$call" "$3" |
			PGUSER=bench_pool pgbench_ms 1000 -M prepared -D i=$(($1 * 1000)) |
			note 'Identity, ms' "$2" "$(echo "$entrant" | tr _ ' ')"
	done <<-END
		without length
		with sales_intel.begin_identity
	END
}

# Refused at the last claim, less refused at once, is verification; the best of
# a few, as others on the machine only ever add to it.
refuse_some() {
	local token
	token=$(cell "SET search_path = bench, sales_intel;
		SELECT sign_token(kid, claims('tenth', 'sixteen or more letters') || '{\"nonce\": \"not this session\"}') FROM signing_key")
	PGUSER=bench_pool cell "SELECT min(bench.refuse('x', 10000)) FROM generate_series(1, 8)" |
		note 'Identity, ms' 'a token refused at once, and at its last check' without
	PGUSER=bench_pool cell "SELECT min(bench.refuse('$token', 10000)) FROM generate_series(1, 8)" |
		note 'Identity, ms' 'a token refused at once, and at its last check' with
}

time_access() {
	local round mode
	new_database access
	run -c "INSERT INTO bench.peer (item, value)
		VALUES ('conditions by hand and plain policies', 'of the same server')"
	run -v rows="$rows" -f $bench/access_data.sql
	run -f $bench/access.sql
	for round in 1 2 3 4 5; do
		run -c "SET search_path = bench, sales_intel" -c "CALL follow('own rows')"
		read_some 'Few rows, ms' 'own 1,000 rows by index' 200 simple 'own rows' 'owner_id = 7'
		run -c "SET search_path = bench, sales_intel" -c "CALL follow('teams')"
		for mode in simple prepared; do
			read_some 'Few rows, ms' "one row, integer key, $mode" 2000 $mode teams 'id = :i * 10'
			read_some 'Few rows, ms' "one row, uuid key, $mode" 2000 $mode teams 'code = md5((:i * 10)::text)::uuid'
			read_some 'Few rows, ms' "one row, text key, $mode" 2000 $mode teams "name = 'deal-' || :i * 10"
		done
		sign_tokens 2000
		begin_some 0 'a transaction with nothing else' ''
		begin_some 1 'a transaction with one row, teams' 'SELECT * FROM bench.deal WHERE id = 70;'
		refuse_some
	done
	publish access doc/benchmarks-access.md "$([ "$rows" = 1000000 ] && echo true || echo false)"
}

per_second() {	# what, script, clients and how many
	local what=$1 script=$2 found
	shift 2
	found=$(pgbench -n -j 2 -f "$bench/$script" "$@" 2>"$cluster/errors" | sed -n 's/^tps = \([0-9]*\).*/\1/p')
	if [ -s "$cluster/errors" ] || [ -z "$found" ]; then
		cat "$cluster/errors" >&2
		return 1
	fi
	echo "| $what | $found |"
}

# Whoever writes waits for the disk, alone or with others.
load_consent() {
	local readers
	run -c "ALTER SYSTEM SET fsync = on" -c "SELECT pg_reload_conf()" >/dev/null
	echo "| fsync, synchronous_commit | $(cell 'SHOW fsync'), $(cell 'SHOW synchronous_commit') |"
	run -c "SELECT sales_intel.grant_consent(i::text, '{quote_push}') FROM generate_series(1, 32000) AS i" >/dev/null
	PGUSER=bench_rep pgbench -n -j 1 -c 20 -T 36000 -f $bench/consent_reader.sql >/dev/null 2>&1 &
	readers=$!
	per_second "withdrawals a second by 32 clients, beside 20 that read 1,000 rows each, again and again" consent_withdraw.sql -c 32 -t 100 -D n=0
	PGOPTIONS="-c sales_intel.notify_outbox=off" per_second "the same with sales_intel.notify_outbox off" consent_withdraw.sql -c 32 -t 300 -D n=100
	kill $readers
	wait $readers || true
	per_second "the same without readers" consent_withdraw.sql -c 32 -t 300 -D n=400
	per_second "appends a second by 64 clients to 16 streams" ledger_append.sql -c 64 -T 20
	cell "SELECT '| streams, and forks among them | ' || count(*) || ', ' || count(*) FILTER (WHERE NOT ok) || ' |' FROM sales_intel.ledger_verify()"
	run -v entries="$rows" -f $bench/ledger.sql
}

time_consent() {
	new_database consent
	run -c "INSERT INTO bench.peer (item, value)
		VALUES ('a policy with EXISTS and a function', 'of the same server')"
	run -v rows="$rows" -f $bench/consent.sql >"$cluster/consent"
	run -f $bench/consent_mask.sql >>"$cluster/consent"
	load_consent >"$cluster/load"
	publish consent doc/benchmarks-consent.md "$([ "$rows" = 1000000 ] && echo true || echo false)"
}

case $part in
	all | lead | behaviour | forecast | access | consent) ;;
	*) echo "PART is lead, behaviour, forecast, access or consent, not $part." >&2; exit 1 ;;
esac

. dev/packages.sh bench
echo "building for $("$PG_CONFIG" --version)"
make -s -j"$(nproc)"

. dev/cluster.sh
start_cluster
configure_server
for one in lead behaviour forecast access consent; do
	case $part in all | $one) time_$one ;; esac
done
