# Dante with curl: SOCKS 5 and 4, with addresses and with names; an account that the server does not ask for.
programs() { need danted curl lighttpd; }
serve() {
	cat > "$TMP/d.conf" <<-C
		logoutput: stderr
		internal: eth0 port = 1080
		external: eth0
		clientmethod: none
		socksmethod: none
		user.unprivileged: nobody
		client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
		socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
	C
	mkdir "$TMP/w"; echo hello > "$TMP/w/index.html"; chmod -R 755 "$TMP/w"
	printf '%s\n' "server.document-root = \"$TMP/w\"" 'server.port = 80' > "$TMP/l.conf"
	bg c lighttpd -D -f "$TMP/l.conf"
	bg b danted -f "$TMP/d.conf"
	ready b 1080 && ready c 80
}
talk() {
	for p in socks5 socks5h socks4 socks4a; do on a curl -s -m 4 -x "$p://$B:1080" "http://$C/"; done
	on a curl -s -m 4 -x "socks5://CANARYuser:CANARYpass@$B:1080" "http://$C/"
	true
}
