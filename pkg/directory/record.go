package directory

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// record is one user or group as it was written: values by key, and the line.
type record struct {
	line   int
	values map[string]any
}

func userKeys() []string  { return []string{"username", "name", "email", "active", "type", "groups"} }
func groupKeys() []string { return []string{"name", "members"} }

// user reads a record as a person. The username is the e-mail where none is
// given; people are active and internal unless it is said otherwise.
func (b *builder) user(r record) {
	b.unknownKeys(r, "user", userKeys())
	p := Person{
		Username: b.text(r, "username"), Name: b.text(r, "name"), Email: b.text(r, "email"),
		Active: b.flag(r, "active", true), Type: b.text(r, "type"), Groups: b.list(r, "groups"),
	}
	if p.Username == "" {
		p.Username = p.Email
	}
	if p.Type == "" {
		p.Type = "internal"
	}
	if p.Username == "" {
		b.problem(r.line, "a user has neither username nor email")
		return
	}
	if first, twice := b.users[p.Username]; twice {
		b.problem(r.line, "the username %q is there already, in line %d", p.Username, b.peopleLines[first])
		return
	}
	b.users[p.Username] = len(b.people)
	b.people, b.peopleLines = append(b.people, p), append(b.peopleLines, r.line)
}

// group reads a record as a group.
func (b *builder) group(r record) {
	b.unknownKeys(r, "group", groupKeys())
	g := Group{Name: b.text(r, "name"), Members: b.list(r, "members")}
	if g.Name == "" {
		b.problem(r.line, "a group has no name")
		return
	}
	if first, twice := b.groups[g.Name]; twice {
		b.problem(r.line, "the group %q is there already, in line %d", g.Name, b.groupLines[first])
		return
	}
	b.groups[g.Name] = len(b.named)
	b.named, b.groupLines = append(b.named, g), append(b.groupLines, r.line)
}

func (b *builder) unknownKeys(r record, kind string, known []string) {
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		if !slices.Contains(known, key) {
			b.problem(r.line, "a %s has the unknown key %q, want %s", kind, key, strings.Join(known, ", "))
		}
	}
}

func (b *builder) text(r record, key string) string {
	switch value := r.values[key].(type) {
	case nil:
		return ""
	case string:
		if strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			b.problem(r.line, "%s has a control character: %q", key, value)
		}
		return strings.TrimSpace(value)
	default:
		b.problem(r.line, "%s is %s, want a text (put it in quotes)", key, kindOf(value))
		return ""
	}
}

func (b *builder) flag(r record, key string, standard bool) bool {
	switch value := r.values[key].(type) {
	case nil:
		return standard
	case bool:
		return value
	default:
		b.problem(r.line, "%s is %s, want true or false", key, kindOf(value))
		return standard
	}
}

func (b *builder) list(r record, key string) []string {
	switch value := r.values[key].(type) {
	case nil:
		return nil
	case []any:
		texts := make([]string, 0, len(value))
		for _, entry := range value {
			text := b.text(record{line: r.line, values: map[string]any{key: entry}}, key)
			if text == "" {
				b.problem(r.line, "%s has an empty entry", key)
			}
			texts = append(texts, text)
		}
		return texts
	default:
		b.problem(r.line, "%s is %s, want a list of names", key, kindOf(value))
		return nil
	}
}

func kindOf(value any) string {
	switch v := value.(type) {
	case string:
		return fmt.Sprintf("the text %q", v)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	default:
		return fmt.Sprintf("the number %v", v)
	}
}
