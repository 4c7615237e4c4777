package sandbox

import (
	"fmt"
	"strings"
)

// Release is a Sentry release whose SCIM behaviour is emulated, written as
// "year.month".
type Release string

// The releases that can be chosen. Each stands for the behaviour from it up to
// the next one in the list.
const (
	// Release257 answers 409 for a person who is invited and has not logged in,
	// and loses the team roles of a team whose members are replaced.
	Release257 Release = "25.7"
	// Release266 answers 400 for that; error bodies have no status.
	Release266 Release = "26.6"
	// Release268 has error bodies with status, and scimType uniqueness.
	Release268 Release = "26.8"
	// ReleaseLatest has the discovery endpoints (getsentry/sentry pull request
	// 119884) and is the default.
	ReleaseLatest Release = "latest"
)

// Releases are all releases that can be chosen, oldest first.
func Releases() []Release {
	return []Release{Release257, Release266, Release268, ReleaseLatest}
}

// ParseRelease reads the name of a release; empty means [ReleaseLatest]. The
// error lists the names there are.
func ParseRelease(name string) (Release, error) {
	if name == "" {
		return ReleaseLatest, nil
	}
	known := make([]string, 0, len(Releases()))
	for _, r := range Releases() {
		if string(r) == name {
			return r, nil
		}
		known = append(known, string(r))
	}
	return "", fmt.Errorf("sentry release: wanted one of %s, found %q", strings.Join(known, ", "), name)
}

// dialect is what differs between releases.
type dialect struct {
	inviteConflict bool // an invited person is a 409 (before 25.8)
	replaceAll     bool // replace of a team's members removes all, then adds (before getsentry/sentry pull request 109670, about 26.3)
	errorStatus    bool // errors carry status and uniqueness (from 26.7)
	discovery      bool // ServiceProviderConfig, ResourceTypes, single Schemas
}

func (r Release) dialect() dialect {
	return dialect{
		inviteConflict: r == Release257,
		replaceAll:     r == Release257,
		errorStatus:    r == Release268 || r == ReleaseLatest,
		discovery:      r == ReleaseLatest,
	}
}
