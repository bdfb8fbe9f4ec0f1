# jsmodbus as server, modbus-serial as client: reads, writes, an identification that this server does not know.
programs() { need node npm:jsmodbus npm:modbus-serial; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const net = require('net').createServer(); new (require('jsmodbus').server.TCP)(net, {holding: Buffer.alloc(200), coils: Buffer.alloc(20)}); net.listen(1502);
	J
	cat > "$TMP/v.js" <<-'J'
		const M = require('modbus-serial');
		new M.ServerTCP({getHoldingRegister: (a, u, done) => done(null, a), setRegister: (a, v, u, done) => done(null),
			readDeviceIdentification: () => ({0: 'Example Drives', 1: 'VFD-7', 2: 'V2.04', 4: 'Drive Nine', 5: 'D-9', 0x97: 'CANARY'})}, {host: '0.0.0.0', port: 502, unitID: 7});
	J
	cat > "$TMP/c.js" <<-'J'
		const M = require('modbus-serial');
		(async () => { for (const [port, id] of [[1502, 1], [502, 7]]) { const c = new M(); await c.connectTCP('10.66.0.20', {port}); c.setID(id); c.setTimeout(800);
			for (const f of [() => c.readHoldingRegisters(0, 4), () => c.writeRegister(2, 5), () => c.readDeviceIdentification(1, 0), () => c.readDeviceIdentification(2, 0)]) { try { await f(); } catch (e) { console.log(e.message); } }
			await new Promise(r => c.close(r)); } process.exit(0); })();
	J
	bg b node "$TMP/s.js"; bg b node "$TMP/v.js"; ready b 1502 && ready b 502
}
talk() { on a node "$TMP/c.js"; true; }
