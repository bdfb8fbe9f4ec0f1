# SIPp: a call with its own scenarios, over UDP and TCP.
programs() { need sipp; }
serve() { bg b sipp -sn uas -i $B -p 5060 -nostdin; bg b sipp -sn uas -t t1 -i $B -p 5062 -nostdin; ready b 5060 udp && ready b 5062; }
talk() {
	on a sipp -sn uac -i $A -m 1 -d 200 -s canary $B:5060 -nostdin
	on a sipp -sn uac -t t1 -i $A -m 1 -d 200 -s canary $B:5062 -nostdin
	true
}
