package http

import (
	"bytes"
	"strconv"

	"github.com/wardscope/wardscope/internal/model"
	"github.com/wardscope/wardscope/sensor/dissect"
)

// agentMark stands in front of the version, in the agent's User-Agent and messages.
const agentMark = "Axeda AgentEmbedded v"

const maxMessage = 8 << 10 // bytes of an agent's message that are waited for

// isAgent knows the request of an Axeda agent by its path, a constant of the published client.
func isAgent(h *head) bool {
	const path = "/eMessage"
	t := h.target
	if i := bytes.Index(t, []byte("://")); i >= 0 { // by way of a proxy
		t = t[i+3:]
		if i = bytes.IndexByte(t, '/'); i < 0 {
			return false
		}
		t = t[i:]
	}
	return len(t) >= len(path) && bytes.EqualFold(t[:len(path)], []byte(path)) && (len(t) == len(path) || t[len(path)] == '?' || t[len(path)] == '/')
}

// agent tells of an Axeda agent: its version, where said, and whether it is older than what
// ICSA-22-067-01 names as fixed (6.9.2 build 1049, 6.9.3 build 1051).
func agent(e dissect.Emitter, dir dissect.Direction, message []byte) {
	f := e.Flow()
	e.Service("axeda")
	version := agentVersion(message)
	value := "Axeda agent"
	if version != "" {
		value += " " + version
	}
	e.Observe(dissect.Claim{Subject: dissect.About(f.Sender(dir)), Kind: model.KindSoftware, Value: value, Source: "axeda.agent"})
	var detail string
	switch {
	case version == "":
		detail = "Access:7 possible: version not seen"
	case before(version, 6, 9, 2):
		detail = "Access:7 likely: version " + version
	case !before(version, 6, 9, 4):
		return
	default:
		detail = "Access:7 possible: version " + version + ", build not seen"
	}
	e.Report(dissect.Weakness{Type: model.FindingKnownVulnerableComponent, Rule: "axeda.agent", Version: 1,
		Subject: f.Sender(dir), Peer: f.Receiver(dir), Detail: detail, Evidence: "axeda.agent"})
}

// agentVersion reads digits and dots behind the mark.
func agentVersion(message []byte) string {
	_, rest, found := bytes.Cut(message, []byte(agentMark))
	if !found {
		return ""
	}
	n := 0
	for n < len(rest) && n < 16 && (rest[n] >= '0' && rest[n] <= '9' || rest[n] == '.') {
		n++
	}
	return string(bytes.Trim(rest[:n], "."))
}

// before compares a dotted version number by number.
func before(version string, than ...int) bool {
	part := bytes.Split([]byte(version), []byte("."))
	for i, want := range than {
		got := 0
		if i < len(part) {
			got, _ = strconv.Atoi(string(part[i])) // no number counts as 0: older
		}
		if got != want {
			return got < want
		}
	}
	return false
}
