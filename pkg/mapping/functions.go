package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

// maxWork bounds the texts that one evaluation makes, in bytes. Replacing and
// joining multiply lengths, so that a short expression could fill the memory.
const maxWork = 1 << 20

var errTooMuchWork = errors.New("makes more than 1 MiB of text")

// evaluation is the state of one run of an expression, which its functions use.
type evaluation struct {
	user user
	work int // bytes of text made so far
}

// spend counts the bytes of a text that is about to be made.
func (e *evaluation) spend(bytes int) error {
	e.work += bytes
	if bytes < 0 || e.work > maxWork {
		return errTooMuchWork
	}
	return nil
}

// function is a function of the language. The expression has been checked
// against its types; an argument of the type any may still be anything.
type function struct {
	name  string
	call  func(args []any) (any, error)
	types []any
}

// option makes the function known to the library.
func (f function) option() expr.Option {
	return expr.Function(f.name, func(args ...any) (any, error) {
		result, err := f.call(args)
		if err != nil && !errors.Is(err, errTooMuchWork) {
			err = fmt.Errorf("%s %w", f.name, err)
		}
		return result, err
	}, f.types...)
}

// concatenation is the function that stands for the operator + on texts. No
// expression can name it.
const concatenation = "+"

// functions are those of ours. Everything else that the library has is refused,
// but for builtins.
func (e *evaluation) functions() []function {
	text := func(change func(string) string) func(args []any) (any, error) {
		return func(args []any) (any, error) {
			s, err := texts(args)
			if err != nil {
				return nil, err
			}
			return change(s[0]), e.spend(len(s[0]))
		}
	}
	one := []any{new(func(string) string)}
	return []function{
		{"lower", text(strings.ToLower), one},
		{"upper", text(strings.ToUpper), one},
		{"trim", text(strings.TrimSpace), one},
		{"split", e.split, []any{new(func(string, string) []string)}},
		{"join", e.join, []any{new(func([]string, string) string), new(func([]any, string) string)}},
		{"replace", e.replace, []any{new(func(string, string, string) string)}},
		{"memberOf", e.memberOf, []any{new(func(string) bool)}},
		{"attribute", e.attribute, attributeTypes()},
		{concatenation, e.concat, []any{new(func(any, any) string)}},
	}
}

// attributeTypes say that an attribute has the type of its default.
func attributeTypes() []any {
	return []any{
		new(func(string) any), new(func(string, string) string), new(func(string, bool) bool), new(func(string, int) int),
		new(func(string, float64) float64), new(func(string, []any) []any), new(func(string, any) any),
	}
}

// builtins are the functions of the library that are kept. Those that take a
// condition go through a list once.
func builtins() []string {
	return []string{"all", "any", "count", "filter", "find", "first", "last", "len", "map", "none"}
}

func (e *evaluation) split(args []any) (any, error) {
	s, err := texts(args)
	if err != nil {
		return nil, err
	}
	const header = 16 // bytes that every part costs beside its text
	if err := e.spend(len(s[0]) + header*(strings.Count(s[0], s[1])+1)); err != nil {
		return nil, err
	}
	return strings.Split(s[0], s[1]), nil
}

func (e *evaluation) join(args []any) (any, error) {
	separator, err := texts(args[1:])
	if err != nil {
		return nil, err
	}
	list, isTexts := args[0].([]string)
	if entries, ok := args[0].([]any); ok {
		list, err = texts(entries)
		isTexts = true
	}
	if err != nil || !isTexts {
		return nil, errors.New("wants a list of texts")
	}
	size := len(list) * len(separator[0])
	for _, entry := range list {
		size += len(entry)
	}
	if err := e.spend(size); err != nil {
		return nil, err
	}
	return strings.Join(list, separator[0]), nil
}

func (e *evaluation) replace(args []any) (any, error) {
	s, err := texts(args)
	if err != nil {
		return nil, err
	}
	grown := len(s[0]) + strings.Count(s[0], s[1])*len(s[2])
	if err := e.spend(grown); err != nil {
		return nil, err
	}
	return strings.ReplaceAll(s[0], s[1], s[2]), nil
}

func (e *evaluation) concat(args []any) (any, error) {
	s, err := texts(args)
	if err != nil {
		return nil, err
	}
	return s[0] + s[1], e.spend(len(s[0]) + len(s[1]))
}

func (e *evaluation) memberOf(args []any) (any, error) {
	s, err := texts(args)
	if err != nil {
		return nil, err
	}
	_, member := slices.BinarySearch(e.user.Groups, s[0])
	return member, nil
}

// attribute looks an attribute up. One that is missing, or is nothing, is the
// default; any other has to have its type.
func (e *evaluation) attribute(args []any) (any, error) {
	path, err := texts(args[:1])
	if err != nil {
		return nil, err
	}
	value := directory.Attribute(e.user.Attributes, path[0])
	switch {
	case len(args) == 1:
		return value, nil
	case value == nil:
		return args[1], nil
	case args[1] != nil && kindOf(value) != kindOf(args[1]):
		return nil, fmt.Errorf("finds %s under %.80q, want %s as its default", kindOf(value), path[0], kindOf(args[1]))
	}
	return value, nil
}

// texts are arguments that have to be texts.
func texts(args []any) ([]string, error) {
	list := make([]string, 0, len(args))
	for _, arg := range args {
		text, ok := arg.(string)
		if !ok {
			return nil, fmt.Errorf("wants a text, found %s", kindOf(arg))
		}
		list = append(list, text)
	}
	return list, nil
}

// kindOf names the type of a value, and never the value: it may be private.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int:
		return "a whole number"
	case float64:
		return "a number"
	case map[string]any:
		return "a mapping"
	case []any, []string:
		return "a list"
	}
	return "something else"
}
