package api

import (
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/wardscope/wardscope/hub/inventory/filter"
)

// badField is InvalidArgument that names the field at fault.
func badField(field, what string) error {
	return badFields(&errdetails.BadRequest_FieldViolation{Field: field, Description: what})
}

func badFields(v ...*errdetails.BadRequest_FieldViolation) error {
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

// parse reads the filter of a request.
func parse(text string, schema filter.Schema) (*filter.Filter, error) {
	f, err := filter.Parse(text, schema)
	if err != nil {
		return nil, badFilter("filter", err)
	}
	return f, nil
}

// badFilter names the request's field; the filter's own field is in the text.
func badFilter(field string, err error) error {
	var e *filter.Error
	if errors.As(err, &e) {
		return badField(field, e.Error())
	}
	return badField(field, err.Error())
}

func notFound(what, id string) error {
	return status.Error(codes.NotFound, "there is no "+what+" "+id)
}
