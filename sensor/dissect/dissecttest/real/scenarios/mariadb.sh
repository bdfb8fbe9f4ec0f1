# MariaDB: a login in clear, a refused one, TLS.
programs() { need mariadbd mariadb mariadb-install-db openssl; }
serve() {
	cert maria.example.org
	mariadb-install-db --no-defaults --user=root --datadir="$TMP/my" --auth-root-authentication-method=normal --skip-test-db >>"$TMP/log" 2>&1 || return 1
	printf "create user canaryuser@'%%' identified by 'CANARYpw';\ngrant all on *.* to canaryuser@'%%';\n" > "$TMP/init.sql"
	bg b mariadbd --no-defaults --user=root --datadir="$TMP/my" --socket="$TMP/my.sock" --pid-file="$TMP/my.pid" --init-file="$TMP/init.sql" --ssl-cert="$TMP/maria.example.org.crt" --ssl-key="$TMP/maria.example.org.key"
	ready b 3306
}
talk() {
	on a mariadb --no-defaults -h $B -u canaryuser -pCANARYpw --skip-ssl -e "select 'CANARY'"
	on a mariadb --no-defaults -h $B -u canaryuser -pwrongCANARY --skip-ssl -e 'select 1'
	on a mariadb --no-defaults -h $B -u canaryuser -pCANARYpw --ssl -e 'select 1'
	true
}
