package event_test

import (
	"testing"

	"github.com/klauspost/compress/zstd"
	"google.golang.org/protobuf/proto"

	eventv1 "github.com/wardscope/wardscope/proto/wardscope/event/v1"
)

// recode unpacks an encoded batch, lets f tamper with it and packs it again.
func recode(t *testing.T, data []byte, f func(*eventv1.Batch)) []byte {
	t.Helper()
	zr, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer zr.Close()
	raw, err := zr.DecodeAll(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	var b eventv1.Batch
	if err := proto.Unmarshal(raw, &b); err != nil {
		t.Fatal(err)
	}
	f(&b)
	if raw, err = proto.Marshal(&b); err != nil {
		t.Fatal(err)
	}
	zw, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return zw.EncodeAll(raw, nil)
}
