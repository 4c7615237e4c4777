package config

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// Input is everything that a configuration is merged from.
type Input struct {
	File      string            // --config; replaces the search for files
	Profile   string            // --profile; SENTRYIDP_PROFILE stands in for it
	Env       []string          // "NAME=value"
	Flags     map[string]string // the flags that were given: path of the setting → text
	Dir       string            // the working directory; "" is the process's
	SystemDir string            // "" is /etc/sentryidp
}

// Loaded is a merged configuration.
type Loaded struct {
	Config  Config
	Files   []string // that were read, lowest first
	Profile string   // that was used, or ""

	values layer
}

// Origin returns where the value of a setting came from.
func (l *Loaded) Origin(path string) Origin { return l.values[path].origin }

// Value returns the value of a setting: a string, bool, int, []string, []Role,
// secret.Reference, or nil.
func (l *Loaded) Value(path string) any { return l.values[path].value }

// Load merges a configuration. Per value a flag wins over the environment, that
// over the profile, that over the files (the later over the earlier), those over
// the variables that people already export, and those over the default. The
// error has code fault.Usage and joins everything that is wrong.
func Load(in Input) (*Loaded, error) {
	r := newReader()
	layers, files, profile := r.files(in)
	conventional, environment, flags := layer{}, layer{}, layer{}
	r.conventional(in.Env, conventional)
	r.environment(in.Env, environment)
	for _, path := range slices.Sorted(maps.Keys(in.Flags)) {
		s := r.settings[path]
		r.text(s, in.Flags[path], Origin{Kind: FromFlag, Name: s.Flag}, flags)
	}
	layers = slices.Concat([]layer{defaults(), conventional}, layers, []layer{environment, flags})

	loaded := &Loaded{Files: files, Profile: profile, values: layer{}}
	for _, l := range layers {
		maps.Copy(loaded.values, l)
	}
	r.checkLiterals(loaded)
	if err := errors.Join(r.problems...); err != nil {
		return nil, fault.Hint(fault.WithCode(err, fault.Usage), "'sentryidp config validate' finds all mistakes at once, 'sentryidp help environment' lists the settings")
	}
	return loaded, loaded.decode(layers)
}

func defaults() layer {
	l := layer{}
	for _, s := range Settings() {
		if s.Default != nil {
			l[s.Path] = value{value: s.Default}
		}
	}
	return l
}

// files reads the files and the profile that is asked for, lowest first: a
// profile wins over every file, also over a later one.
func (r *reader) files(in Input) (layers []layer, files []string, profile string) {
	files, err := in.find()
	if err != nil {
		r.problems = append(r.problems, err)
		return nil, nil, ""
	}
	profile = in.Profile
	if profile == "" {
		profile = lookup(in.Env, envPrefix+"PROFILE")
	}
	base, chosen, names := []layer{}, []layer{}, []string{}
	for _, file := range files {
		n, err := readFile(file)
		if err != nil {
			r.problems = append(r.problems, err)
			continue
		}
		settings, profiles := r.split(n, file)
		l := layer{}
		r.mapping(settings, "", Origin{Kind: FromFile, File: file}, l)
		base = append(base, l)
		for _, p := range profiles {
			l := layer{}
			r.mapping(p.node, "", Origin{Kind: FromProfile, File: file, Profile: p.key}, l)
			names = append(names, p.key)
			if p.key == profile {
				chosen = append(chosen, l)
			}
		}
	}
	if profile != "" && len(chosen) == 0 {
		r.problems = append(r.problems, missingProfile(profile, names))
	}
	return append(base, chosen...), files, profile
}

func missingProfile(profile string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("there is no profile %q: no file that was read has profiles", profile)
	}
	slices.Sort(names)
	words := "there are " + strings.Join(slices.Compact(names), ", ")
	if near := nearest.Word(profile, names); near != "" {
		words = "did you mean " + near + "?"
	}
	return fmt.Errorf("there is no profile %q, %s", profile, words)
}

// split parts a file into its settings and its profiles.
func (r *reader) split(n node, file string) (settings node, profiles []pair) {
	pairs, ok := n.value.([]pair)
	if !ok {
		return n, nil
	}
	rest := make([]pair, 0, len(pairs))
	for _, p := range pairs {
		if p.key != "profiles" {
			rest = append(rest, p)
			continue
		}
		named, ok := p.node.value.([]pair)
		if !ok && p.node.value != nil {
			r.problem(Origin{Kind: FromFile, File: file, Line: p.line}, "profiles is %s, want a mapping of names to settings", kindOf(p.node))
		}
		profiles = append(profiles, named...)
	}
	return node{line: n.line, value: rest}, profiles
}

func (r *reader) checkLiterals(l *Loaded) {
	if allowed, _ := l.Value("allow_literal_secrets").(bool); allowed {
		return
	}
	for _, v := range r.literals {
		r.problem(v.origin, "%s holds the secret itself: write {env: NAME}, {file: PATH}, {command: […]} or {keyring: service/account}, or set allow_literal_secrets", v.value)
	}
}

// decode merges the layers, which have been checked, and fills the typed
// configuration.
func (l *Loaded) decode(layers []layer) error {
	v := viper.New()
	for _, one := range layers {
		if err := v.MergeConfigMap(one.tree()); err != nil {
			return err
		}
	}
	// No hooks: every value has its type, and viper's would split texts at commas.
	if err := v.Unmarshal(&l.Config, viper.DecodeHook(mapstructure.ComposeDecodeHookFunc())); err != nil {
		return err
	}
	l.chooseSource()
	return nil
}

// chooseSource takes the file where no source is set, or where the file is
// named in a stronger place than the source: --file means that file.
func (l *Loaded) chooseSource() {
	scim := &l.Config.SCIM
	switch {
	case scim.File != "" && (scim.Source == "" || l.Origin("scim.file").Kind > l.Origin("scim.source").Kind):
		scim.Source = SourceFile
		l.values["scim.source"] = value{value: SourceFile, origin: l.Origin("scim.file")}
	case scim.Source == "":
		scim.Source = SourceAuthentik
		l.values["scim.source"] = value{value: SourceAuthentik}
	}
}

// tree nests a layer as the files have it.
func (l layer) tree() map[string]any {
	root := map[string]any{}
	for path, v := range l {
		words := strings.Split(path, ".")
		section := root
		for _, word := range words[:len(words)-1] {
			below, ok := section[word].(map[string]any)
			if !ok {
				below = map[string]any{}
				section[word] = below
			}
			section = below
		}
		section[words[len(words)-1]] = v.value
	}
	return root
}
