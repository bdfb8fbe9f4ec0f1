package store_test

import (
	"fmt"
	"testing"

	"github.com/wardscope/wardscope/hub/store"
	"github.com/wardscope/wardscope/hub/store/storetest"
)

func TestOpen(t *testing.T) {
	s := storetest.Open(t)
	p, err := s.Flows(t.Context(), store.FlowFilter{})
	fmt.Println(p, err)
}
