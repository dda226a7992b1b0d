# Install what is missing here for a goal, and set PG_CONFIG.
#
#   . dev/packages.sh demo|check|bench
#
# Sourced.  Lists the packages before it asks for any privilege, installs
# nothing when nothing is missing, and lets no database cluster be created.
# With PG_CONFIG set, that server is used, and pgTAP must be there.

oldest_server=15

# Every package with the command, or the file, that shows it is there.
packages_for() {	# goal, server major
	cat <<-END
		gcc gcc
		make make
		libc6-dev /usr/include/stdio.h
		libopenblas-serial-dev /usr/lib/*/openblas-serial/libopenblas.so
	END
	if [ -z "${PG_CONFIG:-}" ]; then
		echo "postgresql-$2 /usr/lib/postgresql/$2/bin/postgres"
		echo "postgresql-server-dev-$2 /usr/include/postgresql/$2/server/postgres.h"
		[ "$1" != check ] ||
			echo "postgresql-$2-pgtap /usr/share/postgresql/$2/extension/pgtap.control"
	fi
	[ "$1" != check ] || cat <<-END
		libtap-parser-sourcehandler-pgtap-perl pg_prove
		perl prove
		pgbouncer /usr/sbin/pgbouncer
	END
	[ "$1" != bench ] || cat <<-END
		python3-pandas /usr/lib/python3/dist-packages/pandas
		python3-psycopg2 /usr/lib/python3/dist-packages/psycopg2
		python3-sklearn /usr/lib/python3/dist-packages/sklearn
		python3-xgboost /usr/lib/python3/dist-packages/xgboost
		r-base-core Rscript
		r-cran-forecast /usr/lib/R/site-library/forecast
	END
}

missing_packages() {	# goal, server major
	packages_for "$1" "$2" | while read -r package proof; do
		case $proof in
			/*) compgen -G "$proof" ;;
			*)  command -v "$proof" ;;
		esac >/dev/null || echo "$package"
	done
}

majors_of() {	# pattern with the major between its 4th and 5th slash
	compgen -G "$1" | cut -d/ -f5 | sort -nr
}

# The newest server with its headers, else the newest without, else what
# the distribution calls "postgresql"; N as long as none of them is known.
server_major() {
	local major
	for major in $(majors_of '/usr/include/postgresql/*/server/postgres.h') \
		$(majors_of '/usr/lib/postgresql/*/bin/postgres') \
		$(apt-cache depends postgresql 2>/dev/null |
			sed -n 's/.*Depends: postgresql-\([0-9]*\)$/\1/p'); do
		[ "$major" -lt $oldest_server ] || { echo "$major"; return; }
	done
	echo N
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# A drop-in keeps Debian's packages from creating and starting a cluster, a
# policy from starting services.
# Runs in a subshell, so that the trap is its own.
install_packages() (	# goal
	dropin=/etc/postgresql-common/createcluster.d/sales_intel.conf
	policy=/usr/sbin/policy-rc.d

	as_root apt-get update -qq || echo "Going on with the package lists at hand."
	major=$(server_major)
	if [ "$major" = N ]; then
		echo "This system offers no PostgreSQL $oldest_server or later."
		exit 1
	fi
	[ ! -e $policy ] || policy=
	trap 'as_root rm -f $dropin $policy' EXIT
	[ -z "$policy" ] ||
		printf '#!/bin/sh\nexit 101\n' | as_root install -m 755 /dev/stdin $policy
	as_root mkdir -p "${dropin%/*}"
	echo "create_main_cluster = false" | as_root tee $dropin >/dev/null
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq -y --no-install-recommends \
		-o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 \
		$(missing_packages "$1" "$major")
)

need_packages() {	# goal
	local missing log
	missing=$(missing_packages "$1" "$(server_major)")
	[ -n "$missing" ] || return 0

	echo "make $1 installs:" $missing
	if ! command -v apt-get >/dev/null; then
		echo "There is no apt-get here: please install their equivalents." >&2
		return 1
	fi
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		echo "Please run it as root, or install sudo." >&2
		return 1
	fi
	log=$(mktemp)
	install_packages "$1" >"$log" 2>&1 || { cat "$log" >&2; rm "$log"; return 1; }
	rm "$log"
}

need_packages "$1" || exit 1
export PG_CONFIG="${PG_CONFIG:-/usr/lib/postgresql/$(server_major)/bin/pg_config}"
