# RabbitMQ with amqplib (0-9-1) and rhea (1.0): the default account, a wrong one, none.
programs() { need rabbitmq-server node npm:amqplib npm:rhea; }
serve() {
	mkdir -p "$TMP/mq" && chmod 777 "$TMP/mq"
	printf '%s\n' 'loopback_users = none' 'listeners.tcp.default = 5672' > "$TMP/mq/rabbitmq.conf"
	printf '[rabbitmq_amqp1_0].' > "$TMP/mq/plugins"
	cat > "$TMP/c.js" <<-'J'
		const amqp = require('amqplib'), rhea = require('rhea');
		setTimeout(() => process.exit(0), 5000);
		(async () => {
			for (const who of ['guest:guest', 'CANARY:CANARY']) { try { const c = await amqp.connect('amqp://' + who + '@10.66.0.20/', {clientProperties: {product: 'lab middleware', version: '2.1', connection_name: 'CANARY of Ana'}});
				const ch = await c.createChannel(); await ch.assertQueue('CANARYqueue'); ch.sendToQueue('CANARYqueue', Buffer.from('CANARY')); await ch.close(); await c.close(); } catch (e) { console.log(e.message); } }
			rhea.on('connection_open', x => x.connection.open_sender('CANARY')); rhea.on('sendable', x => { x.sender.send({body: 'CANARY'}); x.sender.close(); x.connection.close(); });
			rhea.connect({host: '10.66.0.20', port: 5672, username: 'guest', password: 'guest', container_id: 'CANARYbox', reconnect: false});
			rhea.connect({host: '10.66.0.20', port: 5672, reconnect: false});
		})();
	J
	bg b env HOME="$TMP/mq" RABBITMQ_CONFIG_FILE="$TMP/mq/rabbitmq" RABBITMQ_MNESIA_BASE="$TMP/mq" RABBITMQ_LOG_BASE="$TMP/mq" RABBITMQ_ENABLED_PLUGINS_FILE="$TMP/mq/plugins" RABBITMQ_NODENAME=q@localhost /usr/lib/rabbitmq/bin/rabbitmq-server
	for _ in 1 2 3; do ready b 5672 && break; done
}
talk() { on a node "$TMP/c.js"; true; }
