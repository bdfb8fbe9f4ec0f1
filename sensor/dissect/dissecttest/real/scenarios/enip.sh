# ethernet-ip, st-ethernet-ip (both from controllers' users) and nmap's enip-info as clients of an adapter that answers as CIP's volumes 1 and 2 say: search, session, identity, a tag that is not there.
programs() { need node npm:ethernet-ip npm:st-ethernet-ip nmap; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const id = Buffer.from('01000e003600140b60311a06c000', 'hex'), name = Buffer.from('1756-L61/B LOGIX5561'), identity = Buffer.concat([id, Buffer.from([name.length]), name]);
		const frame = (q, data) => { const h = Buffer.from(q.subarray(0, 24)); h.writeUInt16LE(data.length, 2); h.writeUInt32LE(0, 8); if (q.readUInt16LE(0) === 0x65) h.writeUInt32LE(0x5eed, 4); return Buffer.concat([h, data]); };
		const list = (q, port) => { const a = Buffer.alloc(18); a.writeUInt16LE(1, 0); a.writeUInt16BE(2, 2); a.writeUInt16BE(port, 4); Buffer.from([10, 66, 0, 20]).copy(a, 6); const item = Buffer.concat([a, identity, Buffer.from([3])]), h = Buffer.from('01000c000000', 'hex'); h.writeUInt16LE(item.length, 4); return frame(q, Buffer.concat([h, item])); };
		const cip = m => { const s = m[0], path = m.subarray(2, 2 + 2 * m[1]).toString('hex'); if (s === 0x52) return cip(m.subarray(2 + 2 * m[1] + 4, 2 + 2 * m[1] + 4 + m.readUInt16LE(4 + 2 * m[1])));
			return path === '20012401' && s === 1 ? Buffer.concat([Buffer.from([0x81, 0, 0, 0]), identity]) : Buffer.from([s | 0x80, 0, path.startsWith('91') ? 5 : 8, 0]); };
		const answer = (q, port) => { switch (q.readUInt16LE(0)) { case 0x63: return list(q, port); case 0x65: return frame(q, Buffer.from('01000000', 'hex'));
			case 0x6f: { const r = cip(q.subarray(40)), l = Buffer.alloc(2); l.writeUInt16LE(r.length); return frame(q, Buffer.concat([Buffer.from('0000000000000200' + '00000000' + 'b200', 'hex'), l, r])); } } };
		for (const port of [44818, 34818]) require('net').createServer(c => { let b = Buffer.alloc(0); c.on('error', () => {}).on('data', d => { b = Buffer.concat([b, d]); while (b.length >= 24 && b.length >= 24 + b.readUInt16LE(2)) { const n = 24 + b.readUInt16LE(2), q = b.subarray(0, n); b = b.subarray(n); if (q.readUInt16LE(0) === 0x66) return c.end(); const r = answer(q, port); if (r) c.write(r); } }); }).listen(port, '::');
		const u = require('dgram').createSocket('udp4'); u.on('message', (q, r) => { const a = q.length >= 24 && answer(q, 44818); if (a) u.send(a, r.port, r.address); }).bind(44818);
	J
	cat > "$TMP/c.js" <<-'J'
		setTimeout(() => process.exit(0), 9000);
		const E = require('ethernet-ip'), S = require('st-ethernet-ip');
		(async () => {
			const c = new E.Controller(); try { await c.connect('10.66.0.20', 0); await c.readTag(new E.Tag('CANARYtag')); } catch (e) { console.log('e', e.message || e); } c.destroy();
			const d = new S.Controller(false); try { await d.connect('10.66.0.20', Buffer.from([1, 0])); console.log(d.properties); } catch (e) { console.log('s', e.message || e); } d.destroy();
			const b = new S.Browser(51687, '0.0.0.0', true, 500); await new Promise(r => setTimeout(r, 1500)); console.log(b.deviceList || b); process.exit(0);
		})();
	J
	bg b node "$TMP/s.js"; ready b 44818 && ready b 34818
}
talk() { on a node "$TMP/c.js"; on a nmap -n -Pn -sT -p 44818 --script enip-info "$B"; on a nmap -n -Pn -sT -p 34818 --script +enip-info "$B"; true; }
