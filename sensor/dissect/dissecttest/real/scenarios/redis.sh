# Redis and memcached as Debian has them, without an account and with one; their own clients and netcat.
programs() { need redis-server redis-cli memcached socat; }
serve() {
	bg b redis-server --port 6379 --protected-mode no --save '' --dir "$TMP"
	bg b redis-server --port 6380 --requirepass CANARYpw --save '' --dir "$TMP"
	bg b memcached -u root -p 11211 -l $B
	ready b 6379 && ready b 6380 && ready b 11211
}
talk() {
	on a redis-cli -h $B ping; on a redis-cli -h $B set CANARYkey v; on a redis-cli -h $B info server
	on a redis-cli -h $B -p 6380 -a CANARYpw ping
	sh_on a "printf 'version\r\nset CANARY 0 0 1\r\nx\r\nquit\r\n' | socat - TCP:$B:11211"
	true
}
