# npm coap: a sensor with resources, discovery, a reading, an observation.
programs() { need node npm:coap; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const coap = require('coap');
		coap.createServer((q, r) => { if (q.url === '/.well-known/core') { r.setOption('Content-Format', 'application/link-format'); return r.end('</sensors/temp>;rt="temperature-c";if="sensor",</fw/version>;rt="fw"'); }
			if (q.url.startsWith('/sensors')) return r.end('21.5'); r.code = '4.04'; r.end(); }).listen(5683);
	J
	cat > "$TMP/c.js" <<-'J'
		const coap = require('coap');
		const get = p => new Promise(done => { const q = coap.request('coap://10.66.0.20' + p); q.on('response', r => { r.on('data', () => {}); done(); }); q.end(); });
		(async () => { await get('/.well-known/core'); await get('/sensors/temp'); await get('/CANARY'); process.exit(0); })();
	J
	bg b node "$TMP/s.js"; ready b 5683 udp
}
talk() { on a node "$TMP/c.js"; }
