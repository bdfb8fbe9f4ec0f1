# Mosquitto: versions 3.1, 3.1.1 and 5, an account in clear, none, a refused one, TLS.
programs() { need mosquitto mosquitto_pub mosquitto_sub openssl; }
serve() {
	cert mqtt.example.org
	sh_on b "mosquitto_passwd -b -c $TMP/pw admin admin"; chmod 644 "$TMP/pw"
	cat > "$TMP/m.conf" <<-C
		per_listener_settings true
		listener 1883
		allow_anonymous true
		password_file $TMP/pw
		listener 8883
		allow_anonymous true
		certfile $TMP/mqtt.example.org.crt
		keyfile $TMP/mqtt.example.org.key
	C
	bg b mosquitto -c "$TMP/m.conf"
	ready b 1883 && ready b 8883
}
talk() {
	on a mosquitto_pub -h $B -t CANARY/temp -m 20
	on a mosquitto_pub -h $B -V mqttv31 -i CANARYclient -u admin -P admin -t CANARY/temp -m 20
	on c mosquitto_pub -h $B6 -V mqttv5 -u sensor -P CANARYpw -t CANARY/temp -m 20
	on a mosquitto_sub -h $B -u admin -P admin -t 'CANARY/#' -W 1
	on a mosquitto_pub -h $B -p 8883 --insecure --cafile "$TMP/mqtt.example.org.crt" -t CANARY/temp -m 20
	true
}
