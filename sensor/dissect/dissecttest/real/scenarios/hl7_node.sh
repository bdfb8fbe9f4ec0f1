# node-hl7-server and node-hl7-client, simple-hl7: HL7 v2 over MLLP, messages that devices and systems send.
programs() { need node npm:node-hl7-server npm:node-hl7-client npm:simple-hl7; }
serve() {
	cat > "$TMP/s.mjs" <<-'J'
		import {createRequire} from 'module'; const require = createRequire(process.env.NODE_PATH + '/x.js');
		const {Server} = require('node-hl7-server'), hl7 = require('simple-hl7');
		new Server({bindAddress: '0.0.0.0'}).createInbound({port: 6661}, async (q, r) => { await r.sendResponse('AA'); });
		const t = hl7.tcp(); t.use((q, r) => r.end()); t.start(7777);
	J
	cat > "$TMP/c.mjs" <<-'J'
		import {createRequire} from 'module'; const require = createRequire(process.env.NODE_PATH + '/x.js');
		const {Client, Message, Batch} = require('node-hl7-client'), hl7 = require('simple-hl7');
		const text = kind => ['MSH|^~\\&|GATEWAY3|ICU|EHR|HOSP|20260301080000||' + kind + '|CANARY1|P|2.5.1|||AL|NE||UNICODE UTF-8', 'PID|||CANARY||CANARY^PERSON', 'OBX|1|NM|CANARY^^L||7'].join('\r');
		setTimeout(() => process.exit(0), 4000);
		const c = new Client({host: '10.66.0.20', version: '2.5.1'}), out = c.createConnection({port: 6661, waitAck: true}, async () => {});
		await new Promise(r => out.on('connect', r));
		for (const k of ['ADT^A01^ADT_A01', 'ORU^R01^ORU_R01', 'SIU^S12']) { try { await out.sendMessage(new Message({text: text(k)})); } catch (e) { console.log(e.message); } await new Promise(r => setTimeout(r, 200)); }
		const s = hl7.Server.createTcpClient('10.66.0.20', 7777);
		s.send(new hl7.Parser().parse(text('ORM^O01')), () => {});
	J
	bg b node "$TMP/s.mjs"; ready b 6661 && ready b 7777
}
talk() { on a node "$TMP/c.mjs"; true; }
