package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newRollout(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use: "rollout", Short: "Give a version of the configuration to many sensors, stage by stage",
		Long: `Stages follow one another: the sensors of one take the version, are watched for a while, and only then the next
begins, in its change window. When a sensor refuses the version, does not take it, falls silent, starts again
and again, loses packets, lags behind or sees nothing any more, all sensors of its stage get their former
version back and the roll-out is halted. It goes on by itself after a restart of the hub.`,
	}
	cmd.AddCommand(newRolloutStart(a), newRolloutList(a), newRolloutShow(a),
		newRolloutAction(a, "halt", "Begin no further stage until resumed", hubv1.RolloutAction_ROLLOUT_ACTION_HALT),
		newRolloutAction(a, "resume", "Go on; a stage that was rolled back begins anew", hubv1.RolloutAction_ROLLOUT_ACTION_RESUME),
		newRolloutAction(a, "back", "Give every sensor of every stage its former version", hubv1.RolloutAction_ROLLOUT_ACTION_ROLL_BACK))
	return cmd
}

func newRolloutStart(a *app) *cobra.Command {
	var stages, windows []string
	var reference string
	var version int64
	var observe time.Duration
	cmd := &cobra.Command{
		Use:   "start --version N --reference CHANGE --stage NAME=MEMBERS…",
		Short: "Begin a roll-out; the first stage is the pilot",
		Long: `Begin a roll-out of a version that ` + "`wardscope sensors configurations add`" + ` has made. Members of a stage are sensors by name, site:NAME for those of a site, and rest for all that no stage
before has. A window says when a stage may begin: 22:00-05:00, sat,sun 20:00-06:00 or mon-fri 22:00-05:00
Europe/Berlin; UTC when no zone is named. NAME=WINDOW is for one stage, WINDOW alone for each.`,
		Example: "  wardscope sensors rollout start --version 3 --reference CHG-4711 --stage pilot=north-1 --stage north=site:north --stage others=rest\n" +
			"  wardscope sensors rollout start --version 3 --reference CHG-4711 --stage pilot=north-1 --stage others=rest --window 'others=sat,sun 20:00-06:00' --observe 1h",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version < 0 {
				return errors.New("--version is missing; `wardscope sensors configurations` lists versions, 0 is each sensor's own")
			}
			groups, err := rolloutStages(stages, windows)
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Rollouts.StartRollout(ctx, &hubv1.StartRolloutRequest{Version: uint64(version), Reference: reference, Stages: groups, Observe: durationpb.New(observe)})
				if err != nil {
					return err
				}
				n := answer.GetRollout().GetNumber()
				_, err = fmt.Fprintf(a.out, "roll-out %d of version %s has begun; `wardscope sensors rollout show %d` shows how far it is\n", n, version64(uint64(version)), n)
				return err
			})
		},
	}
	cmd.Flags().Int64Var(&version, "version", -1, "version to give out; 0 for each sensor's own configuration")
	cmd.Flags().StringVar(&reference, "reference", "", "change reference in your own process")
	cmd.Flags().StringArrayVar(&stages, "stage", nil, "NAME=MEMBERS, in their order: sensors, site:NAME, rest; separated by commas")
	cmd.Flags().StringArrayVar(&windows, "window", nil, "when a stage may begin: WINDOW, or NAME=WINDOW")
	cmd.Flags().DurationVar(&observe, "observe", 15*time.Minute, "for how long the sensors of a stage are watched, 10s to 168h")
	return cmd
}

// rolloutStages reads stages and windows as they are typed.
func rolloutStages(stages, windows []string) (out []*hubv1.RolloutStage, err error) {
	byName := map[string]*hubv1.RolloutStage{}
	for _, text := range stages {
		name, members, ok := strings.Cut(text, "=")
		if !ok || members == "" {
			return nil, fmt.Errorf("--stage %q is not understood: use NAME=MEMBERS, such as pilot=north-1", text)
		}
		g := &hubv1.RolloutStage{Name: name}
		for m := range strings.SplitSeq(members, ",") {
			m = strings.TrimSpace(m)
			if site, isSite := strings.CutPrefix(m, "site:"); isSite {
				g.Sites = append(g.Sites, site)
			} else if m == "rest" {
				g.Rest = true
			} else {
				g.Sensors = append(g.Sensors, m)
			}
		}
		out, byName[name] = append(out, g), g
	}
	for _, text := range windows {
		name, window, one := strings.Cut(text, "=")
		switch {
		case one && byName[name] == nil:
			return nil, fmt.Errorf("--window %q: there is no --stage %s", text, name)
		case one:
			byName[name].Window = window
		default:
			for _, g := range out {
				if g.GetWindow() == "" {
					g.Window = text
				}
			}
		}
	}
	return out, nil
}

func newRolloutList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "The last roll-outs, newest first", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Rollouts.ListRollouts(ctx, &hubv1.ListRolloutsRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"roll-out", "version", "state", "stages done", "reference", "by", "begun", "why"}, wide: "why"}
				for _, x := range answer.GetRollouts() {
					v.add(strconv.FormatUint(x.GetNumber(), 10), version64(x.GetVersion()), rolloutState(x.GetState()), stagesDone(x), x.GetReference(), x.GetAuthor(), when(x.GetMade()), x.GetReason())
				}
				return a.print(answer, v)
			})
		},
	}
}

