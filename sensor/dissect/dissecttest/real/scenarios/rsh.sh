# rsh-redone: a remote shell, a remote login that is refused.
programs() { need rsh-redone-rsh in.rshd in.rlogind socat; }
serve() {
	bg b socat TCP-LISTEN:514,fork,reuseaddr EXEC:/usr/sbin/in.rshd
	bg b socat TCP-LISTEN:513,fork,reuseaddr EXEC:/usr/sbin/in.rlogind
	ready b 514 && ready b 513
}
talk() {
	LIMIT=4 on a rsh-redone-rsh -l CANARYuser $B 'echo CANARY'
	LIMIT=4 on a script -qc "rsh-redone-rlogin -l CANARYuser $B" /dev/null
	true
}
