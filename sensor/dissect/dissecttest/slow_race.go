//go:build race

package dissecttest

// timesCount is false: what the race detector adds is not the dissector's.
const timesCount = false
