// Package clinical writes the conversations of clinical equipment: DICOM, HL7 v2 over MLLP, ASTM
// E1381, POCT1-A, IntelliVue data export, MQTT of gateways, infusion pump gateways, Axeda agents.
//
// Input is a wire.Script and what identifies both ends (titles, models, serial numbers); output
// is steps added to the script, such as an association, a store and a release.
//
// The script owns what is written. There are no goroutines and no state beyond the script's
// random numbers.
//
// Nothing here is a person's: patients are the marked name CANARY^PATIENT, which must never be
// seen in anything that a sensor writes.
package clinical
