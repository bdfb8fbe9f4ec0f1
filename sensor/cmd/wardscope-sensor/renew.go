package main

import (
	"log/slog"
	"time"

	"github.com/wardscope/wardscope/internal/mtls"
	uplinkv1 "github.com/wardscope/wardscope/proto/wardscope/uplink/v1"
)

// renewal keeps the sensor's certificate young: the request rides on a report, the certificate on its
// answer, and the next connection uses it. The one in use stays good until its end.
type renewal struct {
	*mtls.Renewal
	now func() time.Time // by the hub's clock, as far as it is known
	log *slog.Logger
}

func (r *renewal) fill(report *uplinkv1.Report) {
	request, err := r.Request(r.now())
	if err != nil {
		r.log.Warn("certificate not renewed", slog.Any("error", err))
		return
	}
	report.CertificateRequestPem = string(request)
}

func (r *renewal) take(a *uplinkv1.Answer) {
	if why := a.GetCertificateRefusal(); why != "" {
		r.log.Warn("the hub renews no certificate", slog.String("reason", why))
	}
	if a.GetCertificatePem() == "" {
		return
	}
	expires, err := r.Take([]byte(a.GetCertificatePem()))
	if err != nil {
		r.log.Error("certificate not renewed: the sensor must be able to write beside it", slog.Any("error", err))
		return
	}
	r.log.Info("certificate renewed", slog.Time("expires", expires))
}
