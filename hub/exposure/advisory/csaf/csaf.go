package csaf

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wardscope/wardscope/internal/model"
)

// document is what is read of a CSAF document.
type document struct {
	Document struct {
		Tracking struct {
			ID      string    `json:"id"`
			Current time.Time `json:"current_release_date"`
		} `json:"tracking"`
	} `json:"document"`
	Tree struct {
		Branches      []branch  `json:"branches"`
		Names         []product `json:"full_product_names"`
		Relationships []struct {
			Product   product `json:"full_product_name"`
			Reference string  `json:"product_reference"`
		} `json:"relationships"`
	} `json:"product_tree"`
	Vulnerabilities []vulnerability `json:"vulnerabilities"`
}

type branch struct {
	Category string   `json:"category"`
	Name     string   `json:"name"`
	Product  *product `json:"product"`
	Branches []branch `json:"branches"`
}

type product struct {
	ID   string `json:"product_id"`
	Name string `json:"name"`
}

type vulnerability struct {
	CVE    string `json:"cve"`
	Status struct {
		Affected    []string `json:"known_affected"`
		NotAffected []string `json:"known_not_affected"`
		Fixed       []string `json:"fixed"`
	} `json:"product_status"`
	Scores []struct {
		V3 struct {
			Base float64 `json:"baseScore"`
		} `json:"cvss_v3"`
		Products []string `json:"products"`
	} `json:"scores"`
	Remediations []struct {
		Category string   `json:"category"`
		Products []string `json:"product_ids"`
	} `json:"remediations"`
}

// row is one line of the table.
type row struct {
	advisory, cve, vendor, product, versions string
	cvss                                     float64
	affected, fixed                          bool
}

// Set gathers documents.
type Set struct {
	rows      map[row]bool
	exploited map[string]bool
	newest    time.Time
	kev       string
}

// New returns an empty set.
func New() *Set { return &Set{rows: map[row]bool{}, exploited: map[string]bool{}} }

// maxDepth bounds the nesting of branches.
const maxDepth = 32

// Rows is how many rows were read.
func (s *Set) Rows() int { return len(s.rows) }

// Add reads one CSAF document.
func (s *Set) Add(raw []byte) error {
	var d document
	if err := json.Unmarshal(raw, &d); err != nil {
		return fmt.Errorf("read CSAF document: %w", err)
	}
	id := plain(d.Document.Tracking.ID)
	if id == "" || len(d.Vulnerabilities) == 0 {
		return errors.New("read CSAF document: it names no document.tracking.id or no vulnerabilities")
	}
	named := map[string]row{}
	var walk func(b *branch, r row, depth int)
	walk = func(b *branch, r row, depth int) {
		switch name := plain(b.Name); b.Category {
		case "vendor":
			r.vendor = name
		case "product_name":
			r.product = name
		case "product_version", "product_version_range":
			r.versions = name
		}
		if b.Product != nil {
			named[b.Product.ID] = r
		}
		for i := range b.Branches {
			if depth < maxDepth {
				walk(&b.Branches[i], r, depth+1)
			}
		}
	}
	for i := range d.Tree.Branches {
		walk(&d.Tree.Branches[i], row{}, 0)
	}
	for _, p := range d.Tree.Names {
		if _, ok := named[p.ID]; !ok {
			named[p.ID] = row{product: plain(p.Name)}
		}
	}
	for _, rel := range d.Tree.Relationships {
		if r, ok := named[rel.Reference]; ok {
			named[rel.Product.ID] = r
		}
	}
	for i := range d.Vulnerabilities {
		s.take(id, &d.Vulnerabilities[i], named)
	}
	if d.Document.Tracking.Current.After(s.newest) {
		s.newest = d.Document.Tracking.Current
	}
	return nil
}

func (s *Set) take(id string, v *vulnerability, named map[string]row) {
	put := func(products []string, affected bool) {
		for _, p := range products {
			r, ok := named[p]
			if !ok || r.product == "" {
				continue
			}
			r.advisory, r.cve, r.affected, r.versions = id, plain(v.CVE), affected, cmp.Or(r.versions, "vers:all/*")
			for _, score := range v.Scores {
				if slices.Contains(score.Products, p) {
					r.cvss = max(r.cvss, score.V3.Base)
				}
			}
			for _, m := range v.Remediations {
				r.fixed = r.fixed || m.Category == "vendor_fix" && slices.Contains(m.Products, p)
			}
			s.rows[r] = true
		}
	}
	put(v.Status.Affected, true)
	put(v.Status.NotAffected, false)
	put(v.Status.Fixed, false)
}

// AddExploited reads CISA's list of known exploited vulnerabilities, in JSON as published.
func (s *Set) AddExploited(raw []byte) error {
	var list struct {
		Released        time.Time `json:"dateReleased"`
		Vulnerabilities []struct {
			CVE string `json:"cveID"`
		} `json:"vulnerabilities"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("read exploited vulnerabilities: %w", err)
	}
	if len(list.Vulnerabilities) == 0 || list.Released.IsZero() {
		return errors.New("read exploited vulnerabilities: it names no dateReleased or no vulnerabilities")
	}
	for _, v := range list.Vulnerabilities {
		s.exploited[v.CVE] = true
	}
	s.kev = max(s.kev, list.Released.UTC().Format(time.DateOnly))
	return nil
}

// Write writes the table that package advisory reads, in a fixed order. day is the ISO day on
// which the documents were collected; empty takes that of the newest one.
func (s *Set) Write(w io.Writer, source, day string) error {
	if len(s.rows) == 0 {
		return errors.New("write advisories: none was read")
	}
	rows := make([]row, 0, len(s.rows))
	for r := range s.rows {
		rows = append(rows, r)
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(strings.Compare(a.advisory, b.advisory), strings.Compare(a.cve, b.cve), strings.Compare(a.vendor, b.vendor), strings.Compare(a.product, b.product),
			strings.Compare(a.versions, b.versions), cmp.Compare(a.cvss, b.cvss), strings.Compare(yesNo(a.affected), yesNo(b.affected)), strings.Compare(yesNo(a.fixed), yesNo(b.fixed)))
	})
	out := bufio.NewWriter(w)
	day = cmp.Or(day, s.newest.UTC().Format(time.DateOnly))
	_, _ = fmt.Fprintf(out, "# %s\t%s\t%s\n", plain(source), day, s.kev) // Flush tells the error
	for _, r := range rows {
		score := ""
		if r.cvss > 0 {
			score = strconv.FormatFloat(r.cvss, 'f', 1, 64)
		}
		line := []string{r.advisory, r.cve, score, yesNo(r.affected), r.vendor, r.product, r.versions, yesNo(r.fixed), yesNo(s.exploited[r.cve])}
		_, _ = out.WriteString(strings.Join(line, "\t") + "\n") // Flush tells the error
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write advisories: %w", err)
	}
	return nil
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}

// plain makes one cell of a text: no control characters, one blank between words.
func plain(s string) string { return model.Text(strings.Join(strings.Fields(s), " ")) }
