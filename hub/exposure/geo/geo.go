package geo

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/oschwald/maxminddb-golang/v2"

	"github.com/wardscope/wardscope/internal/model"
)

// Place is where an address belongs on the internet; what is unknown is empty.
type Place struct {
	Country string // ISO 3166 alpha-2
	ASN     uint32
	ASName  string
}

type systemRange struct {
	from, to model.Addr
	number   uint32
	name     uint32
}

// Table answers look-ups. The zero Table knows nothing.
type Table struct {
	country *maxminddb.Reader
	systems []systemRange // ascending, not overlapping
	names   []string
	date    time.Time
}

// Folder is where the tables are looked for: explicit, else $WARDSCOPE_CACHE/geo, else the user's
// cache folder, else /usr/lib/wardscope/geo. It is "" when none of them exists.
func Folder(explicit string) string {
	candidates := []string{explicit}
	if explicit == "" {
		if p := os.Getenv("WARDSCOPE_CACHE"); p != "" {
			candidates = append(candidates, filepath.Join(p, "geo"))
		}
		if p, err := os.UserCacheDir(); err == nil {
			candidates = append(candidates, filepath.Join(p, "wardscope", "geo"))
		}
		candidates = append(candidates, "/usr/lib/wardscope/geo")
	}
	for _, c := range candidates {
		if st, err := os.Stat(c); c != "" && err == nil && st.IsDir() {
			return c
		}
	}
	return ""
}

// Open loads what the folder holds; a file that is absent leaves its part unknown. A folder of ""
// gives an empty table.
func Open(folder string) (*Table, error) {
	t := &Table{}
	if folder == "" {
		return t, nil
	}
	r, err := maxminddb.Open(filepath.Join(folder, "country.mmdb"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return nil, fmt.Errorf("open geography: %w", err)
	default:
		t.country = r
		t.date = time.Unix(int64(r.Metadata.BuildEpoch), 0).UTC()
	}
	f, err := os.Open(filepath.Join(folder, "asn.csv"))
	if errors.Is(err, fs.ErrNotExist) {
		return t, nil
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open network names: %w", err), t.Close())
	}
	defer func() { _ = f.Close() }() // only read
	if err := t.readSystems(f); err != nil {
		return nil, errors.Join(fmt.Errorf("read network names %s: %w", f.Name(), err), t.Close())
	}
	return t, nil
}

// readSystems reads lines of first address, last address, number, name.
func (t *Table) readSystems(r io.Reader) error {
	lines := csv.NewReader(bufio.NewReaderSize(r, 1<<20))
	lines.FieldsPerRecord, lines.ReuseRecord = 4, true
	index := map[string]uint32{}
	for {
		rec, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		from, err1 := netip.ParseAddr(rec[0])
		to, err2 := netip.ParseAddr(rec[1])
		number, err3 := strconv.ParseUint(rec[2], 10, 32)
		if err := errors.Join(err1, err2, err3); err != nil {
			line, _ := lines.FieldPos(0)
			return fmt.Errorf("line %d: %w", line, err)
		}
		name, ok := index[rec[3]]
		if !ok {
			name = uint32(len(t.names))
			text := model.Text(rec[3])
			t.names = append(t.names, text)
			index[text] = name
		}
		t.systems = append(t.systems, systemRange{model.AddrFromNetip(from), model.AddrFromNetip(to), uint32(number), name})
	}
	slices.SortFunc(t.systems, func(a, b systemRange) int { return compare(a.from, b.from) })
	return nil
}

func compare(a, b model.Addr) int { return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo)) }

// Lookup tells what is known of an address.
func (t *Table) Lookup(a model.Addr) Place {
	var p Place
	if t == nil || a.IsZero() {
		return p
	}
	if t.country != nil {
		var rec struct {
			Flat   string `maxminddb:"country_code"`
			Nested struct {
				ISO string `maxminddb:"iso_code"`
			} `maxminddb:"country"`
		}
		if err := t.country.Lookup(a.Netip()).Decode(&rec); err == nil {
			p.Country = cmp.Or(rec.Flat, rec.Nested.ISO)
		}
	}
	i, found := slices.BinarySearchFunc(t.systems, a, func(r systemRange, a model.Addr) int { return compare(r.from, a) })
	if !found {
		i--
	}
	if i >= 0 && compare(a, t.systems[i].to) <= 0 {
		p.ASN, p.ASName = t.systems[i].number, t.names[t.systems[i].name]
	}
	return p
}

// Date is the day of the geography, ISO; "" when none is loaded.
func (t *Table) Date() string {
	if t == nil || t.date.IsZero() {
		return ""
	}
	return t.date.Format(time.DateOnly)
}

// Close gives the files back; the table must not be used afterwards.
func (t *Table) Close() error {
	if t == nil || t.country == nil {
		return nil
	}
	if err := t.country.Close(); err != nil {
		return fmt.Errorf("close geography: %w", err)
	}
	return nil
}
