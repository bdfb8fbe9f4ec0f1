//go:build linux

package track

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

const largePage = 2 << 20

// newChunk maps a chunk's records onto one large page, and makes what goes with them. The page is given
// back once the garbage collector has taken the rest.
func newChunk() (*records, *rares) {
	rest := new(rares)
	p, err := unix.MmapPtr(-1, 0, nil, 2*largePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return new(records), rest
	}
	before := -uintptr(p) & (largePage - 1)
	page := unsafe.Add(p, before)
	if before > 0 {
		_ = unix.MunmapPtr(p, before)
	}
	_ = unix.MunmapPtr(unsafe.Add(page, largePage), largePage-before)
	_ = unix.Madvise(unsafe.Slice((*byte)(page), largePage), unix.MADV_HUGEPAGE) // a kernel without them takes small ones
	runtime.AddCleanup(rest, func(page unsafe.Pointer) { _ = unix.MunmapPtr(page, largePage) }, page)
	return (*records)(page), rest
}
