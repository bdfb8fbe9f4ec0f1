package api_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/google/go-cmp/cmp"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func TestGRPC(t *testing.T) {
	h := start(t)
	c := h.dial(t, secret)
	t.Run("pages cover every device once", func(t *testing.T) {
		var names []string
		req := &hubv1.ListDevicesRequest{PageSize: 2}
		for {
			res, err := c.Devices.ListDevices(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range res.GetDevices() {
				names = append(names, d.GetName())
			}
			if res.GetTotalSize() != 5 {
				t.Errorf("total %d", res.GetTotalSize())
			}
			if req.PageToken = res.GetNextPageToken(); req.GetPageToken() == "" {
				break
			}
		}
		want := []string{"ct-03", "pacs", "ws-1"} // what is known best comes first; the two gateways last
		if len(names) != 5 || !slices.Equal(slices.Sorted(slices.Values(names[:3])), want) {
			t.Errorf("got %v", names)
		}
	})
	t.Run("pages cover every flow once, newest first", func(t *testing.T) {
		var ids []string
		req := &hubv1.ListFlowsRequest{PageSize: 2, Filter: "NOT service = telnet"} // looks at each row
		for {
			res, err := c.Flows.ListFlows(t.Context(), req)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range res.GetFlows() {
				ids = append(ids, f.GetSensor()+" "+f.GetFlow().GetCommunityId())
			}
			if req.PageToken = res.GetNextPageToken(); req.GetPageToken() == "" {
				break
			}
		}
		if diff := cmp.Diff([]string{"n1 1:ebc=", "n1 1:dbc=", "n1 1:cbc=", "n1 1:bbc=", "s1 1:bbc="}, ids); diff != "" {
			t.Errorf("flows (-want +got):\n%s", diff)
		}
	})
	t.Run("a filter's fault is a field violation", func(t *testing.T) {
		_, err := c.Flows.ListFlows(t.Context(), &hubv1.ListFlowsRequest{Filter: "servce = dicom"})
		s, _ := status.FromError(err)
		if s.Code() != codes.InvalidArgument || len(s.Details()) != 1 {
			t.Fatalf("got %v", err)
		}
		bad, ok := s.Details()[0].(*errdetails.BadRequest)
		if !ok || bad.GetFieldViolations()[0].GetField() != "filter" || !strings.Contains(bad.GetFieldViolations()[0].GetDescription(), `did you mean "service"?`) {
			t.Errorf("got %v", s.Details())
		}
	})
	t.Run("without a token nothing is told", func(t *testing.T) {
		_, err := h.dial(t, "").System.GetStatus(t.Context(), &hubv1.GetStatusRequest{})
		if status.Code(err) != codes.Unauthenticated {
			t.Errorf("got %v", err)
		}
	})
	t.Run("zones group the map and the matrix", func(t *testing.T) {
		if _, err := c.Zones.ReplaceZones(t.Context(), &hubv1.ReplaceZonesRequest{Zones: []*hubv1.Zone{{Name: "imaging", Selector: "type = modality-ct OR type = pacs"}}}); err != nil {
			t.Fatal(err)
		}
		zones, err := c.Zones.ListZones(t.Context(), &hubv1.ListZonesRequest{})
		if err != nil || len(zones.GetZones()) != 1 || zones.GetZones()[0].GetDevices() != 2 {
			t.Errorf("zones %v, %v", zones, err)
		}
		res, err := c.Flows.GetMap(t.Context(), &hubv1.GetMapRequest{Level: hubv1.Level_LEVEL_GROUP, Filter: "service = dicom"})
		if err != nil || len(res.GetEdges()) != 1 || res.GetEdges()[0].GetInitiator() != "imaging" || res.GetEdges()[0].GetFlows() != 1 {
			t.Errorf("map %v, %v", res.GetEdges(), err)
		}
	})
	t.Run("a new declaration counts at once, and is audited", func(t *testing.T) {
		res, err := c.Sites.ReplaceSites(t.Context(), &hubv1.ReplaceSitesRequest{ExpectedRevision: 3, Sites: []*hubv1.Site{{Id: "north", Realm: "wan", Prefixes: []string{"10.1.0.0/16"}}}})
		if err != nil || res.GetRevision() != 4 {
			t.Fatalf("got %v, %v", res, err)
		}
		if err := h.keeper.Resolve(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := h.keeper.Current().Sites.Document()
		if len(got.Sites) != 1 || got.Revision != 4 {
			t.Errorf("got %+v", got)
		}
		// 203.0.113.4 is no partner any more.
		exposed, err := c.Exposure.GetExposure(t.Context(), &hubv1.GetExposureRequest{})
		if err != nil || !slices.ContainsFunc(exposed.GetExternalPeers(), func(p *hubv1.ExternalPeer) bool { return p.GetIp() == "203.0.113.4" }) {
			t.Errorf("peers %v, %v", exposed.GetExternalPeers(), err)
		}
	})
	t.Run("filters over exposure", func(t *testing.T) {
		res, err := c.Exposure.GetExposure(t.Context(), &hubv1.GetExposureRequest{Filter: "device = ct-03"})
		if err != nil || len(res.GetExternalPeers()) != 0 || len(res.GetWeaknesses()) != 1 || len(res.GetLegacy()) != 0 {
			t.Errorf("got %v, %v", res, err)
		}
	})
	t.Run("informational findings on demand", func(t *testing.T) {
		res, err := c.Exposure.ListFindings(t.Context(), &hubv1.ListFindingsRequest{IncludeInformational: true, PageSize: 1})
		if err != nil || res.GetTotalSize() != 4 || res.GetNextPageToken() == "" {
			t.Fatalf("got %v, %v", res, err)
		}
		next, err := c.Exposure.ListFindings(t.Context(), &hubv1.ListFindingsRequest{IncludeInformational: true, PageSize: 10, PageToken: res.GetNextPageToken()})
		if err != nil || len(next.GetFindings()) != 3 || next.GetNextPageToken() != "" {
			t.Errorf("got %v, %v", next, err)
		}
		_, err = c.Exposure.ListFindings(t.Context(), &hubv1.ListFindingsRequest{PageSize: 10, PageToken: res.GetNextPageToken()})
		if status.Code(err) != codes.InvalidArgument || !strings.Contains(err.Error(), "page_token") {
			t.Errorf("a token of another query: got %v", err)
		}
	})
	t.Run("filters over sensors", func(t *testing.T) {
		res, err := c.Sensors.ListSensors(t.Context(), &hubv1.ListSensorsRequest{Filter: "state = never_seen"})
		if err != nil || len(res.GetSensors()) != 1 {
			t.Errorf("got %v, %v", res, err)
		}
	})
}
