# libcoap: discovery, a resource, observation, over UDP, TCP and DTLS with a shared key, IPv4 and IPv6.
programs() { need coap-server-openssl coap-client-openssl; }
serve() { bg b coap-server-openssl -A $B -k CANARYkey; bg b coap-server-openssl -A $B6; ready b 5683 udp; }
talk() {
	on a coap-client-openssl -B 3 "coap://$B/.well-known/core"; on a coap-client-openssl -B 3 -s 2 "coap://$B/time"; on a coap-client-openssl -B 3 -m put -e CANARY "coap://$B/CANARY"
	on a coap-client-openssl -B 3 "coap+tcp://$B/.well-known/core"; on a coap-client-openssl -B 3 -k CANARYkey -u CANARYid "coaps://$B/time"; on a coap-client-openssl -B 3 "coap://[$B6]/time"
	true
}
