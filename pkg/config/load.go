package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/spf13/viper"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// allowLiterals is the setting that accepts secrets written into a file.
const allowLiterals = "allow_literal_secrets"

// Input is everything that a configuration is merged from.
type Input struct {
	File      string            // --config; replaces the search for files
	Profile   string            // --profile; SENTRYIDP_PROFILE stands in for it
	Env       []string          // "NAME=value"
	Flags     map[string]string // the flags that were given: path of the setting → text
	Dir       string            // the working directory; "" is the process's
	SystemDir string            // "" is /etc/sentryidp
	Draft     *Draft            // stands for the file of the working directory, or for File where that names it; nil: none

	// Within calls read, which reads the file at path, and returns when that has
	// returned, or with an error when it waited long enough. Nil waits for ever.
	Within func(path string, read func()) error
}

// Loaded is a merged configuration.
type Loaded struct {
	Config   Config
	Files    []File   // that were read, lowest first
	Profile  string   // that was used, or ""
	Warnings []string // about the files

	values layer
	hidden layer // what flags stand before
	store  error // why no file is trusted, if the store could not be read
}

// Format prints no value, for any verb: fmt does not ask the secrets in fields
// that are not exported how they want to be printed.
func (l Loaded) Format(f fmt.State, _ rune) {
	paths := make([]string, 0, len(l.Files))
	for _, file := range l.Files {
		paths = append(paths, file.Path)
	}
	_, _ = fmt.Fprintf(f, "configuration of %q, profile %q", paths, l.Profile)
}

// Origin returns where the value of a setting came from.
func (l *Loaded) Origin(path string) Origin { return l.values[path].origin }

// Hidden returns where a setting is given another value that does not count,
// because a flag gives it too.
func (l *Loaded) Hidden(path string) (from Origin, hidden bool) {
	below, given := l.hidden[path]
	if !given || l.Origin(path).Kind != FromFlag || reflect.DeepEqual(below.value, l.Value(path)) {
		return Origin{}, false
	}
	return below.origin, true
}

// Value returns the value of a setting: a string, bool, int, []string, []Role,
// []TeamName, secret.Reference, or nil.
func (l *Loaded) Value(path string) any { return l.values[path].value }

// Load merges a configuration. Per value a flag wins over the environment, that
// over the profile, that over the files (the later over the earlier), those over
// the variables that people already export, and those over the default. The
// error has code fault.Usage and joins everything that is wrong.
//
// Values of a file that nobody trusts are in it: Vouch says whether they count.
func Load(in Input) (*Loaded, error) {
	r := newReader()
	loaded := &Loaded{Files: r.find(in), Profile: in.profile()}
	trust, err := OpenTrust(in.Env)
	loaded.store = err
	files := r.files(loaded.Files, trust, in.Within)
	loaded.Warnings = r.warnings
	var layers []layer
	loaded.values, layers = r.merged(in, files, loaded.Profile)
	beneath := merge(layers[:len(layers)-1])
	loaded.hidden = merge([]layer{newReader().conventional(in.Env, beneath), beneath}) // of what is hidden, no mistake is told
	r.checkLiterals(loaded, layers)
	if err := r.err(); err != nil {
		return nil, fault.Hint(fault.WithCode(err, fault.Usage), "'sentryidp help environment' lists the settings")
	}
	believed := slices.DeleteFunc(slices.Clone(files), func(f fileLayers) bool { return !f.believed })
	if len(believed) < len(files) {
		trusted, _ := newReader().merged(in, believed, loaded.Profile) // what is wrong was told above
		loaded.believe(trusted)
	}
	return loaded, loaded.decode()
}

// merged lays the places over each other, and returns those that can hold a
// literal as well.
func (r *reader) merged(in Input, files []fileLayers, profile string) (layer, []layer) {
	layers := append(r.layers(files, profile), r.environment(in.Env), r.flags(in.Flags))
	set := merge(layers)
	return merge([]layer{defaults(), r.conventional(in.Env, set), set}), layers
}

func (in Input) profile() string {
	if in.Profile != "" {
		return in.Profile
	}
	return lookup(in.Env, envPrefix+"PROFILE")
}

// merge lays the later over the earlier. A value replaces the one below whole,
// lists too.
func merge(layers []layer) layer {
	merged := layer{}
	for _, l := range layers {
		maps.Copy(merged, l)
	}
	return merged
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

// checkLiterals refuses the secrets that stand in the files in use, also where
// a stronger place hides them.
func (r *reader) checkLiterals(loaded *Loaded, layers []layer) {
	if allowed, _ := loaded.Value(allowLiterals).(bool); allowed {
		return
	}
	for _, l := range layers {
		for _, path := range slices.Sorted(maps.Keys(l)) {
			if ref, ok := l[path].value.(secret.Reference); ok && !ref.Literal.IsZero() {
				r.problem(l[path].origin, "%s holds the secret itself: write {env: NAME}, {file: PATH}, {command: [PROGRAM, …]} or {keyring: service/account}, or set %s", path, allowLiterals)
			}
		}
	}
}

// decode fills the typed configuration from the values, which have been
// checked. Viper sees no key that a user chose: it would lower-case it.
func (l *Loaded) decode() error {
	l.chooseSource()
	v := viper.New()
	if err := v.MergeConfigMap(l.values.tree()); err != nil {
		return err
	}
	// No hooks: every value has its type, and viper's would split texts at commas.
	return v.Unmarshal(&l.Config, viper.DecodeHook(mapstructure.ComposeDecodeHookFunc()))
}

// chooseSource takes authentik where no source is set and authentik is, and the
// file where it is named in a stronger place than what speaks for authentik:
// --file means that file.
func (l *Loaded) chooseSource() {
	source, _ := l.Value("scim.source").(string)
	file, _ := l.Value("scim.file").(string)
	rival := "scim.source"
	if source == "" || l.Refused(rival) { // by which nothing is decided
		rival = "authentik.url"
	}
	rivalry, _ := l.Value(rival).(string)
	from, against := l.Origin("scim.file"), l.Origin(rival)
	switch {
	case file != "" && (rivalry == "" || from.Kind > against.Kind):
		l.values["scim.source"] = value{value: SourceFile, origin: from, derived: true}
	case source == "":
		l.values["scim.source"] = value{value: SourceAuthentik, origin: against, derived: true}
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
