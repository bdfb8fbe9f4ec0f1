# telnetd of GNU inetutils behind a socket, a login in clear that is refused.
programs() { [ -x /usr/sbin/telnetd ] || { MISSING=telnetd; return 1; }; need socat telnet; }
serve() { bg b socat TCP-LISTEN:23,fork,reuseaddr EXEC:/usr/sbin/telnetd,nofork; ready b 23; }
talk() { sh_on a "(sleep 1; echo canaryuser; sleep 1; echo CANARYpw; sleep 4) | telnet $B 23"; true; }
