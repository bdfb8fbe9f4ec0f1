# node-ssdp: a device announces itself and answers a search, over IPv4.
programs() { need node npm:node-ssdp; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const {Server} = require('node-ssdp'); const s = new Server({location: 'http://10.66.0.20:8008/CANARY/desc.xml', udn: 'uuid:0a1b2c3d-0000-1000-8000-026600000020', ssdpSig: 'Linux/6.1 UPnP/1.0 ExampleTV/3.2'}); s.addUSN('upnp:rootdevice'); s.addUSN('urn:schemas-upnp-org:device:MediaRenderer:1'); s.start();
	J
	cat > "$TMP/c.js" <<-'J'
		const {Client} = require('node-ssdp'); const c = new Client(); c.search('ssdp:all'); setTimeout(() => process.exit(0), 2500);
	J
	record; bg b node "$TMP/s.js"; ready b 1900 udp
}
talk() { on a node "$TMP/c.js"; true; }
