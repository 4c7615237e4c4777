package doctor

import "strings"

// Setup is what is known of this machine and its configuration.
type Setup struct {
	Files    []string  // of the configuration, each with why it is believed
	Missing  []Missing // settings that the examination would need
	Refused  string    // what a file sets that nobody trusts, empty: nothing
	TrustFix string    // the command that trusts it
	Loosened []string  // a note for each guard that is off or weaker than by default
	StateDir string    // "": there is none
	StateErr error     // why nothing can be kept in it
	Version  string    // of this program
}

// Missing is a setting that has no value, or a secret that cannot be had: Saw.
type Missing struct{ Setting, Saw, Fix string }

// localChecks ask nobody.
func localChecks() []check {
	return []check{
		{code: "settings", side: Local, title: "the settings name both products and the organization", judge: settings},
		{code: "trust", side: Local, title: "the configuration files are trusted", judge: trust},
		{code: "guards", side: Local, title: "no guard of a push is loosened", judge: guards},
		{code: "state-dir", side: Local, title: "pushes can remember what they did", judge: stateDir},
		{code: "version", side: Local, title: "this program's version", judge: func(f *facts) []Result {
			return one(fine("sentryidp " + f.setup.Version))
		}},
	}
}

func settings(f *facts) []Result {
	var found []Result
	for _, m := range f.setup.Missing {
		r := fail(strings.ReplaceAll(m.Setting, ".", "-"), m.Saw, "a value that can be used", m.Fix)
		found = append(found, r)
	}
	saw := "they come from flags and variables"
	if len(f.setup.Files) > 0 {
		saw = "they come from " + strings.Join(f.setup.Files, ", ")
	}
	return orFine(found, saw)
}

func trust(f *facts) []Result {
	if f.setup.Refused == "" {
		return one(fine("nothing is set by a file that nobody trusts"))
	}
	return one(warn("untrusted", f.setup.Refused, "a file that is trusted: the checks that send a secret were not made", f.setup.TrustFix))
}

func guards(f *facts) []Result {
	if len(f.setup.Loosened) == 0 {
		return one(fine("every guard has its default or is stricter"))
	}
	return one(warn("loosened", strings.Join(f.setup.Loosened, "; "), "guards at their defaults: an override is meant for one push",
		"remove the settings, and pass the flag to the push that needs it"))
}

func stateDir(f *facts) []Result {
	if f.setup.StateErr != nil {
		return one(warn("unusable", words(f.setup.StateErr), "a folder that can be written to",
			"name one with --state-dir (state_dir): without it guards that compare with earlier pushes are off; see 'sentryidp help state'"))
	}
	return one(fine(f.setup.StateDir))
}
