package tplink

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
)

const maxMessage = 8 << 10

// Info is what get_sysinfo says of the device itself.
type Info struct {
	Model    string `json:"model"`
	Hardware string `json:"hw_ver"`
	Software string `json:"sw_ver"`
	MAC      string `json:"mac"`
	MicMAC   string `json:"mic_mac"`
	ID       string `json:"deviceId"`
	Error    int    `json:"err_code"`
}

// Plain undoes the exclusive-or: the key is 171, then each byte of the cipher.
func Plain(b []byte) []byte {
	out := make([]byte, min(len(b), maxMessage))
	key := byte(171)
	for i := range out {
		out[i], key = b[i]^key, b[i]
	}
	return out
}

// Looks judges the first bytes without decoding all: an object whose first key is quoted.
func Looks(b []byte) bool {
	if len(b) < 4 {
		return false
	}
	first, second := b[0]^171, b[1]^b[0]
	return first == '{' && (second == '"' || second == '}')
}

// Next cuts a message off a stream: its size, 0 when more bytes are needed, -1 when it is none.
func Next(b []byte) (body []byte, size int) {
	if len(b) < 8 {
		return nil, 0
	}
	n := binary.BigEndian.Uint32(b)
	if n < 4 || n > maxMessage || !Looks(b[4:]) {
		return nil, -1
	}
	if len(b) < 4+int(n) {
		return nil, 0
	}
	return b[4 : 4+n], 4 + int(n)
}

// Parse reads the system information of a message; false when it has none.
func Parse(plain []byte) (x Info, ok bool) {
	var m struct {
		System struct {
			Info *Info `json:"get_sysinfo"`
		} `json:"system"`
	}
	if json.Unmarshal(bytes.TrimRight(plain, "\x00"), &m) != nil || m.System.Info == nil || m.System.Info.Model == "" {
		return x, false
	}
	return *m.System.Info, true
}
