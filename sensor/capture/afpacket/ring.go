//go:build linux

package afpacket

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/wardscope/wardscope/sensor/capture"
)

// Offsets in the ring's structures (linux/if_packet.h: tpacket_block_desc, tpacket3_hdr).
const (
	blockStatus  = 8
	blockPackets = 12
	blockFirst   = 16

	headNext    = 0
	headSec     = 4
	headNano    = 8
	headSnap    = 12
	headLen     = 16
	headStatus  = 20
	headMAC     = 24
	headTCI     = 32
	headTPID    = 36
	headBytes   = 48
	vlanTagSize = 4 // octets that the card took off the frame
)

// ring is one socket with its ring, on one interface.
type ring struct {
	fd    int
	name  string
	index int // of the interface in the kernel
	link  capture.LinkType
	mem   []byte

	block  int // the one being read
	left   uint32
	at     int  // offset of the current frame's header in mem; valid iff left > 0
	held   bool // the block belongs to us
	frames atomic.Uint64
	octets atomic.Uint64
	bytes  uint64 // of the current block

	mu      sync.Mutex // guards the counters that a read resets
	drops   uint64
	freezes uint64
}

// openRing makes a socket that receives everything from an interface. Its protocol is set by bind
// only, so that no frame of another interface gets in before.
func openRing(name string, cfg Config, filter []unix.SockFilter) (*ring, error) {
	iface, err := net.InterfaceByName(name)
	if err != nil {
		return nil, fmt.Errorf("capture %s: no such interface", name)
	}
	r := &ring{fd: -1, name: name, index: iface.Index}
	if r.link, err = linkType(name, iface); err != nil {
		return nil, err
	}
	r.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if errors.Is(err, unix.EPERM) {
		return nil, fmt.Errorf("capture %s: not permitted; run with CAP_NET_RAW (setcap cap_net_raw+ep, or AmbientCapabilities=CAP_NET_RAW)", name)
	}
	if err != nil {
		return nil, fmt.Errorf("capture %s: open socket: %w", name, err)
	}
	if err := r.setUp(cfg, filter); err != nil {
		_ = r.close()
		return nil, fmt.Errorf("capture %s: %w", name, err)
	}
	return r, nil
}

func (r *ring) setUp(cfg Config, filter []unix.SockFilter) error {
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_VERSION, unix.TPACKET_V3); err != nil {
		return fmt.Errorf("set ring version: %w", err)
	}
	blocks := uint32(cfg.RingBytes / blockBytes)
	const frameSize = 2048 // only a unit of account in version 3
	req := unix.TpacketReq3{
		Block_size: blockBytes, Block_nr: blocks, Frame_size: frameSize, Frame_nr: blockBytes / frameSize * blocks,
		Retire_blk_tov: uint32(cfg.Retire / time.Millisecond),
	}
	if err := unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return fmt.Errorf("set up a ring of %d MiB: %w", cfg.RingBytes>>20, err)
	}
	mem, err := unix.Mmap(r.fd, 0, int(blocks)*blockBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("map the ring: %w", err)
	}
	r.mem = mem
	if len(filter) > 0 {
		prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
		if err := unix.SetsockoptSockFprog(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &prog); err != nil {
			return fmt.Errorf("attach the filter: %w", err)
		}
	}
	mreq := unix.PacketMreq{Ifindex: int32(r.index), Type: unix.PACKET_MR_PROMISC}
	if err := unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &mreq); err != nil {
		return fmt.Errorf("set promiscuous mode: %w", err)
	}
	all := uint16(unix.ETH_P_ALL)
	if err := unix.Bind(r.fd, &unix.SockaddrLinklayer{Protocol: all<<8 | all>>8, Ifindex: r.index}); err != nil {
		return fmt.Errorf("bind: %w", err)
	}
	return nil
}

const newGroup = -1 // 0 is a group's id like any other

// join makes the ring a member of a fanout group by flow hash, or of a new one. It returns the group's id.
func (r *ring) join(id int) (int, error) {
	mode := unix.PACKET_FANOUT_HASH | unix.PACKET_FANOUT_FLAG_DEFRAG
	if id == newGroup {
		id = 0
		mode |= unix.PACKET_FANOUT_FLAG_UNIQUEID
	}
	if err := unix.SetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_FANOUT, id|mode<<16); err != nil {
		return 0, fmt.Errorf("capture %s: join fanout group: %w", r.name, err)
	}
	got, err := unix.GetsockoptInt(r.fd, unix.SOL_PACKET, unix.PACKET_FANOUT)
	if err != nil {
		return 0, fmt.Errorf("capture %s: read fanout group: %w", r.name, err)
	}
	return got & 0xffff, nil
}

