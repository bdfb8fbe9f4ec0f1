package advisory

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // for the data
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"sync"
)

// builtin is the table that the program carries. Its first line tells source and dates.
//
//go:embed advisories.tsv.gz
var builtin []byte

// row is one product of one weakness.
type row struct {
	advisory, cve, vendor, product, versions string
	cvss                                     float64
	affected, fixed, known                   bool
	asOf                                     string // of the pack

	maker  string   // of vendor
	tokens []string // of product
}

// Pack is a dated body of advisories.
type Pack struct {
	Source string // where it is from
	AsOf   string // ISO date of the newest advisory in it
	KEVOf  string // ISO date of the list of exploited weaknesses
	rows   []row
}

// Builtin reads the advisories that the program carries, once.
var Builtin = sync.OnceValues(func() (*Pack, error) {
	z, err := gzip.NewReader(bytes.NewReader(builtin))
	if err != nil {
		return nil, fmt.Errorf("read advisories: %w", err)
	}
	return Read(z)
})

const columns = 9

// Read reads a table: a comment line with source and dates, then a row a product in columns
// advisory, CVE, CVSS, affected, vendor, product, versions, vendor fix, known exploited.
func Read(r io.Reader) (*Pack, error) {
	lines := bufio.NewScanner(r)
	if !lines.Scan() {
		return nil, errors.New("read advisories: empty")
	}
	head := strings.Split(strings.TrimPrefix(lines.Text(), "# "), "\t")
	if len(head) != 3 || !strings.HasPrefix(lines.Text(), "# ") {
		return nil, errors.New("read advisories: the first line tells no source, date and date of exploited weaknesses")
	}
	p := &Pack{Source: head[0], AsOf: head[1], KEVOf: head[2]}
	for n := 2; lines.Scan(); n++ {
		f := strings.Split(lines.Text(), "\t")
		if len(f) != columns {
			return nil, fmt.Errorf("read advisories: line %d has %d columns, want %d", n, len(f), columns)
		}
		cvss, err := strconv.ParseFloat(f[2], 64)
		if err != nil && f[2] != "" {
			return nil, fmt.Errorf("read advisories: line %d: %w", n, err)
		}
		r := row{advisory: f[0], cve: f[1], cvss: cvss, affected: f[3] == "yes", vendor: f[4], product: f[5],
			versions: f[6], fixed: f[7] == "yes", known: f[8] == "yes", asOf: p.AsOf}
		r.maker, r.tokens = Maker(r.vendor), tokens(r.product)
		p.rows = append(p.rows, r)
	}
	return p, lines.Err()
}

// Records tells what the pack holds, by advisory: two packs differ where the texts do.
func (p *Pack) Records() map[string]string {
	sums := map[string]hash.Hash{}
	for i := range p.rows {
		r := &p.rows[i]
		if sums[r.advisory] == nil {
			sums[r.advisory] = sha256.New()
		}
		_, _ = fmt.Fprintln(sums[r.advisory], r.cve, r.vendor, r.product, r.versions, r.cvss, r.affected, r.fixed, r.known) // a hash never fails
	}
	out := make(map[string]string, len(sums))
	for id, sum := range sums {
		out[id] = hex.EncodeToString(sum.Sum(nil))
	}
	return out
}

// Merge lays packs over one another: of an advisory that several have, the last one's rows count.
// The dates are those of the largest pack, since a few advisories of a site's own say nothing
// about all the others. What one pack knows to be exploited is exploited, whoever describes it.
func Merge(packs ...*Pack) *Pack {
	out, kev := &Pack{}, ""
	last, largest, exploited := map[string]int{}, -1, map[string]bool{}
	for i, p := range packs {
		kev = max(kev, p.KEVOf)
		for j := range p.rows {
			if p.rows[j].known {
				exploited[p.rows[j].cve] = true
			}
		}
		records := p.Records()
		for id := range records {
			last[id] = i
		}
		if len(records) >= largest {
			largest = len(records)
			out.Source, out.AsOf = p.Source, p.AsOf
		}
	}
	out.KEVOf = kev
	for i, p := range packs {
		for _, r := range p.rows {
			if last[r.advisory] == i {
				r.known = exploited[r.cve]
				out.rows = append(out.rows, r)
			}
		}
	}
	return out
}

// ReadAny reads a table as it is or packed by gzip.
func ReadAny(raw []byte) (*Pack, error) {
	if !bytes.HasPrefix(raw, []byte{0x1f, 0x8b}) { // RFC 1952, section 2.3.1
		return Read(bytes.NewReader(raw))
	}
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("read advisories: %w", err)
	}
	return Read(io.LimitReader(z, maxTable))
}

// maxTable bounds a table, bytes unpacked.
const maxTable = 256 << 20
