package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/wardscope/wardscope/hub/client"
	hubv1 "github.com/wardscope/wardscope/proto/wardscope/hub/v1"
)

// readYAML fills a request from a YAML file that has the API's own field names, in snake_case.
func readYAML(file string, into proto.Message) error {
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	var tree any
	if err := yaml.NewDecoder(bytes.NewReader(raw)).Decode(&tree); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	asJSON, err := json.Marshal(tree)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	if err := protojson.Unmarshal(asJSON, into); err != nil {
		return fmt.Errorf("%s: %s", file, strings.TrimPrefix(err.Error(), "proto: "))
	}
	return nil
}

func newZones(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "zones", Short: "Groups of devices (IEC 62443 zones) and who talks to whom between them"}
	var s span
	matrix := &cobra.Command{
		Use:     "matrix",
		Short:   "Traffic between groups",
		Example: "  wardscope zones matrix --from 24h",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			period, err := s.period()
			if err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Zones.GetMatrix(ctx, &hubv1.GetMatrixRequest{Period: period})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"from", "to", "flows", "octets", "device pairs", "services"}, numbers: []string{"flows", "octets", "device pairs"}}
				for _, cell := range answer.GetCells() {
					v.add(cell.GetInitiator(), cell.GetResponder(), count(cell.GetFlows()), size(cell.GetOctets()), count(cell.GetPairs()), strings.Join(cell.GetServices(), " "))
				}
				if len(answer.GetCells()) == 0 {
					v.note("no traffic between groups; `wardscope zones list` shows the groups, `wardscope zones apply FILE` declares them")
				}
				coverage(v, answer.GetCoverage())
				return a.print(answer, v)
			})
		},
	}
	s.flags(matrix)
	list := &cobra.Command{
		Use: "list", Short: "The groups, in the order in which they are tried", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Zones.ListZones(ctx, &hubv1.ListZonesRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"zone", "selector", "devices"}, numbers: []string{"devices"}}
				for _, z := range answer.GetZones() {
					v.add(z.GetName(), z.GetSelector(), count(z.GetDevices()))
				}
				return a.print(answer, v)
			})
		},
	}
	apply := &cobra.Command{
		Use: "apply FILE", Short: "Replace the groups by those of a YAML file", Args: cobra.ExactArgs(1),
		Example: "  wardscope zones apply zones.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &hubv1.ReplaceZonesRequest{}
			if err := readYAML(args[0], request); err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Zones.ReplaceZones(ctx, request)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.out, "%d zones are in force\n", answer.GetZones())
				return err
			})
		},
	}
	cmd.AddCommand(matrix, list, apply)
	return cmd
}

func newSites(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "sites", Short: "Sites, their realms, own and partner prefixes, departments"}
	list := &cobra.Command{
		Use: "list", Short: "The sites", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Sites.ListSites(ctx, &hubv1.ListSitesRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"site", "name", "realm", "prefixes", "departments", "devices", "sensors"}, numbers: []string{"departments", "devices", "sensors"}}
				for _, s := range answer.GetSites() {
					v.add(s.GetId(), s.GetName(), s.GetRealm(), strings.Join(s.GetPrefixes(), " "), count(int64(len(s.GetDepartments()))), count(s.GetDevices()), count(s.GetSensors()))
				}
				partners := &view{columns: []string{"partner", "prefixes"}}
				for _, p := range answer.GetPartners() {
					partners.add(p.GetName(), strings.Join(p.GetPrefixes(), " "))
				}
				return a.print(answer, v, partners)
			})
		},
	}
	show := &cobra.Command{
		Use: "show SITE", Short: "One site, and undeclared prefixes that behave like its own", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Sites.GetSite(ctx, &hubv1.GetSiteRequest{Id: args[0]})
				if err != nil {
					return err
				}
				s := answer.GetSite()
				v := &view{columns: []string{"site", s.GetId()}, whole: true}
				v.add("name", s.GetName())
				v.add("realm", s.GetRealm())
				v.add("prefixes", strings.Join(s.GetPrefixes(), " "))
				for _, d := range s.GetDepartments() {
					v.add("department", departmentText(d))
				}
				u := &view{columns: []string{"undeclared prefix", "hosts", "looks like an own one because"}, numbers: []string{"hosts"}}
				for _, p := range answer.GetUndeclared() {
					u.add(p.GetPrefix(), count(p.GetHosts()), p.GetReason())
				}
				return a.print(answer, v, u)
			})
		},
	}
	apply := &cobra.Command{
		Use: "apply FILE", Short: "Replace the declaration of sites by that of a YAML file", Args: cobra.ExactArgs(1),
		Example: "  wardscope sites apply sites.yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			request := &hubv1.ReplaceSitesRequest{}
			if err := readYAML(args[0], request); err != nil {
				return err
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Sites.ReplaceSites(ctx, request)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(a.out, "revision %d of the sites is in force\n", answer.GetRevision())
				return err
			})
		},
	}
	cmd.AddCommand(list, show, apply)
	return cmd
}

func newSensors(a *app) *cobra.Command {
	cmd := &cobra.Command{Use: "sensors", Short: "The sensors and their health"}
	cmd.AddCommand(newSensorsList(a), newSensorsEnrol(a), newSensorsAdd(a), newSensorsRevoke(a), newSensorsLedger(a))
	cmd.AddCommand(newSensorsControl(a)...)
	return cmd
}

