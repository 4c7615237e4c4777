package doctor

import (
	"errors"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// lastChecks compare what the others have found to work.
func lastChecks() []check {
	return []check{{
		code: "directory", side: Both, title: "Sentry has the members and teams of the directory", needs: []Probe{ProbeDrift},
		causes: []string{codeSentryReach, codeSentryTLS, codeIDPReach, codeIDPTLS, codeIDPRedirect, codeIDPIdentity, codeSCIMToken, codeAuthentikToken, codeApplication}, judge: directory,
	}}
}

func directory(f *facts) []Result {
	switch {
	case errors.Is(f.driftErr, ErrBudget), late(f.driftErr):
		return one(unchecked("it takes more requests or time than an examination: use 'sentryidp scim status'").alone())
	case fault.CodeOf(f.driftErr) == fault.Refused:
		return one(fail("hidden", fault.Text(f.driftErr), "a source that is whole: a push refuses it", strings.Join(fault.Hints(f.driftErr), "; ")))
	case f.driftErr != nil:
		return one(unchecked("the directory cannot be compared: " + fault.Text(f.driftErr)))
	case f.drift != "":
		return one(warn("drift", f.drift, "nothing to push", "'sentryidp scim push --dry-run' shows the changes one by one"))
	}
	return one(fine("a push would change nothing"))
}
