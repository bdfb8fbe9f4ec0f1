# HL7 v2 over MLLP: python3-hl7's sender, and a listener written with its library.
programs() { need mllp_send && /usr/bin/python3 -c 'import hl7.mllp' 2>/dev/null || { MISSING=python3-hl7; return 1; }; }
serve() {
	cat > "$TMP/listen.py" <<-P
		import asyncio, hl7
		from hl7.mllp import start_hl7_server
		async def serve(reader, writer):
		    while not writer.is_closing():
		        message = await reader.readmessage()
		        writer.writemessage(message.create_ack())
		        await writer.drain()
		async def main():
		    async with await start_hl7_server(serve, port=2575) as server:
		        await server.serve_forever()
		asyncio.run(main())
	P
	printf '%s\r' 'MSH|^~\&|MONITOR|ICU3|ENGINE|HOSPITAL|20260301080000||ORU^R01^ORU_R01|CANARY1|P|2.6|||NE|AL|||||IHE_PCD_001^IHE PCD^1.3.6.1.4.1.19376.1.6.1.1.1^ISO' \
		'PID|||CANARY2^^^H^MR||CANARY^PATIENT' 'OBR|1|CANARY3||182777000' \
		'OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC|1.1.1.1|80|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R|||20260301080000||||ABCD1234^^0012210000000000^EUI-64' > "$TMP/oru.hl7"
	printf '%s\r' 'MSH|^~\&|HIS|ADT1|ENGINE|HOSPITAL|20260301080100||ADT^A01|CANARY4|P|2.3' 'EVN|A01|20260301' 'PID|||CANARY5||CANARY^PERSON' > "$TMP/adt.hl7"
	bg b /usr/bin/python3 "$TMP/listen.py"
	ready b 2575
}
talk() {
	on a mllp_send --loose -p 2575 -f "$TMP/adt.hl7" $B
	on c mllp_send --loose -p 2575 -f "$TMP/oru.hl7" $B
	true
}
