# FreeRADIUS with radtest's client and the EAP client of hostapd: accepted and refused, with the places that a switch tells.
programs() { need freeradius radclient eapol_test; }
serve() {
	cp -r /etc/freeradius/3.0 "$TMP/raddb"
	printf 'client net {\n ipaddr = 10.66.0.0/24\n secret = testing123\n}\n' > "$TMP/raddb/clients.conf"
	printf 'canaryuser Cleartext-Password := "CANARYpw"\n' >> "$TMP/raddb/mods-config/files/authorize"
	printf 'server default {\n listen {\n type = auth\n ipaddr = *\n port = 1812\n }\n listen {\n type = acct\n ipaddr = *\n port = 1813\n }\n authorize {\n eap {\n ok = return\n }\n files\n pap\n }\n authenticate {\n pap\n eap\n }\n preacct {\n }\n accounting {\n ok\n }\n}\n' > "$TMP/site"
	printf 'eap {\n default_eap_type = md5\n md5 {\n }\n}\n' > "$TMP/raddb/mods-enabled/wreal"; rm -f "$TMP/raddb/mods-enabled/eap" "$TMP"/raddb/sites-enabled/*; cp "$TMP/site" "$TMP/raddb/sites-enabled/default"
	chmod -R a+rX "$TMP/raddb"; bg b freeradius -f -l stdout -d "$TMP/raddb"; ready b 1812 udp
}
talk() {
	local n='NAS-IP-Address=10.66.0.10,NAS-Port=17,NAS-Port-Type=Ethernet,NAS-Identifier=\"switch-ward3\",Calling-Station-Id=\"00-11-22-33-44-55\",Called-Station-Id=\"02-66-00-00-00-10:ClinicWLAN\"'
	sh_on a "echo 'User-Name=canaryuser,User-Password=CANARYpw,$n' | tr -d '\\\\' | radclient -t 2 -r 1 $B auth testing123"
	sh_on a "echo 'User-Name=canaryuser,User-Password=wrong,$n' | tr -d '\\\\' | radclient -t 3 -r 1 $B auth testing123"
	sh_on a "echo 'User-Name=canaryuser,Acct-Status-Type=Start,Acct-Session-Id=1,Framed-IP-Address=10.66.0.99,$n' | tr -d '\\\\' | radclient -t 2 -r 1 $B:1813 acct testing123"
	printf 'network={\n key_mgmt=IEEE8021X\n eap=MD5\n identity="canaryuser"\n password="CANARYpw"\n}\n' > "$TMP/eap.conf"
	on a eapol_test -c "$TMP/eap.conf" -a $B -s testing123 -A $A -M 00:11:22:33:44:66 -N30:s:02-66-00-00-00-10:ClinicWLAN -N5:d:18 -t 4 -n
	true
}
