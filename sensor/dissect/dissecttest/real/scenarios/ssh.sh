# OpenSSH and Dropbear: handshakes up to a refused login, among them one with weak algorithms only.
programs() { need /usr/sbin/sshd ssh ssh-keygen dropbear dropbearkey; }
serve() {
	ssh-keygen -q -t ed25519 -N '' -f "$TMP/hk"; ssh-keygen -q -t rsa -N '' -f "$TMP/rk"; dropbearkey -t ecdsa -f "$TMP/db" >>"$TMP/log" 2>&1
	mkdir -p /run/sshd
	bg b /usr/sbin/sshd -D -e -f /dev/null -p 22 -h "$TMP/hk" -h "$TMP/rk" -o PidFile=none -o KexAlgorithms=+diffie-hellman-group1-sha1 -o HostKeyAlgorithms=+ssh-rsa -o Ciphers=+aes128-cbc,3des-cbc -o MACs=+hmac-sha1-96
	bg b dropbear -F -E -r "$TMP/db" -p 2222 -P "$TMP/dbpid"
	ready b 22 && ready b 2222
}
talk() {
	local o="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes"
	on a ssh $o canaryuser@$B true
	on a ssh $o -p 2222 canaryuser@$B true
	on a ssh $o -o KexAlgorithms=diffie-hellman-group1-sha1 -o HostKeyAlgorithms=ssh-rsa -o Ciphers=3des-cbc -o MACs=hmac-sha1-96 canaryuser@$B true
	if command -v dbclient >/dev/null; then on c dbclient -y -y canaryuser@$B true; fi
	true
}
