package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/nearest"
)

// profilesKey is the key of a file below which the profiles stand. Their names
// are the only keys that users choose.
const profilesKey = "profiles"

// fileLayers is what one file says: its settings, and those of its profiles in
// the order of the file.
type fileLayers struct {
	believed bool
	settings layer
	profiles []profile
}

type profile struct {
	name     string
	settings layer
}

// files reads the files, lowest first. Profiles that are not asked for are
// checked as well.
func (r *reader) files(files []File, trust *TrustStore, within func(path string, read func()) error) []fileLayers {
	var read []fileLayers
	for i := range files {
		err := r.read(&files[i], trust, within)
		var n node
		if err == nil {
			n, err = files[i].parsed()
		}
		if err != nil {
			r.fail(0, err)
			continue
		}
		before := len(r.problems)
		layers := r.file(n, Origin{Kind: FromFile, File: files[i].Path})
		layers.believed = files[i].Standing.Believed()
		read = append(read, layers)
		slices.SortStableFunc(r.problems[before:], func(a, b problem) int { return a.line - b.line })
	}
	return read
}

func (r *reader) file(n node, at Origin) fileLayers {
	f := fileLayers{settings: layer{}}
	pairs, ok := n.value.([]pair)
	if !ok {
		r.mapping(n, "", at, f.settings)
		return f
	}
	rest := make([]pair, 0, len(pairs))
	var named *pair
	for _, p := range pairs {
		text, _ := p.node.value.(string)
		switch {
		case p.key == schemaKey && text != "":
			continue
		case p.key == profilesKey && named == nil:
			named = &p
			continue
		}
		rest = append(rest, p)
	}
	r.mapping(node{line: n.line, value: rest}, "", at, f.settings)
	if named != nil {
		f.profiles = r.profiles(*named, at)
	}
	return f
}

func (r *reader) profiles(named pair, at Origin) []profile {
	var profiles []profile
	pairs, ok := named.node.value.([]pair)
	if !ok && named.node.value != nil {
		r.problem(at.in(named.line), "%s is %s, want a mapping of names to settings", profilesKey, kindOf(named.node))
	}
	for _, p := range r.once(pairs, profilesKey, at) {
		l := layer{}
		r.mapping(p.node, "", Origin{Kind: FromProfile, File: at.File, Profile: p.key}, l)
		profiles = append(profiles, profile{name: p.key, settings: l})
	}
	return profiles
}

// layers returns what the files say, lowest first: the chosen profile wins over
// every file, also over a later one.
func (r *reader) layers(files []fileLayers, chosen string) []layer {
	var base, over []layer
	var names []string
	for _, f := range files {
		base = append(base, f.settings)
		for _, p := range f.profiles {
			names = append(names, p.name)
			if p.name == chosen {
				over = append(over, p.settings)
			}
		}
	}
	if chosen != "" && len(over) == 0 {
		r.fail(0, missingProfile(chosen, names))
	}
	return append(base, over...)
}

func missingProfile(name string, names []string) error {
	if len(names) == 0 {
		return fmt.Errorf("there is no profile %s: no file that was read has profiles", quoted(name))
	}
	slices.Sort(names)
	near := nearest.Word(name, names)
	if near != "" {
		near = ", did you mean " + shown(near) + "?"
	}
	for i := range names {
		names[i] = shown(names[i])
	}
	return fmt.Errorf("there is no profile %s, there are %s%s", quoted(name), strings.Join(slices.Compact(names), ", "), near)
}
