#!/usr/bin/env bash
# Time training, scoring and drift on a throw-away server, the peers beside it
# in the same run, and write doc/benchmarks.md.  ROWS=100000 for a quick look,
# which leaves the page alone.
set -eu
cd "$(dirname "$0")/.."

rows=${ROWS:-1000000}
page=doc/benchmarks.md
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
	cell "SELECT '- Python: ' || string_agg(item || ' ' || value, ', ' ORDER BY position)
		FROM bench.peer"
}

write_page() {
	cat <<-END
		# Benchmarks

		Written by \`make bench\`. $rows generated leads, 20 float8 columns, a
		boolean outcome; best of three runs, wall clock, one backend unless said
		otherwise. Ratios are to the first line of each table; above 1 is slower.

		$(machine)

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

. dev/packages.sh bench
echo "building for $("$PG_CONFIG" --version)"
make -s -j"$(nproc)"

. dev/cluster.sh
start_cluster
configure_server
createdb bench
export PGDATABASE=bench
run -c "CREATE EXTENSION sales_intel"

echo "$rows rows"
run -v rows="$rows" -f $bench/lead_data.sql
run -f $bench/lead.sql
run -v rows="$rows" -f $bench/trees.sql
run -v rows="$rows" -f $bench/drift.sql
"$python" -B $bench/lead_peer.py
OMP_NUM_THREADS=1 "$python" -B $bench/trees_peer.py
"$python" -B $bench/memory.py

if [ "$rows" = 1000000 ]; then
	write_page >"$page.new"
	mv "$page.new" "$page"
	cat "$page"
else
	write_page
fi
