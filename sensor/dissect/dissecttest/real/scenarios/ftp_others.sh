# ProFTPD with curl: banner, anonymous, an account in clear that is refused, extended passive mode, IPv6, a command connection on another port.
programs() { need proftpd curl; }
serve() {
	printf '%s\n' 'ServerName "ward"' 'ServerType standalone' "PidFile $TMP/pid" "ScoreboardFile $TMP/score" 'UseIPv6 on' 'Port 2121' 'User nobody' 'Group nogroup' 'AuthOrder mod_auth_file.c mod_auth_unix.c' \
		"<Anonymous $TMP/ftp>" 'User nobody' 'Group nogroup' 'UserAlias anonymous nobody' 'RequireValidShell off' '</Anonymous>' > "$TMP/p.conf"
	mkdir "$TMP/ftp"; echo hello > "$TMP/ftp/readme"; chmod -R 755 "$TMP/ftp"
	bg b proftpd -n -c "$TMP/p.conf" -S 0.0.0.0; ready b 2121
}
talk() { on a curl -s "ftp://$B:2121/readme"; on a curl -s -g "ftp://[$B6]:2121/"; on a curl -s -u CANARYuser:CANARYpass "ftp://$B:2121/"; true; }
