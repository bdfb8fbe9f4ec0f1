//go:build !race

package dissecttest

// timesCount tells whether time is measured; `make race` does not, `make unit` does.
const timesCount = true
