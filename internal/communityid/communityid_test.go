package communityid_test

import (
	"testing"

	"github.com/wardscope/wardscope/internal/communityid"
	"github.com/wardscope/wardscope/internal/model"
)

// The vectors are those of the specification's reference implementation (pycommunityid, seed 0).
func TestCommunityID(t *testing.T) {
	for _, c := range []struct {
		protocol         uint8
		src, dst         string
		srcPort, dstPort uint16
		want             string
	}{
		{6, "128.232.110.120", "66.35.250.204", 34855, 80, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{6, "66.35.250.204", "128.232.110.120", 80, 34855, "1:LQU9qZlK+B5F3KDmev6m5PMibrg="},
		{6, "10.0.0.1", "10.0.0.2", 10, 11569, "1:SXBGMX1lBOwhhoDrZynfROxnhnM="},
		{6, "192.168.1.42", "192.168.1.42", 42, 41, "1:eRcf7I/xocOxnYo5pbJBV5NhVm0="},
		{6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a", 63943, 25, "1:/qFaeAR+gFe1KYjMzVDsMv+wgU4="},
		{17, "192.168.1.52", "8.8.8.8", 54585, 53, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{17, "8.8.8.8", "192.168.1.52", 53, 54585, "1:d/FP5EW3wiY1vCndhwleRRKHowQ="},
		{132, "192.168.170.8", "192.168.170.56", 7, 80, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
		{132, "192.168.170.56", "192.168.170.8", 80, 7, "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ="},
		{46, "1.2.3.4", "5.6.7.8", 0, 0, "1:ikv3kmf89luf73WPz1jOs49S768="},
		{1, "192.168.0.89", "192.168.0.1", 8, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{1, "192.168.0.1", "192.168.0.89", 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{1, "192.168.0.1", "192.168.0.89", 0, 8, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk="},
		{1, "192.168.0.89", "192.168.0.1", 20, 0, "1:3o2RFccXzUgjl7zDpqmY7yJi8rI="},
		{1, "192.168.0.89", "192.168.0.1", 20, 1, "1:tz/fHIDUHs19NkixVVoOZywde+I="},
		{58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 0, "1:dGHyGvjMfljg6Bppwm3bg0LO8TY="},
		{58, "3ffe:507:0:1:260:97ff:fe07:69ea", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, "1:NdobDX8PQNJbAyfkWxhtL2Pqp5w="},
		{58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:507:0:1:260:97ff:fe07:69ea", 3, 0, "1:/OGBt9BN1ofenrmSPWYicpij2Vc="},
		{58, "3ffe:501:0:1802:260:97ff:feb6:7ff0", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, "1:bnQKq8A2r//dWnkRW2EYcMhShjc="},
	} {
		if got := communityid.Of(c.protocol, addr(t, c.src), addr(t, c.dst), c.srcPort, c.dstPort); got != c.want {
			t.Errorf("%d %s:%d %s:%d: got %s, want %s", c.protocol, c.src, c.srcPort, c.dst, c.dstPort, got, c.want)
		}
	}
}

// Append allocates nothing when there is room: it runs for each weakness.
func TestAppend(t *testing.T) {
	a, b := addr(t, "128.232.110.120"), addr(t, "66.35.250.204")
	var room [32]byte
	out := communityid.Append(append(room[:0], '>'), 6, a, b, 34855, 80)
	if string(out) != ">1:LQU9qZlK+B5F3KDmev6m5PMibrg=" {
		t.Errorf("got %s", out)
	}
	if n := testing.AllocsPerRun(100, func() { out = communityid.Append(out[:0], 6, a, b, 34855, 80) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func addr(t *testing.T, s string) model.Addr {
	t.Helper()
	a, err := model.ParseAddr(s)
	if err != nil {
		t.Fatal(err)
	}
	return a
}
