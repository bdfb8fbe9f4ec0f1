package archtest_test

import (
	"go/ast"
	"regexp"
	"testing"
)

// What would put a frame on the wire, by package. Reading a capture needs none of it.
var sending = map[string]*regexp.Regexp{
	"golang.org/x/sys/unix": regexp.MustCompile(`^(Send|Write|Pwrite|Splice|Vmsplice|Tee|Connect$|Syscall|RawSyscall|SYS_(SEND|WRITE|PWRITE|CONNECT|SPLICE)|PACKET_TX|TPACKET_.*TX|IoUring)`),
	"syscall":               regexp.MustCompile(`^(Send|Write|Pwrite|Splice|Tee|Connect$|Syscall|RawSyscall|SYS_(SEND|WRITE|PWRITE|CONNECT|SPLICE)|Bpf)`),
	"net":                   regexp.MustCompile(`^(Dial|Listen|FileConn|FilePacketConn)`),
	"os":                    regexp.MustCompile(`^NewFile$`), // a socket as a file could be written to
}

// A capture socket only receives: nothing that Wardscope runs sends a packet to a monitored network.
func TestCaptureNeverSends(t *testing.T) {
	for _, p := range packages(t) {
		if !below(p.Path, "sensor/capture") {
			continue
		}
		for _, s := range sources(t, p) {
			names := map[string]*regexp.Regexp{}
			for importPath, calls := range sending {
				if name := s.importName(importPath); name != "" {
					names[name] = calls
				}
			}
			ast.Inspect(s.file, func(n ast.Node) bool {
				selector, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if selector.Sel.Name == "WritePacketData" {
					t.Errorf("%s:%d: WritePacketData sends a frame", s.name, s.line(n.Pos()))
				}
				if x, ok := selector.X.(*ast.Ident); ok && names[x.Name] != nil && names[x.Name].MatchString(selector.Sel.Name) {
					t.Errorf("%s:%d: %s.%s could send; a capture socket only receives", s.name, s.line(n.Pos()), x.Name, selector.Sel.Name)
				}
				return true
			})
		}
	}
}
