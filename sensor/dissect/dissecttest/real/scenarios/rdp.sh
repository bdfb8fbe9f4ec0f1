# xrdp and FreeRDP: negotiation with RDP security, with TLS, with TLS 1.2 and an expired certificate, with network level authentication.
programs() { need xrdp xfreerdp freerdp-shadow-cli xvfb-run openssl faketime; }
serve() {
	cert rdp.example.org
	sed -e "s,^certificate=.*,certificate=$TMP/rdp.example.org.crt," -e "s,^key_file=.*,key_file=$TMP/rdp.example.org.key," -e "s,^LogFile=.*,LogFile=$TMP/xrdp.log," /etc/xrdp/xrdp.ini > "$TMP/xrdp.ini"
	sed -e 's,^security_layer=.*,security_layer=rdp,' -e 's,^port=3389,port=3390,' "$TMP/xrdp.ini" > "$TMP/xrdp2.ini"
	faketime 2022-03-01 openssl req -x509 -nodes -days 30 -subj "/CN=rdp.example.org" -newkey rsa:2048 -keyout "$TMP/old.key" -out "$TMP/old.crt" >>"$TMP/log" 2>&1
	sed -e 's,^ssl_protocols=.*,ssl_protocols=TLSv1.2,' -e 's,^port=3389,port=3392,' -e "s,rdp.example.org,old," "$TMP/xrdp.ini" > "$TMP/xrdp3.ini"
	bg b unshare -m bash -c "mount -t tmpfs t /run; mkdir -p /run/xrdp; exec xrdp -n -c $TMP/xrdp.ini"
	bg b unshare -m bash -c "mount -t tmpfs t /run; mkdir -p /run/xrdp; exec xrdp -n -c $TMP/xrdp3.ini"
	bg b unshare -m bash -c "mount -t tmpfs t /run; mkdir -p /run/xrdp; exec xrdp -n -c $TMP/xrdp2.ini"
	bg b env HOME=$TMP xvfb-run -a freerdp-shadow-cli /port:3391 /sec:nla
	ready b 3389 && ready b 3390 && ready b 3392 && ready b 3391
}
talk() {
	# Only the beginning is kept: no screen content.
	LIMIT=5 on a xvfb-run -a xfreerdp /v:$B:3389 /u:canaryuser /p:CANARYpw /cert:ignore /sec:tls /size:320x200
	LIMIT=5 on a xvfb-run -a xfreerdp /v:$B:3390 /u:canaryuser /p:CANARYpw /cert:ignore /sec:rdp /size:320x200 /bpp:8
	LIMIT=3 on a xvfb-run -a xfreerdp /v:$B:3392 /u:canaryuser /p:CANARYpw /cert:ignore /sec:tls /size:320x200 /bpp:8
	LIMIT=5 on a xvfb-run -a xfreerdp /v:$B:3391 /u:canaryuser /p:CANARYpw /cert:ignore /sec:nla /size:320x200 /bpp:8
	true
}
