# knxd as a KNXnet/IP server without a bus: its own search over multicast, a description, a tunnel, a group write.
programs() { need knxd socat; }
serve() { record; bg b knxd -e 1.1.128 -E 1.1.129:4 -u "$TMP/knx" -D -T -R -S --Name=CANARYname -b dummy:; ready b 3671 udp; }
talk() {
	# The requests are written after KNX Standard 3/8/2: search, description, connect.
	sh_on a "printf '\x06\x10\x02\x01\x00\x0e\x08\x01\x00\x00\x00\x00\x00\x00' | socat -t 1 - UDP4-DATAGRAM:224.0.23.12:3671,sourceport=40001"
	sh_on a "printf '\x06\x10\x02\x03\x00\x0e\x08\x01\x00\x00\x00\x00\x00\x00' | socat -t 1 - UDP4:$B:3671,sourceport=40002"
	sh_on a "printf '\x06\x10\x02\x05\x00\x1a\x08\x01\x00\x00\x00\x00\x00\x00\x08\x01\x00\x00\x00\x00\x00\x00\x04\x04\x02\x00' | socat -t 1 - UDP4:$B:3671,sourceport=40003"
	true
}
