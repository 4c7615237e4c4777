package mapping

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

// SyntaxError is an expression that cannot be compiled: what is wrong, where,
// and an excerpt with a mark below the place.
type SyntaxError struct {
	Problem string
	Line    int // from 1
	Column  int // from 1, in characters
	excerpt string
}

// Error returns the problem, its place, and the excerpt in lines of its own.
func (e *SyntaxError) Error() string {
	if e.excerpt == "" {
		return e.Problem
	}
	return e.Problem + place(e.Line, e.Column) + e.excerpt
}

// place names a place, with its line where there are several.
func place(line, column int) string {
	if line <= 1 {
		return fmt.Sprintf(" (column %d)", column)
	}
	return fmt.Sprintf(" (line %d, column %d)", line, column)
}

// Check compiles the expression of a setting and forgets it. An error is a
// SyntaxError.
func Check(setting Setting, text string) error {
	_, err := compile(setting, text)
	return err
}

// program is a compiled expression. It is not for concurrent use.
type program struct {
	setting Setting
	text    string
	code    *vm.Program
	machine vm.VM
	state   *evaluation
}

// maxMemory bounds the lists of one evaluation, in entries.
const maxMemory = 100_000

// compile checks that the expression is in the language, then its types. The
// library could turn a result of the type any into the one that is wanted, and
// would make false of nothing: such a result is checked when there is one.
func compile(setting Setting, text string) (*program, error) {
	switch {
	case len(text) > maxText:
		return nil, &SyntaxError{Problem: fmt.Sprintf("has %d bytes, want %d at most", len(text), maxText)}
	case strings.TrimSpace(text) == "":
		return nil, &SyntaxError{Problem: "is empty, want an expression"}
	}
	p := &program{setting: setting, text: text, state: &evaluation{}, machine: vm.VM{MemoryBudget: maxMemory}}
	functions := p.state.functions()
	options := []expr.Option{
		expr.Env(setting.environment()), expr.MaxNodes(2 * maxNodes), expr.Optimize(false),
		expr.DisableAllBuiltins(), expr.Patch(addition{}),
	}
	for _, name := range builtins() {
		options = append(options, expr.EnableBuiltin(name))
	}
	for _, f := range functions {
		options = append(options, f.option())
	}
	l := &language{fields: fields(setting.environment()), functions: names(setting, functions)}
	if err := l.check(text); err != nil {
		return nil, syntaxError(err, text)
	}
	code, err := expr.Compile(text, options...)
	if inside, ok := errors.AsType[*file.Error](err); ok {
		return nil, syntaxError(inside, text)
	}
	if err != nil {
		return nil, &SyntaxError{Problem: err.Error()}
	}
	if made := code.Node().Type(); made.Kind() != reflect.Interface && made.Kind() != setting.kind() {
		return nil, &SyntaxError{Problem: fmt.Sprintf("makes %s, want %s", kindOf(reflect.Zero(made).Interface()), setting.wanted())}
	}
	p.code = code
	return p, nil
}

// names are the functions that an expression of the setting may call, sorted.
func names(setting Setting, functions []function) []string {
	known := builtins()
	for _, f := range functions {
		if f.name == concatenation || setting == SettingTeam && aboutPeople(f.name) {
			continue
		}
		known = append(known, f.name)
	}
	slices.Sort(known)
	return known
}

// aboutPeople reports whether a function needs a person.
func aboutPeople(function string) bool { return function == "memberOf" || function == "attribute" }

// run evaluates the expression. The error names neither person nor value.
func (p *program) run(environment any) (any, error) {
	*p.state = evaluation{}
	switch about := environment.(type) {
	case personEnvironment:
		p.state.user = about.User
	case membershipEnvironment:
		p.state.user = about.User
	}
	result, err := p.machine.Run(p.code, environment)
	if inside, ok := errors.AsType[*file.Error](err); ok {
		return nil, errors.New(inside.Message + place(inside.Line, inside.Column+1))
	}
	if err != nil {
		return nil, err
	}
	if kind := p.setting.kind(); result == nil || reflect.TypeOf(result).Kind() != kind {
		return nil, fmt.Errorf("makes %s, want %s", kindOf(result), p.setting.wanted())
	}
	if list, ok := result.([]any); ok {
		return p.listOf(list)
	}
	return result, nil
}

// listOf is a list of texts. Nothing in it is a blank text: what may be missing
// may be listed.
func (p *program) listOf(list []any) ([]string, error) {
	texts := make([]string, 0, len(list))
	for _, entry := range list {
		text, ok := entry.(string)
		if !ok && entry != nil {
			return nil, fmt.Errorf("expected %s but found %s in the list", p.setting.wanted(), kindOf(entry))
		}
		texts = append(texts, text)
	}
	return texts, nil
}

func (p *program) words(environment any) (string, error) {
	result, err := p.run(environment)
	text, _ := result.(string)
	return text, err
}

// addresses are the further e-mails of a person whose own is given.
func (p *program) addresses(environment any, email string) ([]string, error) {
	result, err := p.run(environment)
	if err != nil {
		return nil, err
	}
	list, _ := result.([]string)
	list = furtherEmails(email, list)
	if len(list) > directory.MaxEmails {
		return nil, fmt.Errorf("makes %d addresses, the maximum is %d", len(list), directory.MaxEmails)
	}
	return list, nil
}

func (p *program) flag(environment any) (bool, error) {
	result, err := p.run(environment)
	flag, _ := result.(bool)
	return flag, err
}

// excerptWidth is how much of a line an excerpt shows, in characters.
const excerptWidth = 60

func syntaxError(err *file.Error, text string) *SyntaxError {
	e := &SyntaxError{Problem: strings.Map(visible, err.Message), Line: err.Line, Column: err.Column + 1}
	lines := strings.Split(text, "\n")
	if e.Line < 1 || e.Line > len(lines) || strings.TrimSpace(text) == "" {
		return e
	}
	line := []rune(strings.Map(visible, lines[e.Line-1]))
	from := max(0, min(err.Column-excerptWidth/2, len(line)-excerptWidth))
	to := min(len(line), from+excerptWidth)
	mark := min(max(err.Column-from, 0), excerptWidth)
	e.excerpt = "\n  | " + string(line[from:to]) + "\n  | " + strings.Repeat(" ", mark) + "^"
	return e
}

// visible replaces what would move the mark away from its place.
func visible(r rune) rune {
	if !unicode.IsPrint(r) {
		return ' '
	}
	return r
}
