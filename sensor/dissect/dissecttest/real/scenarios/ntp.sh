# chrony as server and client.
programs() { need chronyd; }
serve() {
	printf 'local stratum 3\nallow 10.66.0.0/24\nallow fd66::/64\ncmdport 0\nbindcmdaddress /\npidfile %s/s.pid\n' "$TMP" > "$TMP/s.conf"
	bg b chronyd -d -x -u root -f "$TMP/s.conf"; ready b 123 udp
}
talk() {
	printf 'server %s iburst\ncmdport 0\nbindcmdaddress /\npidfile %s/c.pid\n' $B "$TMP" > "$TMP/c.conf"
	LIMIT=12 on a chronyd -Q -u root -f "$TMP/c.conf" -t 9
	true
}
