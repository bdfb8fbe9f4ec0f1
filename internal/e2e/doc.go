// Package e2e holds tests of the programs as they ship: real processes, real NATS over mTLS, the
// real ClickHouse engine, the API asked by the command line.
//
// Input is the repository, of which the programs are built once a run; output is the tests'
// verdict.
//
// Each test owns its processes and folders and ends them; ports are free ones on loopback.
//
// It imports no package of sensor or hub: what it needs to know, a user can see.
package e2e
