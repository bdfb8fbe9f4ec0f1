# BACnet/IP: node-bacnet as a device that answers Who-Is and ReadProperty(Multiple), and as the client that asks.
programs() { need node npm:node-bacnet; }
serve() {
	cat > "$TMP/device.js" <<-'J'
		const Bacnet = require('node-bacnet'), E = Bacnet.enum;
		const s = new Bacnet({port: 47808, broadcastAddress: '10.66.0.255', reuseAddr: true});
		const text = v => [{value: v, type: E.ApplicationTag.CHARACTER_STRING, encoding: 0}];
		const props = {77: text('AHU-3 Controller'), 121: text('Example Controls'), 120: [{value: 343, type: E.ApplicationTag.UNSIGNED_INTEGER}], 70: text('EC-300'),
			44: text('3.1.4'), 12: text('AHU 7.2'), 58: text('Plant room 2'), 28: text('Air handling unit')};
		const sender = m => ({address: m.header.sender.address, forwardedFrom: null});
		s.on('whoIs', m => s.iAmResponse({address: '10.66.0.255'}, 4711, E.Segmentation.NO_SEGMENTATION, 343));
		s.on('readProperty', m => {
			const p = props[m.payload.property.id];
			if (p) s.readPropertyResponse(sender(m), m.invokeId, m.payload.objectId, m.payload.property, p);
			else s.errorResponse(sender(m), E.ConfirmedServiceChoice.READ_PROPERTY, m.invokeId, E.ErrorClass.PROPERTY, E.ErrorCode.UNKNOWN_PROPERTY);
		});
		s.on('readPropertyMultiple', m => s.readPropertyMultipleResponse(sender(m), m.invokeId, m.payload.properties.map(o => ({objectId: o.objectId,
			values: o.properties.map(p => ({property: p, value: props[p.id] || text('')}))}))));
	J
	cat > "$TMP/client.js" <<-'J'
		const Bacnet = require('node-bacnet'), E = Bacnet.enum;
		const c = new Bacnet({port: 47808, broadcastAddress: '10.66.0.255', apduTimeout: 2000});
		const dev = {type: 8, instance: 4711}, to = {address: '10.66.0.20'};
		c.on('iAm', () => {});
		c.whoIs();
		setTimeout(() => c.readProperty(to, dev, 77, e => c.readProperty(to, dev, 120, e => c.readProperty(to, dev, 999, e =>
			c.readPropertyMultiple(to, [{objectId: dev, properties: [{id: 121}, {id: 70}, {id: 44}, {id: 12}, {id: 58}]}], e =>
			c.writeProperty(to, {type: 1, instance: 5}, 85, [{type: E.ApplicationTag.REAL, value: 21.5}], {priority: 8}, e => process.exit(0)))))), 500);
	J
	bg b node "$TMP/device.js"
	ready b 47808 udp
}
talk() { on a node "$TMP/client.js"; true; }
