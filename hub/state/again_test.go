package state_test

import (
	"bytes"
	"testing"
)

// Every hub on one state has the same secret, also when they ask at once.
func TestAgainKeyIsOne(t *testing.T) {
	s := open(t)
	keys := make(chan []byte, 4)
	for range cap(keys) {
		go func() {
			key, err := s.AgainKey(t.Context())
			if err != nil {
				t.Error(err)
			}
			keys <- key
		}()
	}
	first := <-keys
	for range cap(keys) - 1 {
		if key := <-keys; len(key) != 32 || !bytes.Equal(key, first) {
			t.Errorf("%d bytes, another key than the first", len(key))
		}
	}
}
