# tftpd-hpa: a file read, a file that is not there.
programs() { need in.tftpd tftp; }
serve() { mkdir "$TMP/tftp"; echo "config of phone" > "$TMP/tftp/SEP001122334455.cnf.xml"; chmod -R 755 "$TMP/tftp"; bg b in.tftpd -L -s "$TMP/tftp" -u root; ready b 69 udp; }
talk() { sh_on a "cd $TMP; tftp $B -c get SEP001122334455.cnf.xml; tftp $B -c get nosuch.bin; tftp -m binary $B -c get nosuch2"; true; }
