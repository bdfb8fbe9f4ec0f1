# OPC UA: node-opcua as server and client; endpoints, a session without security, one with an account.
programs() { need node npm:node-opcua; }
serve() {
	cat > "$TMP/server.js" <<-'J'
		const {OPCUAServer, MessageSecurityMode: M, SecurityPolicy: P, OPCUACertificateManager} = require('node-opcua');
		(async () => {
			const cm = new OPCUACertificateManager({rootFolder: process.argv[2], automaticallyAcceptUnknownCertificate: true});
			const s = new OPCUAServer({port: 4840, serverCertificateManager: cm, userCertificateManager: cm, hostname: '10.66.0.20', alternateHostname: '10.66.0.20',
				serverInfo: {applicationName: {text: 'Boiler PLC'}, applicationUri: 'urn:example:boiler', productUri: 'urn:example:ec300'},
				buildInfo: {productName: 'EC-300 OPC UA', manufacturerName: 'Example Controls', softwareVersion: '3.1.4', buildNumber: '77', buildDate: new Date(0)},
				userManager: {isValidUser: () => true}, allowAnonymous: true, securityModes: [M.None], securityPolicies: [P.None]});
			await s.initialize(); await s.start();
		})();
	J
	cat > "$TMP/client.js" <<-'J'
		const {OPCUAClient, UserTokenType, MessageSecurityMode: M, SecurityPolicy: P} = require('node-opcua');
		(async () => {
			const url = 'opc.tcp://10.66.0.20:4840';
			for (const who of [{type: UserTokenType.Anonymous}, {type: UserTokenType.UserName, userName: 'admin', password: 'admin'}]) {
				const c = OPCUAClient.create({endpointMustExist: false, securityMode: M.None, securityPolicy: P.None, applicationName: 'SCADA client', connectionStrategy: {maxRetry: 1}});
				try { await c.connect(url); await c.getEndpoints(); const s = await c.createSession(who);
					console.log((await s.read({nodeId: 'i=2262', attributeId: 13})).toString()); await s.close(); } catch (e) { console.log(e.message); }
				await c.disconnect();
			}
			process.exit(0);
		})();
	J
	export HOME=$TMP; mkdir "$TMP/pki"
	bg b node "$TMP/server.js" "$TMP/pki"
	ready b 4840
}
talk() { on a node "$TMP/client.js"; true; }
