# nmap's iec-identify as control centre of a station whose frames Scapy makes: test, start, general interrogation; a second one on another port, over IPv6.
programs() { need nmap && { /usr/bin/python3 -c 'import scapy.contrib.scada.iec104' 2>/dev/null || { MISSING=python3-scapy; return 1; }; }; }
serve() {
	cat > "$TMP/s.py" <<-'P'
		import socket, sys, threading
		from scapy.contrib.scada.iec104 import *
		from scapy.compat import raw
		def station(port, address):
		    s = socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
		    while True: threading.Thread(target=serve, args=(s.accept()[0], address), daemon=True).start()
		def serve(c, address):
		    sent = got = 0
		    def say(io, kind, cause):
		        nonlocal sent
		        c.sendall(raw(IEC104_I_Message_SingleIOA(rx_seq_num=got, tx_seq_num=sent, type_id=kind, num_io=1, cot=cause, common_asdu_address=address, io=io))); sent += 1
		    while True:
		        head = c.recv(2, socket.MSG_WAITALL)
		        if len(head) < 2: return
		        body = c.recv(head[1], socket.MSG_WAITALL)
		        if body[0] == 0x43: c.sendall(raw(IEC104_U_Message(testfr_con=1)))
		        elif body[0] == 0x07: c.sendall(raw(IEC104_U_Message(startdt_con=1)))
		        elif body[0] & 1 == 0 and body[4] == 100:
		            got += 1
		            say(IEC104_IO_C_IC_NA_1_IOA(information_object_address=0, qoi=20), 100, 7)
		            say(IEC104_IO_M_SP_NA_1_IOA(information_object_address=11), 1, 20)
		            say(IEC104_IO_M_ME_NC_1_IOA(information_object_address=12), 13, 20)
		            say(IEC104_IO_C_IC_NA_1_IOA(information_object_address=0, qoi=20), 100, 10)
		threading.Thread(target=station, args=(2404, 47), daemon=True).start(); station(12404, 513)
	P
	bg b /usr/bin/python3 "$TMP/s.py"; ready b 2404 && ready b 12404
}
talk() { on a nmap -n -Pn -sT -p 2404 --script iec-identify "$B"; on a nmap -6 -n -Pn -sT -p 12404 --script +iec-identify "$B6"; }
