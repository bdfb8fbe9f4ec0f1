package mtls

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

const scheme = "wardscope"

// Identity is who a sensor's certificate says it is.
type Identity struct {
	Site   model.SiteID
	Sensor model.SensorID
}

// Check says what is wrong with the names; nil when nothing is.
func (i Identity) Check() error {
	return errors.Join(model.CheckID("site", string(i.Site)), model.CheckID("sensor", string(i.Sensor)))
}

// URI is the form in which the identity stands in a certificate.
func (i Identity) URI() *url.URL {
	return &url.URL{Scheme: scheme, Host: string(i.Site), Path: "/" + string(i.Sensor)}
}

// String is the text of URI.
func (i Identity) String() string { return i.URI().String() }

// PeerIdentity reads the identity out of a certificate that has been verified already. Exactly
// one URI of our scheme must be in it: with two, a reader could pick another than we did.
func PeerIdentity(cert *x509.Certificate) (Identity, error) {
	var found []*url.URL
	for _, u := range cert.URIs {
		if u.Scheme == scheme {
			found = append(found, u)
		}
	}
	if len(found) != 1 {
		return Identity{}, fmt.Errorf("read identity of certificate %s: %d names of form %s://site/sensor, want 1", Serial(cert), len(found), scheme)
	}
	u := found[0]
	id := Identity{Site: model.SiteID(u.Host), Sensor: model.SensorID(strings.TrimPrefix(u.Path, "/"))}
	if err := id.Check(); err != nil {
		return Identity{}, fmt.Errorf("read identity of certificate %s: %w", Serial(cert), err)
	}
	if u.String() != id.String() {
		return Identity{}, fmt.Errorf("read identity of certificate %s: %q has parts that do not belong there", Serial(cert), u)
	}
	return id, nil
}

// Serial is a certificate's serial number in lower-case hexadecimal, as control state keeps it.
func Serial(cert *x509.Certificate) string {
	if cert.SerialNumber == nil {
		return ""
	}
	return cert.SerialNumber.Text(16)
}