// linkType maps an interface's hardware type (linux/if_arp.h) to how its frames begin.
func linkType(name string, iface *net.Interface) (capture.LinkType, error) {
	text, err := os.ReadFile("/sys/class/net/" + name + "/type")
	if err != nil { // another network namespace than the one that /sys shows
		if len(iface.HardwareAddr) == 6 || iface.Flags&net.FlagLoopback != 0 {
			return capture.LinkEthernet, nil
		}
		return capture.LinkRaw, nil
	}
	kind, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	switch kind {
	case 1, 772: // Ethernet, loopback
		return capture.LinkEthernet, nil
	case 512:
		return capture.LinkPPP, nil
	case 65534, 768, 769, 776, 778, 823: // none (tun, WireGuard), IP tunnels
		return capture.LinkRaw, nil
	case 801:
		return capture.LinkWiFi, nil
	case 803:
		return capture.LinkRadiotap, nil
	}
	return 0, fmt.Errorf("capture %s: unsupported hardware type %d", name, kind)
}

func (r *ring) status() *uint32 {
	return (*uint32)(unsafe.Pointer(&r.mem[r.block*blockBytes+blockStatus]))
}

// ready reports whether a frame is there, taking the next block from the kernel if it is full.
func (r *ring) ready() bool {
	for r.left == 0 {
		r.release()
		if atomic.LoadUint32(r.status())&unix.TP_STATUS_USER == 0 {
			return false
		}
		block := r.mem[r.block*blockBytes:][:blockBytes]
		r.held = true
		r.left = binary.NativeEndian.Uint32(block[blockPackets:])
		r.at = r.block*blockBytes + int(binary.NativeEndian.Uint32(block[blockFirst:]))
		r.frames.Add(uint64(r.left))
	}
	return true
}

// release gives the block back to the kernel.
func (r *ring) release() {
	if !r.held {
		return
	}
	r.held = false
	atomic.StoreUint32(r.status(), unix.TP_STATUS_KERNEL)
	r.block++
	if r.block*blockBytes == len(r.mem) {
		r.block = 0
	}
}

// time is the current frame's; valid iff ready.
func (r *ring) time() int64 {
	head := r.mem[r.at : r.at+headBytes]
	return int64(binary.NativeEndian.Uint32(head[headSec:]))*1e9 + int64(binary.NativeEndian.Uint32(head[headNano:]))
}

// read fills f with the current frame and moves on; valid iff ready.
func (r *ring) read(f *capture.Frame) {
	head := r.mem[r.at : r.at+headBytes]
	snap := int(binary.NativeEndian.Uint32(head[headSnap:]))
	start := r.at + int(binary.NativeEndian.Uint16(head[headMAC:]))
	status := binary.NativeEndian.Uint32(head[headStatus:])
	f.Time = r.time()
	f.Data = r.mem[start : start+snap : start+snap]
	f.WireLen = int(binary.NativeEndian.Uint32(head[headLen:]))
	f.LinkType = r.link
	f.Tagged = status&unix.TP_STATUS_VLAN_VALID != 0
	if f.Tagged {
		f.VLANTag = uint16(binary.NativeEndian.Uint32(head[headTCI:]))
		f.TPID = unix.ETH_P_8021Q
		if status&unix.TP_STATUS_VLAN_TPID_VALID != 0 {
			f.TPID = binary.NativeEndian.Uint16(head[headTPID:])
		}
		f.WireLen += vlanTagSize
	}
	r.bytes += uint64(snap)
	if r.left--; r.left == 0 {
		r.octets.Add(r.bytes)
		r.bytes = 0
	}
	r.at += int(binary.NativeEndian.Uint32(head[headNext:]))
}

// count reads the kernel's counters, which the read resets, and returns the sums.
func (r *ring) count() (drops, freezes uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.fd >= 0 {
		if s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS); err == nil {
			r.drops += uint64(s.Drops)
			r.freezes += uint64(s.Freeze_q_cnt)
		}
	}
	return r.drops, r.freezes
}

func (r *ring) close() error {
	r.count()
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	if r.mem != nil {
		errs = append(errs, unix.Munmap(r.mem))
		r.mem = nil
	}
	if r.fd >= 0 {
		errs = append(errs, unix.Close(r.fd))
		r.fd = -1
	}
	return errors.Join(errs...)
}
