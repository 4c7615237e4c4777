package cmd

import (
	"context"
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

func authentikReleases() []string {
	var names []string
	for _, r := range emulated.Releases() {
		names = append(names, string(r))
	}
	return names
}

// authentikState is the state of the file that is named, or else the sample with
// an application for Sentry.
func (o *sandboxOptions) authentikState(ctx context.Context) (emulated.State, error) {
	if o.authentikStateFile == "" {
		return sampleAuthentik(sampleApplication)
	}
	return parsed(ctx, o.app, source{o.authentikStateFile, filekind.AuthentikState, stateLimit}, func(data []byte) (emulated.State, error) {
		state, err := emulated.ParseState(data)
		return state, fault.Hint(err, `expected JSON with objects by collection, such as {"objects": {"core/users": []}}`)
	})
}

// sampleApplication is the slug of the sample's application.
const sampleApplication = "sentry"

// sampleAuthentik is a fresh authentik with the people of the sample. All of its
// groups, and who is in none, may use the application; an empty slug makes none.
func sampleAuthentik(application string) (emulated.State, error) {
	d, err := directory.Parse(sandbox.SamplePeople(), "sample", directory.YAML)
	if err != nil {
		return emulated.State{}, fmt.Errorf("the sample: %w", err)
	}
	people := make([]emulated.Person, 0, len(d.People))
	var groups, alone []string
	for _, p := range d.People {
		people = append(people, emulated.Person{Username: p.Username, Name: p.Name, Email: p.Email, Type: p.Type, Inactive: !p.Active, Groups: p.Groups})
		if len(p.Groups) == 0 {
			alone = append(alone, p.Username)
		}
	}
	for _, g := range d.Groups {
		groups = append(groups, g.Name)
	}
	state := emulated.FreshState(people, groups)
	if application != "" {
		state.Bind(application, groups, alone)
	}
	return state, nil
}
