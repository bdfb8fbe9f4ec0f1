# Samba with smbclient: SMB1, SMB2.1 and SMB3.1.1, an account, none, a guest; nmbd answers names and announces itself.
programs() { need smbd nmbd smbclient nmblookup; }
serve() {
	mkdir -p "$TMP/s"/{private,lock,state,cache,pid,ncalrpc,share}; echo hello > "$TMP/s/share/a.txt"; chmod -R 777 "$TMP/s/share"
	cat > "$TMP/smb.conf" <<-C
		[global]
		workgroup = CLINIC
		netbios name = SERVER12
		server min protocol = NT1
		client min protocol = NT1
		lanman auth = no
		ntlm auth = yes
		map to guest = Bad User
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
		guest ok = yes
	C
	printf '[global]\nclient min protocol = NT1\n' > "$TMP/client.conf"
	printf 'CANARYpw\nCANARYpw\n' | smbpasswd -c "$TMP/smb.conf" -L -s -a root >>"$TMP/log" 2>&1
	record
	bg b smbd -F --no-process-group -s "$TMP/smb.conf"
	bg b nmbd -F --no-process-group -s "$TMP/smb.conf"
	ready b 445 && ready b 137 udp
}
talk() {
	local v
	for v in NT1 SMB2_10 SMB3_11; do
		on a smbclient -s "$TMP/client.conf" -m $v --option="client min protocol=NT1" -U root%CANARYpw //$B/files -c 'get a.txt /dev/null'
	done
	on a smbclient -s "$TMP/client.conf" -N -m SMB3_11 -L //$B
	on a smbclient -s "$TMP/client.conf" -N -p 139 -m NT1 --option="client min protocol=NT1" -L //$B
	# An account that the server does not know becomes its guest.
	for v in NT1 SMB2_10; do on a smbclient -s "$TMP/client.conf" -m $v --option="client min protocol=NT1" -U canarynobody%x //$B/files -c 'ls'; done
	on a nmblookup -A $B
	on a nmblookup -B 10.66.0.255 SERVER12
	sleep 5
	true
}
