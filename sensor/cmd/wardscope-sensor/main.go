// Command wardscope-sensor reads traffic, live or from capture files, and tells what it saw.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// version is set by the build.
var version = "devel"

// Exit codes of all Wardscope programs.
const (
	exitDamaged = 1 // input damaged or unreadable
	exitUsage   = 2 // usage or configuration
	exitMissing = 3 // dependency missing or unreachable
	exitLocked  = 4 // another process has it
)

// codedError carries the exit code that its cause calls for.
type codedError struct {
	code int
	err  error
}

func (e *codedError) Error() string { return e.err.Error() }
func (e *codedError) Unwrap() error { return e.err }

// gcPercent trades a little time for memory: most of the heap is flow records without pointers,
// which cost the collector nothing. GOGC overrides it.
const gcPercent = 40

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := newRoot()
	if err := root.ExecuteContext(ctx); err != nil {
		os.Exit(report(err))
	}
}

// report says err on stderr, one line a fault, and returns the exit code.
func report(err error) int {
	code := exitUsage // cobra's own errors are about usage
	if coded, ok := errors.AsType[*codedError](err); ok {
		code = coded.code
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		fmt.Fprintln(os.Stderr, "wardscope-sensor: "+line)
	}
	return code
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "wardscope-sensor",
		Short:         "Passive sensor: sees devices and flows, sends nothing but to its hub",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.AddCommand(newRead(), newRun(), newEnroll(), newCheck(), newSimulate(), newConfig(), newSupportBundle())
	return root
}
