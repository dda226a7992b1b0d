#!/usr/bin/env bash
# Build, run every suite on a throw-away server, print a total.
# Each suite counts the tests that really ran, from its own output.
set -u
cd "$(dirname "$0")/.."

passed=0
failed=0

# Run one suite.  Its lines "ok 1 ..." (TAP, and pg_regress since 16) or
# "test x ... ok" (pg_regress 15) are counted; an exit status that says more
# than they do, or no test at all, is a failure too.
suite() {	# name, command...
	local name=$1 log status ok bad
	shift
	log=$(mktemp)
	"$@" >"$log" 2>&1
	status=$?
	ok=$(grep -E '^(ok [0-9]|test .*\.\.\. ok )' "$log" | grep -civ '# skip')
	bad=$(grep -E '^(not ok [0-9]|test .*\.\.\. FAILED)' "$log" | grep -civ '# todo')
	if [ $bad = 0 ] && { [ $status != 0 ] || [ $ok = 0 ]; }; then
		bad=1
	fi
	if [ $bad != 0 ]; then
		cat "$log"
		[ $name != regress ] || cat regression.diffs
		[ $name != isolation ] || cat output_iso/regression.diffs
	fi
	rm "$log"
	echo "$name: $ok passed, $bad failed"
	passed=$((passed + ok))
	failed=$((failed + bad))
}

# Each file in a database of its own.
pgtap() {
	local file status=0
	createdb pgtap_template
	psql -Xq -d pgtap_template -c "CREATE EXTENSION sales_intel" -c "CREATE EXTENSION pgtap"
	for file in test/pgtap/*.sql; do
		createdb -T pgtap_template pgtap_file
		pg_prove -v -d pgtap_file "$file" || status=1
		dropdb --force pgtap_file
	done
	return $status
}

have() {
	compgen -G "$1" >/dev/null
}

. dev/packages.sh check
dev/lint.sh || failed=$((failed + 1))
echo "building for $("$PG_CONFIG" --version)"
make -s -j"$(nproc)" COPT=-Werror && make -s clang-check || exit 1

have 'test/unit/*.c' && suite unit make -s unit

. dev/cluster.sh
start_cluster || exit 1
have 'test/sql/*.sql' && suite regress make -s installcheck ISOLATION=
have 'test/specs/*.spec' && suite isolation make -s installcheck REGRESS=
have 'test/pgtap/*.sql' && suite pgtap pgtap
have 'test/t/*.t' && suite tap prove -v test/t/*.t
grep -hE 'PANIC|TRAP|terminated by signal' "$cluster/log" && failed=$((failed + 1))

echo "$passed passed, $failed failed"
[ $passed != 0 ] && [ $failed = 0 ]
