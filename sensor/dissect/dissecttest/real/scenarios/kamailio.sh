# Kamailio with SIPp: registration and options over UDP, TCP and IPv6.
programs() { need kamailio sipp; }
serve() {
	printf '%s\n' 'listen=udp:10.66.0.20:5060' 'listen=tcp:10.66.0.20:5060' 'listen=udp:[fd66::20]:5060' 'fork=no' 'log_stderror=yes' 'mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"' 'loadmodule "sl.so"' 'request_route { sl_send_reply("200", "OK"); }' > "$TMP/k.cfg"
	cat > "$TMP/r.xml" <<-'X'
		<?xml version="1.0" encoding="ISO-8859-1" ?><scenario name="r"><send><![CDATA[
		REGISTER sip:[remote_ip] SIP/2.0
		Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
		From: "CANARY Ana" <sip:CANARY@clinic.example>;tag=[call_number]
		To: <sip:CANARY@clinic.example>
		Call-ID: [call_id]
		CSeq: 1 REGISTER
		Contact: sip:CANARY@[local_ip]:[local_port]
		User-Agent: Example Phone 400/8.1.2
		Max-Forwards: 70
		Expires: 60
		Content-Length: 0

		]]></send><recv response="200"/></scenario>
	X
	bg b kamailio -f "$TMP/k.cfg" -DD -E -m 16 -Y "$TMP" -P "$TMP/pid"; ready b 5060 udp
}
talk() { on a sipp -sf "$TMP/r.xml" -m 1 -timeout 4 $B:5060; on a sipp -t t1 -sf "$TMP/r.xml" -m 1 -timeout 4 $B:5060; on a sipp -i $A6 -sf "$TMP/r.xml" -m 1 -timeout 4 "[$B6]:5060"; true; }
