package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

func newDevices(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "devices", Short: "The inventory: list devices, show one with its evidence"}
	cmd.AddCommand(newDevicesList(a), newDevicesShow(a), newDevicesMatch(a),
		newDevicesCorrect(a), newDevicesJoin(a), newDevicesSplit(a), newDevicesLabel(a), newDevicesUndo(a), newDevicesDecisions(a), newDevicesAdvisories(a),
		newDevicesHistory(a), newDevicesLives(a), newDevicesNeeds(a), newDevicesLegacy(a))
	return cmd
}

func newDevicesList(a *app) *cobra.Command {
	var filter, site, kind string
	var limit int
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List devices",
		Example: `  wardscope devices list --site north
  wardscope devices list --filter 'support="ended" AND category="medical"'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				return listDevices(ctx, a, c, both(filter, "site", site, "type", kind), limit)
			})
		},
	}
	cmd.Flags().StringVar(&filter, "filter", "", "filter over site, realm, category, type, vendor, model, os, support, hostname, ip, mac, vlan, department, label, owner, criticality, register, ephi, life_critical")
	cmd.Flags().StringVar(&site, "site", "", "only this site")
	cmd.Flags().StringVar(&kind, "type", "", "only this type, such as infusion-pump")
	cmd.Flags().IntVar(&limit, "limit", 100, "most devices to show; 0 shows all")
	return cmd
}

func listDevices(ctx context.Context, a *app, c *client.Client, filter string, limit int) error {
	all := &hubv1.ListDevicesResponse{}
	for token := ""; ; {
		size := 1000
		if limit > 0 {
			size = min(size, limit-len(all.Devices))
		}
		page, err := c.Devices.ListDevices(ctx, &hubv1.ListDevicesRequest{Filter: filter, PageSize: int32(size), PageToken: token})
		if err != nil {
			return err
		}
		all.Devices, all.TotalSize = append(all.Devices, page.GetDevices()...), page.GetTotalSize()
		if token = page.GetNextPageToken(); token == "" || limit > 0 && len(all.Devices) >= limit {
			all.NextPageToken = token
			break
		}
	}
	v := &view{columns: []string{"name", "type", "vendor", "os", "support", "site", "address", "mac", "last seen", "findings"}, numbers: []string{"findings"}}
	for _, d := range all.Devices {
		v.add(d.GetName(), d.GetType(), d.GetVendor(), d.GetOs(), support(d), d.GetSite(), few(d.GetIps()), few(d.GetMacs()), when(d.GetLastSeen()), count(d.GetOpenFindings()))
	}
	v.note("%s of %s devices", count(int64(len(all.Devices))), count(all.TotalSize))
	return a.print(all, v)
}

func support(d *hubv1.Device) string {
	s := enum(d.GetSupport(), "SUPPORT_STATE_")
	if d.GetSupportUntil() != "" {
		s += " " + d.GetSupportUntil()
	}
	return s
}

// few shows the first of a list and how many more there are.
func few(list []string) string {
	switch len(list) {
	case 0:
		return ""
	case 1:
		return list[0]
	}
	return fmt.Sprintf("%s +%d", list[0], len(list)-1)
}

func newDevicesShow(a *app) *cobra.Command {
	var at string
	cmd := &cobra.Command{
		Use:   "show ID|ADDRESS",
		Short: "Show one device with the evidence behind each attribute, or who had an address",
		Long: `Show a device by its id, or by an IP or MAC address. An address that stands in two realms lists
the device of each. With --at, the device that had the address at that time.`,
		Example: `  wardscope devices show 10.10.4.17
  wardscope devices show 10.10.4.17 --at 2026-11-24T03:00:00Z`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				if strings.ContainsAny(args[0], ".:") {
					return showAddress(ctx, a, c, args[0], at)
				}
				return showDevice(ctx, a, c, args[0])
			})
		},
	}
	cmd.Flags().StringVar(&at, "at", "", "who had the address at this time")
	return cmd
}

func showAddress(ctx context.Context, a *app, c *client.Client, address, at string) error {
	moment, err := moment(at, time.Now())
	if err != nil {
		return fmt.Errorf("--at: %w", err)
	}
	found, err := c.Devices.FindAddress(ctx, &hubv1.FindAddressRequest{Address: address, At: moment})
	if err != nil {
		return err
	}
	ids := map[string]bool{}
	for _, b := range found.GetBindings() {
		ids[b.GetDevice().GetId()] = true
	}
	if len(ids) == 1 && at == "" {
		return showDevice(ctx, a, c, found.GetBindings()[0].GetDevice().GetId())
	}
	v := &view{columns: []string{"device", "id", "type", "site", "realm", "mac", "from", "until"}}
	for _, b := range found.GetBindings() {
		d := b.GetDevice()
		v.add(name(d), d.GetId(), d.GetType(), d.GetSite(), d.GetRealm(), b.GetMac(), when(b.GetFirstSeen()), when(b.GetLastSeen()))
	}
	switch {
	case len(ids) == 0:
		v.note("No device had %s%s.", address, map[bool]string{true: " then"}[at != ""])
	case len(ids) > 1:
		v.note("%d devices had this address: show one by its id.", len(ids))
	}
	return a.print(found, v)
}

func showDevice(ctx context.Context, a *app, c *client.Client, id string) error {
	answer, err := c.Devices.GetDevice(ctx, &hubv1.GetDeviceRequest{Id: id})
	if err != nil {
		return err
	}
	d := answer.GetDevice()
	head := &view{columns: []string{"attribute", "value", "confidence", "evidence", "last seen"}, numbers: []string{"confidence"}, wide: "evidence"}
	head.add("id", d.GetId(), "", strings.Join(d.GetIdentityReasons(), "; "), when(d.GetLastSeen()))
	head.add("site / realm", d.GetSite()+" / "+d.GetRealm(), "", "", "")
	head.add("addresses", strings.Join(d.GetIps(), ", "), "", "", "")
	head.add("macs", strings.Join(d.GetMacs(), ", "), "", "", "")
	if s := support(d); s != "" {
		head.add("os support", s, "", "", "")
	}
	for _, at := range d.GetAttributes() {
		for i, e := range at.GetEvidence() {
			first := []string{"", "", ""}
			if i == 0 {
				first = []string{at.GetName(), at.GetValue(), fmt.Sprintf("%.2f", at.GetConfidence())}
			}
			head.add(append(first, e.GetSource()+" = "+e.GetValue(), when(e.GetLastSeen()))...)
		}
		if len(at.GetConflicts()) > 0 {
			head.add("", "", "", "also claimed: "+strings.Join(at.GetConflicts(), ", "), "")
		}
	}
	deps := &view{columns: []string{"", "service", "port", "with", "peers", "octets", "last seen"}, numbers: []string{"peers", "octets"}}
	for _, x := range answer.GetDependencies() {
		way := "uses"
		if x.GetOffers() {
			way = "offers"
		}
		deps.add(way, x.GetService(), port(x.GetIpProtocol(), x.GetPort()), name(x.GetPeer()), count(x.GetPeers()), size(x.GetOctets()), when(x.GetLastSeen()))
	}
	return a.print(answer, head, deps)
}
