package knowledge

import (
	"bufio"
	"bytes"
	_ "embed"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/zstd"

	"github.com/wardscope/wardscope/internal/model"
)

// OUIDate is the day of the bundled registry: npm package oui-data 2.1.9 (BSD-2-Clause), made of
// the IEEE's MA-L, MA-M and MA-S lists.
const OUIDate = "2026-08-26"

//go:generate go run ./gen oui

//go:embed oui.tsv.zst
var ouiFile []byte

// prefixes by length in bits; the registry assigns 24, 28 and 36.
type ouiTable struct {
	names   []string
	entries [3]map[uint64]uint32
}

var ouiBits = [3]uint{36, 28, 24}

var loadOUI = sync.OnceValue(func() *ouiTable { return parseOUI(ouiFile) })

func parseOUI(packed []byte) *ouiTable {
	t := &ouiTable{entries: [3]map[uint64]uint32{{}, {}, {}}}
	zr, err := zstd.NewReader(bytes.NewReader(packed))
	if err != nil {
		return t
	}
	defer zr.Close()
	index := map[string]uint32{}
	lines := bufio.NewScanner(io.LimitReader(zr, 16<<20))
	for lines.Scan() {
		prefix, name, ok := strings.Cut(lines.Text(), "\t")
		value, err := strconv.ParseUint(prefix, 16, 64)
		if !ok || err != nil {
			continue
		}
		i, seen := index[name]
		if !seen {
			i = uint32(len(t.names))
			index[name], t.names = i, append(t.names, name)
		}
		for j, bits := range ouiBits {
			if uint(len(prefix))*4 == bits {
				t.entries[j][value] = i
			}
		}
	}
	return t
}

// Vendor names the organisation that the IEEE assigned m's prefix to, as the registry spells it.
// It is false for group, locally administered and unassigned addresses.
func Vendor(m model.MAC) (name string, ok bool) {
	if m == 0 || m.IsGroup() || m.IsLocal() {
		return "", false
	}
	t := loadOUI()
	for j, bits := range ouiBits {
		if i, found := t.entries[j][uint64(m)>>(48-bits)]; found {
			return t.names[i], true
		}
	}
	return "", false
}
