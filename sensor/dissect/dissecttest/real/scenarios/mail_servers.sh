# Exim and Dovecot's POP3 with curl: greetings, a message, accounts in clear, STARTTLS.
programs() { need exim4 dovecot curl; }
serve() {
	cert mail.example.org
	cat > "$TMP/e.conf" <<-C
		primary_hostname = server12.clinic.example
		spool_directory = $TMP/sp
		log_file_path = $TMP/sp/%slog
		acl_smtp_rcpt = ok
		tls_advertise_hosts = *
		tls_certificate = $TMP/mail.example.org.crt
		tls_privatekey = $TMP/mail.example.org.key
		daemon_smtp_ports = 25 : 587
		begin acl
		ok:
		  accept
		begin routers
		x:
		  driver = accept
		  transport = y
		begin transports
		y:
		  driver = appendfile
		  file = /dev/null
	C
	mkdir -p "$TMP/sp" "$TMP/dv"; chmod 777 "$TMP/sp"
	printf '%s\n' 'protocols = pop3' 'listen = *' 'ssl = no' 'disable_plaintext_auth = no' "base_dir = $TMP/dv" "log_path = $TMP/dv/log" 'passdb {' 'driver = static' 'args = password=CANARYpw' '}' 'userdb {' 'driver = static' "args = uid=65534 gid=65534 home=$TMP/dv" '}' \
		'mail_location = maildir:~/m' 'auth_mechanisms = plain login' 'default_login_user = dovenull' 'default_internal_user = dovecot' > "$TMP/d.conf"
	bg b exim4 -C "$TMP/e.conf" -bdf; bg b dovecot -F -c "$TMP/d.conf"; ready b 25 && ready b 110
}
talk() {
	printf 'Subject: CANARY\n\nCANARY\n' > "$TMP/m"
	on a curl -s -m 5 --mail-from CANARY@example.org --mail-rcpt CANARY2@example.org -T "$TMP/m" "smtp://$B/workstation7.clinic.example"
	on a curl -s -m 5 --ssl-reqd -k --mail-from CANARY@example.org --mail-rcpt CANARY2@example.org -T "$TMP/m" "smtp://$B:587/workstation7.clinic.example"
	on a curl -s -m 5 -u CANARYuser:CANARYpw "pop3://$B/"; on a curl -s -m 5 --login-options AUTH=PLAIN -u CANARYuser:CANARYpw "pop3://$B/"
	true
}
