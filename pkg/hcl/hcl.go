// Package hcl writes configuration in the native syntax of HCL, as Terraform reads it
// (hashicorp/hcl, hclsyntax/spec.md), laid out as 'terraform fmt' does. It reads none.
package hcl

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Expression is a value as it is written. The lines of a list, after the first, are
// indented as if it stood in no block.
type Expression string

// Body is what stands in a file or a block, in order.
type Body struct{ items []item }

// item is a comment, an empty line, an attribute or a block: the one that is set.
type item struct {
	comment string
	name    string // of an attribute
	value   Expression
	header  string // of a block
	block   *Body
}

// Comment adds a line of comment.
func (b *Body) Comment(format string, args ...any) {
	b.items = append(b.items, item{comment: fmt.Sprintf(format, args...)})
}

// Blank adds an empty line.
func (b *Body) Blank() { b.items = append(b.items, item{}) }

// Set adds an attribute.
func (b *Body) Set(name string, value Expression) {
	b.items = append(b.items, item{name: name, value: value})
}

// Block adds a block and returns what is in it.
func (b *Body) Block(kind string, labels ...string) *Body {
	header := []string{kind}
	for _, label := range labels {
		header = append(header, string(String(label)))
	}
	inside := &Body{}
	b.items = append(b.items, item{header: strings.Join(header, " "), block: inside})
	return inside
}

// Bytes is the configuration.
func (b *Body) Bytes() []byte {
	var out strings.Builder
	b.write(&out, "")
	return []byte(out.String())
}

func (b *Body) write(out *strings.Builder, indent string) {
	for i, it := range b.items {
		switch {
		case it.block != nil:
			out.WriteString(indent + it.header + " {\n")
			it.block.write(out, indent+"  ")
			out.WriteString(indent + "}\n")
		case it.name != "":
			out.WriteString(indent + it.name + strings.Repeat(" ", b.width(i)-len(it.name)) + " = " + it.value.indented(indent) + "\n")
		case it.comment != "":
			out.WriteString(indent + "# " + it.comment + "\n")
		default:
			out.WriteString("\n")
		}
	}
}

// width is that of the longest name among the attributes of one line around item i:
// their values stand below each other.
func (b *Body) width(i int) int {
	width := len(b.items[i].name)
	if !b.items[i].short() {
		return width
	}
	for first := i; first >= 0 && b.items[first].short(); first-- {
		width = max(width, len(b.items[first].name))
	}
	for last := i; last < len(b.items) && b.items[last].short(); last++ {
		width = max(width, len(b.items[last].name))
	}
	return width
}

// short reports an attribute that counts as one of one line: so does a text that
// stands by itself.
func (it item) short() bool {
	value := string(it.value)
	return it.name != "" && (!strings.Contains(value, "\n") || strings.HasPrefix(value, "<<"))
}

// indented indents the lines of a value but for those of texts, which mean themselves.
func (e Expression) indented(indent string) string {
	var out strings.Builder
	inText := false
	for line := range strings.Lines(string(e)) {
		if out.Len() > 0 && !inText {
			out.WriteString(indent)
		}
		out.WriteString(line)
		switch {
		case strings.HasSuffix(line, "<<"+marker+"\n"):
			inText = true
		case strings.TrimSuffix(line, "\n") == marker:
			inText = false
		}
	}
	return out.String()
}

// Bool is true or false.
func Bool(value bool) Expression { return Expression(strconv.FormatBool(value)) }

// Int is a number.
func Int(value int) Expression { return Expression(strconv.Itoa(value)) }

// Null is no value.
func Null() Expression { return "null" }

// Path is an attribute of something, such as data.authentik_group.x.id. The steps are
// identifiers.
func Path(root string, steps ...string) Expression {
	return Expression(strings.Join(append([]string{root}, steps...), "."))
}

// Call is the result of a function.
func Call(name string, arguments ...Expression) Expression {
	texts := make([]string, 0, len(arguments))
	for _, argument := range arguments {
		text := string(argument)
		if strings.HasSuffix(text, "\n"+marker) {
			text += "\n" // nothing may follow a marker on its line
		}
		texts = append(texts, text)
	}
	return Expression(name + "(" + strings.Join(texts, ", ") + ")")
}

// List is a list; one of several values has a line for each.
func List(values ...Expression) Expression {
	switch len(values) {
	case 0:
		return "[]"
	case 1:
		return "[" + values[0] + "]"
	}
	var out strings.Builder
	for _, value := range values {
		out.WriteString("  " + value.indented("  ") + ",\n")
	}
	return Expression("[\n" + out.String() + "]")
}

// Object is a value with attributes.
func Object(inside *Body) Expression {
	var out strings.Builder
	inside.write(&out, "  ")
	return Expression("{\n" + out.String() + "}")
}

// String is a quoted text, in which nothing is evaluated.
func String(text string) Expression {
	var out strings.Builder
	for text != "" {
		r, size := utf8.DecodeRuneInString(text)
		text = text[size:]
		out.WriteString(escaped(r, text))
	}
	return Expression(`"` + out.String() + `"`)
}

// escaped is a character of a quoted text, with rest behind it.
func escaped(r rune, rest string) string {
	switch {
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r == '"', r == '\\':
		return `\` + string(r)
	case (r == '$' || r == '%') && strings.HasPrefix(rest, "{"):
		return string(r) + string(r)
	case unicode.IsPrint(r):
		return string(r)
	case r < 1<<16:
		return fmt.Sprintf(`\u%04x`, r)
	}
	return fmt.Sprintf(`\U%08x`, r)
}

// marker ends a text of several lines.
const marker = "EOT"

// Lines is a text of several lines, each as it is, with a line end behind the last; ok
// is false for a text that cannot be written so.
func Lines(text string) (e Expression, ok bool) {
	if strings.Contains(text, marker) || strings.ContainsAny(text, "\r\t") {
		return "", false
	}
	return Expression("<<" + marker + "\n" + strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text) + "\n" + marker), true
}
