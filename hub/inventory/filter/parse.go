package filter

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/wardscope/wardscope/internal/model"
)

// Filter is a parsed filter. The zero Filter matches everything.
type Filter struct {
	root node
}

type node interface{ match(get Getter) bool }

type (
	and  []node
	or   []node
	not  struct{ node }
	leaf struct {
		field Field
		op    string
		value string // as typed
		low   string // lower case, without its stars
		head  bool   // a star before: anything may stand there
		tail  bool   // a star behind
		num   float64
		pfx   netip.Prefix
	}
	word string // lower case; matches in any field
)

// maxDepth bounds nesting.
const maxDepth = 32

type parser struct {
	schema Schema
	tokens []token
	at     int
	depth  int
}

// Parse reads a filter; its error is an *Error. Empty text matches everything.
func Parse(text string, schema Schema) (*Filter, error) {
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{schema: schema, tokens: tokens}
	if p.peek().kind == tokenEnd {
		return &Filter{}, nil
	}
	root, err := p.expression()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokenEnd {
		return nil, &Error{At: t.at, What: strconv.Quote(t.text) + " is not expected here"}
	}
	return &Filter{root: root}, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) next() token {
	t := p.tokens[p.at]
	if t.kind != tokenEnd {
		p.at++
	}
	return t
}

func (p *parser) keyword(word string) bool {
	if t := p.peek(); t.kind == tokenWord && t.text == word {
		p.at++
		return true
	}
	return false
}

// expression is factors joined by AND, or by nothing, which means the same.
func (p *parser) expression() (node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return nil, &Error{At: p.peek().at, What: "nested too deep"}
	}
	var out and
	for {
		f, err := p.factor()
		if err != nil {
			return nil, err
		}
		out = append(out, f)
		if p.keyword("AND") {
			continue
		}
		if k := p.peek().kind; k == tokenEnd || k == tokenClose {
			break
		}
	}
	if len(out) == 1 {
		return out[0], nil
	}
	return out, nil
}

func (p *parser) factor() (node, error) {
	var out or
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		out = append(out, t)
		if !p.keyword("OR") {
			break
		}
	}
	if len(out) == 1 {
		return out[0], nil
	}
	return out, nil
}

func (p *parser) term() (node, error) {
	if p.peek().kind == tokenMinus {
		p.next()
		n, err := p.simple()
		return not{n}, err
	}
	if p.keyword("NOT") {
		n, err := p.simple()
		return not{n}, err
	}
	return p.simple()
}

func (p *parser) simple() (node, error) {
	switch t := p.next(); t.kind {
	case tokenOpen:
		n, err := p.expression()
		if err != nil {
			return nil, err
		}
		if c := p.next(); c.kind != tokenClose {
			return nil, &Error{At: c.at, What: "a parenthesis is not closed"}
		}
		return n, nil
	case tokenWord, tokenQuoted:
		if p.peek().kind != tokenOperator {
			if t.kind == tokenWord && slices.Contains([]string{"AND", "OR", "NOT"}, t.text) {
				return nil, &Error{At: t.at, What: t.text + " stands where a field or word should"}
			}
			return word(strings.ToLower(t.text)), nil
		}
		op := p.next()
		v := p.next()
		if v.kind != tokenWord && v.kind != tokenQuoted {
			return nil, &Error{Field: t.text, At: v.at, What: "a value is missing after " + t.text + " " + op.text}
		}
		return p.leaf(t, op.text, v)
	default:
		what := strconv.Quote(t.text) + " stands where a field or word should"
		if t.kind == tokenEnd {
			what = "the filter ends where a field or word should stand"
		}
		return nil, &Error{At: t.at, What: what}
	}
}

func (p *parser) leaf(name token, op string, value token) (node, error) {
	f, ok := p.schema.field(name.text)
	if !ok {
		return nil, &Error{Field: name.text, At: name.at, Meant: nearest(name.text, p.schema.names()),
			What: "there is no field " + strconv.Quote(name.text) + "; fields are " + strings.Join(p.schema.names(), ", ")}
	}
	l := leaf{field: f, op: op, value: value.text, low: strings.ToLower(value.text)}
	if value.kind == tokenWord {
		l.low, l.head = strings.CutPrefix(l.low, "*")
		l.low, l.tail = strings.CutSuffix(l.low, "*")
	}
	if l.low == "" && (l.head || l.tail) { // presence
		return l, nil
	}
	return l, l.check(value.at)
}

// check reads the value as the field's kind wants it.
func (l *leaf) check(at int) error {
	fail := func(what, meant string) error { return &Error{Field: l.field.Name, At: at, What: what, Meant: meant} }
	ordered := l.op != "=" && l.op != "!=" && l.op != ":"
	switch l.field.Kind {
	case Number:
		n, err := strconv.ParseFloat(l.low, 64)
		if err != nil {
			return fail(strconv.Quote(l.value)+" is no number", "")
		}
		l.num = n
		return nil
	case Address:
		if a, err := netip.ParseAddr(l.low); err == nil {
			l.pfx = netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen())
		} else if p, err := netip.ParsePrefix(l.low); err == nil {
			l.pfx = p.Masked()
		} else {
			return fail(strconv.Quote(l.value)+" is neither an IP address nor a prefix", "")
		}
	case Link:
		m, err := model.ParseMAC(l.low)
		switch {
		case err == nil:
			l.low = m.String()
		case l.head || l.tail:
		default:
			return fail(strconv.Quote(l.value)+" is no MAC address", "")
		}
	case Enum:
		if !l.head && !l.tail && !slices.Contains(l.field.Values, l.low) {
			return fail("there is no "+l.field.Name+" "+strconv.Quote(l.value)+"; values are "+strings.Join(l.field.Values, ", "), nearest(l.low, l.field.Values))
		}
	}
	if ordered && l.field.Kind != Text {
		return fail(l.field.Name+" has no order: use = or !=", "")
	}
	return nil
}
