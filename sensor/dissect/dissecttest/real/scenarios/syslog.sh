# rsyslog and util-linux logger: RFC 3164 and 5424 over UDP, TCP.
programs() { need rsyslogd logger; }
serve() {
	printf 'module(load="imudp")\ninput(type="imudp" port="514")\nmodule(load="imtcp")\ninput(type="imtcp" port="514")\n*.* /dev/null\n' > "$TMP/r.conf"
	bg b rsyslogd -n -f "$TMP/r.conf" -i "$TMP/r.pid"; ready b 514 && ready b 514 udp
}
talk() {
	on a logger -n $B -P 514 -d --rfc3164 -t sshd -p auth.info "Failed password for CANARY"
	on a logger -n $B -P 514 -d --rfc5424 -t pumpd --id=77 "CANARY text"
	on a logger -n $B -P 514 -T --rfc5424 --octet-count -t pumpd "CANARY text"
	on c logger -n $B -P 514 -T --rfc3164 -t kernel "CANARY text"
	true
}
