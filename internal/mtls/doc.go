// Package mtls makes and reads the certificates by which sensors and hub know each other.
//
// Input is a folder for the authority's key pair, names of hosts and identities of sensors;
// output is certificates and keys in PEM, and tls.Config values that accept TLS 1.3 and
// certificates of that authority only. A sensor's identity is the URI wardscope://<site>/<sensor>
// in its certificate's subject alternative name.
//
// Values are immutable once made and may be shared by goroutines; the package starts none. An
// authority's key lies encrypted on disk: see Folder.
//
// It neither listens nor dials, and it keeps no list of certificates given out or revoked: that is
// the hub's control state.
package mtls
