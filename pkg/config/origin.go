package config

import "fmt"

// OriginKind says what kind of place a value came from, the higher the stronger.
type OriginKind int

// The places, weakest first.
const (
	FromDefault OriginKind = iota
	FromConventional
	FromFile
	FromProfile
	FromEnvironment
	FromFlag
)

// Origin is where a value came from.
type Origin struct {
	Kind    OriginKind
	Name    string // variable, flag, file or profile
	File    string // of a file or profile
	Line    int    // in the file, from 1
	Profile string
}

// String returns the origin as people name it: sentryidp.yaml:3, --org.
func (o Origin) String() string {
	switch o.Kind {
	case FromFlag:
		return "--" + o.Name
	case FromEnvironment:
		return o.Name
	case FromConventional:
		return o.Name + " (conventional)"
	case FromFile:
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	case FromProfile:
		return fmt.Sprintf("%s:%d (profile %s)", o.File, o.Line, shown(o.Profile))
	case FromDefault:
		return "default"
	}
	return ""
}
