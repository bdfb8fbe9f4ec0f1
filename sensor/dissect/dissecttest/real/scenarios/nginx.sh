# nginx with curl and openssl: HTTP with Basic authentication, FHIR and DICOMweb paths, TLS 1.0 to 1.3 with self-signed certificates, one of them expired.
programs() { need nginx curl openssl faketime; }
serve() {
	cert pacs.clinic.example; cert old.clinic.example rsa:1024 -not_before 20200101000000Z 2>/dev/null
	openssl req -x509 -nodes -days 30 -sha1 -newkey rsa:1024 -subj "/CN=old.clinic.example" -keyout "$TMP/old.key" -out "$TMP/old.crt" >>"$TMP/log" 2>&1
	faketime 2022-03-01 openssl req -x509 -nodes -days 30 -newkey rsa:2048 -subj "/CN=late.clinic.example" -keyout "$TMP/late.key" -out "$TMP/late.crt" >>"$TMP/log" 2>&1
	printf 'admin:%s\n' "$(openssl passwd -apr1 admin)" > "$TMP/pw"; chmod 644 "$TMP/pw"
	cat > "$TMP/n.conf" <<-C
		daemon off; user root; pid $TMP/n.pid; error_log $TMP/e.log; worker_processes 1;
		events {}
		http { access_log off; client_body_temp_path $TMP/1; proxy_temp_path $TMP/2; fastcgi_temp_path $TMP/3; uwsgi_temp_path $TMP/4; scgi_temp_path $TMP/5;
		server { listen 80; listen [::]:80; location / { return 200 "CANARY page\n"; } location /private { auth_basic "CANARY realm"; auth_basic_user_file $TMP/pw; root $TMP; }
		  location /fhir { default_type application/fhir+json; return 200 '{"resourceType":"CapabilityStatement","status":"active","kind":"instance","fhirVersion":"4.0.1","software":{"name":"Example FHIR Server","version":"6.4.0"},"format":["json"]}'; }
		  location /dicom-web { default_type application/dicom+json; return 200 '[]'; } }
		server { listen 443 ssl; http2 on; ssl_protocols TLSv1.2 TLSv1.3; server_name pacs.clinic.example; ssl_certificate $TMP/pacs.clinic.example.crt; ssl_certificate_key $TMP/pacs.clinic.example.key; return 200 "CANARY\n"; }
		server { listen 8444 ssl; ssl_protocols TLSv1.2; ssl_certificate $TMP/late.crt; ssl_certificate_key $TMP/late.key; return 200 "CANARY\n"; }
		server { listen 8443 ssl; ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:@SECLEVEL=0; ssl_certificate $TMP/old.crt; ssl_certificate_key $TMP/old.key; return 200 "CANARY\n"; } }
	C
	nginx -v 2>&1 | grep -qE '/1\.(2[5-9]|[3-9])' || sed -i 's/ http2 on;//; s/listen 443 ssl;/listen 443 ssl http2;/' "$TMP/n.conf"
	bg b nginx -e "$TMP/e.log" -c "$TMP/n.conf"
	ready b 80 && ready b 8443
}
talk() {
	local r="--resolve pacs.clinic.example:443:$B --resolve old.clinic.example:8443:$B" v
	on a curl -s -m 5 "http://$B/?patient=CANARY"; on a curl -s -m 5 -g "http://[$B6]/"
	on a curl -s -m 5 -u admin:admin http://$B/private/; on a curl -s -m 5 http://$B/fhir/metadata; on a curl -s -m 5 -H 'Accept: application/fhir+json' "http://$B/fhir/Patient/CANARY"
	on a curl -s -m 5 -H 'Accept: application/dicom+json' "http://$B/dicom-web/studies?PatientName=CANARY"
	on a curl -s -m 5 -k $r https://pacs.clinic.example/
	on a curl -s -m 5 -k $r --tls-max 1.2 https://pacs.clinic.example/
	sh_on a "echo | openssl s_client -servername late.clinic.example -connect $B:8444"
	for v in tls1 tls1_1 tls1_2; do sh_on a "echo | openssl s_client -$v -cipher ALL:@SECLEVEL=0 -servername old.clinic.example -connect $B:8443"; done
	true
}
