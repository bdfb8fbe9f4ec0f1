# Apache and lighttpd with curl and Python: banners, Digest and Basic authentication, a proxy, HTTP/2 in clear, IPv6, odd ports, pipelined requests.
programs() { need apache2 lighttpd curl; }
serve() {
	mkdir "$TMP/w"; echo '<title>CANARY</title>' > "$TMP/w/index.html"; chmod -R 755 "$TMP/w"
	printf 'CANARYuser:$apr1$x$CANARY\n' > "$TMP/pw"; printf 'CANARYuser:ward:00112233445566778899aabbccddeeff\n' > "$TMP/dg"
	local m=/usr/lib/apache2/modules
	{ printf 'LoadModule %s %s/%s\n' mpm_event_module $m mod_mpm_event.so authz_core_module $m mod_authz_core.so authn_core_module $m mod_authn_core.so authn_file_module $m mod_authn_file.so authz_user_module $m mod_authz_user.so \
		auth_basic_module $m mod_auth_basic.so auth_digest_module $m mod_auth_digest.so http2_module $m mod_http2.so proxy_module $m mod_proxy.so proxy_connect_module $m mod_proxy_connect.so proxy_http_module $m mod_proxy_http.so dir_module $m mod_dir.so
	printf '%s\n' "PidFile $TMP/apid" "ErrorLog $TMP/aerr" 'ServerName server12' 'Listen 80' 'Listen 8081' "DocumentRoot $TMP/w" 'ServerTokens Full' 'Protocols h2c http/1.1' \
		'<Location /basic>' 'AuthType Basic' 'AuthName "CANARY realm"' "AuthUserFile $TMP/pw" 'Require valid-user' '</Location>' '<Location /digest>' 'AuthType Digest' 'AuthName ward' "AuthUserFile $TMP/dg" 'Require valid-user' '</Location>' \
		'<VirtualHost *:8081>' 'ProxyRequests On' 'AllowCONNECT 80 443' '</VirtualHost>'; } > "$TMP/a.conf"
	printf '%s\n' "server.document-root = \"$TMP/w\"" 'server.port = 49001' 'server.use-ipv6 = "enable"' > "$TMP/l.conf"
	bg b apache2 -X -f "$TMP/a.conf"; bg c lighttpd -D -f "$TMP/l.conf"; ready b 80 && ready c 49001
}
talk() {
	on a curl -s -u CANARYuser:CANARYpass "http://$B/basic" --next -s --digest -u CANARYuser:CANARYpass "http://$B/digest"
	on a curl -s --http2-prior-knowledge "http://$B/?q=CANARY"; on a curl -s --http2 "http://$B/"
	on a curl -s -x "http://$B:8081" "http://$C:49001/"; on a curl -s -p -x "http://$B:8081" "http://$B:80/"
	on a curl -s -g "http://[$C6]:49001/CANARY"
	sh_on a "printf 'GET /a HTTP/1.1\r\nHost: server12\r\n\r\nGET /b HTTP/1.1\r\nHost: server12\r\nUser-Agent: Example/1\r\nConnection: close\r\n\r\n' | timeout 2 bash -c 'exec 3<>/dev/tcp/$B/80; cat >&3; cat <&3'"
	true
}
