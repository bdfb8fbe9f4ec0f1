package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newDoctor(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "What is wrong with the hub and its sensors, with a remedy a line",
		Long: `Ask the hub to look at its data directory, store, ingest, quarantine, certificates, sensors, clocks and
knowledge. Exit 0: all is well, or works with a flaw. Exit 3: something has to be mended.`,
		Example: "  wardscope doctor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Fleet.Diagnose(ctx, &hubv1.DiagnoseRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"level", "topic", "what", "do"}, whole: true}
				faults := 0
				for _, x := range answer.GetChecks() {
					level := enum(x.GetLevel(), "CHECK_LEVEL_")
					if x.GetLevel() != hubv1.CheckLevel_CHECK_LEVEL_OK {
						level = strings.ToUpper(level)
					}
					if x.GetLevel() == hubv1.CheckLevel_CHECK_LEVEL_FAULT {
						faults++
					}
					v.add(level, x.GetTopic(), x.GetText(), x.GetRemedy())
				}
				if err := a.print(answer, v); err != nil {
					return err
				}
				if faults > 0 {
					return &unwell{faults}
				}
				return nil
			})
		},
	}
}

// unwell ends the program with the code for a dependency that does not work.
type unwell struct{ faults int }

func (u *unwell) Error() string { return fmt.Sprintf("%d faults have to be mended", u.faults) }
