package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// decodeText reads the value of a variable or flag. Lists are separated by
// commas, and rules are written group=role or group=team.
func (s Setting) decodeText(text string) (any, error) {
	switch s.Type {
	case Bool:
		v, err := strconv.ParseBool(text)
		if err != nil {
			return nil, fmt.Errorf("want true or false, found %s", quoted(text))
		}
		return v, nil
	case Int:
		v, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("want a whole number, found %s", quoted(text))
		}
		return v, nil
	case List:
		return splitList(text), nil
	case Roles:
		return splitRules(text, "role", roleRule)
	case Names:
		return splitRules(text, "team", teamRule)
	case Secret:
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

// splitRules cuts at the last =, because a group may have one in its name and a
// role has none.
func splitRules[T any](text, what string, rule func(group, value string) T) (any, error) {
	rules := []T{}
	for _, word := range splitList(text) {
		i := strings.LastIndexByte(word, '=')
		if i <= 0 || i == len(word)-1 {
			return nil, fmt.Errorf("want group=%s, found %s", what, quoted(word))
		}
		rules = append(rules, rule(strings.TrimSpace(word[:i]), strings.TrimSpace(word[i+1:])))
	}
	return rules, nil
}

// Text writes a value of a setting on one line. A reference to a secret is
// written as where it is.
func Text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return strings.ReplaceAll(strings.TrimSpace(v), "\n", " ") // an expression may have lines
	case []string:
		return strings.Join(v, ", ")
	case []Role:
		rules := make([]string, 0, len(v))
		for _, rule := range v {
			rules = append(rules, rule.Group+"="+rule.Role)
		}
		return strings.Join(rules, ", ")
	case []TeamName:
		rules := make([]string, 0, len(v))
		for _, rule := range v {
			rules = append(rules, rule.Group+"="+rule.Team)
		}
		return strings.Join(rules, ", ")
	}
	return fmt.Sprint(value)
}
