// Package recall answers what a recall or safety notice means for the devices of an inventory.
//
// Input is a checked-out inventory and the lines of a notice; output is the API's answer.
//
// It keeps nothing and starts nothing.
//
// It decides nothing: package advisory judges each device.
package recall
