# Samba with Kerberos: smbclient shows a ticket of MIT's KDC to smbd, which stands alone and refuses it.
programs() { need smbd smbclient krb5kdc kinit kdb5_util kadmin.local; }
serve() {
	mkdir -p "$TMP/s"/{private,lock,state,cache,pid,ncalrpc,share}; chmod -R 777 "$TMP/s/share"
	cat > "$TMP/krb5.conf" <<-C
		[libdefaults]
		default_realm = CLINIC.EXAMPLE
		dns_lookup_kdc = false
		dns_canonicalize_hostname = false
		rdns = false
		[realms]
		CLINIC.EXAMPLE = { 
		  kdc = $B
		}
	C
	printf '[realms]\nCLINIC.EXAMPLE = {\n database_name = %s/principal\n key_stash_file = %s/stash\n kdc_ports = 88\n kdc_tcp_ports = 88\n}\n' "$TMP" "$TMP" > "$TMP/kdc.conf"
	export KRB5_CONFIG=$TMP/krb5.conf KRB5_KDC_PROFILE=$TMP/kdc.conf
	kdb5_util create -s -P CANARYmaster -r CLINIC.EXAMPLE >>"$TMP/log" 2>&1 || return 1
	kadmin.local -q 'addprinc -pw CANARYpw canaryuser' >>"$TMP/log" 2>&1
	kadmin.local -q 'addprinc -randkey cifs/server12.clinic.example' >>"$TMP/log" 2>&1
	kadmin.local -q "ktadd -k $TMP/keytab cifs/server12.clinic.example" >>"$TMP/log" 2>&1
	cat > "$TMP/smb.conf" <<-C
		[global]
		workgroup = CLINIC
		netbios name = SERVER12
		realm = CLINIC.EXAMPLE
		security = user
		kerberos method = dedicated keytab
		dedicated keytab file = $TMP/keytab
		interfaces = eth0
		private dir = $TMP/s/private
		lock directory = $TMP/s/lock
		state directory = $TMP/s/state
		cache directory = $TMP/s/cache
		pid directory = $TMP/s/pid
		ncalrpc dir = $TMP/s/ncalrpc
		log file = $TMP/s/log
		[files]
		path = $TMP/s/share
	C
	printf '[global]\nrealm = CLINIC.EXAMPLE\nworkgroup = CLINIC\nnetbios name = WORKSTATION7\n' > "$TMP/client.conf"
	printf '%s server12.clinic.example server12\n' "$B" > "$TMP/hosts"
	bg b krb5kdc -n
	bg b smbd -F --no-process-group -s "$TMP/smb.conf"
	ready b 88 && ready b 445
}
talk() {
	local c=$TMP/cc
	on a unshare -m bash -c "mount --bind $TMP/hosts /etc/hosts; echo CANARYpw | kinit -c $c canaryuser; KRB5CCNAME=$c smbclient -s $TMP/client.conf --use-krb5-ccache=$c --use-kerberos=required //server12.clinic.example/files -c ls"
	unset KRB5_CONFIG KRB5_KDC_PROFILE
	true
}
