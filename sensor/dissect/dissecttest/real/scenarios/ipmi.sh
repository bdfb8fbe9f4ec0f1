# OpenIPMI's simulator of a baseboard controller with ipmitool: identification, a session of version 1.5 and of 2.0, a wrong password.
programs() { need ipmi_sim ipmitool; }
serve() {
	mkdir -p "$TMP/state"
	cat > "$TMP/lan.conf" <<-C
		name "bmc12"
		set_working_mc 0x20
		  startlan 1
		    addr $B 623
		    priv_limit admin
		    allowed_auths_callback none md2 md5 straight
		    allowed_auths_user none md2 md5 straight
		    allowed_auths_operator none md2 md5 straight
		    allowed_auths_admin none md2 md5 straight
		    guid a123456789abcdefa123456789abcdef
		  endlan
		  user 1 true "" "" user 10 none md2 md5 straight
		  user 2 true "CANARYop" "CANARYpw" admin 10 none md2 md5 straight
	C
	cat > "$TMP/bmc.emu" <<-C
		mc_setbmc 0x20
		mc_add 0x20 0 no-device-sdrs 0x23 9 8 0x9f 0x1291 0xf02 persist_sdr
		mc_enable 0x20
	C
	bg b bash -c "tail -f /dev/null | ipmi_sim -c '$TMP/lan.conf' -f '$TMP/bmc.emu' -s '$TMP/state' -n"
	ready b 623 udp
}
talk() {
	on a ipmitool -I lan -H $B -U CANARYop -P CANARYpw mc info
	on a ipmitool -I lanplus -C 3 -H $B -U CANARYop -P CANARYpw mc info
	LIMIT=4 on a ipmitool -I lanplus -C 3 -N 1 -R 1 -H $B -U CANARYop -P CANARYwrong mc info
	true
}
