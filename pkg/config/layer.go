package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// value is a checked value of a setting and where it came from.
type value struct {
	value  any
	origin Origin

	derived bool // it follows from other settings, which are judged instead
}

// layer is what one place says, by the path of the setting.
type layer map[string]value

// maxProblems is how many problems are told at once. A file that is no
// configuration at all would have one for every line.
const maxProblems = 100

// reader turns nodes into layers and collects the problems it meets.
type reader struct {
	settings map[string]Setting
	sections map[string]bool // the paths that have settings below them
	paths    []string

	warnings []string
	problems []problem
	untold   int // problems beyond maxProblems
}

// problem is something wrong, and the line of its file; 0 is none.
type problem struct {
	line int
	err  error
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

// problem notes what is wrong with a place.
func (r *reader) problem(where Origin, format string, args ...any) {
	r.fail(where.Line, fmt.Errorf("%s: "+format, append([]any{where}, args...)...))
}

func (r *reader) fail(line int, err error) {
	if len(r.problems) >= maxProblems {
		r.untold++
		return
	}
	r.problems = append(r.problems, problem{line: line, err: err})
}

// err joins the problems, or is nil.
func (r *reader) err() error {
	var errs []error
	for _, p := range r.problems {
		errs = append(errs, p.err)
	}
	if r.untold > 0 {
		errs = append(errs, fmt.Errorf("and %d more", r.untold))
	}
	return errors.Join(errs...)
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
	for _, p := range r.once(pairs, path, at) {
		child, where := join(path, p.key), at.in(p.line)
		setting, known := r.settings[child]
		switch {
		case strings.Contains(p.key, "."):
			r.problem(where, "unknown setting %s: a key has one word, write its parts below each other", shown(child))
		case known:
			r.setting(setting, p.node, where, l)
		case r.sections[child]:
			r.mapping(p.node, child, at, l)
		case child == profilesKey && at.Kind == FromProfile:
			r.problem(where, "a profile has no %s", profilesKey)
		case child == profilesKey:
			r.problem(where, "%s is there twice", profilesKey)
		default:
			r.problem(where, "unknown setting %s%s", shown(child), r.suggest(child, at))
		}
	}
}

// once returns the pairs without those whose key was there before, which are
// problems.
func (r *reader) once(pairs []pair, path string, at Origin) []pair {
	seen := map[string]bool{}
	var kept []pair
	for _, p := range pairs {
		if seen[p.key] {
			r.problem(at.in(p.line), "%s is there twice", shown(join(path, p.key)))
			continue
		}
		seen[p.key] = true
		kept = append(kept, p)
	}
	return kept
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
	if inside, ok := errors.AsType[*lineError](err); ok {
		at, err = at.in(inside.line), errors.New(inside.text)
	}
	if err != nil {
		r.problem(at, "%s: %w", s.Path, err)
		return
	}
	l[s.Path] = value{value: v, origin: at}
}

// suggest names the setting that was probably meant, as long as it will be told.
func (r *reader) suggest(path string, at Origin) string {
	if len(r.problems) >= maxProblems {
		return ""
	}
	known := r.paths
	if at.Kind == FromFile {
		known = append(slices.Clone(known), profilesKey)
	}
	return didYouMean(path, known, ".")
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
