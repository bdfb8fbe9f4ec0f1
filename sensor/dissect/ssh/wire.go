package ssh

import (
	"bytes"
	"strings"

	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

// The messages that are read (RFC 4250, section 4.1; RFC 4419, section 5).
const (
	msgKexInit     = 20
	msgNewKeys     = 21
	msgKexReply    = 31 // KEXDH_REPLY, KEX_ECDH_REPLY; in group exchange it carries the group
	msgKexGexReply = 33
)

const (
	maxBanner = 255       // bytes (RFC 4253, section 4.2)
	maxPacket = 256 << 10 // bytes: OpenSSH's own limit
)

// offer is the part of a KEXINIT that counts (RFC 4253, section 7.1).
type offer struct {
	kex, hostKey      string
	cipher, mac, comp [2]string // client to server, server to client
}

// parseOffer reads the body of a KEXINIT behind its message number.
func parseOffer(body []byte) (offer, bool) {
	c := wire.At(body)
	c.Skip(16) // cookie
	var lists [8]string
	for i := range lists {
		lists[i] = wire.String(c.Bytes(int(c.U32())))
	}
	o := offer{kex: lists[0], hostKey: lists[1], cipher: [2]string{lists[2], lists[3]}, mac: [2]string{lists[4], lists[5]}, comp: [2]string{lists[6], lists[7]}}
	return o, c.OK()
}

// agreed is the first of the client's names that the server has too (RFC 4253, section 7.1).
func agreed(client, server string) string {
	for name := range strings.SplitSeq(client, ",") {
		for other := range strings.SplitSeq(server, ",") {
			if name == other {
				return name
			}
		}
	}
	return ""
}

// banner cuts the identification line off: RFC 4253 lets a server send other lines before it.
func banner(data []byte) (line []byte, size int) {
	i := bytes.IndexByte(data, '\n')
	if i < 0 {
		return nil, 0
	}
	return bytes.TrimRight(data[:i], "\r"), i + 1
}

// weak names algorithms that RFC 9142, RFC 8758 and RFC 4253's successors advise against.
func weak(name string) bool {
	switch name {
	case "diffie-hellman-group1-sha1", "diffie-hellman-group-exchange-sha1", "diffie-hellman-group14-sha1", "rsa1024-sha1",
		"ssh-dss", "3des-cbc", "blowfish-cbc", "cast128-cbc", "arcfour", "arcfour128", "arcfour256", "des-cbc", "none",
		"hmac-md5", "hmac-md5-96", "hmac-sha1-96":
		return true
	}
	return false
}
