# MiniDLNA: announces itself by SSDP, answers a search, gives its description.
programs() { need minidlnad curl socat; }
serve() {
	mkdir -p "$TMP/media" "$TMP/db"
	printf 'media_dir=%s/media\ndb_dir=%s/db\nlog_dir=%s/db\nfriendly_name=CANARY media\nport=8200\nnetwork_interface=eth0\nuser=root\nserial=12345\nmodel_number=1\n' "$TMP" "$TMP" "$TMP" > "$TMP/m.conf"
	record; bg b minidlnad -d -f "$TMP/m.conf" -P "$TMP/m.pid"; ready b 8200
}
talk() {
	sh_on a "printf 'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: \"ssdp:discover\"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n' | socat -t 3 - UDP4-DATAGRAM:239.255.255.250:1900"
	on a curl -s -m 5 http://$B:8200/rootDesc.xml; true
}
