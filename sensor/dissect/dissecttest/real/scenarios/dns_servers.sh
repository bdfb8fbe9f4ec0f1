# BIND and Unbound with dig: answers for local names, versions told and hidden, TCP, IPv6, a transfer, a dynamic update, reverse names.
programs() { need named unbound dig nsupdate; }
serve() {
	mkdir "$TMP/n"; chmod 777 "$TMP/n"
	printf '%s\n' '$TTL 60' '@ SOA ns1 root 1 60 60 60 60' '@ NS ns1' 'ns1 A 10.66.0.20' 'ns1 AAAA fd66::20' 'ct-room2 A 10.66.0.30' 'www CNAME ct-room2' '_dicom._tcp SRV 0 0 104 ct-room2' '@ TXT "CANARY"' > "$TMP/n/z"
	printf '%s\n' '$TTL 60' '@ SOA ns1.clinic.example. root 1 60 60 60 60' '@ NS ns1.clinic.example.' '30 PTR ct-room2.clinic.example.' > "$TMP/n/r"
	printf '%s\n' "options { directory \"$TMP/n\"; listen-on { any; }; listen-on-v6 { any; }; recursion no; allow-update { any; }; allow-transfer { any; }; pid-file none; session-keyfile \"$TMP/n/k\"; };" \
		'zone "clinic.example" { type master; file "z"; };' 'zone "0.66.10.in-addr.arpa" { type master; file "r"; };' 'controls { };' > "$TMP/n/c"
	printf '%s\n' 'server:' ' interface: 0.0.0.0' ' access-control: 0.0.0.0/0 allow' ' chroot: ""' ' username: ""' ' do-daemonize: no' " pidfile: $TMP/u.pid" ' local-zone: "lab.example." static' ' local-data: "analyser7.lab.example. A 10.66.0.31"' > "$TMP/u"
	bg b named -f -c "$TMP/n/c"; bg c unbound -c "$TMP/u"; ready b 53 udp && ready c 53 udp
}
talk() {
	on a dig +tries=1 @$B ct-room2.clinic.example; on a dig +tries=1 @$B www.clinic.example; on a dig +tries=1 +tcp @$B -x 10.66.0.30; on a dig +tries=1 @$B6 ns1.clinic.example AAAA
	on a dig +tries=1 @$B version.bind TXT CH; on a dig +tries=1 @$C version.bind TXT CH; on a dig +tries=1 @$C analyser7.lab.example; on a dig @$B clinic.example AXFR; on a dig +tries=1 @$B CANARY.example
	printf 'server %s\nzone clinic.example\nupdate add pump31.clinic.example 60 A 10.66.0.31\nsend\n' $B > "$TMP/up"; on a nsupdate "$TMP/up"
	true
}
