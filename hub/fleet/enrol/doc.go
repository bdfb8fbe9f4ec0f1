// Package enrol is the hub's door for sensors that have no certificate yet.
//
// Input is HTTPS requests with the secret of an enrolment token and a certificate signing request;
// output is certificates, or refusals in words for the person at the sensor, and a line of the audit
// for each.
//
// A Door is an http.Handler, bounded in size, time and number of requests; it starts no goroutine and
// is served by whoever has a listener.
//
// It decides nothing: package fleet does. It asks for no client certificate, because a new sensor has
// none; what keeps strangers out is the secret, of 192 random bits.
package enrol
