package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// decodeText reads the value of a variable or flag. Lists are separated by
// commas, and rules are written group=role or group=team; or they are JSON arrays,
// in which a name may have commas.
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
		return textList(text)
	case Roles, Names, TeamRoles, Projects:
		return s.textRules(text)
	case Secret:
		return nil, errors.New("cannot be set here")
	case String, Amount:
	}
	return text, nil
}

// jsonArray is the beginning of an array. A pattern such as [a-z]* is none.
var jsonArray = pattern.New(`^\s*\[\s*["{\]]`)

// textList reads a list as a variable has it.
func textList(text string) ([]string, error) {
	list := []string{}
	if jsonArray().MatchString(text) {
		if err := json.Unmarshal([]byte(text), &list); err != nil {
			return nil, fmt.Errorf(`expected texts separated by commas or a JSON array such as ["eng","data"] but found %s`, quoted(text))
		}
		return slices.DeleteFunc(list, func(entry string) bool { return entry == "" }), nil
	}
	for word := range strings.SplitSeq(text, ",") {
		if word = strings.TrimSpace(word); word != "" {
			list = append(list, word)
		}
	}
	return list, nil
}

// jsonObjects is the beginning of a list of rules as a file has it.
var jsonObjects = pattern.New(`^\s*\[\s*\{`)

// textRules reads rules as group=role or group=team, or as a JSON file has them.
func (s Setting) textRules(text string) (any, error) {
	switch {
	case !jsonObjects().MatchString(text) && s.Type == Roles:
		return cutRules(text, "role", roleRule)
	case !jsonObjects().MatchString(text) && s.Type == TeamRoles:
		return cutTeamRoles(text)
	case !jsonObjects().MatchString(text) && s.Type == Projects:
		return cutProjects(text)
	case !jsonObjects().MatchString(text):
		return cutRules(text, "team", teamRule)
	}
	n, err := parseJSON([]byte(text))
	var rules any
	if err == nil {
		rules, err = s.decode(n)
	}
	if inside, ok := errors.AsType[*lineError](err); ok {
		return nil, errors.New(inside.text)
	}
	return rules, err
}

// cutRules cuts at the last =, because a group may have one in its name and a
// role has none.
func cutRules[T any](text, what string, rule func(group, value string) T) (any, error) {
	words, err := textList(text)
	if err != nil {
		return nil, err
	}
	rules := []T{}
	for _, word := range words {
		i := strings.LastIndexByte(word, '=')
		if i <= 0 || i == len(word)-1 {
			return nil, fmt.Errorf("expected group=%s but found %s (names with commas: write a JSON array)", what, quoted(word))
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
	case []TeamRole:
		return textOfTeamRoles(v)
	case []TeamProjects:
		return textOfProjects(v)
	}
	return fmt.Sprint(value)
}
