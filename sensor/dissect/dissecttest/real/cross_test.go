package real_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// elsewhere holds labelled captures that are not part of this repository.
const elsewhere = "../../../../../shared/pcaps"

// TestOneClaimsEach shows every conversation of every capture to every protocol alone: at most one may say that it
// is its own.
func TestOneClaimsEach(t *testing.T) {
	files, err := filepath.Glob("testdata/*.pcap")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(elsewhere + "/*/*.pcap*")
	if err != nil {
		t.Fatal(err)
	}
	if len(more) == 0 || testing.Short() {
		t.Log("left out: the labelled captures in ../shared/pcaps")
		more = nil
	}
	protocols, packets := pipeline.Protocols(), pipeline.PacketProtocols()
	total, claimed := 0, 0
	for _, file := range append(files, more...) {
		conversations, err := dissecttest.Captured(file, 24)
		if err != nil && !strings.Contains(file, "/malformed/") {
			t.Logf("%s: %v", file, err)
		}
		for _, c := range conversations {
			names := dissecttest.Claims(t, c, protocols, packets)
			total++
			if len(names) > 0 {
				claimed++
			}
			if len(names) > 1 {
				t.Errorf("%s: %v:%d > %v:%d protocol %d: claimed by %v", filepath.Base(file), c.Flow.Initiator.Addr, c.Flow.Initiator.Port,
					c.Flow.Responder.Addr, c.Flow.Responder.Port, c.Flow.Protocol, names)
			}
		}
	}
	t.Logf("%d conversations, %d claimed", total, claimed)
}
