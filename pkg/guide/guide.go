// Package guide is the integration guide of Sentry and authentik with one's own
// values: its steps in order, what to click and type in both products, and which
// of them are done, as the checks of package doctor see it. It asks nobody.
package guide

import (
	"time"
)

// Audience is whom a guide is for.
type Audience string

// The audiences.
const (
	Everybody  Audience = ""            // all steps; Sentry's are clicks at sentry.io, and the script elsewhere
	Authentik  Audience = "authentik"   // the steps of authentik's administrator
	Sentry     Audience = "sentry"      // the steps of Sentry's owner, as clicks
	SelfHosted Audience = "self-hosted" // all steps; Sentry's are the script
)

// Audiences lists those that can be named.
func Audiences() []string { return []string{string(Authentik), string(Sentry), string(SelfHosted)} }

// State says how far a step is.
type State string

// The states.
const (
	Done    State = "done"    // every check of the step is ok
	Open    State = "open"    // a check found what is to do
	Unknown State = "unknown" // a check was not made, and none found anything
)

// Guide is the document.
type Guide struct {
	Headline string   `json:"headline"` // where it stands, in a sentence
	For      Audience `json:"for"`      // empty: everybody
	Script   bool     `json:"script"`   // Sentry's steps are 'sentryidp sentry script', not clicks

	Org          string   `json:"org"`
	SentryURL    string   `json:"sentry_url"`
	AuthentikURL string   `json:"authentik_url"`
	MetadataURL  string   `json:"metadata_url"` // of the identity provider
	Placeholders []string `json:"placeholders"` // that stand for values which are not known

	Counts    Counts     `json:"counts"`
	Next      int        `json:"next"`       // number of the step to do next; 0: none is left
	CheckedAt *time.Time `json:"checked_at"` // null: neither product was asked
	Requests  int        `json:"requests"`   // that looking took
	Steps     []Step     `json:"steps"`

	all  []Step // of every audience, to which numbers refer
	form string // key of the step at which Sentry takes the metadata, empty where the script has it
}

// Counts are how many steps have a state.
type Counts struct {
	Done    int `json:"done"`
	Open    int `json:"open"`
	Unknown int `json:"unknown"`
}

// Step is one step. Its number is that of the whole guide, whoever it is for.
type Step struct {
	Number  int      `json:"number"`
	Key     string   `json:"key"`
	Part    string   `json:"part"`
	Title   string   `json:"title"`
	Reason  string   `json:"reason"` // why it is there
	Actions []Action `json:"actions"`
	Notes   []string `json:"notes"`
	Checks  []string `json:"checks"` // codes of doctor's checks that prove it
	State   State    `json:"state"`
	Next    bool     `json:"next"`
	Finding Finding  `json:"finding"`

	audiences []Audience
	proofs    []string // checks each of which proves the step alone
	faults    []string // codes of other checks' results that belong to the step
	aside     []string // codes of the step's checks that belong to another step
	undone    []string // codes of results without a fault that leave the step open
	sets      string   // setting that the step sets: without it, the step is open
}

// Finding is what was seen of a step that is not done. What is empty is not
// known, or not needed.
type Finding struct {
	Code  string `json:"code"`  // of the check's result
	Saw   string `json:"saw"`   // of an open step
	Fix   string `json:"fix"`   // of an open step
	Why   string `json:"why"`   // why it was not checked
	Look  string `json:"look"`  // what would let it be checked
	After int    `json:"after"` // number of the step that it follows from, 0 for none
}

// Action is something to do: a sentence, and the commands or values that go with
// it.
type Action struct {
	Text     string   `json:"text"`
	Commands []string `json:"commands"` // for a POSIX shell
	File     string   `json:"file"`     // content of a file
	Values   []Value  `json:"values"`   // to type or choose
}

// long reports whether the file would hide what stands around it.
func (a Action) long() bool { return len(a.File) > 1000 }

// Value goes into a field of a form. Without Copy it is a choice in words.
type Value struct {
	Label string `json:"label"`
	Value string `json:"value"`
	Copy  bool   `json:"copy"` // to be typed to the letter
	Note  string `json:"note"`
}

// New makes the guide for settings, of which nothing is checked yet.
func New(s Settings) *Guide {
	b := newBuilder(s)
	g := &Guide{
		For: s.For, Script: b.script, Org: b.urls.Org, SentryURL: b.urls.SentryURL, AuthentikURL: b.authentik, MetadataURL: b.metadata,
		Placeholders: b.placeholders, all: b.steps(),
	}
	if !b.script {
		g.form = keySaml
	}
	for i := range g.all {
		g.all[i].Number, g.all[i].State = i+1, Unknown
		g.all[i].Finding.Why = "neither product was asked"
	}
	g.choose()
	return g
}

// Step returns the step of a key.
func (g *Guide) Step(key string) Step {
	for _, s := range g.all {
		if s.Key == key {
			return s
		}
	}
	return Step{}
}
