// Package control is the hub's side of the conversation with sensors about themselves: it keeps
// what each last reported and tells it what people want of it.
//
// Input is reports, as bytes of wardscope.uplink.v1.Report, from whatever transport proved who
// sends them, and the wishes in control state; output is answers, and the reports in the form
// that package fleet judges.
//
// A Desk holds the last report of each sensor, bounded by the number of sensors that may log in,
// until the hub ends; a new hub knows them again after one interval. It starts no goroutine, and
// its methods may be called concurrently.
//
// It decides nothing about health, and sends nothing by itself: sensors ask.
package control
