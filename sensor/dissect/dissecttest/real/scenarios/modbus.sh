# Modbus/TCP: python3-pymodbus as a controller that identifies itself, mbpoll and pymodbus as masters, an illegal address, a unit that is not there.
programs() { need mbpoll && /usr/bin/python3 -c 'import pymodbus.server' 2>/dev/null || { MISSING=python3-pymodbus; return 1; }; }
serve() {
	cat > "$TMP/server.py" <<-P
		from pymodbus.server import StartTcpServer
		from pymodbus.device import ModbusDeviceIdentification
		from pymodbus.datastore import ModbusSequentialDataBlock, ModbusSlaveContext, ModbusServerContext
		block = lambda: ModbusSequentialDataBlock(0, [17] * 100)
		store = ModbusSlaveContext(di=block(), co=block(), hr=block(), ir=block())
		identity = ModbusDeviceIdentification(info_name={"VendorName": "Example Controls", "ProductCode": "EC-300", "VendorUrl": "http://example.org/",
		    "ProductName": "Air handling unit controller", "ModelName": "EC-300-AHU", "MajorMinorRevision": "3.1.4"})
		StartTcpServer(context=ModbusServerContext(slaves={1: store, 3: store}, single=False), identity=identity, address=("0.0.0.0", 502))
	P
	cat > "$TMP/client.py" <<-P
		from pymodbus.client import ModbusTcpClient
		from pymodbus.mei_message import ReadDeviceInformationRequest
		c = ModbusTcpClient("$B", port=502); c.connect()
		print(c.execute(ReadDeviceInformationRequest(read_code=1, object_id=0, unit=1)))
		print(c.execute(ReadDeviceInformationRequest(read_code=2, object_id=0, unit=1)))
		print(c.read_coils(1, 8, slave=1), c.write_register(5, 99, slave=3), c.read_holding_registers(500, 2, slave=1))
		c.close()
	P
	bg b /usr/bin/python3 "$TMP/server.py"
	ready b 502
}
talk() {
	on a mbpoll -m tcp -a 1 -r 1 -c 4 -t 4 -1 $B
	on a mbpoll -m tcp -a 3 -r 1 -t 4 $B 55
	on a /usr/bin/python3 "$TMP/client.py"
}
