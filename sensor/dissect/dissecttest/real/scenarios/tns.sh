# Oracle's thin drivers (node-oracledb, python-oracledb) and nmap's oracle-tns-version as clients of a listener that only accepts or refuses as the protocol's descriptions say.
programs() { need node npm:oracledb nmap && { /usr/bin/python3 -c 'import oracledb' 2>/dev/null || { MISSING=python3-oracledb; return 1; }; }; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const text = '(DESCRIPTION=(TMP=)(VSNNUM=318767104)(ERR=12514)(ERROR_STACK=(ERROR=(CODE=12514)(EMFI=4))))', packet = (type, body) => { const h = Buffer.alloc(8); h.writeUInt16BE(8 + body.length, 0); h[4] = type; return Buffer.concat([h, body]); };
		const refuse = () => { const h = Buffer.from('22000000', 'hex'); h.writeUInt16BE(text.length, 2); return packet(4, Buffer.concat([h, Buffer.from(text)])); };
		const accept = packet(2, Buffer.from('013b0000' + '2000' + 'ffff' + '0100' + '0000' + '0029' + '0000' + '0000000000000000' + '00002000' + '00002000' + '0000000000', 'hex'));
		// Long connect data follows in a packet of its own, which a listener waits for.
		require('net').createServer(c => { let said; c.on('data', d => { if (d[4] === 1 && d.length <= d.readUInt16BE(26)) return; if (said) return c.end(); said = 1; c.write(/SERVICE_NAME=open/i.test(d.toString('latin1')) ? accept : refuse()); }).on('error', () => {}); }).listen(1521, '::');
	J
	cat > "$TMP/c.js" <<-'J'
		const o = require('oracledb'); setTimeout(() => process.exit(0), 8000);
		(async () => { for (const s of ['10.66.0.20:1521/CANARYservice', '[fd66::20]:1521/CANARYservice', '10.66.0.20:1521/open']) try { await o.getConnection({user: 'CANARYuser', password: 'CANARYpw', connectString: s + '?connect_timeout=2&transport_connect_timeout=2'}); } catch (e) { console.log(e.message); } process.exit(0); })();
	J
	printf 'import oracledb\nfor s in ("CANARYservice", "open"):\n    try: oracledb.connect(user="CANARYuser", password="CANARYpw", dsn="10.66.0.20:1521/" + s)\n    except Exception as e: print(e)\n' > "$TMP/c.py"
	bg b node "$TMP/s.js"; ready b 1521
}
talk() { on a node "$TMP/c.js"; LIMIT=5 on a /usr/bin/python3 "$TMP/c.py"; on a nmap -n -Pn -sT -sV --script oracle-tns-version -p 1521 "$B"; }
