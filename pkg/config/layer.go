package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// value is a checked value of a setting and where it came from.
type value struct {
	value  any
	origin Origin
}

// layer is what one place says, by the path of the setting.
type layer map[string]value

// reader turns nodes into layers and collects the problems it meets.
type reader struct {
	settings map[string]Setting
	sections map[string]bool // the paths that have settings below them
	paths    []string

	problems []error
	literals []value // literal secrets, which one setting allows
}

func newReader() *reader {
	r := &reader{settings: map[string]Setting{}, sections: map[string]bool{}}
	for _, s := range Settings() {
		r.settings[s.Path] = s
		r.paths = append(r.paths, s.Path)
		for path := s.Path; strings.Contains(path, "."); {
			path = path[:strings.LastIndexByte(path, '.')]
			if !r.sections[path] {
				r.sections[path] = true
				r.paths = append(r.paths, path)
			}
		}
	}
	return r
}

func (r *reader) problem(where Origin, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s: "+format, append([]any{where}, args...)...))
}

// mapping reads the settings below path into l. at is the file, and the profile
// if any, that n is from.
func (r *reader) mapping(n node, path string, at Origin, l layer) {
	pairs, ok := n.value.([]pair)
	if !ok {
		if n.value != nil {
			r.problem(at.in(n.line), "%s is %s, want a mapping of settings", orFile(path), kindOf(n))
		}
		return
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		child, where := join(path, p.key), at.in(p.line)
		if seen[p.key] {
			r.problem(where, "%s is there twice", child)
			continue
		}
		seen[p.key] = true
		switch setting, known := r.settings[child]; {
		case known:
			r.setting(setting, p.node, where, l)
		case r.sections[child]:
			r.mapping(p.node, child, at, l)
		default:
			r.problem(where, "unknown setting %s%s", child, r.suggest(child))
		}
	}
}

// setting reads one value. A null leaves the setting as lower places have it.
func (r *reader) setting(s Setting, n node, at Origin, l layer) {
	if n.value == nil {
		return
	}
	v, err := s.decode(n)
	if err == nil {
		err = s.validate(v)
	}
	if err != nil {
		r.problem(at, "%s: %w", s.Path, err)
		return
	}
	l[s.Path] = value{value: v, origin: at}
	if isLiteral(v) {
		r.literals = append(r.literals, value{value: s.Path, origin: at})
	}
}

// suggest names the setting that was probably meant: by its whole path, or by
// its last word in another place.
func (r *reader) suggest(path string) string {
	if near := nearest.Word(path, r.paths); near != "" {
		return ", did you mean " + near + "?"
	}
	last := path[strings.LastIndexByte(path, '.')+1:]
	i := slices.IndexFunc(r.paths, func(known string) bool { return strings.HasSuffix(known, "."+last) })
	if i >= 0 {
		return ", did you mean " + r.paths[i] + "?"
	}
	return ""
}

// in returns the origin with a line.
func (o Origin) in(line int) Origin {
	o.Line = line
	return o
}

func orFile(path string) string {
	if path == "" {
		return "the file"
	}
	return path
}
