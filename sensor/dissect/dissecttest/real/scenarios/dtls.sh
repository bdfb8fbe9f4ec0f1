# OpenSSL: DTLS 1.2 and 1.0.
programs() { need openssl; }
serve() { cert dtls.example.org; bg b bash -c "sleep 60 | openssl s_server -dtls -accept 4433 -cert "$TMP/dtls.example.org.crt" -key "$TMP/dtls.example.org.key" -cipher ALL:@SECLEVEL=0"; sleep 1; }
talk() { local v; for v in dtls1_2 dtls1; do LIMIT=4 sh_on a "(sleep 1; echo Q) | openssl s_client -$v -cipher ALL:@SECLEVEL=0 -servername dtls.example.org -connect $B:4433"; done; true; }
