package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Validator is a configuration that can judge itself. It reports all faults joined, each best a
// *FieldError.
type Validator interface{ Validate() error }

// FieldError is a value that is not allowed.
type FieldError struct {
	Key     string // dotted path, e.g. "capture.ring_bytes"
	Value   string
	Allowed string
}

// Error says it without file and line; Load adds those.
func (e *FieldError) Error() string {
	return fmt.Sprintf("%s: %q is not allowed: %s", e.Key, e.Value, e.Allowed)
}

// Field makes a FieldError of any value.
func Field(key string, value any, allowed string) error {
	return &FieldError{Key: key, Value: fmt.Sprint(value), Allowed: allowed}
}

// Load fills into, a pointer to a struct that holds the defaults, from the file at path ("" for
// none) and from variables named prefix_KEY_SUBKEY, which win. It reports every fault at once.
func Load(path, prefix string, environ []string, into any) error {
	l := &loader{path: path, lines: map[string]int{}}
	if path != "" {
		l.readFile(reflect.ValueOf(into).Elem())
	}
	if l.fatal != nil {
		return l.fatal
	}
	l.readEnviron(prefix, environ, reflect.ValueOf(into).Elem())
	if v, ok := into.(Validator); ok {
		l.place(v.Validate())
	}
	return errors.Join(l.faults...)
}

// Print renders v as YAML, the way that `config print` shows it.
func Print(v any) (string, error) {
	out, err := yaml.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("render configuration: %w", err)
	}
	return string(out), nil
}

type loader struct {
	path   string
	lines  map[string]int // of each key that the file set
	faults []error
	fatal  error
}

func (l *loader) fault(line int, format string, args ...any) {
	where := l.path
	if line > 0 {
		where = fmt.Sprintf("%s:%d", l.path, line)
	}
	l.faults = append(l.faults, fmt.Errorf("%s: %w", where, fmt.Errorf(format, args...)))
}

func (l *loader) readFile(into reflect.Value) {
	raw, err := os.ReadFile(l.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			err = errors.New("no such file")
		}
		l.fatal = fmt.Errorf("read configuration %s: %w", l.path, err)
		return
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		l.fatal = fmt.Errorf("%s: %s", l.path, strings.TrimPrefix(err.Error(), "yaml: "))
		return
	}
	if len(doc.Content) > 0 {
		l.structure("", doc.Content[0], into)
	}
}

// place turns the faults of Validate into lines of the file.
func (l *loader) place(err error) {
	if err == nil {
		return
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		for _, e := range joined.Unwrap() {
			l.place(e)
		}
		return
	}
	var field *FieldError
	if errors.As(err, &field) && l.lines[field.Key] > 0 {
		l.fault(l.lines[field.Key], "%w", err)
		return
	}
	l.faults = append(l.faults, fmt.Errorf("configuration: %w", err))
}

func (l *loader) structure(path string, node *yaml.Node, into reflect.Value) {
	if node.Kind == yaml.ScalarNode && node.Tag == "!!null" {
		return
	}
	if node.Kind != yaml.MappingNode {
		l.fault(node.Line, "%q: want keys and values", path)
		return
	}
	fields := fieldsOf(into.Type())
	for i := 0; i+1 < len(node.Content); i += 2 {
		name, value := node.Content[i], node.Content[i+1]
		key := join(path, name.Value)
		index, ok := fields[name.Value]
		if !ok {
			hint := ""
			if near := nearest(name.Value, fields); near != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", join(path, near))
			}
			l.fault(name.Line, "unknown key %q%s", key, hint)
			continue
		}
		l.lines[key] = name.Line
		l.value(key, value, into.Field(index))
	}
}

func (l *loader) value(key string, node *yaml.Node, into reflect.Value) {
	switch {
	case isScalar(into.Type()):
		if node.Kind != yaml.ScalarNode {
			l.fault(node.Line, "%s: want %s", key, describe(into.Type()))
			return
		}
		if err := setScalar(into, node.Value); err != nil {
			l.fault(node.Line, "%s: %q is not allowed: want %s", key, node.Value, err)
		}
	case into.Kind() == reflect.Struct:
		l.structure(key, node, into)
	case into.Kind() == reflect.Slice:
		if node.Kind != yaml.SequenceNode {
			l.fault(node.Line, "%s: want a list", key)
			return
		}
		list := reflect.MakeSlice(into.Type(), len(node.Content), len(node.Content))
		for i, item := range node.Content {
			l.lines[fmt.Sprintf("%s[%d]", key, i)] = item.Line
			l.value(fmt.Sprintf("%s[%d]", key, i), item, list.Index(i))
		}
		into.Set(list)
	}
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
