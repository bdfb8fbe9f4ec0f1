// Package office writes the conversations of ordinary information technology: address and name
// services, Windows domains, file shares, the web, remote access, voice, video and printing.
//
// Input is a wire.Script and what identifies both ends (names, systems, versions); output is
// steps added to the script, such as a DHCP lease, an SMB session or a TLS connection.
//
// The script owns what is written. There are no goroutines and no state beyond the script's
// random numbers.
//
// Names of people do not occur: accounts and typed texts are marked with the word canary, and no
// output of a sensor may contain it.
package office
