// Package kerberos reads Kerberos 5 (RFC 4120) over UDP and TCP, and tickets that SMB, LDAP and
// HTTP carry.
//
// Input is messages of both directions. What leaves: realms, names of services and of computers,
// the NetBIOS name of the asking machine, encryption types asked for and given.
//
// Nothing is kept between messages.
//
// Names of users never leave: a client's name is told only if it ends in "$", a computer's account.
//
// Text of the wire leaves as: domain kerberos.realm; hostname kerberos.computer_account, kerberos.netbios_address.
package kerberos
