# OpenLDAP: root DSE, simple bind in clear, StartTLS, LDAPS.
programs() { need slapd ldapsearch slapadd openssl; }
serve() {
	cert ldap.example.org; mkdir "$TMP/ldb"
	cat > "$TMP/slapd.conf" <<-C
		include /etc/ldap/schema/core.schema
		include /etc/ldap/schema/cosine.schema
		include /etc/ldap/schema/inetorgperson.schema
		modulepath /usr/lib/ldap
		moduleload back_mdb
		TLSCertificateFile $TMP/ldap.example.org.crt
		TLSCertificateKeyFile $TMP/ldap.example.org.key
		database mdb
		suffix "dc=clinic,dc=example"
		rootdn "cn=canaryadmin,dc=clinic,dc=example"
		rootpw CANARYpw
		directory $TMP/ldb
	C
	printf 'dn: dc=clinic,dc=example\nobjectClass: dcObject\nobjectClass: organization\no: Clinic\ndc: clinic\n' | slapadd -f "$TMP/slapd.conf" >>"$TMP/log" 2>&1
	bg b slapd -d 0 -f "$TMP/slapd.conf" -h "ldap:/// ldaps:///"
	ready b 389
}
talk() {
	export LDAPTLS_REQCERT=never
	on a ldapsearch -x -H ldap://$B -s base -b "" '(objectClass=*)' '*' '+'
	on a ldapsearch -x -H ldap://$B -D cn=canaryadmin,dc=clinic,dc=example -w CANARYpw -b dc=clinic,dc=example
	on a ldapsearch -x -ZZ -H ldap://$B -b dc=clinic,dc=example -s base
	on a ldapsearch -x -H ldaps://$B -b "" -s base
	true
}
