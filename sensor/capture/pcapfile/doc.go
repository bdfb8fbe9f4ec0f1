// Package pcapfile reads capture files: pcap (both byte orders, micro- and nanoseconds) and
// pcapng (sections, interfaces and clocks of any number), plain, gzip or zstd, from files in
// sequence or standard input.
//
// Input is file names; output is frames in file order. What was read before damage is delivered,
// then the fault is returned as a typed error of one line.
//
// A Reader owns one buffer of 1 MiB that frames alias, and belongs to the goroutine that calls
// Next: 0 allocations a packet (TestNextAllocs). Plain files are read with read(2) in whole
// blocks; mapping them was measured four times slower.
//
// It decodes no frame and does not sort frames by time.
package pcapfile
