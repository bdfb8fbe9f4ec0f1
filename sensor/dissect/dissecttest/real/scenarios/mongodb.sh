# FerretDB (on SQLite) with MongoDB's own driver and nmap's mongodb-info: without an account, with a wrong one, over TLS, IPv6, compressed, on another port.
programs() {
	FD=${NODE_PATH%/node_modules}/ferretdb/ferretdb
	[ -x "$FD" ] || { MISSING=ferretdb; return 1; }
	need node npm:mongodb nmap
}
serve() {
	cert server12.example.org
	cat > "$TMP/c.js" <<-'J'
		require('os').release = () => '6.1.0-28-amd64';
		const {MongoClient} = require('mongodb');
		setTimeout(() => process.exit(0), 12000);
		(async () => { for (const [at, more] of [['10.66.0.20:27017', {}], ['[fd66::20]:27117', {compressors: ['zlib']}], ['CANARYuser:CANARYpw@10.66.0.20:27017', {authMechanism: 'PLAIN'}],
			['CANARYuser:CANARYpw@10.66.0.20:27017', {authMechanism: 'SCRAM-SHA-256'}], ['10.66.0.20:27018', {tls: true, tlsAllowInvalidCertificates: true}]]) {
			const c = new MongoClient('mongodb://' + at + '/', {directConnection: true, serverSelectionTimeoutMS: 1500, appName: 'CANARYapp', driverInfo: {name: 'ward', version: '4'}, ...more});
			try { await c.connect(); const t = c.db('CANARYdb').collection('CANARYthings'); await t.insertOne({name: 'CANARY'}); await t.find({name: 'CANARY'}).toArray(); await c.db('admin').command({buildInfo: 1}); await c.db('CANARYdb').command({CANARY: 1}); } catch (e) { console.log(at, e.message); }
			try { await c.close(); } catch (e) { console.log(e.message); } } process.exit(0); })();
	J
	local o="--handler=sqlite --telemetry=disable --debug-addr=-"
	mkdir -p "$TMP"/{1,2}
	bg b "$FD" $o --sqlite-url=file:$TMP/1/ --state-dir="$TMP/1" --listen-addr=0.0.0.0:27017 --listen-tls=0.0.0.0:27018 --listen-tls-cert-file="$TMP/server12.example.org.crt" --listen-tls-key-file="$TMP/server12.example.org.key"
	bg b "$FD" $o --sqlite-url=file:$TMP/2/ --state-dir="$TMP/2" --listen-addr='[::]:27117'
	ready b 27017 && ready b 27018 && ready b 27117
}
talk() { on a node "$TMP/c.js"; on a nmap -n -Pn -sT -p 27017 --script mongodb-info "$B"; }
