// Package plant writes the conversations of buildings, power and network gear: BACnet, Modbus,
// KNXnet/IP, SNMP, LLDP, CDP and spanning tree.
//
// Input is a wire.Script and what identifies the device (instance, vendor, model, firmware);
// output is steps added to the script, such as an I-Am, a register read or an announcement.
//
// The script owns what is written. There are no goroutines and no state beyond the script's
// random numbers.
//
// It plays no process: values read are random, and only few writes occur.
package plant
