# Snap7 as a controller, asked by its own client, by nodes7 and by nmap's s7-info; a block that is not there, a stop that is refused.
programs() { need node npm:node-snap7 npm:nodes7 nmap && { [ -f "$NODE_PATH/node-snap7/build/Release/node_snap7.node" ] || { MISSING="node-snap7 (built)"; return 1; }; }; }
serve() {
	cat > "$TMP/s.js" <<-'J'
		const {S7Server} = require('node-snap7'), s = new S7Server(); s.RegisterArea(s.srvAreaDB, 1, Buffer.from('CANARY'.padEnd(64))); if (!s.StartTo('0.0.0.0')) throw s.ErrorText(s.LastError()); setInterval(() => {}, 1000);
	J
	cat > "$TMP/c.js" <<-'J'
		const {S7Client} = require('node-snap7'), c = new S7Client(), N = require('nodes7');
		setTimeout(() => process.exit(0), 6000);
		if (!c.ConnectTo('10.66.0.20', 0, 2)) console.log(c.ErrorText(c.LastError()));
		for (const f of ['GetOrderCode', 'GetCpuInfo', 'GetCpInfo', 'PlcStatus', 'ListBlocks', 'GetPlcDateTime', 'GetProtection']) console.log(f, c[f]());
		console.log(c.DBRead(1, 0, 16), c.DBRead(9, 0, 4), c.DBWrite(1, 0, 6, Buffer.from('CANARY')), c.PlcStop(), c.SetSessionPassword('CANARYpw')); c.Disconnect();
		const n = new N(); n.initiateConnection({port: 102, host: '10.66.0.20', rack: 0, slot: 1}, e => { if (e) return console.log(e); n.setTranslationCB(x => x); n.addItems(['DB1,INT0', 'DB1,REAL4']); n.readAllItems((e, v) => { console.log(e, v); n.dropConnection(() => process.exit(0)); }); });
	J
	bg b node "$TMP/s.js"; ready b 102
}
talk() { on a node "$TMP/c.js"; on a nmap -n -Pn -sT -p 102 --script s7-info "$B"; }