func rolloutState(s hubv1.RolloutState) string { return enum(s, "ROLLOUT_STATE_") }

func stagesDone(x *hubv1.Rollout) string {
	done := 0
	for _, s := range x.GetStages() {
		if s.GetState() == hubv1.RolloutState_ROLLOUT_STATE_DONE {
			done++
		}
	}
	return fmt.Sprintf("%d of %d", done, len(x.GetStages()))
}

func newRolloutShow(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "show [NUMBER]", Short: "How far a roll-out is, by stage and sensor; the newest when no number is given", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var number uint64
			if len(args) == 1 {
				var err error
				if number, err = rolloutNumber(args[0]); err != nil {
					return err
				}
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Rollouts.ListRollouts(ctx, &hubv1.ListRolloutsRequest{Limit: 200})
				if err != nil {
					return err
				}
				for _, x := range answer.GetRollouts() {
					if number == 0 || x.GetNumber() == number {
						return showRollout(a, x)
					}
				}
				return errors.New("there is no such roll-out; `wardscope sensors rollout list` shows them")
			})
		},
	}
}

func rolloutNumber(text string) (uint64, error) {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 {
		return 0, fmt.Errorf("%q is no number of a roll-out; `wardscope sensors rollout list` shows them", text)
	}
	return n, nil
}

func showRollout(a *app, x *hubv1.Rollout) error {
	v := &view{columns: []string{"stage", "state", "sensors", "have it", "begun", "window", "why"}, numbers: []string{"sensors", "have it"}, wide: "why"}
	who := &view{columns: []string{"stage", "sensor", "in force", "former", "took it", "what became of it"}, wide: "what became of it"}
	for _, s := range x.GetStages() {
		have := 0
		for _, m := range s.GetSensors() {
			if m.GetInForce() == x.GetVersion() {
				have++
			}
			who.add(s.GetName(), m.GetSensor(), version64(m.GetInForce()), version64(m.GetFormer()), when(m.GetTaken()), memberText(s, m))
		}
		v.add(s.GetName(), rolloutState(s.GetState()), count(int64(len(s.GetSensors()))), count(int64(have)), when(s.GetBegun()), s.GetWindow(), s.GetReason())
	}
	text := fmt.Sprintf("roll-out %d of version %s, %s, by %s: %s", x.GetNumber(), version64(x.GetVersion()), x.GetReference(), x.GetAuthor(), rolloutState(x.GetState()))
	if x.GetReason() != "" {
		text += ": " + x.GetReason()
	}
	who.note("%s", text)
	who.note("sensors are watched for %s after they took it", x.GetObserve().AsDuration())
	return a.print(x, v, who)
}

func memberText(s *hubv1.RolloutProgress, m *hubv1.RolloutSensor) string {
	switch {
	case m.GetWorse() != "":
		return m.GetWorse()
	case m.GetRefusal() != "":
		return "refused: " + m.GetRefusal()
	case m.GetAbsent():
		return "was not there when the stage began; takes it when it comes back"
	case s.GetState() == hubv1.RolloutState_ROLLOUT_STATE_RUNNING && m.GetTaken() == nil:
		return "told to take it"
	}
	return ""
}

func newRolloutAction(a *app, name, short string, action hubv1.RolloutAction) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: name + " NUMBER", Short: short, Args: cobra.ExactArgs(1),
		Example: "  wardscope sensors rollout " + name + " 4",
		RunE: func(cmd *cobra.Command, args []string) error {
			number, err := rolloutNumber(args[0])
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Rollouts.ControlRollout(ctx, &hubv1.ControlRolloutRequest{Number: number, Action: action, Reason: reason})
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.out, "roll-out %d is %s\n", number, rolloutState(answer.GetRollout().GetState()))
				return err
			})
		},
	}
	if action != hubv1.RolloutAction_ROLLOUT_ACTION_RESUME {
		cmd.Example += " --reason 'INC-231: north-1 is slow'"
		cmd.Flags().StringVar(&reason, "reason", "", "why; kept with the roll-out and in the audit")
	}
	return cmd
}

// rolloutNote tells of a roll-out that is under way or was halted, below the list of sensors.
func rolloutNote(ctx context.Context, c *client.Client, v *view) error {
	answer, err := c.Rollouts.ListRollouts(ctx, &hubv1.ListRolloutsRequest{Limit: 1})
	if err != nil {
		return err
	}
	for _, x := range answer.GetRollouts() {
		if s := x.GetState(); s == hubv1.RolloutState_ROLLOUT_STATE_RUNNING || s == hubv1.RolloutState_ROLLOUT_STATE_HALTED {
			why := ""
			if x.GetReason() != "" {
				why = ": " + x.GetReason()
			}
			v.note("roll-out %d of version %s is %s, %s stages done%s; `wardscope sensors rollout show %d`", x.GetNumber(), version64(x.GetVersion()), rolloutState(s), stagesDone(x), why, x.GetNumber())
		}
	}
	return nil
}

// configurationText says which version of the hub's configuration a sensor runs; "" when it has not said.
func configurationText(s *hubv1.Sensor) string {
	r := s.GetReport()
	switch {
	case r == nil:
		return ""
	case r.GetRefusedConfiguration() != 0:
		return fmt.Sprintf("%s, refuses %d", version64(r.GetConfiguration()), r.GetRefusedConfiguration())
	}
	return version64(r.GetConfiguration())
}
