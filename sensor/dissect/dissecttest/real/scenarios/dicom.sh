# DCMTK: verification, query, retrieve, store between two application entities; one association is refused.
programs() { need storescp storescu echoscu findscu dcmqrscp dump2dcm; }
serve() {
	mkdir "$TMP/store" "$TMP/db" "$TMP/in"
	cat > "$TMP/qr.cfg" <<-C
		NetworkTCPPort = 4242
		MaxPDUSize = 16384
		MaxAssociations = 16
		HostTable BEGIN
		ws = (WORKSTATION7, $A, 11112)
		HostTable END
		VendorTable BEGIN
		VendorTable END
		AETable BEGIN
		ARCHIVE12 $TMP/db RW (9, 1024mb) ANY
		AETable END
	C
	cat > "$TMP/ct.dump" <<-D
		(0008,0016) UI =CTImageStorage
		(0008,0018) UI [1.2.826.0.1.3680043.10.1.1]
		(0008,0020) DA [20260301]
		(0008,0050) SH [CANARY1]
		(0008,0060) CS [CT]
		(0008,0070) LO [Example Imaging]
		(0008,1010) SH [CTROOM2]
		(0010,0010) PN [CANARY^PATIENT]
		(0010,0020) LO [CANARY2]
		(0020,000d) UI [1.2.826.0.1.3680043.10.2]
		(0020,000e) UI [1.2.826.0.1.3680043.10.3]
		(0020,0011) IS [1]
		(0020,0013) IS [1]
	D
	dump2dcm "$TMP/ct.dump" "$TMP/ct.dcm" >>"$TMP/log" 2>&1 || return 1
	bg b dcmqrscp -c "$TMP/qr.cfg"
	bg a storescp -aet WORKSTATION7 -od "$TMP/in" 11112
	ready b 4242 && ready a 11112
}
talk() {
	on a echoscu -aet WORKSTATION7 -aec ARCHIVE12 $B 4242
	on a storescu -aet CTSTATION -aec ARCHIVE12 $B 4242 "$TMP/ct.dcm"
	on a findscu -S -aet WORKSTATION7 -aec ARCHIVE12 -k QueryRetrieveLevel=STUDY -k "PatientName=CANARY*" -k StudyInstanceUID $B 4242
	on a movescu -S -aet WORKSTATION7 -aec ARCHIVE12 -aem WORKSTATION7 -k QueryRetrieveLevel=STUDY -k StudyInstanceUID=1.2.826.0.1.3680043.10.2 $B 4242
	on a echoscu -aet WORKSTATION7 -aec NOSUCH $B 4242
	on a echoscu -aet WORKSTATION7 -aec ARCHIVE12 $B6 4242
	true
}
