# MIT Kerberos: initial ticket with pre-authentication, service tickets, one of them under RC4, a wrong name; over UDP and TCP.
programs() { need krb5kdc kinit kdb5_util kadmin.local; }
serve() {
	cat > "$TMP/krb5.conf" <<-C
		[libdefaults]
		default_realm = CLINIC.EXAMPLE
		dns_lookup_kdc = false
		udp_preference_limit = 1400
		[realms]
		CLINIC.EXAMPLE = { 
		  kdc = $B
		}
	C
	sed 's/1400/1/' "$TMP/krb5.conf" > "$TMP/krb5tcp.conf"
	cat > "$TMP/kdc.conf" <<-C
		[realms]
		CLINIC.EXAMPLE = {
		  database_name = $TMP/principal
		  key_stash_file = $TMP/stash
		  kdc_ports = 88
		  kdc_tcp_ports = 88
		}
	C
	export KRB5_CONFIG=$TMP/krb5.conf KRB5_KDC_PROFILE=$TMP/kdc.conf
	kdb5_util create -s -P CANARYmaster -r CLINIC.EXAMPLE >>"$TMP/log" 2>&1 || return 1
	kadmin.local -q 'addprinc +requires_preauth -pw CANARYpw canaryuser' >>"$TMP/log" 2>&1
	kadmin.local -q 'addprinc -randkey host/server12.clinic.example' >>"$TMP/log" 2>&1
	kadmin.local -q 'addprinc -randkey -e arcfour-hmac:normal cifs/server12.clinic.example' >>"$TMP/log" 2>&1
	bg b krb5kdc -n
	ready b 88
}
talk() {
	local c=$TMP/cc
	sh_on a "echo CANARYpw | kinit -c $c canaryuser; kvno -c $c host/server12.clinic.example cifs/server12.clinic.example"
	sh_on a "export KRB5_CONFIG=$TMP/krb5tcp.conf; echo CANARYpw | kinit -c $c canaryuser"
	sh_on a "echo x | kinit -c $c nosuchcanary"
	unset KRB5_CONFIG KRB5_KDC_PROFILE
	true
}
