package problem

import (
	"errors"
	"fmt"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/inventory/filter"
	"github.com/wardscope/wardscope/hub/state"
)

// Field is InvalidArgument that names the field at fault.
func Field(field, what string) error {
	return Fields(&errdetails.BadRequest_FieldViolation{Field: field, Description: what})
}

// Fields is InvalidArgument that names each field at fault.
func Fields(v ...*errdetails.BadRequest_FieldViolation) error {
	text := v[0].GetField() + ": " + v[0].GetDescription()
	if more := len(v) - 1; more > 0 {
		text += fmt.Sprintf("; and %d more, see details", more)
	}
	s := status.New(codes.InvalidArgument, text)
	if detailed, err := s.WithDetails(&errdetails.BadRequest{FieldViolations: v}); err == nil {
		s = detailed
	}
	return s.Err()
}

// Filter reads the filter of a request.
func Filter(text string, schema filter.Schema) (*filter.Filter, error) {
	f, err := filter.Parse(text, schema)
	if err != nil {
		return nil, InFilter("filter", err)
	}
	return f, nil
}

// InFilter names the request's field; the filter's own field is in the text.
func InFilter(field string, err error) error {
	if e, ok := errors.AsType[*filter.Error](err); ok {
		return Field(field, e.Error())
	}
	return Field(field, err.Error())
}

// NotFound says that there is no such thing.
func NotFound(what, id string) error {
	return status.Error(codes.NotFound, "there is no "+what+" "+id)
}

// Split takes joined errors apart.
func Split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	return []error{err}
}

// Document tells every fault of a declaration; each begins with the path of its field.
func Document(err error) error {
	var bad []*errdetails.BadRequest_FieldViolation
	for _, one := range Split(err) {
		field, what := cutPath(one.Error())
		bad = append(bad, &errdetails.BadRequest_FieldViolation{Field: field, Description: what})
	}
	return Fields(bad...)
}

// Conflict turns control state's decisions into what a caller may see.
func Conflict(err error) error {
	if errors.Is(err, state.ErrConflict) {
		return status.Error(codes.Aborted, "somebody else changed it in the meantime: read it again, and send your change with the new revision")
	}
	return err
}

// cutPath parts "sites[0].id: what" into field and fault.
func cutPath(text string) (field, what string) {
	field, what, ok := strings.Cut(text, ": ")
	if !ok || strings.Contains(field, " ") {
		return "document", text
	}
	return field, what
}
