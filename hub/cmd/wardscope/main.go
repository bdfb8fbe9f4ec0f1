// Command wardscope is the analyst's command line over the hub's API.
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
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// version is set by the build.
var version = "devel"

// Exit codes of all Wardscope programs.
const (
	exitUsage   = 2 // usage or configuration
	exitMissing = 3 // dependency missing or unreachable
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := newRoot().ExecuteContext(ctx); err != nil {
		os.Exit(report(err))
	}
}

func newRoot() *cobra.Command {
	a := &app{out: os.Stdout}
	root := &cobra.Command{
		Use:           "wardscope",
		Short:         "Ask the Wardscope hub: devices, flows, exposure, findings, zones",
		Version:       version,
		SilenceUsage:  true,
		SilenceErrors: true,
		Example: `  wardscope devices list --filter 'type="infusion-pump"'
  wardscope devices show 10.10.4.17 --at 2026-11-24T03:00:00Z
  wardscope exposure --site north
  wardscope findings list
  wardscope map --by device -o dot | dot -Tsvg > map.svg`,
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.hub, "hub", "", "address of the hub, host:port (default from WARDSCOPE_HUB or wardscope login, else 127.0.0.1:8443)")
	flags.StringVar(&a.token, "token", "", "API token (default from WARDSCOPE_TOKEN or wardscope login)")
	flags.StringVar(&a.caFile, "ca", "", "file with the hub's CA certificate (default from WARDSCOPE_CA or wardscope login)")
	flags.StringVarP(&a.form, "output", "o", "table", "form of the output: table, json, csv")
	root.AddCommand(newLogin(a), newDevices(a), newFlows(a), newMap(a), newExposure(a), newFindings(a), newZones(a),
		newSites(a), newSensors(a), newSQL(a), newStatus(a), newDoctor(a), newRegister(a), newKnowledge(a), newAudit(a))
	return root
}

// report says err on stderr, one line a fault with the field that is wrong, and returns the exit code.
func report(err error) int {
	if ill, is := errors.AsType[*unwell](err); is {
		fmt.Fprintln(os.Stderr, "wardscope: "+ill.Error())
		return exitMissing
	}
	st, ok := status.FromError(err) // looks through wrapping
	if !ok || st.Code() == codes.Unknown {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(os.Stderr, "wardscope: "+line)
		}
		return exitUsage
	}
	for _, detail := range st.Details() {
		if bad, isBad := detail.(*errdetails.BadRequest); isBad {
			for _, v := range bad.GetFieldViolations() {
				fmt.Fprintf(os.Stderr, "wardscope: %s: %s\n", v.GetField(), v.GetDescription())
			}
			return exitUsage
		}
	}
	switch st.Code() {
	case codes.Unavailable, codes.DeadlineExceeded:
		fmt.Fprintf(os.Stderr, "wardscope: the hub does not answer: %s; is `wardscope-hub serve` running, and is --hub right?\n", st.Message())
		return exitMissing
	case codes.Unauthenticated:
		fmt.Fprintf(os.Stderr, "wardscope: %s; give the token with `wardscope login` or WARDSCOPE_TOKEN\n", st.Message())
		return exitUsage
	}
	fmt.Fprintln(os.Stderr, "wardscope: "+st.Message())
	return exitUsage
}