func newSensorsList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "Every sensor: silent, lagging, dropping, half-blind, paused or with a wrong clock at a glance", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Sensors.ListSensors(ctx, &hubv1.ListSensorsRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"sensor", "site", "state", "why", "last received", "packets", "lost", "events", "waiting", "clock", "could transmit", "config", "version"}, numbers: []string{"packets", "lost", "events", "waiting"}}
				for _, s := range answer.GetSensors() {
					lost, sends := uint64(0), "no"
					for _, d := range s.GetDrops() {
						lost += d.GetPackets()
					}
					for _, i := range s.GetInterfaces() {
						if i.GetCanSend() {
							sends = "YES " + i.GetName()
						}
					}
					if len(s.GetInterfaces()) == 0 {
						sends = "" // reads files: there is no interface
					}
					v.add(s.GetId(), s.GetSite(), enum(s.GetState(), "SENSOR_STATE_"), s.GetReason(), when(s.GetLastReceived()), count(s.GetPackets()), count(lost), count(s.GetEvents()), waitingText(s), clockText(s), sends, configurationText(s), s.GetVersion())
				}
				if len(answer.GetSensors()) == 0 {
					v.note("no sensors yet: `wardscope sensors enroll-token --site SITE` admits one")
				}
				if err := rolloutNote(ctx, c, v); err != nil {
					return err
				}
				return a.print(answer, v)
			})
		},
	}
}

func newSensorsAdd(a *app) *cobra.Command {
	var site, dir string
	cmd := &cobra.Command{
		Use:     "add SENSOR --site SITE",
		Short:   "Make a certificate for a sensor and write what it needs into a folder",
		Example: "  wardscope sensors add north-1 --site north --out north-1/",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if site == "" {
				return errors.New("--site is missing")
			}
			if dir == "" {
				dir = args[0]
			}
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Sensors.AddSensor(ctx, &hubv1.AddSensorRequest{Site: site, Sensor: args[0]})
				if err != nil {
					return err
				}
				return writeSensor(a, dir, args[0], answer)
			})
		},
	}
	cmd.Flags().StringVar(&site, "site", "", "site of the sensor")
	cmd.Flags().StringVar(&dir, "out", "", "folder to write to (default: the sensor's name)")
	return cmd
}

func writeSensor(a *app, dir, sensor string, answer *hubv1.AddSensorResponse) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("write sensor files: %w", err)
	}
	for name, text := range map[string]string{
		sensor + ".pem": answer.GetCertificatePem(), sensor + "-key.pem": answer.GetPrivateKeyPem(), "ca.pem": answer.GetCaPem(), sensor + ".yaml": answer.GetConfigYaml(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("write sensor files: %w", err)
		}
	}
	_, err := fmt.Fprintf(a.out, "wrote certificate, key, CA and %s.yaml to %s\ncopy the folder to the sensor, set capture.interfaces, and run there: wardscope-sensor run --config %s.yaml\n", sensor, dir, sensor)
	return err
}

func newSQL(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:     "sql STATEMENT",
		Short:   "Run one read-only ClickHouse statement",
		Example: `  wardscope sql "SELECT service, count() FROM flows GROUP BY service ORDER BY 2 DESC"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				answer, err := c.Query.RunQuery(ctx, &hubv1.RunQueryRequest{Sql: args[0], MaxRows: int32(limit)})
				if err != nil {
					return err
				}
				v := &view{columns: answer.GetColumns()}
				for _, r := range answer.GetRows() {
					v.add(r.GetValues()...)
				}
				if answer.GetTruncated() {
					v.note("there are more rows: raise --limit")
				}
				return a.print(answer, v)
			})
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 1000, "most rows")
	return cmd
}

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "What the hub holds and how far behind it is", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.ask(cmd, func(ctx context.Context, c *client.Client) error {
				s, err := c.System.GetStatus(ctx, &hubv1.GetStatusRequest{})
				if err != nil {
					return err
				}
				v := &view{columns: []string{"of the hub", "now"}, whole: true}
				v.add("version", s.GetVersion())
				v.add("devices", count(s.GetDevices()))
				v.add("flows", count(s.GetFlows()))
				v.add("observations", count(s.GetObservations()))
				v.add("findings", count(s.GetFindings()))
				v.add("events", when(s.GetFirstEvent())+" to "+when(s.GetLastEvent()))
				v.add("batches waiting", count(s.GetPendingBatches()))
				v.add("devices resolved up to", when(s.GetResolvedTo()))
				return a.print(s, v)
			})
		},
	}
}

// departmentText says what a department is and by what it is told.
func departmentText(d *hubv1.Department) string {
	text := d.GetName()
	if d.GetBuilding() != "" {
		text = strings.TrimPrefix(text+" in "+d.GetBuilding(), " in ")
	}
	var by []string
	by = append(by, d.GetPrefixes()...)
	for _, v := range d.GetVlans() {
		by = append(by, fmt.Sprintf("VLAN %d", v))
	}
	for _, v := range d.GetNetworks() {
		by = append(by, "network "+v)
	}
	return text + ": " + strings.Join(append(by, d.GetPorts()...), "; ")
}
