// Package tls reads the handshakes of SSL 2.0 to TLS 1.3 (RFC 5246, RFC 8446, draft-hickman-netscape-ssl)
// and of DTLS 1.0 to 1.2 (RFC 4347, RFC 6347).
//
// Input is the records of both directions, or, through the protocol "tls-handshake", handshake
// messages that another protocol carries (QUIC). What leaves: server name, application protocols,
// versions and suites, JA3, JA3S and JA4, and of a server's certificate subject, issuer, names,
// expiry, key and digest; that a client is a remote-access product's, by the published names of its relays.
//
// Handshake messages that span records are put together in at most 64 KiB a direction; certificates
// are parsed by the standard library, or, where it is too strict, by zcrypto.
//
// It decrypts nothing. Of client certificates, which may name people, it tells only that there was one.
//
// Text of the wire leaves as: certificate tls.cert_issuer, tls.cert_name, tls.cert_subject; flow alpn,
// server_name; hostname dtls.sni, tls.sni; service_offered dtls.sni.
package tls
