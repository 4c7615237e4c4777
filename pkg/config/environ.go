package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

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
func (r *reader) environment(env []string) layer {
	l := layer{}
	var known, files []string
	for _, s := range Settings() {
		known = append(known, s.Env())
		r.variable(s, s.Env(), FromEnvironment, env, l)
		if s.Type == Secret {
			files = append(files, s.Env()+fileSuffix)
			r.secretFile(s, env, l)
		}
	}
	known = slices.Concat(known, files, reserved())
	for _, entry := range env {
		name, text, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, envPrefix) && text != "" && !slices.Contains(known, name) {
			r.problem(Origin{Kind: FromEnvironment, Name: shown(name)}, "unknown variable%s", didYouMean(name, known, "_"))
		}
	}
	return l
}

// secretFile reads the variable that names the file of a secret.
func (r *reader) secretFile(s Setting, env []string, l layer) {
	name := s.Env() + fileSuffix
	path := lookup(env, name)
	if path == "" {
		return
	}
	at := Origin{Kind: FromEnvironment, Name: name}
	if _, both := l[s.Path]; both {
		r.problem(at, "%s is set too: keep one of them", s.Env())
	}
	l[s.Path] = value{value: secret.Reference{File: path}, origin: at}
}

// conventional reads the variables that people already export, for the settings
// that nothing else sets: what other programs are told is no problem of ours
// until it is needed.
func (r *reader) conventional(env []string, set layer) layer {
	l := layer{}
	for _, s := range Settings() {
		if _, taken := set[s.Path]; !taken && s.Conventional != "" {
			r.variable(s, s.Conventional, FromConventional, env, l)
		}
	}
	return l
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

// flags reads the flags that were given, by the path of their setting.
func (r *reader) flags(given map[string]string) layer {
	l := layer{}
	for _, s := range Settings() {
		if text, ok := given[s.Path]; ok {
			r.text(s, text, Origin{Kind: FromFlag, Name: s.Flag}, l)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(given)) {
		if _, known := r.settings[path]; !known {
			r.fail(0, fmt.Errorf("a flag stands for the unknown setting %s", shown(path)))
		}
	}
	return l
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
