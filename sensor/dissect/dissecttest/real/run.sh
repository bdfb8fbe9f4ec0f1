#!/bin/bash
# Runs real servers and clients against each other in network namespaces of its own, and captures what they say.
# usage: run.sh [SCENARIO…]     as root; without arguments, every scenario whose programs are installed
# Captures go to $OUT (default: testdata beside this file). No address outside the namespaces is reached.
set -uo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE/testdata}
# Node modules that some scenarios need lie outside the checkout: npm.sh puts them there.
NODE_PATH=${NODE_PATH:-${WARDSCOPE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/wardscope}/real/node_modules}
export NODE_PATH
export LC_ALL=C.UTF-8
MARK=wreal$$
NET=$MARK-net
MAXBYTES=65536

# Three machines on one switch: a client, a server and one more. Names, addresses and MACs are the same in every run.
declare -A HOST=([a]=workstation7 [b]=server12 [c]=device31) NUM=([a]=10 [b]=20 [c]=30)
A=10.66.0.10 B=10.66.0.20 C=10.66.0.30
A6=fd66::10 B6=fd66::20 C6=fd66::30

up() {
	ip netns add "$NET" && ip netns exec "$NET" ip link add br0 type bridge stp_state 0 mcast_snooping 0 && ip netns exec "$NET" ip link set br0 up || return 1
	ip netns exec "$NET" sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	local h
	for h in a b c; do
		ip netns add "$MARK-$h"
		ip -n "$NET" link add "p$h" type veth peer name eth0 netns "$MARK-$h"
		ip -n "$NET" link set "p$h" master br0 up
		ip -n "$MARK-$h" link set lo up
		# A locally administered address: no maker is claimed.
		ip -n "$MARK-$h" link set eth0 address "02:66:00:00:00:${NUM[$h]}"
		ip netns exec "$MARK-$h" sysctl -qw net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0 net.ipv6.conf.eth0.router_solicitations=0
		ip -n "$MARK-$h" link set eth0 up
		ip -n "$MARK-$h" addr add "10.66.0.${NUM[$h]}/24" brd + dev eth0
		ip -n "$MARK-$h" route add 224.0.0.0/4 dev eth0
		ip -n "$MARK-$h" addr add "fd66::${NUM[$h]}/64" dev eth0 nodad
	done
}

down() {
	local p i
	for p in "${PIDS[@]:-}"; do [ -n "$p" ] && kill -- "-$p" 2>/dev/null; done
	sleep 0.2
	for h in a b c net; do for p in $(ip netns pids "$MARK-$h" 2>/dev/null); do kill -9 "$p" 2>/dev/null; done; done
	wait 2>/dev/null
	for i in a b c net; do ip netns del "$MARK-$i" 2>/dev/null; done
	PIDS=()
	rm -rf "$TMP"
}

# on HOST COMMAND…: run it there, under the machine's own name, for 20 seconds at most.
on() { local h=$1; shift; timeout -k 1 "${LIMIT:-20}" ip netns exec "$MARK-$h" unshare -u -- bash -c 'hostname "$0"; exec "$@"' "${HOST[$h]}" "$@" </dev/null >>"$TMP/log" 2>&1; }
# sh_on HOST SCRIPT: the same for a line of shell.
sh_on() { local h=$1; shift; on "$h" bash -c "$*"; }
# bg HOST COMMAND…: start it there and go on.
bg() { local h=$1; shift; setsid ip netns exec "$MARK-$h" unshare -u -- bash -c 'hostname "$0"; exec "$@"' "${HOST[$h]}" "$@" </dev/null >>"$TMP/log" 2>&1 & PIDS+=($!); }
# ready HOST PORT [tcp|udp]: wait until something listens there.
ready() {
	local i flag=-tlnH; [ "${3:-tcp}" = udp ] && flag=-ulnH
	for i in $(seq 150); do ip netns exec "$MARK-$1" ss $flag "sport = :$2" | grep -q . && return 0; sleep 0.1; done
	echo "  $1:$2 does not listen; log follows" >&2; tail -5 "$TMP/log" >&2; return 1
}
# need PROGRAM…: is the software of this scenario there?
need() { local p; for p in "$@"; do command -v "$p" >/dev/null || [ -d "$NODE_PATH/${p#npm:}" ] || { MISSING=$p; return 1; }; done; }
# cert NAME [KEYARGS…]: a self-signed pair $TMP/NAME.key, $TMP/NAME.crt
cert() { local n=$1; shift; openssl req -x509 -nodes -days 400 -subj "/O=Example Hospital/CN=$n" -addext "subjectAltName=DNS:$n" -newkey "${@:-rsa:2048}" -keyout "$TMP/$n.key" -out "$TMP/$n.crt" >>"$TMP/log" 2>&1; chmod 644 "$TMP/$n.key"; }
# record [FILTER]: what follows is captured.
record() {
	setsid ip netns exec "$NET" tcpdump -i br0 -U --immediate-mode -s "${SNAP:-0}" -w "$TMP/cap.pcap" "${1:-not (ip6 and (ip6[6] = 0 or icmp6))}" >>"$TMP/log" 2>&1 & PIDS+=($!)
	local i; for i in $(seq 50); do [ -s "$TMP/cap.pcap" ] && break; sleep 0.1; done
}

one() {
	local name=$1 file=$HERE/scenarios/$1.sh
	PIDS=(); MISSING=; TMP=$(mktemp -d "${TMPDIR:-/tmp}/wreal.XXXXXX"); chmod 755 "$TMP"
	unset -f programs serve talk; unset SNAP LIMIT
	# shellcheck disable=SC1090
	. "$file"
	if ! programs; then echo "skip $name: $MISSING is not installed"; rm -rf "$TMP"; return 0; fi
	up || { echo "fail $name: no namespaces"; down; return 1; }
	local rc=0
	if serve; then
		[ -s "$TMP/cap.pcap" ] || record
		talk || rc=$?
		sleep 0.7
	else rc=1; fi
	local size; size=$(stat -c %s "$TMP/cap.pcap" 2>/dev/null || echo 0)
	if [ "$rc" != 0 ]; then echo "fail $name"; tail -5 "$TMP/log"
	elif [ "$size" -gt "$MAXBYTES" ]; then echo "fail $name: $size octets are more than $MAXBYTES"; [ -n "${KEEP:-}" ] && cp "$TMP/cap.pcap" "$KEEP/$name.pcap"; rc=1
	else mkdir -p "$OUT"; cp "$TMP/cap.pcap" "$OUT/$name.pcap"; echo "ok   $name: $size octets"; fi
	[ -n "${KEEP:-}" ] && cp "$TMP/log" "$KEEP/$name.log"
	down
	return "$rc"
}

[ "$(id -u)" = 0 ] || { echo "run.sh makes network namespaces: run it as root" >&2; exit 1; }
trap 'down 2>/dev/null; exit 130' INT TERM
TMP=$(mktemp -d); PIDS=(); rmdir "$TMP"
status=0
for name in ${@:-$(cd "$HERE/scenarios" && ls ./*.sh | sed 's,^./,,; s,\.sh$,,')}; do one "$name" || status=1; done
exit $status
