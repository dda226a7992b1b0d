#!/usr/bin/env bash
# House rules that a machine can check.  Prints what breaks them; silent and
# successful when nothing does.
set -u
shopt -s lastpipe	# "... | rule" runs here, so that it can set broken
cd "$(dirname "$0")/.."
export LC_ALL=C
broken=0

rule() {	# what is wrong; the offenders are read from standard input
	local offenders
	offenders=$(cat)
	[ -n "$offenders" ] || return 0
	echo "lint: $1" >&2
	echo "$offenders" | sed 's/^/    /' >&2
	broken=1
}

names() {	# folder, suffix
	find "$1" -maxdepth 1 -name "*$2" -exec basename {} "$2" \; 2>/dev/null | sort
}

files=$(git ls-files -co --exclude-standard 2>/dev/null || find . -type f)
c_files=$(find src test -name '*.[ch]' | sort)

# Layout
grep -nE '^ +[^ *]' $c_files | rule "C is indented with tabs"
for file in $c_files; do
	expand -t 4 "$file" | awk -v f="$file" 'length > 80 && !/"/ {print f ":" NR}'
done | rule "C lines end at column 80, but for messages"
wc -l $c_files | awk '$1 > 600 && $2 != "total" {print $2 ": " $1}' |
	rule "a C file past 600 lines is split by concern"
grep -nE '[[:blank:]]+$' $(find src sql test dev -name '*.[ch]' -o -name '*.sql' -o -name '*.sh') |
	rule "no white space at the end of a line"
grep -nE '\<(if|for|while|switch|struct|enum|union)\>.* \{$|\<(else|do) \{$|\} else' $c_files |
	rule "braces stand on lines of their own"
grep -nE '^\s+(if \(.*[^;]\) [^{]*;|for \(.*;.*;.*\) .*;|else [^i].*;)$' $c_files |
	rule "a statement follows its condition on the next line"
awk '/^\{/ && line ~ /^[a-z].* \**[a-z0-9_]+\(/ {print FILENAME ":" FNR - 1 ": " line}
	{if ($0 !~ /^\t/) line = $0}' $c_files |
	rule "the return type stands on a line of its own"

# Floors: core knows neither the server nor the rooms above; a room does not
# know its neighbours; only si_blas.c knows the library.
grep -rnE '#include.*(postgres\.h|"(pg|stats|lead|forecast|sequence|access)/)' src/core |
	rule "src/core includes nothing from above"
for room in stats lead forecast sequence access; do
	grep -rnoE '#include "[^"]*"' src/$room 2>/dev/null | while IFS='"' read -r where header _; do
		case $header in
			pg/* | core/* | $room/*) ;;
			*) [ ! -e "src/$header" ] || echo "$where$header" ;;
		esac
	done
done | rule "a domain includes another domain"
grep -rlE 'cblas|openblas_|dpo[a-z]+_\(' src | grep '\.[ch]$' |
	grep -v src/core/linalg/si_blas |
	rule "the linear-algebra library is called in si_blas.c only"

# Install script: each CREATE of what can carry a comment is followed by its
# comment, and a function says all that the planner asks of it.
parts=$(find sql/parts -name '*.sql' | sort)
awk '
	function close_block() {
		if (made && !commented) print made ": no COMMENT ON follows"
		if (made ~ /CREATE FUNCTION/) {
			if (block !~ /IMMUTABLE|STABLE|VOLATILE/) print made ": volatility"
			if (block !~ /STRICT|CALLED ON NULL INPUT/) print made ": strictness"
			if (block !~ /PARALLEL (SAFE|RESTRICTED|UNSAFE)/) print made ": parallel"
			if (block !~ /COST [0-9]|internal/) print made ": cost"
		}
		made = ""; block = ""; commented = 0
	}
	FNR == 1 || /^CREATE / { close_block() }
	/^CREATE (FUNCTION|PROCEDURE|AGGREGATE|DOMAIN|TABLE|VIEW|OPERATOR|CAST)/ {
		made = FILENAME ":" FNR ": " $0
	}
	made && !commented { block = block "\n" $0 }
	/^COMMENT ON/ { commented = 1 }
	END { close_block() }' $parts |
	rule "an install script says everything about an object"
grep -nE '^CREATE OR REPLACE|IF NOT EXISTS' $parts | rule "install scripts create, and create once"
grep -nE '^(GRANT|REVOKE)' $parts | grep -v privileges | rule "privileges stand in 90_privileges.sql"

# Tests: pg_regress would read ./sql/NAME.sql before test/sql/NAME.sql.
comm -12 <(names sql .sql) <(names test/sql .sql) | rule "install script and test share a name"
comm -13 <(names test/sql .sql) <(names expected .out | sed 's/_[0-9]$//' | sort -u) |
	rule "expected output without a test"
comm -23 <(names test/sql .sql) <(names expected .out) | rule "test without expected output"
comm -13 <(names test/specs .spec) <(names test/expected .out | sed 's/_[0-9]$//' | sort -u) |
	rule "expected output without an isolation test"

# The version is stated in META.json; its format wants it for the extension too.
[ "$(grep -c '"version": "'"$(sed -n 's/^    "version": "\(.*\)",/\1/p' META.json)"'"' META.json)" = 2 ] ||
	echo META.json | rule "distribution and extension version differ"

grep -nIE '/(work|home|root|Users)/|://(localhost|[0-9]+\.[0-9]+\.)' $files |
	grep -v '^dev/lint.sh' | rule "a path of one machine"

exit $broken
