package wiring

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// summary shows one screen of what was found, through the API like everybody else, and the
// commands to look further.
func (d *demo) summary(ctx context.Context) error {
	login := client.Config{Address: d.hub.Address(), Token: d.hub.NewToken(), CAFile: d.hub.AuthorityFile()}
	c, err := client.Dial(ctx, login)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }() // a connection to ourselves
	if len(d.cfg.Captures) > 0 {
		err = d.captureTables(ctx, login)
	} else {
		err = d.siteScreen(ctx, c)
	}
	if err != nil {
		return err
	}
	d.furtherCommands(login)
	return nil
}

// captureTables shows what stands in the user's own captures: devices, external peers, findings.
func (d *demo) captureTables(ctx context.Context, login client.Config) error {
	for _, args := range [][]string{{"devices", "list", "--limit", "50"}, {"exposure", "--limit", "25"}, {"findings", "list", "--limit", "50"}} {
		fmt.Fprintf(d.cfg.Out, "\n$ wardscope %s\n", strings.Join(args, " "))
		cmd := exec.CommandContext(ctx, d.cfg.CLI, args...)
		cmd.Env = append(os.Environ(), "WARDSCOPE_HUB="+login.Address, "WARDSCOPE_TOKEN="+login.Token, "WARDSCOPE_CA="+login.CAFile)
		cmd.Stdout, cmd.Stderr = d.cfg.Out, d.cfg.Out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("wardscope %s: %w", strings.Join(args, " "), err)
		}
	}
	return nil
}

func (d *demo) siteScreen(ctx context.Context, c *client.Client) error {
	status, err := c.System.GetStatus(ctx, &hubv1.GetStatusRequest{})
	if err != nil {
		return err
	}
	sites, err := c.Sites.ListSites(ctx, &hubv1.ListSitesRequest{})
	if err != nil {
		return err
	}
	d.say("%d devices, %d flows, %d findings' reports", status.GetDevices(), status.GetFlows(), status.GetFindings())
	fmt.Fprintf(d.cfg.Out, "\n%-22s %-10s %8s   %s\n", "SITE", "REALM", "DEVICES", "BY CATEGORY")
	for _, s := range sites.GetSites() {
		kinds, err := d.categories(ctx, c, s.GetId())
		if err != nil {
			return err
		}
		fmt.Fprintf(d.cfg.Out, "%-22s %-10s %8d   %s\n", s.GetName(), s.GetRealm(), s.GetDevices(), kinds)
	}
	if err := d.betweenSites(ctx, c); err != nil {
		return err
	}
	return d.exposed(ctx, c)
}

func (d *demo) categories(ctx context.Context, c *client.Client, site string) (string, error) {
	var parts []string
	for _, category := range []string{"medical", "building", "ot", "it", "iot"} {
		page, err := c.Devices.ListDevices(ctx, &hubv1.ListDevicesRequest{Filter: fmt.Sprintf("site=%q AND category=%q", site, category), PageSize: 1})
		if err != nil {
			return "", err
		}
		parts = append(parts, fmt.Sprintf("%d %s", page.GetTotalSize(), category))
	}
	return strings.Join(parts, ", "), nil
}

func (d *demo) betweenSites(ctx context.Context, c *client.Client) error {
	edges, err := c.Flows.GetMap(ctx, &hubv1.GetMapRequest{Level: hubv1.Level_LEVEL_SITE, Limit: 200})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.cfg.Out, "\n%-44s %-10s %10s   %s\n", "BETWEEN SITES", "SERVICE", "MIB", "SEEN BY (COUNTED ONCE)")
	shown := 0
	for _, e := range edges.GetEdges() {
		if e.GetInitiator() == e.GetResponder() || shown == 6 {
			continue
		}
		shown++
		fmt.Fprintf(d.cfg.Out, "%-44s %-10s %10.1f   %s\n", e.GetInitiator()+" → "+e.GetResponder(), e.GetService(),
			float64(e.GetInitiatorOctets()+e.GetResponderOctets())/(1<<20), strings.Join(e.GetVantages(), " "))
	}
	return nil
}

func (d *demo) exposed(ctx context.Context, c *client.Client) error {
	findings, err := c.Exposure.ListFindings(ctx, &hubv1.ListFindingsRequest{PageSize: 10})
	if err != nil {
		return err
	}
	fmt.Fprintf(d.cfg.Out, "\n%-9s %-8s %s\n", "SEVERITY", "SITE", "WORST FINDINGS")
	for _, f := range findings.GetFindings() {
		severity := strings.ToLower(strings.TrimPrefix(f.GetSeverity().String(), "SEVERITY_"))
		fmt.Fprintf(d.cfg.Out, "%-9s %-8s %.100s\n", severity, f.GetSubject().GetSite(), f.GetTitle())
	}
	exposure, err := c.Exposure.GetExposure(ctx, &hubv1.GetExposureRequest{Limit: 10000})
	if err != nil {
		return err
	}
	out, in := map[string]bool{}, map[string]bool{}
	for _, p := range exposure.GetExternalPeers() {
		if p.GetInbound() {
			in[p.GetDevice().GetId()] = true
		} else {
			out[p.GetDevice().GetId()] = true
		}
	}
	fmt.Fprintf(d.cfg.Out, "%d findings in all; %d devices past support; %d devices reach the internet, %d are reached from it\n", findings.GetTotalSize(),
		len(exposure.GetLegacy()), len(out), len(in))
	return nil
}

func (d *demo) furtherCommands(login client.Config) {
	fmt.Fprintf(d.cfg.Out, "\nLook further, in another terminal:\n\n  export WARDSCOPE_HUB=%s WARDSCOPE_TOKEN=%s WARDSCOPE_CA=%s\n", login.Address, login.Token, login.CAFile)
	lines := []string{
		"devices list --filter 'category=\"medical\"'", "devices show 10.10.10.20      # an address of two realms", "exposure --site north",
		"findings list", "map --by group", "zones matrix", "sensors list",
	}
	if len(d.cfg.Captures) > 0 {
		lines = []string{"devices list", "flows --limit 20", "exposure", "findings list", "map --by device", "sensors list", "status"}
	}
	for _, line := range lines {
		fmt.Fprintf(d.cfg.Out, "  %s %s\n", d.cfg.CLI, line)
	}
	fmt.Fprintf(d.cfg.Out, "  curl --cacert %s -H \"Authorization: Bearer $WARDSCOPE_TOKEN\" https://%s/v1/status\n", login.CAFile, login.Address)
}
