package answer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// maxRecallLines is the most lines of one notice.
const maxRecallLines = 1000

var recallVerdicts = map[advisory.Verdict]hubv1.RecallVerdict{
	advisory.Affected: hubv1.RecallVerdict_RECALL_VERDICT_AFFECTED, advisory.Unsure: hubv1.RecallVerdict_RECALL_VERDICT_UNSURE,
	advisory.NotAffected: hubv1.RecallVerdict_RECALL_VERDICT_NOT_AFFECTED,
}

// MatchDevices holds a recall or safety notice against the inventory.
func (d deviceServer) MatchDevices(_ context.Context, req *hubv1.MatchDevicesRequest) (*hubv1.MatchDevicesResponse, error) {
	lines := req.GetLines()
	if len(lines) == 0 || len(lines) > maxRecallLines {
		return nil, problem.Field("lines", fmt.Sprintf("must be 1 to %d", maxRecallLines))
	}
	notices := make([]advisory.Notice, len(lines))
	for i, l := range lines {
		if strings.TrimSpace(l.GetMaker()) == "" || strings.TrimSpace(l.GetModel()) == "" {
			return nil, problem.Field(fmt.Sprintf("lines[%d]", i), "maker and model are required")
		}
		notices[i] = advisory.Notice{Maker: l.GetMaker(), Model: l.GetModel(), Firmware: l.GetFirmware(), Serial: l.GetSerial()}
	}
	snap := d.s.deps.Keeper.Current()
	out := &hubv1.MatchDevicesResponse{Devices: int64(len(snap.Devices))}
	for at := range snap.Devices {
		dev := &snap.Devices[at]
		p := exposure.ProductOf(dev)
		for i := range notices {
			verdict, reason := notices[i].Judge(p)
			if verdict == advisory.Unconcerned {
				continue
			}
			out.Matches = append(out.Matches, &hubv1.RecallMatch{Line: int32(i), Verdict: recallVerdicts[verdict], Reason: reason,
				Device: deviceMessage(dev, 0, false), Firmware: p.Firmware, Serial: p.Serial})
		}
	}
	slices.SortStableFunc(out.Matches, func(a, b *hubv1.RecallMatch) int {
		return cmp.Or(cmp.Compare(a.GetVerdict(), b.GetVerdict()), cmp.Compare(a.GetLine(), b.GetLine()), strings.Compare(a.GetDevice().GetId(), b.GetDevice().GetId()))
	})
	return out, nil
}
