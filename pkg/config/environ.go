package config

import (
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/nearest"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

const (
	envPrefix  = "SENTRYIDP_"
	fileSuffix = "_FILE"
)

// reserved are the variables that are no settings.
func reserved() []string {
	return []string{envPrefix + "CONFIG", envPrefix + "PROFILE", envPrefix + "PEERS"}
}

// lookup returns a variable's value. An empty variable counts as unset.
func lookup(env []string, name string) string {
	for _, entry := range slices.Backward(env) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

// environment reads the SENTRYIDP_ variables. One that stands for nothing is a
// problem: it would silently not do what it says.
func (r *reader) environment(env []string, l layer) {
	known := reserved()
	for _, s := range Settings() {
		known = append(known, s.Env())
		r.variable(s, s.Env(), FromEnvironment, env, l)
		if s.Type != Secret {
			continue
		}
		name := s.Env() + fileSuffix
		known = append(known, name)
		if path := lookup(env, name); path != "" {
			l[s.Path] = value{value: secret.Reference{File: path}, origin: Origin{Kind: FromEnvironment, Name: name}}
		}
	}
	for _, entry := range env {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, envPrefix) || text == "" || slices.Contains(known, name) {
			continue
		}
		hint := ""
		if near := nearest.Word(name, known); near != "" {
			hint = ", did you mean " + near + "?"
		}
		r.problem(Origin{Kind: FromEnvironment, Name: name}, "unknown variable%s", hint)
	}
}

// conventional reads the variables that people already export.
func (r *reader) conventional(env []string, l layer) {
	for _, s := range Settings() {
		if s.Conventional != "" {
			r.variable(s, s.Conventional, FromConventional, env, l)
		}
	}
}

// variable reads one variable. A secret is not read here: what is kept is that
// it is there.
func (r *reader) variable(s Setting, name string, kind OriginKind, env []string, l layer) {
	text := lookup(env, name)
	if text == "" {
		return
	}
	at := Origin{Kind: kind, Name: name}
	if s.Type == Secret {
		l[s.Path] = value{value: secret.Reference{Env: name}, origin: at}
		return
	}
	r.text(s, text, at, l)
}

// text reads the value of a variable or a flag.
func (r *reader) text(s Setting, text string, at Origin, l layer) {
	v, err := s.decodeText(text)
	if err == nil {
		err = s.validate(v)
	}
	if err != nil {
		r.problem(at, "%w", err)
		return
	}
	l[s.Path] = value{value: v, origin: at}
}
