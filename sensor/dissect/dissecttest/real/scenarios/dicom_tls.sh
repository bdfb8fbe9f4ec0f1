# DCMTK over TLS: nothing of DICOM is visible but its port and the certificates.
programs() { need storescp echoscu openssl; }
serve() {
	cert pacs.example.org
	bg b storescp +tls "$TMP/pacs.example.org.key" "$TMP/pacs.example.org.crt" -ic -aet ARCHIVE12 2762
	ready b 2762
}
talk() { on a echoscu +tla -ic -aet WORKSTATION7 -aec ARCHIVE12 $B 2762; true; }
