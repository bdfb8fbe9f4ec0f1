// Package telemetry is how a program tells about itself: structured logs, metrics, health.
//
// Input is a writer for logs, collectors of other packages and named health checks; output is
// a slog.Logger, and an HTTP handler with /metrics, /healthz and /readyz.
//
// Serve runs until its context ends and waits for requests in progress; nothing else here has
// a goroutine.
//
// It carries no patient data and no secrets, and it is not the place where losses are counted
// for the record: those travel as events.
package telemetry
