package tls

import (
	"crypto/tls"
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

// suiteNames are those that the standard library knows; its own function makes a list a call.
var suiteNames = func() map[uint16]string {
	names := map[uint16]string{}
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		names[s.ID] = s.Name
	}
	return names
}()

// suiteName is IANA's name where the standard library knows it, else the number.
func suiteName(suite uint16) string {
	if name, ok := suiteNames[suite]; ok {
		return name
	}
	return tls.CipherSuiteName(suite)
}
