# lldpd: LLDP, CDP, EDP, FDP, SONMP announcements of a Linux machine, and LLDP-MED of another.
programs() { need lldpd; }
serve() {
	mkdir -p "$TMP/run"
	ip netns exec "$NET" bash -c 'for p in pa pb pc; do echo 0xfffc > /sys/class/net/$p/brport/group_fwd_mask; done' 2>/dev/null
	ip netns exec "$NET" bash -c 'mount -t sysfs s /sys; for p in pa pb pc; do echo 65532 > /sys/class/net/$p/brport/group_fwd_mask; done' 2>/dev/null
	record 'not ip6'
	bg b lldpd -d -ccc -ee -ff -ss -u "$TMP/b.sock" -S "Example Switch OS 4.2" -P "EX-24" -I eth0 -L /usr/sbin/lldpcli
	bg c lldpd -d -M 3 -u "$TMP/c.sock" -I eth0
}
talk() { sleep 6; sh_on b "lldpcli -u $TMP/b.sock configure lldp tx-interval 1"; sleep 2; true; }
