# A discovery session with tgt, the requests written after RFC 7143 (no initiator runs without a kernel module).
programs() { need tgtd tgtadm socat; }
serve() {
	bg b unshare -m bash -c "mount -t tmpfs t /run; mkdir -p /run/tgtd /var/run 2>/dev/null; exec tgtd -f --iscsi portal=0.0.0.0:3260"
	ready b 3260
}
talk() {
	/usr/bin/python3 - > "$TMP/req" <<-P
		import sys
		def pdu(op, flags, data, **f):
		    h = bytearray(48); h[0], h[1] = op, flags; h[5:8] = len(data).to_bytes(3, 'big')
		    for k, v in f.items(): h[int(k[1:]):int(k[1:]) + len(v)] = v
		    return bytes(h) + data + b'\0' * (-len(data) % 4)
		text = b'InitiatorName=iqn.2026-03.org.example:workstation7\0SessionType=Discovery\0AuthMethod=None\0HeaderDigest=None\0DataDigest=None\0'
		sys.stdout.buffer.write(pdu(0x43, 0x87, text, _8=b'\x40\0\0\1\0\0') + pdu(0x04, 0x80, b'SendTargets=All\0', _16=b'\0\0\0\1', _20=b'\xff\xff\xff\xff', _24=b'\0\0\0\1'))
	P
	sh_on a "socat -t 2 - TCP:$B:3260 < $TMP/req"
	true
}
