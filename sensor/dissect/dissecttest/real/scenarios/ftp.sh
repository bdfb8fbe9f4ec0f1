# vsftpd with lftp: anonymous, an account in clear, then AUTH TLS.
programs() { need vsftpd lftp openssl; }
serve() {
	cert ftp.example.org; mkdir -p "$TMP/ftp" "$TMP/empty"; echo hello > "$TMP/ftp/a.txt"; chmod 755 "$TMP/ftp"
	cat > "$TMP/v.conf" <<-C
		listen=YES
		background=NO
		anonymous_enable=YES
		local_enable=YES
		anon_root=$TMP/ftp
		secure_chroot_dir=$TMP/empty
		ssl_enable=YES
		allow_anon_ssl=YES
		force_local_logins_ssl=NO
		force_local_data_ssl=NO
		rsa_cert_file=$TMP/ftp.example.org.crt
		rsa_private_key_file=$TMP/ftp.example.org.key
		seccomp_sandbox=NO
		isolate=NO
		isolate_network=NO
	C
	bg b vsftpd "$TMP/v.conf"
	ready b 21
}
talk() {
	local o="set net:max-retries 1; set net:timeout 3; set ssl:verify-certificate no;"
	on a lftp -c "$o set ftp:ssl-allow no; open ftp://anonymous:canary@$B; ls; cat a.txt; exit"
	on a lftp -c "$o set ftp:ssl-allow no; open ftp://admin:CANARYpw@$B; ls; exit"
	on a lftp -c "$o set ftp:ssl-force yes; open ftp://anonymous:canary@$B; ls; exit"
	true
}
