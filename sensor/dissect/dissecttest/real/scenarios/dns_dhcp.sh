# dnsmasq: leases for three kinds of DHCP client, DHCPv6, names; over UDP and TCP.
programs() { need dnsmasq dhclient udhcpc dig; }
serve() {
	touch "$TMP/leases"
	record 'not (ip6 and (ip6[6] = 0 or (icmp6 and ip6[40] != 134)))'
	bg b dnsmasq -k -C /dev/null --user=root --log-facility=- --no-hosts --no-resolv --interface=eth0 --bind-interfaces --domain=clinic.example \
		--dhcp-range=10.66.0.100,10.66.0.120,1h --dhcp-range=fd66::100,fd66::120,1h --enable-ra --dhcp-leasefile="$TMP/leases" --pid-file="$TMP/pid" \
		--dhcp-option=option:router,10.66.0.20 --dhcp-authoritative --host-record=pacs.clinic.example,10.66.0.20,fd66::20 --txt-record=clinic.example,v=1
	ready b 53 udp
	printf '#!/bin/sh\nexit 0\n' > "$TMP/none"; chmod +x "$TMP/none"
	printf 'option rfc3442-classless-static-routes code 121 = array of unsigned integer 8;\nsend host-name = gethostname();\nrequest subnet-mask, broadcast-address, time-offset, routers, domain-name, domain-name-servers, domain-search, host-name, dhcp6.name-servers, dhcp6.domain-search, dhcp6.fqdn, dhcp6.sntp-servers, netbios-name-servers, netbios-scope, interface-mtu, rfc3442-classless-static-routes, ntp-servers;\n' > "$TMP/dhclient.conf"
}
talk() {
	on a dhclient -4 -1 -d -cf "$TMP/dhclient.conf" -lf "$TMP/l4" -pf "$TMP/p4" -sf "$TMP/none" eth0 &
	local one=$!
	on c udhcpc -f -q -n -i eth0 -s "$TMP/none" -x hostname:pump31 -V "Example Pump 2"
	LIMIT=6 on a dhclient -6 -1 -d -lf "$TMP/l6" -pf "$TMP/p6" -sf "$TMP/none" eth0
	if command -v dhcpcd >/dev/null; then LIMIT=8 on c dhcpcd -4 -T -f /dev/null -h device31 eth0; fi
	on a dig +tries=1 +time=2 @$B pacs.clinic.example A
	on a dig +tries=1 +time=2 @$B pacs.clinic.example AAAA +tcp
	on a dig +tries=1 +time=2 @$B -x 10.66.0.20
	on a dig +tries=1 +time=2 @$B clinic.example TXT
	on a dig +tries=1 +time=2 @$B version.bind CH TXT
	on a dig +tries=1 +time=2 @$B6 nosuch.clinic.example
	wait $one; true
}
