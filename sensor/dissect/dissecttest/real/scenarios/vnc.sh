# TigerVNC's server and x11vnc: with a password, without.
programs() { need Xvnc x11vnc Xvfb; }
serve() {
	bg b Xvnc :31 -rfbport 5901 -SecurityTypes None -interface 0.0.0.0 -localhost 0
	bg b bash -c "Xvfb :32 & sleep 1; exec x11vnc -display :32 -passwd CANARY -rfbport 5902 -forever"
	ready b 5901 && ready b 5902
}
talk() {
	# The client's half of the handshake by hand: no viewer runs without a screen.
	sh_on a "(sleep .5; printf 'RFB 003.008\n'; sleep .5; printf '\x01'; sleep .5; printf '\x01'; sleep 1) | socat - TCP:$B:5901"
	sh_on a "(sleep .5; printf 'RFB 003.008\n'; sleep .5; printf '\x02'; sleep .5; printf '0123456789abcdef'; sleep 1) | socat - TCP:$B:5902"
	sh_on a "(sleep .5; printf 'RFB 003.003\n'; sleep 1) | socat - TCP:$B:5901"
	true
}
