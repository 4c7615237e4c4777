package config

import (
	"errors"
	"fmt"
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
		return decodeRules(n, roleKey, roleRule)
	case Names:
		return decodeRules(n, teamKey, teamRule)
	case TeamRoles:
		return decodeTeamRoles(n)
	case Projects:
		return decodeProjects(n)
	case Secret:
		return decodeSecret(n)
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
			return nil, &lineError{line: entry.line, text: "want a list of texts, found " + kindOf(entry) + " in it"}
		}
		list = append(list, text)
	}
	return list, nil
}

// groupKey is the key of the group in a rule.
const groupKey = "group"

func roleRule(group, role string) Role     { return Role{Group: group, Role: role} }
func teamRule(group, team string) TeamName { return TeamName{Group: group, Team: team} }

// decodeRules reads a list of what groups become, under the key what.
func decodeRules[T any](n node, what string, rule func(group, value string) T) (any, error) {
	entries, ok := n.value.([]node)
	if !ok {
		return nil, fmt.Errorf("want a list of {group, %s}, found %s", what, kindOf(n))
	}
	rules := []T{}
	for _, entry := range entries {
		group, value, problem := decodeRule(entry, what)
		if problem != "" {
			return nil, &lineError{line: entry.line, text: problem}
		}
		rules = append(rules, rule(group, value))
	}
	return rules, nil
}

func decodeRule(n node, what string) (group, value, problem string) {
	pairs, ok := n.value.([]pair)
	if !ok {
		return "", "", "want {group, " + what + "}, found " + kindOf(n)
	}
	for _, p := range pairs {
		text, isText := p.node.value.(string)
		target := &group
		switch p.key {
		case groupKey:
		case what:
			target = &value
		default:
			return "", "", "unknown key " + shown(p.key) + ", want group and " + what
		}
		switch {
		case !isText || text == "":
			return "", "", p.key + ": want a text, found " + kindOf(p.node)
		case *target != "":
			return "", "", p.key + " is there twice"
		}
		*target = text
	}
	if group == "" || value == "" {
		return "", "", "want a group and a " + what
	}
	return group, value, ""
}

// decodeSecret never repeats a value: what stands there may be the secret.
func decodeSecret(n node) (any, error) {
	wrong := errors.New("want one of {env: NAME}, {file: PATH}, {command: [PROGRAM, …]} and {keyring: service/account}")
	if literal, ok := n.value.(string); ok && literal != "" {
		return secret.Reference{Literal: secret.New(literal)}, nil
	}
	pairs, ok := n.value.([]pair)
	if !ok || len(pairs) != 1 {
		return nil, wrong
	}
	key, value := pairs[0].key, pairs[0].node
	if key == "command" {
		return decodeCommand(value)
	}
	text, _ := value.value.(string)
	service, account, _ := strings.Cut(text, "/")
	switch {
	case text == "":
	case key == "env":
		return secret.Reference{Env: text}, nil
	case key == "file":
		return secret.Reference{File: text}, nil
	case key == "keyring" && service != "" && account != "":
		return secret.Reference{Keyring: text}, nil
	}
	return nil, wrong
}

func decodeCommand(n node) (any, error) {
	entries, _ := n.value.([]node)
	var words []string
	for i, entry := range entries {
		word, ok := entry.value.(string)
		if !ok || i == 0 && word == "" {
			return nil, errors.New("command: want a list of texts, the program first; numbers need quotes")
		}
		words = append(words, word)
	}
	if len(words) == 0 {
		return nil, errors.New("command: want a list of texts, the program first: there is no shell to split a line")
	}
	return secret.Reference{Command: words}, nil
}
