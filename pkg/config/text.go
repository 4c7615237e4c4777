package config

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// decodeText reads the value of a variable or flag. Lists are separated by
// commas, and roles are written group=role.
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

// splitRoles cuts at the last =, because a group may have one in its name and a
// role has none.
func splitRoles(text string) (any, error) {
	roles := []Role{}
	for _, word := range splitList(text) {
		i := strings.LastIndexByte(word, '=')
		if i <= 0 || i == len(word)-1 {
			return nil, fmt.Errorf("want group=role, found %s", quoted(word))
		}
		roles = append(roles, Role{Group: strings.TrimSpace(word[:i]), Role: strings.TrimSpace(word[i+1:])})
	}
	return roles, nil
}
