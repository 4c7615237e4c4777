package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/secret"
)

// decode turns a value of a file into the setting's Go type.
func (s Setting) decode(n node) (any, error) {
	switch s.Type {
	case String, Amount:
		if number, ok := n.value.(int); ok && s.Type == Amount {
			return strconv.Itoa(number), nil
		}
		return expect[string](n, "a text (put it in quotes)")
	case Bool:
		return expect[bool](n, "true or false")
	case Int:
		return expect[int](n, "a whole number")
	case List:
		return decodeList(n)
	case Roles:
		return decodeRoles(n)
	case Secret:
		return decodeSecret(n)
	case Object:
		return decodeObject(n)
	}
	return nil, fmt.Errorf("has the unknown type %s", s.Type)
}

func expect[T any](n node, want string) (any, error) {
	v, ok := n.value.(T)
	if !ok {
		return nil, fmt.Errorf("want %s, found %s", want, kindOf(n))
	}
	return v, nil
}

func decodeList(n node) (any, error) {
	entries, ok := n.value.([]node)
	if !ok {
		return nil, fmt.Errorf("want a list of texts, found %s", kindOf(n))
	}
	list := []string{}
	for _, entry := range entries {
		text, ok := entry.value.(string)
		if !ok || text == "" {
			return nil, fmt.Errorf("want a list of texts, found %s in it", kindOf(entry))
		}
		list = append(list, text)
	}
	return list, nil
}

func decodeRoles(n node) (any, error) {
	entries, ok := n.value.([]node)
	if !ok {
		return nil, fmt.Errorf("want a list of {group, role}, found %s", kindOf(n))
	}
	roles := []Role{}
	for _, entry := range entries {
		fields, err := textFields(entry, "group", "role")
		if err != nil {
			return nil, err
		}
		if fields["group"] == "" || fields["role"] == "" {
			return nil, errors.New("want a group and a role in each entry")
		}
		roles = append(roles, Role{Group: fields["group"], Role: fields["role"]})
	}
	return roles, nil
}

// textFields reads a mapping of texts with no keys but the given.
func textFields(n node, keys ...string) (map[string]string, error) {
	pairs, ok := n.value.([]pair)
	if !ok {
		return nil, fmt.Errorf("want a mapping of %s, found %s", strings.Join(keys, ", "), kindOf(n))
	}
	fields := map[string]string{}
	for _, p := range pairs {
		text, isText := p.node.value.(string)
		switch {
		case !slices.Contains(keys, p.key):
			return nil, fmt.Errorf("unknown key %q, want %s", p.key, strings.Join(keys, ", "))
		case !isText:
			return nil, fmt.Errorf("%s: want a text, found %s", p.key, kindOf(p.node))
		}
		fields[p.key] = text
	}
	return fields, nil
}

// decodeSecret never repeats a value: what stands there may be the secret.
func decodeSecret(n node) (any, error) {
	const want = "want one of {env: NAME}, {file: PATH}, {command: [PROGRAM, …]} and {keyring: service/account}"
	if literal, ok := n.value.(string); ok {
		return secret.Reference{Literal: secret.New(literal)}, nil
	}
	pairs, ok := n.value.([]pair)
	if !ok || len(pairs) != 1 {
		return nil, errors.New(want)
	}
	text, isText := pairs[0].node.value.(string)
	switch key := pairs[0].key; {
	case key == "env" && isText && text != "":
		return secret.Reference{Env: text}, nil
	case key == "file" && isText && text != "":
		return secret.Reference{File: text}, nil
	case key == "keyring" && isText && strings.Contains(text, "/"):
		return secret.Reference{Keyring: text}, nil
	case key == "command":
		list, err := decodeList(pairs[0].node)
		if words, ok := list.([]string); err == nil && ok && len(words) > 0 {
			return secret.Reference{Command: words}, nil
		}
	}
	return nil, errors.New(want)
}

func isLiteral(v any) bool {
	ref, ok := v.(secret.Reference)
	return ok && !ref.Literal.IsZero()
}

func decodeObject(n node) (any, error) {
	pairs, ok := n.value.([]pair)
	if !ok {
		return nil, fmt.Errorf("want a mapping, found %s", kindOf(n))
	}
	if len(pairs) > 0 {
		return nil, fmt.Errorf("unknown key %q: it has no settings yet", pairs[0].key)
	}
	return map[string]any{}, nil
}

// decodeText reads the value of a variable or flag. Lists are separated by
// commas, and roles are written group=role.
func (s Setting) decodeText(text string) (any, error) {
	switch s.Type {
	case Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("want true or false, found %q", text)
		}
		return v, nil
	case Int:
		v, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("want a whole number, found %q", text)
		}
		return v, nil
	case List:
		return splitList(text), nil
	case Roles:
		return splitRoles(text)
	case Object, Secret:
		return nil, errors.New("cannot be set here")
	case String, Amount:
	}
	return text, nil
}

func splitList(text string) []string {
	list := []string{}
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list
}

func splitRoles(text string) (any, error) {
	roles := []Role{}
	for _, word := range splitList(text) {
		group, role, found := strings.Cut(word, "=")
		if !found || group == "" || role == "" {
			return nil, fmt.Errorf("want group=role, found %q", word)
		}
		roles = append(roles, Role{Group: group, Role: role})
	}
	return roles, nil
}
