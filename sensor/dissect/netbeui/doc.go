// Package netbeui reads NetBIOS frames (NetBEUI): the names, groups and SMB sessions of old Windows machines
// that speak without IP. Specification: IBM's NetBIOS Frames protocol over IEEE 802.2, type 1 and 2, with the
// commands and offsets of the public Wireshark dissector packet-netbios.
//
// Input is one LLC frame between the service access points F0. What leaves, of the sender's MAC address: the
// names that it adds or answers to, its groups, its roles by the suffix of a name, and that it speaks SMB here.
//
// Nothing is kept.
//
// Names with the messenger's suffix, which are those of people, names that are asked for, and contents are not
// read.
//
// Text of the wire leaves as: domain netbeui.group; hostname netbeui.name.
package netbeui
