package api_test

import (
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

const mapping = `
register: biomed
format: csv
columns: {asset_tag: Asset, serial: Serial, mac: MAC, hostname: Host, firmware: SW, site: Site, connection: Net}
not_observable: [bluetooth]
write_back: {last_seen: Seen, where: Where}
`

const assetFile = "Asset,Serial,MAC,Host,SW,Site,Net\nA-1,,00:03:b1:00:00:01,,,north,\nA-2,,00:03:b1:00:00:11,,,north,\nA-3,S-555,,,,north,\nA-4,,,oxi-1,,north,Bluetooth\n"

func TestRegisters(t *testing.T) {
	h := start(t)
	c := h.dial(t, secret).Registers
	dry, err := c.ImportRegister(t.Context(), &hubv1.ImportRegisterRequest{Mapping: mapping, Content: []byte(assetFile), DryRun: true})
	if err != nil || dry.GetAdded() != 4 {
		t.Fatalf("dry run: %v, %v", dry, err)
	}
	odd, err := c.ImportRegister(t.Context(), &hubv1.ImportRegisterRequest{Mapping: mapping, Content: []byte(strings.ReplaceAll(assetFile, "north", "Main Campus")), DryRun: true})
	if err != nil || len(odd.GetRemarks()) != 1 || !strings.Contains(odd.GetRemarks()[0], "Main Campus") || len(dry.GetRemarks()) != 0 {
		t.Errorf("sites that nobody translated: %v, %v", odd.GetRemarks(), err)
	}
	if list, err := c.ListRegisters(t.Context(), &hubv1.ListRegistersRequest{}); err != nil || len(list.GetRegisters()) != 0 {
		t.Fatalf("a dry run kept something: %v, %v", list, err)
	}
	for _, want := range []int64{4, 0} { // the same file again changes nothing
		got, err := c.ImportRegister(t.Context(), &hubv1.ImportRegisterRequest{Mapping: mapping, Content: []byte(assetFile)})
		if err != nil || got.GetAdded() != want || got.GetRemoved()+got.GetChanged() != 0 || got.GetRegister().GetBoth() != 1 || got.GetRegister().GetContradictory() != 1 {
			t.Fatalf("import: %v, %v", got, err)
		}
	}
	code, body := h.ask(t, http.MethodGet, "/v1/registers:match", "", secret)
	if code != http.StatusOK {
		t.Fatalf("match: %d %s", code, body)
	}
	golden(t, "registers", body)
	back, err := c.WriteRegister(t.Context(), &hubv1.WriteRegisterRequest{Name: "biomed"})
	if err != nil || !strings.HasPrefix(back.GetCsv(), "Asset,Serial,MAC,Host,SW,Seen,Where\nA-1,,00:03:b1:00:00:01,ct-03,") {
		t.Errorf("write-back: %v, %v", back, err)
	}
	if code, body := h.ask(t, http.MethodGet, "/v1/devices?filter=register%3D%22to%20review%22", "", secret); code != http.StatusOK || !strings.Contains(body, "ws-1") {
		t.Errorf("devices to review: %d %s", code, body)
	}
	for _, bad := range []*hubv1.ImportRegisterRequest{{}, {Mapping: "register: A B\nformat: csv\ncolumns: {mac: MAC}"}, {Mapping: mapping}, {Mapping: mapping, Content: []byte{0x1f, 0x8b, 1}}} {
		if _, err := c.ImportRegister(t.Context(), bad); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v: %v", bad, err)
		}
	}
	if _, err := c.DeleteRegister(t.Context(), &hubv1.DeleteRegisterRequest{Name: "biomed"}); err != nil {
		t.Error(err)
	}
	if _, err := c.DeleteRegister(t.Context(), &hubv1.DeleteRegisterRequest{Name: "biomed"}); status.Code(err) != codes.NotFound {
		t.Errorf("deleted twice: %v", err)
	}
}
