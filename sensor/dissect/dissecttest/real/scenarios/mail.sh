# Dovecot's IMAP and Python's SMTP server, with curl and smtplib: logins in clear, STARTTLS.
programs() { need dovecot curl openssl && /usr/bin/python3 -W ignore -c 'import smtpd' 2>/dev/null || { MISSING=${MISSING:-python3 with smtpd}; return 1; }; }
serve() {
	cert mail.example.org; mkdir -p "$TMP/d" "$TMP/mail"; chmod 777 "$TMP/mail"
	cat > "$TMP/dovecot.conf" <<-C
		base_dir = $TMP/d
		log_path = /dev/stderr
		protocols = imap
		disable_plaintext_auth = no
		ssl = yes
		ssl_cert = <$TMP/mail.example.org.crt
		ssl_key = <$TMP/mail.example.org.key
		mail_location = maildir:$TMP/mail
		default_login_user = nobody
		default_internal_user = nobody
		default_internal_group = nogroup
		passdb {
		  driver = static
		  args = password=CANARYpw
		}
		userdb {
		  driver = static
		  args = uid=nobody gid=nogroup home=$TMP/mail
		}
		service imap-login {
		  chroot =
		}
		service anvil {
		  chroot =
		}
	C
	printf 'import asyncore, smtpd\nclass S(smtpd.SMTPServer):\n    def process_message(self, *a, **k): pass\nS(("0.0.0.0", 25), None)\nasyncore.loop()\n' > "$TMP/smtp.py"
	bg b /usr/sbin/dovecot -F -c "$TMP/dovecot.conf"; bg b /usr/bin/python3 -W ignore "$TMP/smtp.py"
	ready b 143 && ready b 25
}
talk() {
	printf 'From: canary@example.org\nSubject: CANARY\n\nCANARY text\n' > "$TMP/m.txt"
	on a curl -s -m 5 imap://canaryuser:CANARYpw@$B/
	on a curl -s -m 5 -k --ssl-reqd imap://canaryuser:CANARYpw@$B/
	on a curl -s -m 5 --mail-from canary@example.org --mail-rcpt canary2@example.org -T "$TMP/m.txt" smtp://$B/workstation7
	true
}
