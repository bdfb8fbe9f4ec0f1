# PostgreSQL: a scram login, a wrong one, clear password authentication, TLS.
programs() { need psql runuser && PGBIN=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1) && [ -n "$PGBIN" ]; }
serve() {
	mkdir "$TMP/pg"; chown postgres "$TMP/pg"; echo CANARYpw > "$TMP/pw"; chmod 644 "$TMP/pw"; cert db.example.org; cp "$TMP"/db.example.org.* "$TMP/pg.crt" 2>/dev/null
	runuser -u postgres -- "$PGBIN/initdb" -D "$TMP/pg/d" -U canaryuser --pwfile="$TMP/pw" -A scram-sha-256 --no-sync >>"$TMP/log" 2>&1 || return 1
	printf 'hostssl all all 0/0 scram-sha-256\nhostnossl clear all 0/0 password\nhostnossl all all 0/0 scram-sha-256\nlocal all all trust\n' > "$TMP/pg/d/pg_hba.conf"
	install -o postgres -m 600 "$TMP/db.example.org.key" "$TMP/pg/d/server.key"; install -o postgres "$TMP/db.example.org.crt" "$TMP/pg/d/server.crt"
	bg b runuser -u postgres -- "$PGBIN/postgres" -D "$TMP/pg/d" -c listen_addresses='*' -c unix_socket_directories="$TMP/pg" -c ssl=on -c fsync=off
	ready b 5432
	sh_on b "psql -h $TMP/pg -U canaryuser postgres -c 'create database clear'"
}
talk() {
	export PGPASSWORD=CANARYpw
	on a psql "host=$B user=canaryuser dbname=postgres sslmode=disable" -c 'select 1'
	on a psql "host=$B user=canaryuser dbname=clear sslmode=disable" -c "select 'CANARY'"
	on a psql "host=$B user=canaryuser dbname=postgres sslmode=require" -c 'select 1'
	PGPASSWORD=wrongCANARY on a psql "host=$B user=canaryuser dbname=postgres sslmode=disable" -c 'select 1'
	unset PGPASSWORD; true
}
