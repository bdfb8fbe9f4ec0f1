package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/wardscope/wardscope/internal/config"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
	"github.com/wardscope/wardscope/sensor/control/bundle"
)

// unit is the sensor's name at the service manager.
const unit = "wardscope-sensor"

func newSupportBundle() *cobra.Command {
	var file, out, logFile string
	cmd := &cobra.Command{
		Use:   "support-bundle --config FILE",
		Short: "Pack configuration, state of the machine and the end of the log, without payload and secrets",
		Long: `Pack what somebody far away needs to see why a sensor does not do well: the effective configuration, the
state of machine and interfaces, the running sensor's metrics when metrics.listen is set, and the end of its
log. No payload, no event, no key: what looks like a password, token or key is removed. The hub gets the same
from a running sensor by: wardscope sensors support-bundle NAME.`,
		Example: "  wardscope-sensor support-bundle --config /etc/wardscope/sensor.yaml --out support.tar.gz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := loadSettings(file)
			if err != nil {
				return err
			}
			texts := []bundle.Text{{Name: "log.txt", Body: bundle.Journal(cmd.Context(), unit)}, {Name: "metrics.txt", Body: s.metrics(cmd.Context())}}
			if logFile != "" {
				raw, err := os.ReadFile(logFile)
				if err != nil {
					return &codedError{code: exitDamaged, err: fmt.Errorf("read log: %w", err)}
				}
				texts[0].Body = string(raw)
			}
			raw, err := s.bundle(time.Time{}, texts...)
			if err != nil {
				return err
			}
			if err := os.WriteFile(out, raw, 0o600); err != nil {
				return &codedError{code: exitUsage, err: fmt.Errorf("write support bundle: %w", err)}
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "wrote %s, %d KiB; `tar tzf %s` lists what is in it\n", out, len(raw)>>10, out)
			return err
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "configuration file")
	cmd.Flags().StringVar(&out, "out", "wardscope-sensor-support.tar.gz", "file to write")
	cmd.Flags().StringVar(&logFile, "log", "", "file that the sensor logs to (default: the service manager's log)")
	return cmd
}

// bundle packs what is the same for a running sensor and from outside, and some more texts.
func (s *settings) bundle(started time.Time, more ...bundle.Text) ([]byte, error) {
	text, err := config.Print(s)
	if err != nil {
		return nil, err
	}
	folders := []string{s.base}
	if s.Spool.Dir != "" {
		folders = append(folders, s.beside(s.Spool.Dir))
	}
	now := time.Now()
	return bundle.Make(append([]bundle.Text{
		{Name: "machine.txt", Body: bundle.Machine(version, started, now, folders...)}, {Name: "config.yaml", Body: text}, {Name: "interfaces.txt", Body: bundle.Interfaces()},
	}, more...), now)
}

// metrics asks a running sensor on loopback.
func (s *settings) metrics(ctx context.Context) string {
	if s.Metrics.Listen == "" {
		return "metrics.listen is not set\n"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.Metrics.Listen+"/metrics", nil)
	if err != nil {
		return err.Error() + "\n"
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "the sensor does not answer: " + err.Error() + "\n"
	}
	raw, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return "the sensor does not answer: " + err.Error() + "\n"
	}
	return string(raw)
}

// pack makes the bundle that the hub asked for, once; it rides on reports until the hub has it.
func (w *steward) pack(number uint64) {
	if number == w.packed {
		return
	}
	w.packed, w.archive = number, nil
	if number == 0 {
		return
	}
	r := &uplinkv1.Report{}
	w.fill(r)
	r.CertificateRequestPem = ""
	health, err := protojson.MarshalOptions{Multiline: true}.Marshal(r)
	if err == nil {
		w.archive, err = w.now.bundle(w.started, bundle.Text{Name: "report.json", Body: string(health)}, bundle.Text{Name: "log.txt", Body: w.own.tail.String()})
	}
	if err != nil {
		w.log.Warn("no support bundle", slog.Any("error", err))
		return
	}
	w.log.Info("support bundle made at the hub's wish", slog.Int("bytes", len(w.archive)))
}
