package directory

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// record is one user or group as it was written: values by key, and the line.
type record struct {
	line   int
	values map[string]any
}

// The keys of a user that more than one place knows. groupsKey is a section of a
// directory too.
const (
	activeKey = "active"
	emailsKey = "emails"
	groupsKey = "groups"

	projectsKey = "projects"
)

func userKeys() []string {
	return []string{"username", "id", "name", "email", emailsKey, activeKey, "type", groupsKey, attributesKey}
}

func groupKeys() []string { return []string{"name", "members", projectsKey} }

// sections are the lists of a document, and what becomes of their entries.
func (b *builder) sections() map[string]func(record) {
	return map[string]func(record){"users": b.user, groupsKey: b.group}
}

// user reads a record as a person. The ID is the username where none is given,
// and the username the e-mail; people are active and internal unless it is said
// otherwise.
func (b *builder) user(r record) {
	b.unknownKeys(r, "user", userKeys())
	p := Person{
		ID: b.text(r, "id"), Username: b.text(r, "username"), Name: b.text(r, "name"), Email: b.text(r, "email"),
		Active: b.flag(r, activeKey, true), Type: b.text(r, "type"), Groups: b.list(r, groupsKey),
		Attributes: b.attributes(r),
	}
	p.Emails = b.furtherEmails(r, p.Email)
	active, place := r.values[activeKey]
	p.ActiveBlank = place && active == nil
	p.ID = cmp.Or(p.ID, p.Username)
	p.Username = cmp.Or(p.Username, p.Email)
	if p.Type == "" {
		p.Type = "internal"
	}
	if p.Username == "" {
		b.problem(r.line, "a user has neither username nor email")
		return
	}
	if first, twice := b.users[p.Username]; twice {
		b.problem(r.line, "the username %.80q is there already, in line %d", p.Username, b.peopleLines[first])
		return
	}
	if first, twice := b.ids[p.ID]; twice && p.ID != "" {
		b.problem(r.line, "the id %.80q is there already, in line %d (the default id is the username)", p.ID, b.peopleLines[first])
		return
	}
	b.users[p.Username], b.ids[p.ID] = len(b.people), len(b.people)
	b.people, b.peopleLines = append(b.people, p), append(b.peopleLines, r.line)
}

func (b *builder) furtherEmails(r record, email string) []string {
	emails := FurtherEmails(email, b.list(r, emailsKey))
	if len(emails) > MaxEmails {
		b.problem(r.line, "%s has %d addresses, the maximum is %d", emailsKey, len(emails), MaxEmails)
	}
	return emails
}

// group reads a record as a group.
func (b *builder) group(r record) {
	b.unknownKeys(r, "group", groupKeys())
	g := Group{Name: b.text(r, "name"), Members: b.list(r, "members"), Projects: b.list(r, projectsKey)}
	if g.Name == "" {
		b.problem(r.line, "a group has no name")
		return
	}
	if first, twice := b.groups[g.Name]; twice {
		b.problem(r.line, "the group %.80q is there already, in line %d", g.Name, b.groupLines[first])
		return
	}
	b.groups[g.Name] = len(b.named)
	b.named, b.groupLines = append(b.named, g), append(b.groupLines, r.line)
}

func (b *builder) unknownKeys(r record, kind string, known []string) {
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		if !slices.Contains(known, key) {
			b.problem(r.line, "a %s has the unknown key %.80q, want %s", kind, key, strings.Join(known, ", "))
		}
	}
}

func (b *builder) text(r record, key string) string {
	switch value := r.values[key].(type) {
	case nil:
		return ""
	case string:
		return b.clean(r.line, key, value)
	default:
		b.problem(r.line, "%s is %s, want a text (put it in quotes)", key, kindOf(value))
		return ""
	}
}

// clean takes the spaces around a text, and complains of control characters.
func (b *builder) clean(line int, key, value string) string {
	if strings.ContainsFunc(value, unicode.IsControl) {
		b.problem(line, "%s has a control character: %.80q", key, value)
	}
	return strings.TrimSpace(value)
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
			name, isText := entry.(string)
			switch {
			case entry != nil && !isText:
				b.problem(r.line, "%s has %s, want a text (put it in quotes)", key, kindOf(entry))
			case strings.TrimSpace(name) == "":
				b.problem(r.line, "%s has an empty entry", key)
			default:
				texts = append(texts, b.clean(r.line, key, name))
			}
		}
		return texts
	default:
		b.problem(r.line, "%s is %s, expected a list of texts", key, kindOf(value))
		return nil
	}
}

// kindOf names a value of any format for a message, and bounds what it repeats.
func kindOf(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return fmt.Sprintf("the text %.80q", v)
	case bool:
		return strconv.FormatBool(v)
	case []any:
		return "a list"
	case map[string]any:
		return "a mapping"
	case json.Delim:
		return v.String()
	default:
		return fmt.Sprintf("the number %.80v", v)
	}
}
