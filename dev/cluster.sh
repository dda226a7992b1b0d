# A throw-away server with this working tree's extension installed.
#
#   . dev/cluster.sh; start_cluster
#
# Sourced; needs PG_CONFIG.  Everything lives in one private folder, socket
# included, and goes away when the script ends.  Nothing is written to the
# system's PostgreSQL folders: the server finds its own files relative to its
# binary, so a copy of the binary beside links to the rest is a second,
# private installation, into which "make install" puts the extension.

# The server refuses to run as root.
as_server() {
	if [ "$(id -u)" = 0 ]; then
		(cd "$cluster" && runuser -u postgres -- "$@")
	else
		(cd "$cluster" && "$@")
	fi
}

stage_server() {
	local dir program
	for dir in --bindir --pkglibdir --sharedir; do
		dir=$("$PG_CONFIG" $dir)
		mkdir -p "$cluster$dir"
		cp -rs "$dir/." "$cluster$dir"
	done
	for program in postgres initdb pg_ctl; do
		cp --remove-destination "$bindir/$program" "$cluster$bindir"
	done
	find "$cluster" -mindepth 1 -name 'sales_intel*' -prune -exec rm -rf {} +
	make -s install DESTDIR="$cluster" >/dev/null
}

start_cluster() {
	umask 022
	bindir=$("$PG_CONFIG" --bindir)
	cluster=$(mktemp -d "${TMPDIR:-/tmp}/sales_intel.XXXXXX") || return 1
	trap stop_cluster EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	[ "$(id -u)" != 0 ] || chown postgres "$cluster"

	stage_server || return 1
	as_server ".$bindir/initdb" -D data -U postgres -A trust -E UTF8 \
		--no-locale --no-sync >/dev/null || return 1
	cat >>"$cluster/data/postgresql.conf" <<-END
		listen_addresses = ''
		unix_socket_directories = '$cluster'
		fsync = off
		log_line_prefix = '%m [%p] %q%a '
	END
	as_server ".$bindir/pg_ctl" -D data -l log -w -s start ||
		{ cat "$cluster/log" >&2; return 1; }

	export PATH="$bindir:$PATH"
	export PGHOST="$cluster" PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
}

stop_cluster() {
	trap - EXIT
	[ ! -e "$cluster/data/postmaster.pid" ] ||
		as_server ".$bindir/pg_ctl" -D data -m immediate -s stop
	rm -rf "$cluster"
}
