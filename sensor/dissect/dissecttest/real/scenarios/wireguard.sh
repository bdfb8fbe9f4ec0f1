# wireguard-go on both ends: a handshake, a packet each way.
programs() { need wireguard-go wg; [ -e /dev/net/tun ] || { MISSING=/dev/net/tun; return 1; }; }
serve() {
	wg genkey > "$TMP/ka"; wg genkey > "$TMP/kb"
	local h; for h in a b; do bg $h env WG_PROCESS_FOREGROUND=1 wireguard-go wg$h; done; sleep 1
	on b wg set wgb private-key "$TMP/kb" listen-port 51820 peer "$(wg pubkey < "$TMP/ka")" allowed-ips 10.67.0.1/32
	on a wg set wga private-key "$TMP/ka" peer "$(wg pubkey < "$TMP/kb")" allowed-ips 10.67.0.2/32 endpoint $B:51820
	sh_on a "ip addr add 10.67.0.1/24 dev wga; ip link set wga up"; sh_on b "ip addr add 10.67.0.2/24 dev wgb; ip link set wgb up"
}
talk() { sh_on a "ping -c 2 -W 1 10.67.0.2 || echo x > /dev/udp/10.67.0.2/9"; sleep 1; true; }
