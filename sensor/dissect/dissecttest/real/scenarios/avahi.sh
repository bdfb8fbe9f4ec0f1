# Avahi: a machine that announces a printer and a workstation; a browser that asks.
programs() { need avahi-daemon avahi-publish avahi-browse dbus-daemon; }
serve() {
	cat > "$TMP/avahi.conf" <<-C
		[server]
		host-name=printer20
		allow-interfaces=eth0
		enable-dbus=no
		[publish]
		publish-workstation=yes
		publish-hinfo=yes
	C
	mkdir -p "$TMP/services" "$TMP/run"
	cat > "$TMP/services/ipp.service" <<-X
		<?xml version="1.0"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
		<service-group><name>CANARY printer of ward 3</name><service><type>_ipp._tcp</type><port>631</port>
		<txt-record>txtvers=1</txt-record><txt-record>ty=Example LaserPrint 400</txt-record><txt-record>usb_MFG=Example</txt-record><txt-record>usb_MDL=LaserPrint 400</txt-record><txt-record>note=CANARY room</txt-record></service></service-group>
	X
	record 'not (ip6 and (ip6[6] = 0 or icmp6))'
	# avahi-daemon keeps its socket and its services at fixed places: it gets its own view of them.
	bg b unshare -m bash -c "mkdir -p /run/avahi-daemon && mount --bind $TMP/run /run/avahi-daemon && mount --bind $TMP/services /etc/avahi/services && exec avahi-daemon -f $TMP/avahi.conf --no-drop-root --no-chroot"
	ready b 5353 udp
}
talk() {
	sleep 3
	sh_on a "dig +tries=1 +time=2 -p 5353 @224.0.0.251 _ipp._tcp.local PTR; dig +tries=1 +time=2 -p 5353 @224.0.0.251 printer20.local A; dig +tries=1 +time=2 -p 5353 @$B _services._dns-sd._udp.local PTR"
	true
}
