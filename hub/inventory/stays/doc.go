// Package stays tells apart the times in which a device had an address.
//
// Input is bindings, whose times are added up, and the hours in which link addresses were seen
// with an address; output is one binding for each stay.
//
// Its functions are pure, Find apart, which reads the hours from a Reader.
//
// It decides no identity: which link addresses are a device's, inventory has decided before.
package stays
