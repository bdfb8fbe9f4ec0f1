# CUPS: the programs of a client ask it for its printers and give it a job.
programs() { need cupsd lpadmin lpstat ipptool; }
serve() {
	mkdir -p "$TMP"/c/{spool/tmp,cache,state,log}; cp -r /etc/cups/*.types /etc/cups/*.convs "$TMP/c/" 2>/dev/null
	cat > "$TMP/c/cupsd.conf" <<-C
		Listen 0.0.0.0:631
		DefaultAuthType None
		DefaultEncryption Never
		ServerAlias *
		<Location />
		Order allow,deny
		Allow all
		</Location>
		<Policy default>
		<Limit All>
		Order deny,allow
		Allow all
		</Limit>
		</Policy>
	C
	printf 'ServerRoot %s/c\nRequestRoot %s/c/spool\nTempDir %s/c/spool/tmp\nCacheDir %s/c/cache\nStateDir %s/c/state\nAccessLog stderr\nErrorLog stderr\nPageLog stderr\nSystemGroup lpadmin\nUser lp\nGroup lp\nFileDevice Yes\n' "$TMP" "$TMP" "$TMP" "$TMP" "$TMP" > "$TMP/c/cups-files.conf"
	chown -R lp "$TMP/c"
	bg b cupsd -f -c "$TMP/c/cupsd.conf" -s "$TMP/c/cups-files.conf"; ready b 631
	sh_on b "CUPS_SERVER=$B lpadmin -p ward3 -E -v file:/dev/null -D 'CANARY printer' -L 'CANARY room' -m raw"
}
talk() {
	sh_on a "export CUPS_SERVER=$B CUPS_USER=canaryuser; lpstat -a; echo CANARY | lp -d ward3 -t CANARYjob"
	on a ipptool -tv ipp://$B/printers/ward3 get-printer-attributes.test
	on a curl -s -m 3 http://$B:631/
	true
}
