// Package hospital generates the traffic of a health system together with its truth: which
// devices there are, what they say to each other, which weaknesses were planted.
//
// Input is a Scenario (an embedded one by name, or a YAML file), the site whose sensor is to be
// fed, and a seed; output is a stream of Ethernet frames in order of virtual time, as a pcap
// file or a capture.Source, and the Truth of what the stream holds.
//
// A Generator belongs to the goroutine that calls Next; a frame is valid until the next call.
// Memory grows with the number of devices and of sessions alive, not with the length of the
// capture. The same scenario, start and seed give the same bytes; a session between two sites
// has the same content at both, seen from each site's vantage.
//
// It opens no socket and asks for no time but the start that it is given: nothing that is
// played ever leaves the process. Public addresses occur only inside generated frames.
package hospital
