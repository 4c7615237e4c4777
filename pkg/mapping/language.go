package mapping

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"

	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// The bounds of an expression: bytes, and nodes of its syntax tree.
const (
	maxText  = 4096
	maxNodes = 256
)

// language is the part of the library's language that a mapping may use: no
// variables, no ranges, no regular expressions and no loop inside of a loop.
// What a loop compares each entry with is bounded too: attributes and e-mails are,
// texts that functions make are counted, and the groups, of which there may be any number,
// are not looked through in a loop.
type language struct {
	fields    map[string][]string
	functions []string

	nodes int
	bare  map[*ast.IdentifierNode]bool // variables of which no field is taken
	err   *file.Error                  // the first thing that is wrong
}

// check parses text and refuses what is not in the language.
func (l *language) check(text string) *file.Error {
	tree, err := parser.Parse(text)
	if inside, ok := errors.AsType[*file.Error](err); ok {
		return inside
	} else if err != nil {
		return (&file.Error{Message: err.Error()}).Bind(file.NewSource(text))
	}
	l.bare = map[*ast.IdentifierNode]bool{}
	ast.Walk(&tree.Node, l)
	for n := range l.bare {
		l.refuse(n, "%s stands alone, want one of its fields such as %s.%s", n.Value, n.Value, l.fields[n.Value][0])
	}
	if l.err == nil {
		return nil
	}
	return l.err.Bind(tree.Source)
}

// refuse keeps the first problem of the text, and of one place the one of the
// larger part, which is seen later and knows more.
func (l *language) refuse(node ast.Node, format string, args ...any) {
	if l.err == nil || node.Location().From <= l.err.From {
		l.err = &file.Error{Location: node.Location(), Message: fmt.Sprintf(format, args...)}
	}
}

// Visit looks at one node; those below it have been seen.
func (l *language) Visit(node *ast.Node) {
	l.nodes++
	if l.nodes == maxNodes+1 {
		l.refuse(*node, "has more than %d parts", maxNodes)
	}
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		l.identifier(n)
	case *ast.MemberNode:
		l.member(n)
	case *ast.BuiltinNode:
		l.function(n, n.Name)
	case *ast.CallNode:
		l.call(n)
	case *ast.BinaryNode:
		l.operator(n)
	case *ast.PredicateNode:
		l.predicate(n)
	case *ast.VariableDeclaratorNode, *ast.SequenceNode:
		l.refuse(n, "has variables or several statements, want one expression")
	case *ast.MapNode, *ast.PairNode, *ast.BytesNode:
		l.refuse(n, "has a mapping or bytes, want a text, number, list, true or false")
	}
}

func (l *language) predicate(n *ast.PredicateNode) {
	switch {
	case ast.Find(n.Node, isPredicate) != nil:
		l.refuse(n, "has a condition on a list inside of another one")
	case ast.Find(n.Node, isGroups) != nil:
		l.refuse(n, "looks through user.groups for each entry of a list, want memberOf(…)")
	}
}

func isGroups(node ast.Node) bool {
	n, ok := node.(*ast.MemberNode)
	if !ok {
		return false
	}
	variable, _ := n.Node.(*ast.IdentifierNode)
	field, _ := n.Property.(*ast.StringNode)
	return variable != nil && field != nil && field.Value == "groups"
}

func isPredicate(node ast.Node) bool {
	_, ok := node.(*ast.PredicateNode)
	return ok
}

// identifier knows the variables, and the functions that are called: the parser
// makes no difference.
func (l *language) identifier(n *ast.IdentifierNode) {
	_, known := l.fields[n.Value]
	if known {
		l.bare[n] = true
	}
	if known || slices.Contains(l.functions, n.Value) {
		return
	}
	l.refuse(n, "unknown name %s, %s", n.Value, wanted(n.Value, slices.Sorted(maps.Keys(l.fields))))
}

func (l *language) member(n *ast.MemberNode) {
	variable, isVariable := n.Node.(*ast.IdentifierNode)
	field, isName := n.Property.(*ast.StringNode)
	if !isVariable || !isName {
		return
	}
	delete(l.bare, variable)
	if known := l.fields[variable.Value]; len(known) > 0 && !slices.Contains(known, field.Value) {
		l.refuse(field, "%s has no %s, %s", variable.Value, field.Value, wanted(field.Value, known))
	}
}

func (l *language) function(n ast.Node, name string) {
	if !slices.Contains(l.functions, name) {
		l.refuse(n, "unknown function %s, %s", name, wanted(name, l.functions))
	}
}

func (l *language) call(n *ast.CallNode) {
	if callee, named := n.Callee.(*ast.IdentifierNode); named {
		delete(l.bare, callee)
		l.function(n, callee.Value)
		return
	}
	l.refuse(n, "only functions can be called")
}

func (l *language) operator(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		l.refuse(n, "ranges are not supported")
	case "matches":
		l.refuse(n, "matches is not supported, want contains, startsWith or endsWith")
	}
}

// wanted says what was probably meant, or what there is.
func wanted(word string, known []string) string {
	if near := nearest.Word(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 1 {
		return "want " + known[0]
	}
	return "want one of " + strings.Join(known, ", ")
}

// addition makes + on texts a function that counts what it makes. The types are
// known: the library has checked the tree once before it visits it.
type addition struct{}

// Visit replaces one node.
func (addition) Visit(node *ast.Node) {
	n, ok := (*node).(*ast.BinaryNode)
	if !ok || n.Operator != "+" || !maybeText(n.Left) || !maybeText(n.Right) {
		return
	}
	call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: concatenation}, Arguments: []ast.Node{n.Left, n.Right}}
	call.SetType(reflect.TypeFor[string]())
	ast.Patch(node, call)
}

func maybeText(n ast.Node) bool {
	kind := n.Type().Kind()
	return kind == reflect.String || kind == reflect.Interface
}
