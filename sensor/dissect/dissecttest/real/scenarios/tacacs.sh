# tacquito as server, its client and Perl's Authen::TacacsPlus: logins by PAP and by dialogue, right and wrong, over IPv4 and IPv6, on two ports.
programs() {
	TQ=${NODE_PATH%/node_modules}/tacquito
	[ -x "$TQ/server" ] || { MISSING=tacquito; return 1; }
	perl -MAuthen::TacacsPlus -e 1 2>/dev/null || { MISSING=libauthen-tacacsplus-perl; return 1; }
}
serve() {
	# The hash is that of the word that the server's own sample has.
	cat > "$TMP/t.yaml" <<-'Y'
		users:
		  - name: CANARYuser
		    scopes: ["ward"]
		    groups:
		      - name: read_write
		        authenticator:
		          type: 1
		          options: {hash: 24326124313024596c6e6c3152305547304d55646f384c713254707165564836724f4664494a4f4266463864716362304632557a39635363582f4436}
		        accounter: {name: file, type: 3}
		secrets:
		  - name: ward
		    secret: {group: tacquito, key: CANARYsecret}
		    handler: {type: 1}
		    type: 1
		    options: {prefixes: '["::0/0", "0.0.0.0/0"]'}
		prefix_allow: ["::0/0", "0.0.0.0/0"]
	Y
	# It wants a system log.
	printf 'import socket, time\ns = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)\ns.bind("/run/log")\ntime.sleep(60)\n' > "$TMP/log.py"
	local p net=tcp; for p in 49 2046; do
		bg b unshare -m bash -c "mount -t tmpfs none /run; python3 $TMP/log.py & until [ -e /run/log ]; do sleep 0.1; done
			exec $TQ/server -network $net -address :$p -config $TMP/t.yaml -acct-log-path $TMP/acct -metrics-address 127.0.0.1:$((p + 9000))"
		net=tcp6
	done
	ready b 49 && ready b 2046
}
talk() {
	local s="-secret CANARYsecret -username CANARYuser"
	sh_on a "for w in cisco CANARYwrong; do $TQ/client -network tcp -address $B:49 $s -password \$w; $TQ/client -network tcp6 -address '[$B6]:2046' $s -password \$w; done"
	on a perl -MAuthen::TacacsPlus -e 'for my $type (1, 2) { for my $word ("cisco", "CANARYwrong") { my $t = Authen::TacacsPlus->new(Host => $ARGV[0], Key => "CANARYsecret", Port => 49, Timeout => 5) or die "no server"; print $t->authen("CANARYuser", $word, $type) ? "in\n" : "out\n"; $t->close } }' "$B"
	true
}
