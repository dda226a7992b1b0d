#!/usr/bin/env bash
# Show the extension at work on a throw-away server.
# KEEP=1 leaves the server running and says how to reach and stop it.
set -eu
cd "$(dirname "$0")/.."

. dev/packages.sh demo
echo "building for $("$PG_CONFIG" --version)"
make -s -j"$(nproc)"

. dev/cluster.sh
start_cluster
createdb demo
export PGDATABASE=demo
psql -Xq -c "CREATE EXTENSION sales_intel"
psql -X -v ON_ERROR_STOP=1 -f dev/demo.sql
psql -X -v ON_ERROR_STOP=1 -f dev/demo_contrast.sql
psql -X -v ON_ERROR_STOP=1 -f dev/demo_forecast.sql
psql -X -v ON_ERROR_STOP=1 -f dev/demo_access.sql
psql -X -v ON_ERROR_STOP=1 -f dev/demo_consent.sql

if [ -n "${KEEP:-}" ]; then
	trap - EXIT
	echo
	echo "connect:  psql -h $PGHOST -p $PGPORT -U $PGUSER $PGDATABASE"
	echo "stop:     kill -QUIT $(head -n 1 "$PGHOST/data/postmaster.pid"); sleep 1; rm -r $PGHOST"
fi
