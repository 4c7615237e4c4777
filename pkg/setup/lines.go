package setup

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// text is a file of YAML by its lines, which count from 0 here and from 1 in nodes.
type text struct {
	lines []string
	end   string // of a line
	root  *yaml.Node
}

// parse reads a file whose lines are those that YAML counts, too.
func parse(content []byte) (text, bool) {
	var document yaml.Node
	ends := bytes.ReplaceAll(content, []byte("\r\n"), nil)
	if bytes.ContainsAny(ends, "\r\u0085\u2028\u2029") {
		return text{}, false
	}
	if yaml.Unmarshal(content, &document) != nil || len(document.Content) == 0 || document.Content[0].Kind != yaml.MappingNode {
		return text{}, false
	}
	t := text{end: "\n", root: document.Content[0]}
	if bytes.Contains(content, []byte("\r\n")) {
		t.end = "\r\n"
	}
	t.lines = strings.Split(strings.TrimSuffix(string(content), "\n"), "\n")
	for i, line := range t.lines {
		t.lines[i] = strings.TrimSuffix(line, "\r")
	}
	return t, true
}

func (t text) bytes() []byte { return []byte(strings.Join(t.lines, t.end) + t.end) }

// put sets the value at a path, or removes it where value is nil, and leaves all
// other lines as they are. What it returns has to be checked: mappings in braces
// have no lines of their own.
func (t text) put(path string, value any, n *yaml.Node) []byte {
	mapping, column, first, last := t.root, t.root.Column-1, 0, len(t.lines)
	words := strings.Split(path, ".")
	for depth, word := range words {
		i := keyOf(mapping, word)
		if i < 0 {
			if value != nil {
				t.insert(words[depth:], n, column, first, last)
			}
			return t.bytes()
		}
		key := mapping.Content[i]
		first = key.Line - 1
		if i+2 < len(mapping.Content) {
			last = mapping.Content[i+2].Line - 1
		}
		if depth == len(words)-1 {
			last = t.valueEnd(first, last)
			t.replace(word, value, n, column, first, last, mapping.Content[i+1].LineComment)
			return t.bytes()
		}
		last = t.sectionEnd(first, last)
		mapping = mapping.Content[i+1]
		first, column = first+1, column+len("  ")
		if len(mapping.Content) > 0 {
			column = mapping.Content[0].Column - 1
		}
	}
	return t.bytes()
}

// valueEnd is the end of a value, without the blank lines and comments behind it.
func (t text) valueEnd(first, last int) int {
	for last > first+1 {
		line := strings.TrimSpace(t.lines[last-1])
		if line != "" && !strings.HasPrefix(line, "#") {
			break
		}
		last--
	}
	return last
}

// sectionEnd is the end of a mapping below a key: what stands further to the right,
// comments too, without the blank lines at its end.
func (t text) sectionEnd(first, last int) int {
	end := first + 1
	for i := first + 1; i < last; i++ {
		switch blank := strings.TrimSpace(t.lines[i]) == ""; {
		case blank:
		case indentOf(t.lines[i]) <= indentOf(t.lines[first]):
			return end
		default:
			end = i + 1
		}
	}
	return end
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// replace gives a key that is there another value, or removes it.
func (t *text) replace(word string, value any, n *yaml.Node, column, first, last int, remark string) {
	var with []string
	if value != nil {
		line := strings.Repeat(" ", column) + word + ": " + oneLine(n)
		if remark != "" {
			line += " " + remark
		}
		with = []string{line}
	}
	t.lines = slices.Replace(t.lines, first, last, with...)
}

// insert gives keys that are not there a value, in the place of comments that show
// them, or else at the end of the part.
func (t *text) insert(words []string, n *yaml.Node, column, first, last int) {
	for depth, word := range words {
		lead := strings.Repeat(" ", column)
		shown := slices.IndexFunc(t.lines[first:last], func(line string) bool {
			return strings.HasPrefix(line, lead+"# "+word+":")
		})
		if shown < 0 {
			t.lines = slices.Insert(t.lines, last, block(words[depth:], n, column)...)
			return
		}
		at := first + shown
		if depth == len(words)-1 {
			t.lines[at] = lead + word + ": " + oneLine(n)
			return
		}
		t.lines[at] = lead + word + ":"
		first, column = at+1, column+len("  ")
		last = first
		for last < len(t.lines) && indentOf(t.lines[last]) >= column && strings.TrimSpace(t.lines[last]) != "" {
			last++
		}
	}
}

// block is a value below its keys, one a line.
func block(words []string, n *yaml.Node, column int) []string {
	var lines []string
	for depth, word := range words {
		line := strings.Repeat(" ", column+depth*len("  ")) + word + ":"
		if depth == len(words)-1 {
			line += " " + oneLine(n)
		}
		lines = append(lines, line)
	}
	return lines
}

// oneLine is a value as nodeOf makes it.
func oneLine(n *yaml.Node) string {
	var out bytes.Buffer
	if encode(&out, n) != nil {
		return ""
	}
	return strings.TrimRight(out.String(), "\n")
}
