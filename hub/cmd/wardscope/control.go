package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// newSensorsControl are the commands that tell sensors what to do.
func newSensorsControl(a *app) []*cobra.Command {
	return []*cobra.Command{
		newSensorAction(a, "pause", "Stop looking at traffic until resumed; shown as planned, with the reason", hubv1.SensorAction_SENSOR_ACTION_PAUSE),
		newSensorAction(a, "resume", "Look at traffic again", hubv1.SensorAction_SENSOR_ACTION_RESUME),
		newSensorAction(a, "restart", "End the program with exit code 75; its service manager starts it again", hubv1.SensorAction_SENSOR_ACTION_RESTART),
		newConfigurations(a), newConfigure(a), newRollout(a), newSupportBundle(a), newQuarantine(a),
	}
}

func newSensorAction(a *app, name, short string, action hubv1.SensorAction) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: name + " SENSOR", Short: short, Args: cobra.ExactArgs(1),
		Example: "  wardscope sensors " + name + " north-1",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if _, err := c.Fleet.ControlSensor(ctx, &hubv1.ControlSensorRequest{Sensor: args[0], Action: action, Reason: reason}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.out, "%s is told to %s; `wardscope sensors list` shows when it has\n", args[0], name)
				return err
			})
		},
	}
	if action == hubv1.SensorAction_SENSOR_ACTION_PAUSE {
		cmd.Example += " --reason 'switch is being replaced, CHG-4711'"
		cmd.Flags().StringVar(&reason, "reason", "", "why; shown until it is resumed")
	}
	return cmd
}

func newConfigurations(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "configurations", Short: "Versions of what the hub configures at sensors, what changed in each, and who has which", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Fleet.ListConfigurations(ctx, &hubv1.ListConfigurationsRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"version", "made", "by", "reference", "changed lines"}, wide: "changed lines"}
				for _, x := range answer.GetConfigurations() {
					v.add(strconv.FormatUint(x.GetVersion(), 10), when(x.GetMade()), x.GetAuthor(), x.GetReference(), strings.Join(x.GetDiff(), " | "))
				}
				who := &view{columns: []string{"sensor", "wanted", "in force", "state"}, wide: "state"}
				for _, x := range answer.GetAssignments() {
					who.add(x.GetSensor(), version64(x.GetWanted()), version64(x.GetInForce()), assignmentState(x))
				}
				return a.print(answer, v, who)
			})
		},
	}
	cmd.AddCommand(newConfigurationShow(a), newConfigurationAdd(a))
	return cmd
}

func newConfigurationShow(a *app) *cobra.Command {
	var against uint64
	cmd := &cobra.Command{
		Use: "show VERSION", Short: "The text of one version, and how it differs from another", Args: cobra.ExactArgs(1),
		Example: "  wardscope sensors configurations show 3 --against 1",
		RunE: func(cmd *cobra.Command, args []string) error {
			version, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil {
				return fmt.Errorf("%q is no version; `wardscope sensors configurations` lists them", args[0])
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Fleet.GetConfiguration(ctx, &hubv1.GetConfigurationRequest{Version: version, Against: against})
				if err != nil {
					return err
				}
				x := answer.GetConfiguration()
				v := &view{columns: []string{"version", args[0]}, whole: true}
				v.add("made", when(x.GetMade()))
				v.add("by", x.GetAuthor())
				v.add("reference", x.GetReference())
				v.add("text", strings.TrimRight(x.GetYaml(), "\n"))
				v.add("changed lines", strings.Join(x.GetDiff(), "\n"))
				return a.print(x, v)
			})
		},
	}
	cmd.Flags().Uint64Var(&against, "against", 0, "version to compare with (default: the one before)")
	return cmd
}

func newConfigurationAdd(a *app) *cobra.Command {
	var reference string
	cmd := &cobra.Command{
		Use: "add FILE --reference CHANGE", Short: "Keep a file as a new version; no sensor gets it yet", Args: cobra.ExactArgs(1),
		Example: "  wardscope sensors configurations add filter.yaml --reference CHG-4711",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				_, err := makeVersion(ctx, a, c, args[0], reference)
				return err
			})
		},
	}
	cmd.Flags().StringVar(&reference, "reference", "", "change reference in your own process")
	return cmd
}

// makeVersion keeps a file as a new version, and shows how it differs from the one before.
func makeVersion(ctx context.Context, a *app, c *client.Client, file, reference string) (uint64, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, fmt.Errorf("read %s: %w", file, err)
	}
	made, err := c.Fleet.CreateConfiguration(ctx, &hubv1.CreateConfigurationRequest{Yaml: string(text), Reference: reference})
	if err != nil {
		return 0, err
	}
	x := made.GetConfiguration()
	fmt.Fprintf(a.out, "version %d, %s:\n", x.GetVersion(), x.GetReference())
	for _, line := range x.GetDiff() {
		fmt.Fprintln(a.out, "  "+line)
	}
	return x.GetVersion(), nil
}

func version64(v uint64) string {
	if v == 0 {
		return "own"
	}
	return strconv.FormatUint(v, 10)
}

func assignmentState(x *hubv1.Assignment) string {
	switch {
	case !x.GetReported():
		return "not heard of since the hub started"
	case x.GetRefusal() != "":
		return "refused: " + x.GetRefusal()
	case x.GetWanted() != x.GetInForce():
		return "on its way"
	}
	return "in force"
}

func newConfigure(a *app) *cobra.Command {
	var file, reference string
	var version int64
	cmd := &cobra.Command{
		Use:   "configure SENSOR... --file FILE --reference CHANGE | --version N",
		Short: "Give sensors a new version of the hub's configuration, or an old one again",
		Long: `Keep the file as a new version and give it to the sensors, or give them an old version again. Each sensor lays
it over its own file, checks the whole, and starts again with it; one that cannot work with it keeps what it
has and says why. A hub may set capture.filter, capture.vlans, privacy (adding networks only), limits.flows,
limits.claims and log.level. Version 0 takes the hub's configuration back.`,
		Example: "  wardscope sensors configure north-1 --file filter.yaml --reference CHG-4711\n  wardscope sensors configure north-1 south-1 --version 3",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if (file == "") == (version < 0) {
				return errors.New("give either --file with --reference, or --version")
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if file != "" {
					made, err := makeVersion(ctx, a, c, file, reference)
					if err != nil {
						return err
					}
					version = int64(made)
				}
				if _, err := c.Fleet.AssignConfiguration(ctx, &hubv1.AssignConfigurationRequest{Version: uint64(version), Sensors: args}); err != nil {
					return err
				}
				_, err := fmt.Fprintf(a.out, "version %d is wanted at %s; `wardscope sensors configurations` shows when it is in force\n", version, strings.Join(args, ", "))
				return err
			})
		},
	}
	cmd.Flags().StringVar(&file, "file", "", "YAML file with the keys to set")
	cmd.Flags().StringVar(&reference, "reference", "", "change reference in your own process")
	cmd.Flags().Int64Var(&version, "version", -1, "an old version; 0 for the sensor's own configuration")
	return cmd
}
