package config

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// The keys of the rules about teams.
const (
	teamKey     = "team"
	roleKey     = "role"
	projectsKey = "projects"
)

// decodeTeamRoles reads a list of {group, team, role}.
func decodeTeamRoles(n node) (any, error) {
	rules := []TeamRole{}
	err := eachEntry(n, []string{groupKey, teamKey, roleKey}, func(values map[string]node) string {
		texts, problem := textsOf(values, groupKey, teamKey, roleKey)
		rules = append(rules, TeamRole{Group: texts[0], Team: texts[1], Role: texts[2]})
		return problem
	})
	return rules, err
}

// decodeProjects reads a list of {team, projects: [slug or pattern]}.
func decodeProjects(n node) (any, error) {
	rules := []TeamProjects{}
	err := eachEntry(n, []string{teamKey, projectsKey}, func(values map[string]node) string {
		texts, problem := textsOf(values, teamKey)
		list, err := decodeList(values[projectsKey])
		if err != nil && problem == "" {
			problem = projectsKey + ": " + err.Error()
		}
		projects, _ := list.([]string)
		rules = append(rules, TeamProjects{Team: texts[0], Projects: projects})
		return problem
	})
	return rules, err
}

// eachEntry calls read with the values of each entry of a list of mappings, whose
// keys must be those. read says what is wrong with them.
func eachEntry(n node, keys []string, read func(map[string]node) string) error {
	entries, ok := n.value.([]node)
	if !ok {
		return fmt.Errorf("expected a list of {%s} but found %s", strings.Join(keys, ", "), kindOf(n))
	}
	for _, entry := range entries {
		values, problem := valuesOf(entry, keys)
		if problem == "" {
			problem = read(values)
		}
		if problem != "" {
			return &lineError{line: entry.line, text: problem}
		}
	}
	return nil
}

func valuesOf(entry node, keys []string) (values map[string]node, problem string) {
	pairs, ok := entry.value.([]pair)
	if !ok {
		return nil, fmt.Sprintf("expected {%s} but found %s", strings.Join(keys, ", "), kindOf(entry))
	}
	values = map[string]node{}
	for _, p := range pairs {
		if !slices.Contains(keys, p.key) {
			return nil, fmt.Sprintf("unknown key %s, expected %s", shown(p.key), strings.Join(keys, ", "))
		}
		if _, twice := values[p.key]; twice {
			return nil, p.key + " is there twice"
		}
		values[p.key] = p.node
	}
	for _, key := range keys {
		if _, there := values[key]; !there {
			return nil, "expected the keys " + strings.Join(keys, ", ") + " but " + key + " is missing"
		}
	}
	return values, ""
}

func textsOf(values map[string]node, keys ...string) (texts []string, problem string) {
	texts = make([]string, len(keys))
	for i, key := range keys {
		text, ok := values[key].value.(string)
		if !ok || text == "" {
			return texts, fmt.Sprintf("%s: expected a text but found %s", key, kindOf(values[key]))
		}
		texts[i] = text
	}
	return texts, ""
}

// cutTeamRoles reads group=team=role,… and cuts from the right, because a group may
// have a = in its name.
func cutTeamRoles(text string) (any, error) {
	rules := []TeamRole{}
	words, err := textList(text)
	for _, word := range words {
		front, role, ok := cutLast(word)
		group, team, found := cutLast(front)
		if !ok || !found {
			return nil, fmt.Errorf("expected group=team=role but found %s (names with commas: write a JSON array)", quoted(word))
		}
		rules = append(rules, TeamRole{Group: group, Team: team, Role: role})
	}
	return rules, err
}

// cutProjects reads team=project,… where a team may come several times.
func cutProjects(text string) (any, error) {
	rules := []TeamProjects{}
	words, err := textList(text)
	for _, word := range words {
		team, project, ok := cutLast(word)
		if !ok {
			return nil, fmt.Errorf("expected team=project but found %s (names with commas: write a JSON array)", quoted(word))
		}
		at := slices.IndexFunc(rules, func(r TeamProjects) bool { return r.Team == team })
		if at < 0 {
			at = len(rules)
			rules = append(rules, TeamProjects{Team: team})
		}
		rules[at].Projects = append(rules[at].Projects, project)
	}
	return rules, err
}

// cutLast cuts at the last =, which must have something on both sides.
func cutLast(text string) (before, after string, ok bool) {
	i := strings.LastIndexByte(text, '=')
	if i <= 0 || i == len(text)-1 {
		return "", "", false
	}
	return strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:]), true
}

func checkTeamRoles(rules []TeamRole) error {
	for _, rule := range rules {
		if err := sentry.CheckTeamRole(rule.Role); err != nil {
			return err
		}
	}
	return nil
}

// checkProjects refuses patterns that match nothing because they are none.
func checkProjects(rules []TeamProjects) error {
	for _, rule := range rules {
		for _, project := range rule.Projects {
			if _, err := path.Match(project, ""); err != nil {
				return errors.New("expected the slug of a project or a pattern such as web-* but found " + quoted(project))
			}
		}
	}
	return nil
}

func textOfTeamRoles(rules []TeamRole) string {
	words := make([]string, 0, len(rules))
	for _, rule := range rules {
		words = append(words, rule.Group+"="+rule.Team+"="+rule.Role)
	}
	return strings.Join(words, ", ")
}

func textOfProjects(rules []TeamProjects) string {
	var words []string
	for _, rule := range rules {
		for _, project := range rule.Projects {
			words = append(words, rule.Team+"="+project)
		}
	}
	return strings.Join(words, ", ")
}

// teamRolesSchema is a list of {group, team, role}, projectsSchema one of
// {team, projects}.
func teamRolesSchema() schema {
	return entriesSchema(map[string]schema{groupKey: text(), teamKey: text(), roleKey: {"enum": sentry.TeamRoles()}}, groupKey, teamKey, roleKey)
}

func projectsSchema() schema {
	return entriesSchema(map[string]schema{teamKey: text(), projectsKey: {typeKey: "array", "items": text()}}, teamKey, projectsKey)
}

func entriesSchema(properties map[string]schema, required ...string) schema {
	part := nullable("array")
	entry := section(properties)
	entry[typeKey], entry["required"] = "object", required
	part["items"] = entry
	return part
}
