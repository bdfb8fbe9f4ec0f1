package ssh

import (
	"bytes"
	"crypto/md5" //nolint:gosec // hassh is defined by MD5; nothing is protected by it
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
	"github.com/wardscope/wardscope/sensor/dissect/wire"
)

type protocol struct{}

// New returns the protocol.
func New() dissect.Protocol { return protocol{} }

func (protocol) Info() dissect.Info {
	return dissect.Info{Name: "ssh", Transport: dissect.TCP, Ports: []uint16{22, 2222}, MaxBuffer: 64 << 10}
}

var prefix = []byte("SSH-")

func (protocol) Probe(_ *dissect.Flow, _ dissect.Direction, data []byte) dissect.Verdict {
	n := min(len(data), len(prefix))
	if !bytes.Equal(data[:n], prefix[:n]) {
		return dissect.NotMine
	}
	if len(data) < len(prefix)+2 {
		return dissect.More
	}
	if d := data[4]; d != '1' && d != '2' || data[5] != '.' {
		return dissect.NotMine
	}
	return dissect.Mine
}

func (protocol) New() dissect.Dissector { return &session{} }

type session struct {
	greeted   [2]bool
	encrypted [2]bool
	have      [2]bool
	offers    [2]offer
	group     bool // group exchange: message 31 is no reply
	keyTold   bool
}

func (s *session) Feed(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	if !s.greeted[dir] {
		return s.greeting(e, dir, data)
	}
	if s.encrypted[dir] {
		if s.encrypted[0] && s.encrypted[1] {
			return len(data), dissect.Done
		}
		return len(data), dissect.More
	}
	if len(data) < 6 {
		return 0, dissect.More
	}
	c := wire.At(data)
	n := c.U32()
	if n > maxPacket || n < 2 {
		return 0, dissect.NotMine
	}
	if uint32(len(data)) < 4+n {
		return 0, dissect.More
	}
	padding := int(c.U8())
	body := c.Bytes(int(n) - 1 - padding)
	if !c.OK() || len(body) == 0 {
		return 0, dissect.NotMine
	}
	s.packet(e, dir, body[0], body[1:])
	return 4 + int(n), dissect.More
}

func (s *session) greeting(e dissect.Emitter, dir dissect.Direction, data []byte) (int, dissect.Verdict) {
	line, size := banner(data)
	if size == 0 {
		if len(data) > 4*maxBanner {
			return 0, dissect.NotMine
		}
		return 0, dissect.More
	}
	if !bytes.HasPrefix(line, prefix) {
		return size, dissect.More
	}
	s.greeted[dir] = true
	e.Encrypted()
	text := string(line[:min(len(line), maxBanner)])
	f := e.Flow()
	subject := dissect.About(f.Sender(dir))
	e.Observe(dissect.Claim{Subject: subject, Kind: model.KindBanner, Value: text, Source: "ssh.banner"})
	parts := strings.SplitN(text, "-", 3)
	if len(parts) == 3 {
		e.Observe(dissect.Claim{Subject: subject, Kind: model.KindSoftware, Value: parts[2], Source: "ssh.software"})
	}
	version := parts[1]
	if dir == dissect.FromResponder {
		e.Version("SSH " + version)
	}
	if strings.HasPrefix(version, "1.") && version != "1.99" {
		e.Report(dissect.Weakness{Type: model.FindingObsoleteProtocol, Rule: "ssh.version_1", Version: 1,
			Subject: f.Sender(dir), Peer: f.Receiver(dir), Detail: "SSH " + version, Evidence: "ssh.banner"})
		s.encrypted[dir] = true // its packets have another form
		if s.greeted[0] && s.greeted[1] {
			return size, dissect.Done
		}
	}
	return size, dissect.More
}

func (s *session) packet(e dissect.Emitter, dir dissect.Direction, kind byte, body []byte) {
	switch kind {
	case msgKexInit:
		if o, ok := parseOffer(body); ok && !s.have[dir] {
			s.have[dir], s.offers[dir] = true, o
			s.fingerprint(e, dir, o)
			if s.have[0] && s.have[1] {
				s.compare(e)
			}
		}
	case msgNewKeys:
		s.encrypted[dir] = true
	case msgKexReply, msgKexGexReply:
		if dir == dissect.FromResponder && !(kind == msgKexReply && s.group) {
			s.hostKey(e, body)
		}
	}
}

// fingerprint is Salesforce's hassh: the MD5 of the lists of the sender's direction.
func (s *session) fingerprint(e dissect.Emitter, dir dissect.Direction, o offer) {
	source, label := "ssh.hassh", "hassh:"
	if dir == dissect.FromResponder {
		source, label = "ssh.hassh_server", "hasshserver:"
	}
	sum := md5.Sum([]byte(o.kex + ";" + o.cipher[dir] + ";" + o.mac[dir] + ";" + o.comp[dir])) //nolint:gosec // see the import
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Sender(dir)), Kind: model.KindFingerprint,
		Value: label + hex.EncodeToString(sum[:]), Source: source})
}

// compare reports the weak algorithms that the two sides agree on.
func (s *session) compare(e dissect.Emitter) {
	client, server := s.offers[dissect.FromInitiator], s.offers[dissect.FromResponder]
	kex := agreed(client.kex, server.kex)
	s.group = strings.HasPrefix(kex, "diffie-hellman-group-exchange")
	f := e.Flow()
	for _, name := range []string{kex, agreed(client.hostKey, server.hostKey), agreed(client.cipher[0], server.cipher[0]), agreed(client.mac[0], server.mac[0])} {
		if weak(name) {
			e.Report(dissect.Weakness{Type: model.FindingWeakCrypto, Rule: "ssh.weak_algorithm", Version: 1, Subject: f.Responder, Peer: f.Initiator,
				Detail: name, Evidence: "ssh.kexinit"})
		}
	}
}

// hostKey tells the digest of the server's key as OpenSSH prints it.
func (s *session) hostKey(e dissect.Emitter, body []byte) {
	c := wire.At(body)
	blob := c.Bytes(int(c.U32()))
	kind := wire.At(blob)
	name := kind.Bytes(int(kind.U32()))
	if !c.OK() || !kind.OK() || s.keyTold || !wire.Printable(name) {
		return
	}
	s.keyTold = true
	sum := sha256.Sum256(blob)
	e.Observe(dissect.Claim{Subject: dissect.About(e.Flow().Responder), Kind: model.KindFingerprint,
		Value: string(name) + " SHA256:" + base64.RawStdEncoding.EncodeToString(sum[:]), Source: "ssh.host_key"})
}
