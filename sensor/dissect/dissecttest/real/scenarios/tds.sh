# FreeTDS as client of a server that only answers a prelogin as [MS-TDS] says: its login, in clear.
programs() { need node tsql; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const net = require('net'); net.createServer(c => c.on('data', d => { if (d[0] === 0x12) c.write(Buffer.from('0401002b0000010000001a00060100200001020021000103002200000400220001ff0e0003e80000020000', 'hex')); else c.end(); }).on('error', () => {})).listen(1433);
	J
	bg b node "$TMP/s.js"; ready b 1433
}
talk() { LIMIT=5 on a env TDSVER=7.4 tsql -H $B -p 1433 -U CANARYuser -P CANARYpw -o q; true; }
