package real_test

import (
	"path/filepath"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/pipeline"
)

// TestLeaves marks what may be text in captured conversations, field by field, with all protocols on: text leaves
// only where the protocols' package comments say so.
func TestLeaves(t *testing.T) {
	all := []struct {
		name, files string
		most        int
	}{{"own captures", "testdata/*.pcap", 1000}, {"labelled captures", elsewhere + "/*/*.pcap*", 400}}
	if testing.Short() {
		all = all[:1]
		all[0].most = 40
	}
	for _, c := range all {
		t.Run(c.name, func(t *testing.T) {
			files, err := filepath.Glob(c.files)
			if err != nil {
				t.Fatal(err)
			}
			if len(files) == 0 {
				t.Skip("absent: the labelled captures in ../shared/pcaps")
			}
			x := dissecttest.Taint{Protocols: pipeline.Protocols(), Packets: pipeline.PacketProtocols(), Docs: "../..", Most: c.most}
			for _, file := range files {
				x.Capture(t, file)
			}
			x.Check(t)
		})
	}
}
