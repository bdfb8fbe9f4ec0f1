package config

import (
	"encoding"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bytes is a size that files may write as "64MiB".
type Bytes int64

var units = []struct {
	suffix string
	factor int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}}

// UnmarshalText reads "64MiB", "1GB" or a plain number of bytes.
func (b *Bytes) UnmarshalText(text []byte) error {
	s, factor := strings.TrimSpace(string(text)), int64(1)
	for _, u := range units {
		if rest, ok := strings.CutSuffix(s, u.suffix); ok {
			s, factor = strings.TrimSpace(rest), u.factor
			break
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/factor {
		return errors.New("a size such as 64MiB")
	}
	*b = Bytes(n * factor)
	return nil
}

// MarshalText writes the largest binary unit that divides b.
func (b Bytes) MarshalText() ([]byte, error) {
	for _, u := range []int{3, 2, 1, 0} {
		if f := units[u].factor; b != 0 && int64(b)%f == 0 {
			return fmt.Appendf(nil, "%d%s", int64(b)/f, units[u].suffix), nil
		}
	}
	return strconv.AppendInt(nil, int64(b), 10), nil
}

var (
	durationType = reflect.TypeFor[time.Duration]()
	textType     = reflect.TypeFor[encoding.TextUnmarshaler]()
)

func isScalar(t reflect.Type) bool {
	if t == durationType || reflect.PointerTo(t).Implements(textType) {
		return true
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Map, reflect.Pointer, reflect.Interface:
		return false
	}
	return true
}

func describe(t reflect.Type) string {
	switch {
	case t == durationType:
		return "a duration such as 30s"
	case t == reflect.TypeFor[Bytes]():
		return "a size such as 64MiB"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return "a whole number"
	case t.Kind() == reflect.Float64:
		return "a number"
	}
	return "a single value"
}

// setScalar returns an error whose text says what is allowed.
func setScalar(into reflect.Value, text string) error {
	wrong := errors.New(describe(into.Type()))
	if into.Type() == durationType {
		d, err := time.ParseDuration(text)
		if err != nil {
			return wrong
		}
		into.SetInt(int64(d))
		return nil
	}
	if u, ok := reflect.TypeAssert[encoding.TextUnmarshaler](into.Addr()); ok {
		return u.UnmarshalText([]byte(text))
	}
	switch into.Kind() {
	case reflect.String:
		into.SetString(text)
	case reflect.Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return wrong
		}
		into.SetBool(v)
	case reflect.Float64:
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return wrong
		}
		into.SetFloat(v)
	default:
		return setInteger(into, text, wrong)
	}
	return nil
}

func setInteger(into reflect.Value, text string, wrong error) error {
	if into.CanInt() {
		v, err := strconv.ParseInt(text, 0, into.Type().Bits())
		if err != nil {
			return wrong
		}
		into.SetInt(v)
		return nil
	}
	v, err := strconv.ParseUint(text, 0, into.Type().Bits())
	if err != nil {
		return wrong
	}
	into.SetUint(v)
	return nil
}

// fieldsOf maps the yaml names of a struct to its field numbers.
func fieldsOf(t reflect.Type) map[string]int {
	out := map[string]int{}
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			out[name] = i
		}
	}
	return out
}

// readEnviron sets scalars and lists of scalars; lists are separated by commas.
func (l *loader) readEnviron(prefix string, environ []string, into reflect.Value) {
	known := map[string]reflect.Value{}
	collect(prefix, into, known)
	for _, pair := range environ {
		name, text, _ := strings.Cut(pair, "=")
		field, ok := known[name]
		if !ok {
			continue
		}
		if err := setText(field, text); err != nil {
			l.faults = append(l.faults, fmt.Errorf("environment: %s: %q is not allowed: want %w", name, text, err))
		}
	}
}

func setText(field reflect.Value, text string) error {
	if field.Kind() != reflect.Slice {
		return setScalar(field, text)
	}
	parts := slices.DeleteFunc(strings.Split(text, ","), func(s string) bool { return s == "" })
	list := reflect.MakeSlice(field.Type(), len(parts), len(parts))
	for i, p := range parts {
		if err := setScalar(list.Index(i), strings.TrimSpace(p)); err != nil {
			return err
		}
	}
	field.Set(list)
	return nil
}

func collect(prefix string, v reflect.Value, into map[string]reflect.Value) {
	for name, i := range fieldsOf(v.Type()) {
		f, key := v.Field(i), prefix+"_"+strings.ToUpper(name)
		switch {
		case isScalar(f.Type()), f.Kind() == reflect.Slice && isScalar(f.Type().Elem()):
			into[key] = f
		case f.Kind() == reflect.Struct:
			collect(key, f, into)
		}
	}
}

// nearest finds the known name that a typo most likely meant, "" when none is near.
func nearest(name string, fields map[string]int) string {
	best, least := "", len(name)/3+2
	for f := range fields {
		if d := distance(name, f); d < least || d == least && f < best && best != "" {
			best, least = f, d
		}
	}
	return best
}

// distance is Levenshtein's, with swapped neighbours counted as two.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			diagonal, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, diagonal+cost)
		}
	}
	return row[len(b)]
}
