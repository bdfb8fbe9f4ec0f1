# Aedes with MQTT.js: versions 3.1.1 and 5, over TCP on two ports and over WebSocket, a will, an account in clear.
programs() { need node npm:aedes npm:mqtt npm:ws; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const {Aedes} = require('aedes'), net = require('net'), http = require('http'), ws = require('ws');
		(async () => { const a = Aedes.createBroker ? await Aedes.createBroker() : new Aedes();
			for (const p of [1883, 21883]) net.createServer(a.handle).listen(p);
			const h = http.createServer(); new ws.WebSocketServer({server: h}).on('connection', (c, q) => a.handle(ws.createWebSocketStream(c), q)); h.listen(8083); })();
	J
	cat > "$TMP/c.js" <<-'J'
		const mqtt = require('mqtt');
		const once = (url, o) => new Promise(done => { const c = mqtt.connect(url, {reconnectPeriod: 0, connectTimeout: 1500, clientId: 'CANARY-of-Ana', ...o});
			c.on('connect', () => { c.subscribe('ward/CANARY/#', () => c.publish('ward/CANARY/bed', 'CANARY', {qos: 1}, () => c.end(false, {}, done))); }); c.on('error', () => done()); c.on('close', () => done()); });
		(async () => { await once('mqtt://10.66.0.20', {protocolVersion: 4, will: {topic: 'CANARY', payload: 'CANARY'}}); await once('mqtt://10.66.0.20:21883', {protocolVersion: 4, username: 'admin', password: 'admin'});
			await once('mqtt://10.66.0.20', {protocolVersion: 5}); await once('ws://10.66.0.20:8083/mqtt', {protocolVersion: 4}); process.exit(0); })();
	J
	bg b node "$TMP/s.js"; ready b 1883 && ready b 8083
}
talk() { on a node "$TMP/c.js"; true; }
