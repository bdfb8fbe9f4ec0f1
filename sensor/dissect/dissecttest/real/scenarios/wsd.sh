# wsdd: a Samba host on WS-Discovery, and a probe.
programs() { need wsdd; }
serve() { record; bg b wsdd -i eth0 -4 -n SERVER12 -w CLINIC -v; sleep 1; }
talk() { bg c wsdd -i eth0 -4 -D -v -o -l "$TMP/wsdd.sock"; sleep 3; true; }
