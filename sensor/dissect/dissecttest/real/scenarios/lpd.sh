# LPRng: its programs print on a queue of the server's, ask for its state and take a job back.
programs() { need lpd lpr lpq lprm checkpc; [ -e /etc/lprng/lpd.conf ] || { MISSING=lprng; return 1; }; }
serve() {
	mkdir -p "$TMP/spool"; chown daemon:lp "$TMP/spool"; chmod 700 "$TMP/spool"
	printf 'ward3:sd=%s/spool:lp=/dev/null:mx#0:sh\n' "$TMP" > "$TMP/printcap"; touch "$TMP/printcap.lpd"
	printf 'ACCEPT SERVICE=*\nDEFAULT ACCEPT\n' > "$TMP/perms"
	{ cat /etc/lprng/lpd.conf; printf 'printcap_path=%s/printcap\nlpd_printcap_path=\nperms_path=%s/perms\nlockfile=%s/lock\nlpd_listen_port=515\nlpd_port=515\nunix_socket_path=\n' "$TMP" "$TMP" "$TMP"; } > "$TMP/lpd.conf"
	printf '127.0.0.1 localhost\n%s workstation7\n%s server12\n' "$A" "$B" > "$TMP/hosts" # its programs look their own names up
	printf 'ward3:lp=ward3@%s\n' "$B" > "$TMP/clientcap"; sed "s,^printcap_path=.*,printcap_path=$TMP/clientcap,; s,^lpd_listen_port=.*,lpd_listen_port=off," "$TMP/lpd.conf" > "$TMP/client.conf"; echo 'force_localhost@' >> "$TMP/client.conf"
	bg b unshare -m bash -c "mount --bind $TMP/hosts /etc/hosts; mount --bind $TMP/lpd.conf /etc/lprng/lpd.conf; checkpc -f; exec lpd -F"; ready b 515
}
talk() {
	on a unshare -m bash -c "mount --bind $TMP/hosts /etc/hosts; mount --bind $TMP/client.conf /etc/lprng/lpd.conf; printf 'CANARY text\n' > $TMP/CANARY.txt; chmod 644 $TMP/CANARY.txt; lpr -Pward3 -J CANARYtitle -U CANARYuser $TMP/CANARY.txt; lpq -Pward3; lpr -Pward3 -h $TMP/CANARY.txt; lpq -l -Pward3; lprm -Pward3 all"
	true
}
