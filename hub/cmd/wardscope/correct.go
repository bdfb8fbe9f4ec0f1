package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// why adds --why to a command that decides something.
func why(cmd *cobra.Command, into *string) {
	cmd.Flags().StringVar(into, "why", "", "reason, for the history")
	_ = cmd.MarkFlagRequired("why") // fails for an unknown flag only
}

// deviceOf finds the one device that an id or an address names.
func deviceOf(ctx context.Context, c *client.Client, text string) (string, error) {
	if !strings.ContainsAny(text, ".:") {
		return text, nil
	}
	found, err := c.Devices.FindAddress(ctx, &hubv1.FindAddressRequest{Address: text})
	if err != nil {
		return "", err
	}
	ids := map[string]bool{}
	for _, b := range found.GetBindings() {
		ids[b.GetDevice().GetId()] = true
	}
	switch len(ids) {
	case 0:
		return "", fmt.Errorf("no device had %s", text)
	case 1:
		return found.GetBindings()[0].GetDevice().GetId(), nil
	}
	return "", fmt.Errorf("%d devices had %s: name one by its id; `wardscope devices show %s` lists them", len(ids), text, text)
}

func newDevicesCorrect(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:   "correct ID|ADDRESS ATTRIBUTE=VALUE",
		Short: "Set an attribute of a device; what evidence says stays visible as a conflict",
		Long: `Set hostname, vendor, model, hardware, os, firmware, serial, type, category, role, location, department, owner or
criticality (low, medium, high, critical) of a device. ATTRIBUTE= without a value gives the attribute back to evidence.`,
		Example: `  wardscope devices correct 10.10.4.17 'model=Plum 360' --why 'label at the bedside'
  wardscope devices correct d-abc… criticality=high --why 'only one on the ward'`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, value, ok := strings.Cut(args[1], "=")
			if !ok {
				return fmt.Errorf("%q is no ATTRIBUTE=VALUE", args[1])
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				id, err := deviceOf(ctx, c, args[0])
				if err != nil {
					return err
				}
				answer, err := c.Corrections.CorrectDevice(ctx, &hubv1.CorrectDeviceRequest{Id: id, Attribute: name, Value: value, Reason: reason})
				if err != nil {
					return err
				}
				return a.print(answer, decided(answer.GetCorrection(), answer.GetDevice()))
			})
		},
	}
	why(cmd, &reason)
	return cmd
}

func newDevicesJoin(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:     "join ID|ADDRESS OTHER",
		Short:   "Say that two devices are one; the first keeps its id",
		Example: "  wardscope devices join 10.10.4.17 10.10.9.23 --why 'cable and radio of one cart'",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				id, err := deviceOf(ctx, c, args[0])
				if err != nil {
					return err
				}
				other, err := deviceOf(ctx, c, args[1])
				if err != nil {
					return err
				}
				answer, err := c.Corrections.JoinDevices(ctx, &hubv1.JoinDevicesRequest{Id: id, Other: other, Reason: reason})
				if err != nil {
					return err
				}
				return a.print(answer, decided(answer.GetCorrection(), answer.GetDevice()))
			})
		},
	}
	why(cmd, &reason)
	return cmd
}

func newDevicesSplit(a *app) *cobra.Command {
	var reason, off string
	cmd := &cobra.Command{
		Use:     "split ID|ADDRESS --off ADDRESS",
		Short:   "Say that a link address or address of a device is another machine's; no rule joins them again",
		Example: "  wardscope devices split d-abc… --off 00:03:b1:00:00:02 --why 'two pumps on one pole'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				id, err := deviceOf(ctx, c, args[0])
				if err != nil {
					return err
				}
				answer, err := c.Corrections.SplitDevice(ctx, &hubv1.SplitDeviceRequest{Id: id, Off: off, Reason: reason})
				if err != nil {
					return err
				}
				return a.print(answer, decided(answer.GetCorrection(), answer.GetDevices()...))
			})
		},
	}
	cmd.Flags().StringVar(&off, "off", "", "MAC or IP address that is another machine's")
	_ = cmd.MarkFlagRequired("off") // fails for an unknown flag only
	why(cmd, &reason)
	return cmd
}

