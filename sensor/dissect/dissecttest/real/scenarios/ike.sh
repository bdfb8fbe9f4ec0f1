# strongSwan: IKEv2 with a shared secret, then IKEv1 main mode; identities are encrypted.
programs() { need swanctl && [ -x /usr/lib/ipsec/charon ] || { MISSING=strongswan-charon; return 1; }; }
serve() {
	local h
	for h in a b; do
		mkdir -p "$TMP/$h/run"
		local me=$A you=$B; [ $h = b ] && me=$B && you=$A
		printf '%s\n' "charon { pidfile=$TMP/$h/run/pid" 'load = random nonce gmp pem pkcs1 pubkey x509 hmac sha1 sha2 aes kdf socket-default kernel-netlink vici' \
			"plugins { vici { socket = unix://$TMP/$h/run/vici } } }" > "$TMP/$h/strongswan.conf"
		cat > "$TMP/$h/swanctl.conf" <<-C
			connections {
			  v2 { version = 2
			    local_addrs = $me
			    remote_addrs = $you
			    proposals = aes128-sha256-modp2048
			    local { auth = psk }
			    remote { auth = psk }
			    children { net { } } }
			  v1 { version = 1
			    local_addrs = $me
			    remote_addrs = $you
			    proposals = aes128-sha1-modp1024
			    local { auth = psk }
			    remote { auth = psk }
			    children { net { } } }
			}
			secrets { ike-x { secret = "CANARYsecret" } }
		C
	done
	for h in a b; do bg $h env STRONGSWAN_CONF="$TMP/$h/strongswan.conf" unshare -m bash -c 'mount -t tmpfs none /run && exec /usr/lib/ipsec/charon'; done
	ready a 500 udp && ready b 500 udp
	for h in a b; do on $h swanctl --load-all --file "$TMP/$h/swanctl.conf" --uri "unix://$TMP/$h/run/vici"; done
	true
}
talk() { for v in v2 v1; do LIMIT=6 on a swanctl --initiate --ike $v --child net --timeout 4 --uri "unix://$TMP/a/run/vici"; done; true; }
