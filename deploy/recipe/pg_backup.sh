#!/usr/bin/env bash
# Called by backup-bot in the container of the database.
#   /pg_backup.sh backup    writes the database as SQL into its volume
#   /pg_backup.sh restore   makes the database anew from that file
set -euo pipefail
file=${PGDATA:-/var/lib/postgresql/data}/backup.sql
database=${POSTGRES_DB:-$POSTGRES_USER}
ask() { psql --username "$POSTGRES_USER" --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$@"; }

backup() {
	pg_dump --username "$POSTGRES_USER" --dbname "$database" --file "$file.tmp"
	mv "$file.tmp" "$file"
	echo "backup: $(stat -c %s "$file") bytes"
}

# The new database is whole before it takes the old one's place: the app, which goes
# on asking, never sees a part of it, and a file that cannot be loaded costs nothing.
restore() {
	ask --dbname postgres --command "DROP DATABASE IF EXISTS \"${database}_new\"" --command "CREATE DATABASE \"${database}_new\""
	ask --dbname "${database}_new" --single-transaction --file "$file" >/dev/null
	ask --dbname postgres --command "DROP DATABASE IF EXISTS \"$database\" WITH (FORCE)" \
		--command "ALTER DATABASE \"${database}_new\" RENAME TO \"$database\""
	echo "restore: $database is as it was when the backup was made"
}

case ${1:-} in
backup | restore) "$1" ;;
*)
	echo "usage: $0 backup|restore" >&2
	exit 2
	;;
esac