func newDevicesLabel(a *app) *cobra.Command {
	var reason string
	var add, remove []string
	cmd := &cobra.Command{
		Use:     "label ID|ADDRESS --add LABEL --remove LABEL",
		Short:   "Add and remove labels, by which devices can be filtered",
		Example: "  wardscope devices label 10.10.4.17 --add loan --why 'on loan from east'\n  wardscope devices list --filter label=loan",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				id, err := deviceOf(ctx, c, args[0])
				if err != nil {
					return err
				}
				answer, err := c.Corrections.LabelDevice(ctx, &hubv1.LabelDeviceRequest{Id: id, Add: add, Remove: remove, Reason: reason})
				if err != nil {
					return err
				}
				return a.print(answer, decided(answer.GetCorrection(), answer.GetDevice()))
			})
		},
	}
	cmd.Flags().StringSliceVar(&add, "add", nil, "labels to add")
	cmd.Flags().StringSliceVar(&remove, "remove", nil, "labels to remove")
	why(cmd, &reason)
	return cmd
}

func newDevicesUndo(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use:     "undo NUMBER",
		Short:   "Take a decision back; an undoing can itself be undone",
		Example: "  wardscope devices decisions\n  wardscope devices undo 3 --why 'wrong rack'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseUint(args[0], 10, 64)
			if err != nil {
				return errors.New("undo wants the number of a decision; `wardscope devices decisions` lists them")
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Corrections.UndoCorrection(ctx, &hubv1.UndoCorrectionRequest{Id: id, Reason: reason})
				if err != nil {
					return err
				}
				return a.print(answer, decided(answer.GetCorrection()))
			})
		},
	}
	why(cmd, &reason)
	return cmd
}

func newDevicesDecisions(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "decisions [ID|ADDRESS]",
		Short:   "What people decided about devices, newest first: who, when, why",
		Example: "  wardscope devices decisions\n  wardscope devices decisions 10.10.4.17",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) (err error) {
				req := &hubv1.ListCorrectionsRequest{}
				if len(args) > 0 {
					if req.Device, err = deviceOf(ctx, c, args[0]); err != nil {
						return err
					}
				}
				answer, err := c.Corrections.ListCorrections(ctx, req)
				if err != nil {
					return err
				}
				v := &view{columns: []string{"no", "time", "who", "device", "decision", "why", "in force"}, numbers: []string{"no"}, wide: "decision"}
				for _, x := range answer.GetCorrections() {
					state := "yes"
					if x.GetUndoneBy() != 0 {
						state = fmt.Sprintf("undone by %d", x.GetUndoneBy())
					}
					v.add(strconv.FormatUint(x.GetId(), 10), when(x.GetTime()), x.GetWho(), x.GetDevice(), sentence(x), x.GetReason(), state)
				}
				if len(v.rows) == 0 {
					v.note("Nobody decided anything.")
				}
				return a.print(answer, v)
			})
		},
	}
}

// sentence tells a decision in words.
func sentence(x *hubv1.Correction) string {
	switch x.GetKind() {
	case hubv1.CorrectionKind_CORRECTION_KIND_JOIN:
		return "joined with " + x.GetOther() + " (" + strings.Join(x.GetEndpoints()[1:], ", ") + ")"
	case hubv1.CorrectionKind_CORRECTION_KIND_SPLIT:
		return "split off " + x.GetEndpoints()[0]
	case hubv1.CorrectionKind_CORRECTION_KIND_UNDO:
		return fmt.Sprintf("undid decision %d", x.GetUndoes())
	}
	text := x.GetAttribute() + " = " + x.GetValue()
	if x.GetValue() == "" {
		text = x.GetAttribute() + " given back to evidence"
	}
	if x.GetBefore() != "" {
		text += " (was " + x.GetBefore() + ")"
	}
	return text
}

// decided shows the devices after a decision, and how to take it back.
func decided(x *hubv1.Correction, devices ...*hubv1.Device) *view {
	v := &view{columns: []string{"id", "name", "type", "vendor", "model", "os", "site", "address", "mac"}}
	for _, d := range devices {
		if d != nil {
			v.add(d.GetId(), d.GetName(), d.GetType(), d.GetVendor(), d.GetModel(), d.GetOs(), d.GetSite(), few(d.GetIps()), few(d.GetMacs()))
		}
	}
	v.note("Decision %d: %s. Take it back: wardscope devices undo %d --why …", x.GetId(), sentence(x), x.GetId())
	return v
}
