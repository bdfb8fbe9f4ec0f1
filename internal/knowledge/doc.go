// Package knowledge holds the public facts that both sides share: which maker owns a MAC prefix,
// and the digests of published default credentials.
//
// Input is a MAC address, or a credential seen in clear on the wire; output is a maker's name, or
// the id of the default that the credential equals.
//
// Tables are bundled, read at first use and then constant, so every function is safe for
// concurrent use. No credential is kept, logged or returned: only digests are compared.
//
// It concludes nothing about devices (package inventory of the hub does) and fetches nothing.
package knowledge
