# Orthanc as Debian has it: DICOM, REST with the account that every guide shows, a wrong account.
programs() { need Orthanc storescu echoscu findscu curl dump2dcm; }
serve() {
	mkdir "$TMP/db"
	cat > "$TMP/orthanc.json" <<-J
		{"Name": "Orthanc12", "StorageDirectory": "$TMP/db", "IndexDirectory": "$TMP/db", "HttpPort": 8042, "DicomPort": 4242,
		 "DicomAet": "ORTHANC", "RemoteAccessAllowed": true, "AuthenticationEnabled": true, "RegisteredUsers": {"orthanc": "orthanc"},
		 "DicomAlwaysAllowFind": true, "Plugins": []}
	J
	cat > "$TMP/us.dump" <<-D
		(0008,0016) UI =UltrasoundImageStorage
		(0008,0018) UI [1.2.826.0.1.3680043.11.1.1]
		(0008,0020) DA [20260301]
		(0008,0060) CS [US]
		(0010,0010) PN [CANARY^PATIENT]
		(0010,0020) LO [CANARY2]
		(0020,000d) UI [1.2.826.0.1.3680043.11.2]
		(0020,000e) UI [1.2.826.0.1.3680043.11.3]
	D
	dump2dcm "$TMP/us.dump" "$TMP/us.dcm" >>"$TMP/log" 2>&1 || return 1
	bg b Orthanc "$TMP/orthanc.json"
	ready b 8042 && ready b 4242
}
talk() {
	on a echoscu -aet WORKSTATION7 -aec ORTHANC $B 4242
	on c storescu -aet US31 -aec ORTHANC $B 4242 "$TMP/us.dcm"
	on a findscu -S -aet WORKSTATION7 -aec ORTHANC -k QueryRetrieveLevel=STUDY -k "PatientID=CANARY2" $B 4242
	on a curl -s -m 5 http://$B:8042/system
	on a curl -s -m 5 -u orthanc:orthanc http://$B:8042/system
	on a curl -s -m 5 -u orthanc:orthanc http://$B:8042/patients
	on a curl -s -m 5 -u operator:CANARYSECRET http://$B:8042/statistics
	true
}
