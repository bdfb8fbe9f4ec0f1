// Package fins reads Omron's FINS: "Communications Commands Reference Manual" W342, section 3 (header)
// and 5 (commands); FINS/TCP: "Ethernet Units Operation Manual" W421, section 7.
//
// Input is one datagram, or the two directions of a connection. What leaves: model and version of
// controllers (command 05 01), counted operations. Finding: no authentication, once a command was
// answered.
//
// A dissector keeps one flag.
//
// It ignores memory contents, file names and messages.
//
// Text of the wire leaves as: firmware fins.controller_version; model fins.controller_model.
package fins
