package tls

import (
	"crypto/tls"
	"maps"
	"slices"
)

// weakness names what is wrong with a suite; "" when nothing is. By IANA's table: NULL and
// anonymous suites, EXPORT, DES and RC2, RC4 (RFC 7465), 3DES (RFC 8996, SP 800-52 revision 2).
func weakness(suite uint16) string {
	switch {
	case suite >= 0x0001 && suite <= 0x0002, suite == 0x003b, suite >= 0x002c && suite <= 0x002e, suite >= 0x00b0 && suite <= 0x00b1,
		suite == 0x00b4 || suite == 0x00b5 || suite == 0x00b8 || suite == 0x00b9,
		suite == 0xc001 || suite == 0xc006 || suite == 0xc00b || suite == 0xc010 || suite == 0xc015, suite >= 0xc039 && suite <= 0xc03b:
		return "no encryption"
	case suite == 0x0003, suite == 0x0006, suite == 0x0008, suite == 0x000b, suite == 0x000e, suite == 0x0011, suite == 0x0014,
		suite == 0x0017, suite == 0x0019, suite >= 0x0026 && suite <= 0x002b, suite >= 0x0060 && suite <= 0x0065:
		return "export grade"
	case suite == 0x0018, suite == 0x001a, suite == 0x001b, suite == 0x0034, suite == 0x003a, suite == 0x006c, suite == 0x006d,
		suite == 0x00a6, suite == 0x00a7, suite >= 0xc016 && suite <= 0xc019:
		return "no authentication"
	case suite == 0x0004, suite == 0x0005, suite == 0x0020, suite == 0x0024, suite == 0x008a, suite == 0x008e, suite == 0x0092,
		suite == 0xc002, suite == 0xc007, suite == 0xc00c, suite == 0xc011, suite == 0xc033:
		return "RC4"
	case suite == 0x0009, suite == 0x000c, suite == 0x000f, suite == 0x0012, suite == 0x0015, suite == 0x001e, suite == 0x0022:
		return "DES"
	case suite == 0x000a, suite == 0x000d, suite == 0x0010, suite == 0x0013, suite == 0x0016, suite == 0x001f, suite == 0x0023,
		suite == 0x008b, suite == 0x008f, suite == 0x0093, suite == 0xc003, suite == 0xc008, suite == 0xc00d, suite == 0xc012,
		suite >= 0xc01a && suite <= 0xc01c, suite == 0xc034:
		return "3DES"
	}
	return ""
}

// more are suites of devices and old servers that the standard library does not know, by IANA's registry.
var more = map[uint16]string{
	0x0000: "TLS_NULL_WITH_NULL_NULL", 0x0001: "TLS_RSA_WITH_NULL_MD5", 0x0002: "TLS_RSA_WITH_NULL_SHA", 0x003b: "TLS_RSA_WITH_NULL_SHA256",
	0x0003: "TLS_RSA_EXPORT_WITH_RC4_40_MD5", 0x0004: "TLS_RSA_WITH_RC4_128_MD5", 0x0009: "TLS_RSA_WITH_DES_CBC_SHA",
	0x0015: "TLS_DHE_RSA_WITH_DES_CBC_SHA", 0x0016: "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA", 0x0018: "TLS_DH_anon_WITH_RC4_128_MD5",
	0x0033: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", 0x0034: "TLS_DH_anon_WITH_AES_128_CBC_SHA", 0x0039: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
	0x003d: "TLS_RSA_WITH_AES_256_CBC_SHA256", 0x0041: "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA", 0x0067: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
	0x006b: "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256", 0x0084: "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA", 0x008c: "TLS_PSK_WITH_AES_128_CBC_SHA",
	0x008d: "TLS_PSK_WITH_AES_256_CBC_SHA", 0x009e: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", 0x009f: "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
	0x00a8: "TLS_PSK_WITH_AES_128_GCM_SHA256", 0x00a9: "TLS_PSK_WITH_AES_256_GCM_SHA384", 0x00ae: "TLS_PSK_WITH_AES_128_CBC_SHA256",
	0x1304: "TLS_AES_128_CCM_SHA256", 0x1305: "TLS_AES_128_CCM_8_SHA256", 0xc024: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
	0xc028: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", 0xc035: "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA", 0xc036: "TLS_ECDHE_PSK_WITH_AES_256_CBC_SHA",
	0xc037: "TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256", 0xc09c: "TLS_RSA_WITH_AES_128_CCM", 0xc09d: "TLS_RSA_WITH_AES_256_CCM",
	0xc09e: "TLS_DHE_RSA_WITH_AES_128_CCM", 0xc09f: "TLS_DHE_RSA_WITH_AES_256_CCM", 0xc0a4: "TLS_PSK_WITH_AES_128_CCM", 0xc0a5: "TLS_PSK_WITH_AES_256_CCM",
	0xc0a8: "TLS_PSK_WITH_AES_128_CCM_8", 0xc0a9: "TLS_PSK_WITH_AES_256_CCM_8", 0xc0ac: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM",
	0xc0ad: "TLS_ECDHE_ECDSA_WITH_AES_256_CCM", 0xc0ae: "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8", 0xc0af: "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8",
	0xccaa: "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256", 0xccab: "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256", 0xccac: "TLS_ECDHE_PSK_WITH_CHACHA20_POLY1305_SHA256",
	0xccad: "TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256", 0xd001: "TLS_ECDHE_PSK_WITH_AES_128_GCM_SHA256",
}

// suiteNames are those that the standard library knows, whose own function makes a list a call, and more.
var suiteNames = func() map[uint16]string {
	names := maps.Clone(more)
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		names[s.ID] = s.Name
	}
	return names
}()

// suiteName is IANA's name where it is known here, else the number.
func suiteName(suite uint16) string {
	if name, ok := suiteNames[suite]; ok {
		return name
	}
	return tls.CipherSuiteName(suite)
}
