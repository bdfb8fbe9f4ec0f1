package recall

import (
	"fmt"
	"strings"

	"github.com/wardscope/wardscope/hub/api/problem"
	"github.com/wardscope/wardscope/hub/exposure"
	"github.com/wardscope/wardscope/hub/exposure/advisory"
	"github.com/wardscope/wardscope/hub/inventory"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// maxLines is the most lines of one notice.
const maxLines = 1000

var verdicts = map[advisory.Verdict]hubv1.RecallVerdict{
	advisory.Affected: hubv1.RecallVerdict_RECALL_VERDICT_AFFECTED, advisory.Unsure: hubv1.RecallVerdict_RECALL_VERDICT_UNSURE,
	advisory.NotAffected: hubv1.RecallVerdict_RECALL_VERDICT_NOT_AFFECTED,
}

// Match holds a notice against an inventory; device shapes a device for the answer.
func Match(inv *inventory.Inventory, req *hubv1.MatchDevicesRequest, device func(*inventory.Device) *hubv1.Device) (*hubv1.MatchDevicesResponse, error) {
	lines := req.GetLines()
	if len(lines) == 0 || len(lines) > maxLines {
		return nil, problem.Field("lines", fmt.Sprintf("must be 1 to %d", maxLines))
	}
	notices := make([]advisory.Notice, len(lines))
	for i, l := range lines {
		if strings.TrimSpace(l.GetMaker()) == "" || strings.TrimSpace(l.GetModel()) == "" {
			return nil, problem.Field(fmt.Sprintf("lines[%d]", i), "maker and model are required")
		}
		notices[i] = advisory.Notice{Maker: l.GetMaker(), Model: l.GetModel(), Firmware: l.GetFirmware(), Serial: l.GetSerial()}
	}
	out := &hubv1.MatchDevicesResponse{Devices: int64(len(inv.Devices))}
	for _, c := range exposure.Recall(inv, notices) {
		out.Matches = append(out.Matches, &hubv1.RecallMatch{Line: int32(c.Line), Verdict: verdicts[c.Verdict], Reason: c.Reason,
			Device: device(c.Device), Firmware: c.Product.Firmware, Serial: c.Product.Serial})
	}
	return out, nil
}
