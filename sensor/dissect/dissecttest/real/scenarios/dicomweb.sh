# Orthanc with its DICOMweb plugin: QIDO-RS, STOW-RS and WADO-RS, and the REST interface, without an account.
programs() { need Orthanc curl dump2dcm && [ -e /usr/share/orthanc/plugins/libOrthancDicomWeb.so ] || { MISSING=orthanc-dicomweb; return 1; }; }
serve() {
	cat > "$TMP/o.json" <<-C
		{"Name": "CANARY archive", "StorageDirectory": "$TMP/db", "IndexDirectory": "$TMP/db", "HttpPort": 8042, "DicomPort": 4242, "DicomAet": "ARCHIVE12",
		 "RemoteAccessAllowed": true, "AuthenticationEnabled": false, "Plugins": ["/usr/share/orthanc/plugins/libOrthancDicomWeb.so"], "DicomWeb": {"Enable": true, "Root": "/dicom-web/"}}
	C
	printf '%s\n' '(0008,0016) UI =CTImageStorage' '(0008,0018) UI [1.2.826.0.1.3680043.10.1.1]' '(0008,0060) CS [CT]' '(0010,0010) PN [CANARY^PATIENT]' '(0010,0020) LO [CANARY2]' \
		'(0020,000d) UI [1.2.826.0.1.3680043.10.2]' '(0020,000e) UI [1.2.826.0.1.3680043.10.3]' > "$TMP/ct.dump"
	dump2dcm "$TMP/ct.dump" "$TMP/ct.dcm" >>"$TMP/log" 2>&1 || return 1
	bg b Orthanc "$TMP/o.json"
	ready b 8042
}
talk() {
	local u=http://$B:8042
	on a curl -s "$u/system" "$u/dicom-web/studies?PatientID=CANARY"
	on a curl -s -F "file=@$TMP/ct.dcm;type=application/dicom" -H 'Content-Type: multipart/related; type="application/dicom"; boundary=x' "$u/dicom-web/studies"
	on a curl -s -X POST --data-binary "@$TMP/ct.dcm" "$u/instances"
	on a curl -s -H 'Accept: application/dicom+json' "$u/dicom-web/studies" "$u/dicom-web/studies/1.2.826.0.1.3680043.10.2/metadata"
	on a curl -s -H 'Accept: multipart/related; type="application/dicom"' -o /dev/null "$u/dicom-web/studies/1.2.826.0.1.3680043.10.2"
	true
}
