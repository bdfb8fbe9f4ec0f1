package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newKnowledgeRules(a *app) *cobra.Command {
	var try, without string
	var limit int32
	cmd := &cobra.Command{
		Use:   "rules",
		Short: "A site's own rules: which are in use, and what a file would change",
		Long: `Show which own rule files the hub uses. With --try, validate a file and show what devices would become with it in place of
the file of its name; nothing is kept. To use it, place it into the hub's folder: it is read within seconds, and a file with a
fault changes nothing.`,
		Example: `  wardscope knowledge rules
  wardscope knowledge rules --try own.yaml
  wardscope knowledge rules --without own.yaml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request := &hubv1.TryRulesRequest{Name: without, Limit: limit}
			if try != "" {
				raw, err := os.ReadFile(try)
				if err != nil {
					return fmt.Errorf("read rules: %w", err)
				}
				request.Name, request.Content = filepath.Base(try), string(raw)
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if request.GetName() == "" {
					answer, err := c.Rules.GetRules(ctx, &hubv1.GetRulesRequest{})
					if err != nil {
						return err
					}
					return a.print(answer, rulesView(answer))
				}
				answer, err := c.Rules.TryRules(ctx, request)
				if err != nil {
					return err
				}
				return a.print(answer, triedView(answer))
			})
		},
	}
	f := cmd.Flags()
	f.StringVar(&try, "try", "", "file to try in place of the one of its name")
	f.StringVar(&without, "without", "", "name of a file: try what would be without it")
	f.Int32Var(&limit, "limit", 50, "most changes to show")
	cmd.MarkFlagsMutuallyExclusive("try", "without")
	return cmd
}

func rulesView(answer *hubv1.GetRulesResponse) *view {
	v := &view{columns: []string{"own rule", "state"}}
	for _, id := range answer.GetRules() {
		v.add(id, "in use")
	}
	for _, id := range answer.GetDisabled() {
		v.add(id, "the program's, switched off")
	}
	if len(answer.GetFiles()) == 0 {
		v.note("No own rules. The hub looks for .yaml files in %s.", answer.GetFolder())
	} else {
		v.note("%s from %s, since %s", strings.Join(answer.GetFiles(), ", "), answer.GetFolder(), when(answer.GetSince()))
	}
	if answer.GetFault() != "" {
		v.note("The files as they are now are not in use: %s", answer.GetFault())
	}
	return v
}

func triedView(answer *hubv1.TryRulesResponse) *view {
	v := &view{columns: []string{"device", "id", "attribute", "now", "then", "confidence", "by"}, wide: "by"}
	for _, c := range answer.GetChanges() {
		attribute := c.GetAttribute()
		if attribute == "" {
			attribute = "the device"
		}
		v.add(name(c.GetDevice()), c.GetDevice().GetId(), attribute, c.GetFrom(), c.GetTo(), fmt.Sprintf("%.2f → %.2f", c.GetFromConfidence(), c.GetToConfidence()), strings.Join(c.GetRules(), ", "))
	}
	v.note("With %s own rules: %s values of %s devices would change, and %s confidences alone. Nothing was kept.", count(answer.GetRules()), count(answer.GetValues()),
		count(answer.GetDevices()), count(answer.GetConfidences()))
	return v
}
