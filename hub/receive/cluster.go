package receive

import (
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nkeys"

	"github.com/wardscope/wardscope/internal/mtls"
)

// Cluster is everything by which servers of NATS become a hub's: their accounts and certificate,
// and what the hub's configuration says of them.
type Cluster struct {
	Accounts Accounts
	External External // without addresses and files
	Server   mtls.Pair
	Hub      mtls.Pair // by which the hub shows itself to the servers
}

// NewCluster makes fresh passwords, keys and certificates for servers that are reached by names.
func NewCluster(a *mtls.Authority, names []string, now time.Time) (c Cluster, err error) {
	x := &c.External
	x.HubPassword, x.SysPassword = secret(), secret()
	c.Accounts = Accounts{HubPassword: x.HubPassword, SysPassword: x.SysPassword}
	if x.IssuerSeed, c.Accounts.Issuer, err = newKey(nkeys.CreateAccount); err != nil {
		return c, err
	}
	if x.XKeySeed, c.Accounts.XKey, err = newKey(nkeys.CreateCurveKeys); err != nil {
		return c, err
	}
	if c.Server, err = a.Server(names, now); err != nil {
		return c, err
	}
	// Not a sensor: it is registered nowhere, and opens nothing but the servers' TLS.
	c.Hub, err = a.Client(mtls.Identity{Site: "hub", Sensor: "hub"}, now)
	return c, err
}

func newKey(create func() (nkeys.KeyPair, error)) (seed, public string, err error) {
	pair, err := create()
	if err != nil {
		return "", "", fmt.Errorf("make key of NATS: %w", err)
	}
	raw, err := pair.Seed()
	if err == nil {
		public, err = pair.PublicKey()
	}
	if err != nil {
		return "", "", fmt.Errorf("make key of NATS: %w", err)
	}
	return string(raw), public, nil
}

// ServerText is a whole configuration of one server: the accounts, and listeners that only clients
// with a certificate of the hub's authority get through. Files lie in dir.
func (c Cluster) ServerText(dir string) (string, error) {
	accounts, err := c.Accounts.Text()
	if err != nil {
		return "", err
	}
	const tls = `tls { cert_file: "DIR/server.pem", key_file: "DIR/server-key.pem", ca_file: "DIR/ca.pem", verify: true, min_version: "1.3", timeout: 5 }`
	text := `# One server of NATS for a Wardscope hub. For three of them add a cluster section, which the manual of nats-server describes.
server_name: "wardscope-1"
listen: "0.0.0.0:4222"
max_payload: 2MB
` + tls + `
websocket { listen: "0.0.0.0:443", ` + tls + ` }
jetstream { store_dir: "DIR/jetstream", sync_interval: always }

`
	return strings.ReplaceAll(text, "DIR", dir) + accounts, nil
}
