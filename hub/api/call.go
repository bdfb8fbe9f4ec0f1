package api

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/access"
	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/internal/model"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// writes are the methods that change something: each call is audited.
var writes = map[string]bool{
	"/wardscope.hub.v1.SiteService/ReplaceSites": true, "/wardscope.hub.v1.ZoneService/ReplaceZones": true,
	"/wardscope.hub.v1.FleetService/ControlSensor": true, "/wardscope.hub.v1.FleetService/CreateConfiguration": true,
	"/wardscope.hub.v1.FleetService/AssignConfiguration": true, "/wardscope.hub.v1.FleetService/RequestSupportBundle": true,
	"/wardscope.hub.v1.FleetService/GetSupportBundle": true, "/wardscope.hub.v1.FleetService/RetakeQuarantine": true,
	"/wardscope.hub.v1.RolloutService/StartRollout": true, "/wardscope.hub.v1.RolloutService/ControlRollout": true,
	"/wardscope.hub.v1.SensorService/AddSensor": true, "/wardscope.hub.v1.QueryService/RunQuery": true,
	"/wardscope.hub.v1.SensorService/RevokeSensor": true, "/wardscope.hub.v1.SensorService/CreateEnrolmentToken": true,
	"/wardscope.hub.v1.CorrectionService/CorrectDevice": true, "/wardscope.hub.v1.CorrectionService/JoinDevices": true,
	"/wardscope.hub.v1.CorrectionService/SplitDevice": true, "/wardscope.hub.v1.CorrectionService/LabelDevice": true,
	"/wardscope.hub.v1.CorrectionService/UndoCorrection": true, "/wardscope.hub.v1.RegisterService/ImportRegister": true,
	"/wardscope.hub.v1.RegisterService/DeleteRegister": true, "/wardscope.hub.v1.KnowledgeService/ImportPack": true,
	"/wardscope.hub.v1.KnowledgeService/RemovePack": true,
}

// intercept is where every call passes: limits, authentication, audit, errors, panics.
func (s *Server) intercept(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (answer any, err error) {
	select {
	case s.calls <- struct{}{}:
		defer func() { <-s.calls }()
	default:
		return nil, status.Error(codes.ResourceExhausted, "too many calls at a time; try again in a moment")
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.CallTime)
	defer cancel()
	who, err := s.deps.Guard.Check(ctx, header(ctx, "authorization"))
	if err != nil {
		if !errors.Is(err, access.ErrDenied) {
			s.deps.Log.Error("tokens cannot be checked", slog.String("error", err.Error()))
			return nil, status.Error(codes.Unavailable, "tokens cannot be checked now; the hub's log says why")
		}
		return nil, status.Error(codes.Unauthenticated, "no valid token: send the header Authorization: Bearer TOKEN; `wardscope-hub serve` printed one at its first start")
	}
	defer func() {
		if r := recover(); r != nil {
			s.deps.Log.Error("API call failed inside", slog.String("method", info.FullMethod), slog.Any("panic", r))
			answer, err = nil, status.Error(codes.Internal, "the hub failed on this call; its log has the reason")
		}
		if writes[info.FullMethod] {
			s.audit(ctx, who, info.FullMethod, req, answer, err)
		}
	}()
	answer, err = handle(access.With(ctx, who), req)
	return answer, s.public(ctx, info.FullMethod, err)
}

// public turns an error into what a caller may see.
func (s *Server) public(ctx context.Context, method string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := status.FromError(err); ok {
		return err
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return status.Error(codes.DeadlineExceeded, "the answer took longer than the hub allows; ask for a shorter period or a narrower filter")
	case errors.Is(err, context.Canceled):
		return status.Error(codes.Canceled, "the caller gave up")
	}
	s.deps.Log.Error("API call failed", slog.String("method", method), slog.String("error", err.Error()))
	return status.Error(codes.Internal, "the hub could not answer: "+err.Error())
}

// audit writes down who changed what. What cannot be written is logged: the change has happened.
func (s *Server) audit(ctx context.Context, who access.Principal, method string, req, answer any, failed error) {
	row := store.AuditRow{Time: s.deps.Now(), Actor: who.Name, Role: string(who.Role), Remote: remote(ctx), Method: path.Base(method), Outcome: "ok"}
	row.Site, row.Object, row.Detail = concerned(req)
	if made, ok := answer.(*hubv1.CreateEnrolmentTokenResponse); ok && failed == nil {
		row.Object = made.GetSensor() // the hub chose its name
	}
	switch status.Code(failed) {
	case codes.OK:
	case codes.InvalidArgument, codes.FailedPrecondition, codes.Aborted, codes.AlreadyExists, codes.PermissionDenied, codes.NotFound:
		row.Outcome = "refused"
	default:
		row.Outcome = "error"
	}
	if failed != nil {
		row.Detail = model.Text(strings.TrimPrefix(row.Detail+"; "+status.Convert(failed).Message(), "; "))
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := s.deps.Store.InsertAudit(ctx, row); err != nil {
		s.deps.Log.Error("audit not written", slog.String("method", method), slog.String("error", err.Error()))
	}
}

// concerned says what a request is about, as far as it says so itself.
func concerned(req any) (site model.SiteID, object, detail string) {
	if r, ok := req.(interface{ GetSite() string }); ok {
		site = model.SiteID(model.Text(r.GetSite()))
	}
	switch r := req.(type) {
	case interface{ GetSensor() string }:
		object = model.Text(r.GetSensor())
	case interface{ GetName() string }:
		object = model.Text(r.GetName())
	case interface{ GetId() string }:
		object = model.Text(r.GetId())
	case interface{ GetNumber() uint64 }:
		object = strconv.FormatUint(r.GetNumber(), 10)
	case interface{ GetSensors() []string }:
		object = model.Text(strings.Join(r.GetSensors(), " "))
	}
	switch r := req.(type) {
	case interface{ GetReason() string }:
		detail = model.Text(r.GetReason())
	case interface{ GetReference() string }:
		detail = model.Text(r.GetReference())
	case interface{ GetSql() string }:
		detail = model.Text(r.GetSql())
	}
	return site, object, detail
}

// remote is the caller's address; the gateway, which calls from inside, says whose call it passes on.
func remote(ctx context.Context) string {
	address := ""
	if p, ok := peer.FromContext(ctx); ok {
		address = p.Addr.String()
	}
	if address == "bufconn" || address == "bufconn:0" {
		list := strings.Split(header(ctx, "x-forwarded-for"), ",")
		address = strings.TrimSpace(list[len(list)-1]) // the last one the gateway added itself
	}
	if host, _, err := net.SplitHostPort(address); err == nil {
		return host
	}
	return address
}

func header(ctx context.Context, name string) string {
	if v := metadata.ValueFromIncomingContext(ctx, name); len(v) > 0 {
		return v[0]
	}
	return ""
}

// routingError answers for paths and methods that do not exist, in the form of all other errors.
func routingError(ctx context.Context, mux *runtime.ServeMux, m runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	err := status.Error(codes.NotFound, "there is no "+r.URL.Path+"; /openapi.yaml lists what there is")
	if code == http.StatusMethodNotAllowed {
		err = status.Error(codes.Unimplemented, r.Method+" is not possible on "+r.URL.Path+"; /openapi.yaml lists what is")
	}
	runtime.HTTPError(ctx, mux, m, w, r, err)
}
