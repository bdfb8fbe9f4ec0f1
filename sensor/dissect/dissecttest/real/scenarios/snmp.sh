# Net-SNMP: versions 1, 2c with the usual and another community, 3 with and without privacy.
programs() { need snmpd snmpget snmpwalk; }
serve() {
	cat > "$TMP/snmpd.conf" <<-C
		agentAddress udp:161,udp6:161
		rocommunity public
		rocommunity CANARYcommunity
		sysLocation Ward 3 rack 2
		sysContact CANARY person
		createUser reader SHA CANARYauthpass AES CANARYprivpass
		rouser reader auth
	C
	mkdir "$TMP/persist"
	bg b env SNMP_PERSISTENT_DIR="$TMP/persist" snmpd -f -C -c "$TMP/snmpd.conf" -Lo
	ready b 161 udp
}
talk() {
	on a snmpget -v1 -c public $B .1.3.6.1.2.1.1.1.0 .1.3.6.1.2.1.1.2.0 .1.3.6.1.2.1.1.5.0
	on a snmpwalk -v2c -c public $B .1.3.6.1.2.1.1
	on a snmpget -v2c -c CANARYcommunity $B6 .1.3.6.1.2.1.1.3.0
	on a snmpget -v3 -u reader -l authNoPriv -a SHA -A CANARYauthpass $B .1.3.6.1.2.1.1.1.0
	on a snmpget -v3 -u reader -l authPriv -a SHA -A CANARYauthpass -x AES -X CANARYprivpass $B .1.3.6.1.2.1.1.1.0
	on b snmptrap -v2c -c public $A '' .1.3.6.1.6.3.1.1.5.1
	true
}
