package observe

import "strings"

const textPage = 64 << 10 // bytes

// text is a string that texts hold.
type text struct {
	page uint32
	at   uint16
	size uint16
}

// texts holds strings in pages, one object to the garbage collector for thousands of strings.
// Strings are never taken out singly: what is still wanted is copied to new texts.
type texts struct {
	pages []string
	open  strings.Builder
}

// keep takes a string; what is longer than a page is cut, but nothing is: model.Text sees to that.
func (t *texts) keep(s string) text {
	s = s[:min(len(s), textPage-1)]
	if s == "" {
		return text{}
	}
	if t.open.Len()+len(s) > t.open.Cap() || len(t.pages) == 0 {
		t.open = strings.Builder{}
		t.open.Grow(textPage)
		t.pages = append(t.pages, "")
	}
	at := t.open.Len()
	t.open.WriteString(s)
	t.pages[len(t.pages)-1] = t.open.String()
	return text{page: uint32(len(t.pages) - 1), at: uint16(at), size: uint16(len(s))}
}

// of is the string itself. It stays valid for as long as somebody has it.
func (t *texts) of(x text) string {
	if x.size == 0 {
		return ""
	}
	return t.pages[x.page][x.at:][:x.size]
}

// names numbers strings of the code, such as the sources of claims.
type names struct {
	numbers map[string]uint32
	list    []string
}

func (n *names) number(s string) uint32 {
	if i, ok := n.numbers[s]; ok {
		return i
	}
	if n.numbers == nil {
		n.numbers = map[string]uint32{}
	}
	i := uint32(len(n.list))
	n.numbers[s] = i
	n.list = append(n.list, s)
	return i
}
