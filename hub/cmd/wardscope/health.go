package main

import (
	"time"

	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// waitingText says what waits at a sensor for the hub; "" when it has not said.
func waitingText(s *hubv1.Sensor) string {
	if s.GetReport() == nil {
		return ""
	}
	return size(s.GetReport().GetWaitingOctets())
}

// clockText says by how much a sensor's clock is ahead; "" when nobody measured it.
func clockText(s *hubv1.Sensor) string {
	bound := s.GetReport().GetClockError().AsDuration()
	if bound == 0 {
		return ""
	}
	offset := s.GetClockOffset().AsDuration()
	if offset.Abs() <= bound { // no more can be said
		return "right"
	}
	unit := time.Millisecond
	if offset.Abs() > time.Minute {
		unit = time.Second
	}
	if offset > 0 {
		return "+" + offset.Round(unit).String()
	}
	return offset.Round(unit).String()
}
