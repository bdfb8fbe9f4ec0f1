package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// app is what every command shares.
type app struct {
	out                      io.Writer
	hub, token, caFile, form string
}

// login is what `wardscope login` keeps.
type login struct {
	Hub   string `yaml:"hub"`
	Token string `yaml:"token"`
	CA    string `yaml:"ca"` // file name
}

func loginFile() (string, error) {
	if f := os.Getenv("WARDSCOPE_LOGIN"); f != "" {
		return f, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find configuration folder: %w", err)
	}
	return filepath.Join(dir, "wardscope", "login.yaml"), nil
}

func readLogin() (login, error) {
	var l login
	file, err := loginFile()
	if err != nil {
		return l, err
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return l, nil
	}
	if err != nil {
		return l, fmt.Errorf("read login: %w", err)
	}
	if err := yaml.Unmarshal(raw, &l); err != nil {
		return l, fmt.Errorf("read login %s: %w; run `wardscope login` again", file, err)
	}
	return l, nil
}

// dial connects with what flags, environment and login say, in that order.
func (a *app) dial(ctx context.Context) (*client.Client, error) {
	kept, err := readLogin()
	if err != nil {
		return nil, err
	}
	first := func(values ...string) string {
		for _, v := range values {
			if v != "" {
				return v
			}
		}
		return ""
	}
	return client.Dial(ctx, client.Config{
		Address: first(a.hub, os.Getenv("WARDSCOPE_HUB"), kept.Hub, "127.0.0.1:8443"),
		Token:   first(a.token, os.Getenv("WARDSCOPE_TOKEN"), kept.Token),
		CAFile:  first(a.caFile, os.Getenv("WARDSCOPE_CA"), kept.CA),
	})
}

// ask runs f with a connection and closes it.
func (a *app) ask(cmd *cobra.Command, f func(context.Context, *client.Client) error) (err error) {
	ctx, cancel := context.WithTimeout(cmd.Context(), time.Minute)
	defer cancel()
	c, err := a.dial(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	return f(ctx, c)
}

func newLogin(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "login",
		Short:   "Keep address, token and CA of a hub for later commands",
		Example: "  wardscope login --hub 127.0.0.1:8443 --token ws_… --ca data/ca.pem",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.hub == "" || a.token == "" {
				return errors.New("login needs --hub and --token; `wardscope-hub serve` prints both at its first start")
			}
			ca := a.caFile
			if ca != "" {
				var err error
				if ca, err = filepath.Abs(ca); err != nil {
					return err
				}
			}
			err := a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				_, err := c.System.GetStatus(ctx, &hubv1.GetStatusRequest{})
				return err
			})
			if err != nil {
				return err
			}
			return keepLogin(a.out, login{Hub: a.hub, Token: a.token, CA: ca})
		},
	}
}

func keepLogin(out io.Writer, l login) error {
	file, err := loginFile()
	if err != nil {
		return err
	}
	raw, err := yaml.Marshal(l)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("keep login: %w", err)
	}
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		return fmt.Errorf("keep login: %w", err)
	}
	_, err = fmt.Fprintf(out, "logged in to %s; kept in %s\n", l.Hub, file)
	return err
}

// span adds --from and --to to a command.
type span struct{ from, to string }

func (s *span) flags(cmd *cobra.Command) {
	cmd.Flags().StringVar(&s.from, "from", "", "begin of the period: a time, a date, or 2h for two hours ago (default: the last 24 hours with data)")
	cmd.Flags().StringVar(&s.to, "to", "", "end of the period")
}

func (s *span) period() (*hubv1.Period, error) {
	from, err := moment(s.from, time.Now())
	if err != nil {
		return nil, fmt.Errorf("--from: %w", err)
	}
	to, err := moment(s.to, time.Now())
	if err != nil {
		return nil, fmt.Errorf("--to: %w", err)
	}
	return &hubv1.Period{From: from, To: to}, nil
}

// both joins the short flags of a command and its --filter into one AIP-160 filter.
func both(filter string, pairs ...string) string {
	var parts []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			parts = append(parts, pairs[i]+"="+strconv.Quote(pairs[i+1]))
		}
	}
	if filter != "" {
		parts = append(parts, "("+filter+")")
	}
	return strings.Join(parts, " AND ")
}

// name says who a device is in one cell.
func name(d *hubv1.DeviceRef) string {
	switch {
	case d == nil:
		return ""
	case d.GetName() == "" || d.GetName() == d.GetIp():
		return d.GetIp()
	case d.GetIp() == "":
		return d.GetName()
	}
	return d.GetName() + " (" + d.GetIp() + ")"
}

// coverage says below a table what the answer rests on.
func coverage(v *view, c *hubv1.Coverage) {
	if c == nil {
		return
	}
	v.note("")
	v.note("Rests on %s to %s:", when(c.GetPeriod().GetFrom()), when(c.GetPeriod().GetTo()))
	for _, s := range c.GetSites() {
		line := fmt.Sprintf("  %s: %d of %d minutes, %s packets, %d VLANs, %s dropped, %s duplicates", s.GetSite(), s.GetMinutesSeen(),
			s.GetMinutesAsked(), count(s.GetPackets()), len(s.GetVlans()), count(s.GetDropped()), count(s.GetDuplicates()))
		if s.OneWayShare != nil {
			line += fmt.Sprintf(", %.1f %% of TCP seen one way", 100*s.GetOneWayShare())
		} else {
			line += ", too little TCP to judge one-way share"
		}
		if silent := s.GetSilentSensors(); len(silent) > 0 {
			line += "; silent now: " + strings.Join(silent, ", ")
		}
		v.note("%s", line)
	}
	for _, r := range c.GetRemarks() {
		v.note("  %s", r)
	}
}
