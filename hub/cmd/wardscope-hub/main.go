// Command wardscope-hub is the hub: it takes in what sensors send, stores it, and answers.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/wiring"
)

// version is set by the build.
var version = "devel"

// exitUsage is for usage and configuration; wiring.ExitCode knows the others.
const exitUsage = 2

// usageError is a fault of the command line or the configuration.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(os.Stderr, "wardscope-hub: "+line)
		}
		if _, usage := errors.AsType[usageError](err); usage {
			os.Exit(exitUsage)
		}
		os.Exit(wiring.ExitCode(err))
	}
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:           "wardscope-hub",
		Short:         "The hub: one inventory, one flow map, one list of exposures for all sites",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newServe(), newMigrate(), newBackup(), newRestore(), newDoctor(), newConfig(), newDemo(), newKnowledge(), newNATS())
	return root
}
