# xrdp and FreeRDP: negotiation with RDP security and with TLS.
programs() { need xrdp xfreerdp xvfb-run openssl; }
serve() {
	cert rdp.example.org
	sed -e "s,^certificate=.*,certificate=$TMP/rdp.example.org.crt," -e "s,^key_file=.*,key_file=$TMP/rdp.example.org.key," -e "s,^LogFile=.*,LogFile=$TMP/xrdp.log," /etc/xrdp/xrdp.ini > "$TMP/xrdp.ini"
	sed -e 's,^security_layer=.*,security_layer=rdp,' -e 's,^port=3389,port=3390,' "$TMP/xrdp.ini" > "$TMP/xrdp2.ini"
	bg b unshare -m bash -c "mount -t tmpfs t /run; mkdir -p /run/xrdp; exec xrdp -n -c $TMP/xrdp.ini"
	bg b unshare -m bash -c "mount -t tmpfs t /run; mkdir -p /run/xrdp; exec xrdp -n -c $TMP/xrdp2.ini"
	ready b 3389 && ready b 3390
}
talk() {
	# Only the beginning is kept: no screen content.
	LIMIT=5 on a xvfb-run -a xfreerdp /v:$B:3389 /u:canaryuser /p:CANARYpw /cert:ignore /sec:tls /size:320x200
	LIMIT=5 on a xvfb-run -a xfreerdp /v:$B:3390 /u:canaryuser /p:CANARYpw /cert:ignore /sec:rdp /size:320x200 /bpp:8
	true
}
