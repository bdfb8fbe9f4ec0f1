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
			asks := map[ast.Node]bool{} // raw system calls that ask the kernel about an interface
			ast.Inspect(s.file, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && isIoctl(call) {
					asks[call.Fun] = true
				}
				selector, ok := n.(*ast.SelectorExpr)
				if !ok || asks[selector] {
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

// isIoctl reports whether a call is Syscall(SYS_IOCTL, …): it sends nothing, and there is no
// other way to ask for a card's offloads.
func isIoctl(call *ast.CallExpr) bool {
	if len(call.Args) == 0 {
		return false
	}
	fun, ok := call.Fun.(*ast.SelectorExpr)
	number, isName := call.Args[0].(*ast.SelectorExpr)
	return ok && isName && fun.Sel.Name == "Syscall" && number.Sel.Name == "SYS_IOCTL"
}
