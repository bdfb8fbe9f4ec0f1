# OpenVPN with TLS over UDP, and over TCP.
programs() { need openvpn openssl; [ -e /dev/net/tun ] || { MISSING=/dev/net/tun; return 1; }; }
serve() {
	cert vpn.example.org; local p
	for p in "udp 1194 8" "tcp-server 1195 9"; do set -- $p
		bg b openvpn --dev tun$2 --dev-type tun --proto $1 --port $2 --tls-server --dh none --ca "$TMP/vpn.example.org.crt" --cert "$TMP/vpn.example.org.crt" --key "$TMP/vpn.example.org.key" --ifconfig 10.6$3.0.1 10.6$3.0.2 --verb 2
	done
	ready b 1194 udp && ready b 1195
}
talk() {
	local c="--tls-client --ca $TMP/vpn.example.org.crt --cert $TMP/vpn.example.org.crt --key $TMP/vpn.example.org.key --nobind --dev-type tun"
	LIMIT=4 on a openvpn --dev tun8 --proto udp --remote $B 1194 $c
	LIMIT=4 on a openvpn --dev tun9 --proto tcp-client --remote $B 1195 $c
	true
}
