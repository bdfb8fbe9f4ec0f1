// Package ldap reads the Lightweight Directory Access Protocol, version 3 (RFC 4511), over TCP, and
// the pings that Windows clients send over UDP ([MS-ADTS], section 6.3).
//
// Input is messages of both directions until a security layer begins. What leaves: attributes of
// the root entry (names of host, domain and forest, naming contexts made of domain components, product and version), kind and result of binds,
// STARTTLS, and that a bind was in clear with its class of account; NTLM and Kerberos go to their packages.
//
// Nothing is kept but flags; long answers are passed over without being buffered.
//
// Names, filters and attributes of entries other than the root are not read.
//
// Text of the wire leaves as: capability ldap.mechanism; domain ldap.naming_context, ntlm.domain, ntlm.nb_domain,
// ntlm.target_name; hostname ldap.dns_host_name, ntlm.nb_computer, ntlm.workstation.
package ldap
