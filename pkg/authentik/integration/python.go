package integration

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// guideForm is the SHA-256 of the normal form of the SCIM mapping that authentik's
// integration guide for Sentry has users paste (website/integrations/monitoring/
// sentry/index.mdx). It gives the same users as Expression.
const guideForm = "1fac974e8642cfe5297b54ed2ef25b9dde57574078d56b2cce54d9242399d6d7"

// Accepted reports whether the expression of a SCIM mapping is as good as Expression:
// it is that or the guide's, in any layout and with any quotes.
func Accepted(expression string) bool {
	form := normalForm(expression)
	sum := sha256.Sum256([]byte(form))
	return form == normalForm(Expression()) || hex.EncodeToString(sum[:]) == guideForm
}

// normalForm is a Python text without what changes nothing: a line for each
// logical line, its depth of indentation and its tokens joined by blanks, without
// comments, without a comma before a closing bracket, and strings by value. Texts
// with the same form do the same; a text that is not Python has some form too.
func normalForm(text string) string {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	p := &pythonForm{rest: strings.TrimSpace(text), indents: []int{0}}
	for p.rest != "" {
		p.next()
	}
	p.endLine()
	return p.out.String()
}

// pythonForm is a text that is being brought into its normal form
// (docs.python.org/3/reference/lexical_analysis.html).
type pythonForm struct {
	rest    string
	out     strings.Builder
	indents []int    // columns of the blocks that are open
	column  int      // of the present logical line
	line    []string // its tokens
	open    int      // brackets that are open
}

var (
	pythonString = pattern.New(`^(?s)[bBfFrRtTuU]{0,2}("""(?:\\.|[^\\])*?"""|'''(?:\\.|[^\\])*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')`)
	pythonName   = pattern.New(`^[\pL_][\pL\pN_]*`)
	pythonNumber = pattern.New(`^(?:\d|\.\d)(?:[eE][+-]|[\w.])*`)
	pythonSign   = pattern.New(`^(?:\*\*=|//=|>>=|<<=|\.\.\.|[-+*/%&|^@:=!<>]=|->|\*\*|//|>>|<<)`)
)

func (p *pythonForm) next() {
	switch first := p.rest[0]; {
	case first == '\n':
		p.rest = p.rest[1:]
		if p.open == 0 {
			p.endLine()
		}
	case first == ' ' || first == '\t' || first == '\f':
		p.blank(first)
	case first == '#':
		_, after, more := strings.Cut(p.rest, "\n")
		if p.rest = ""; more {
			p.rest = "\n" + after
		}
	case strings.HasPrefix(p.rest, "\\\n"):
		p.rest = p.rest[2:]
	default:
		p.token()
	}
}

// blank counts the columns before the first token of a line: a tab goes to the
// next multiple of eight.
func (p *pythonForm) blank(first byte) {
	p.rest = p.rest[1:]
	switch {
	case len(p.line) > 0 || p.open > 0:
	case first == '\t':
		p.column = (p.column/8 + 1) * 8
	case first == '\f':
		p.column = 0
	default:
		p.column++
	}
}

func (p *pythonForm) token() {
	if text := pythonString().FindString(p.rest); text != "" {
		p.take(len(text), stringValue(text))
		return
	}
	for _, pattern := range []*regexp.Regexp{pythonName(), pythonNumber(), pythonSign()} {
		if text := pattern.FindString(p.rest); text != "" {
			p.take(len(text), text)
			return
		}
	}
	_, size := utf8.DecodeRuneInString(p.rest)
	switch sign := p.rest[:size]; sign {
	case "(", "[", "{":
		p.take(size, sign)
		p.open++
	case ")", "]", "}":
		if last := len(p.line) - 1; last >= 0 && p.line[last] == "," {
			p.line = p.line[:last]
		}
		p.take(size, sign)
		p.open = max(0, p.open-1)
	default:
		p.take(size, sign)
	}
}

func (p *pythonForm) take(size int, token string) {
	p.rest = p.rest[size:]
	p.line = append(p.line, token)
}

// endLine writes the logical line with its depth. A column that ends no block is
// no Python; it counts as the block around it.
func (p *pythonForm) endLine() {
	if len(p.line) > 0 {
		for p.column < p.indents[len(p.indents)-1] {
			p.indents = p.indents[:len(p.indents)-1]
		}
		if p.column > p.indents[len(p.indents)-1] {
			p.indents = append(p.indents, p.column)
		}
		p.out.WriteString(strconv.Itoa(len(p.indents)-1) + " " + strings.Join(p.line, " ") + "\n")
	}
	p.line, p.column = nil, 0
}

// stringValue is a literal without a prefix as JSON, by its value. One with a
// prefix, with three quotes or with an escape that JSON lacks is kept as it is.
func stringValue(literal string) string {
	quote := literal[:1]
	if quote != `"` && quote != "'" || strings.HasPrefix(literal, strings.Repeat(quote, 3)) {
		return literal
	}
	body := literal[1 : len(literal)-1]
	var value strings.Builder
	for body != "" {
		before, after, escaped := strings.Cut(body, `\`)
		value.WriteString(before)
		if !escaped {
			break
		}
		plain, known := map[byte]string{'\\': `\`, '\'': "'", '"': `"`, 'n': "\n", 't': "\t", 'r': "\r", '\n': ""}[after[0]]
		if !known {
			return literal
		}
		value.WriteString(plain)
		body = after[1:]
	}
	var out strings.Builder
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(value.String()) != nil {
		return literal
	}
	return strings.TrimSuffix(out.String(), "\n")
}
