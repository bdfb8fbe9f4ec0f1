package tuya_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"testing"

	"github.com/wardscope/wardscope/sensor/dissect/dissecttest"
	"github.com/wardscope/wardscope/sensor/dissect/tuya"
)

func TestSuite(t *testing.T) { dissecttest.Run(t, tuya.New(), dissecttest.Cases{Reveal: plain}) }

// plain opens a broadcast under the published key, and seals it again.
func plain(m dissecttest.Message) ([]byte, func([]byte) []byte) {
	const from, behind = 20, 8 // header and return code; sum and suffix
	key := md5.Sum([]byte("yGAdlopoPVldABfn"))
	block, err := aes.NewCipher(key[:])
	if err != nil || len(m.Data) < from+behind || (len(m.Data)-from-behind)%aes.BlockSize != 0 {
		return m.Data, func(b []byte) []byte { return b }
	}
	body := each(m.Data[from:len(m.Data)-behind], block, cipher.Block.Decrypt)
	return body, func(b []byte) []byte {
		out := append([]byte(nil), m.Data...)
		copy(out[from:], each(b, block, cipher.Block.Encrypt))
		return out
	}
}

func each(b []byte, block cipher.Block, do func(cipher.Block, []byte, []byte)) []byte {
	out := make([]byte, len(b))
	for i := 0; i < len(b); i += aes.BlockSize {
		do(block, out[i:], b[i:])
	}
	return out
}
