# coturn: STUN's binding request and answer, an allocation that is refused.
programs() { need turnserver turnutils_stunclient turnutils_uclient; }
serve() { bg b turnserver -n --no-cli -L $B -a -r clinic.example -u canaryuser:CANARYpw --db "$TMP/t.db" --log-file stdout --no-tls --no-dtls; ready b 3478 udp; }
talk() { on a turnutils_stunclient $B; LIMIT=4 on a turnutils_uclient -u canaryuser -w wrongCANARY -n 1 -c -y $B; true; }
