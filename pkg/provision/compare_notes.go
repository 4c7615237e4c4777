package provision

import (
	"fmt"

	"github.com/sentryidp/sentryidp/pkg/mapping"
)

// notes say which removed people may come back. Sentry makes a membership with
// the default role for anybody whom the identity provider lets in (Sentry,
// auth/helper.py, handle_existing_identity). Nobody is removed who is active in
// the directory under the same address, be it as a service account or with an
// address that Sentry does not take; what is left is who has another address
// there, and who is not in the part of the directory that was read.
func notes(want *Desired, plan *Plan) []string {
	told := []string{}
	var moved []string
	unknown := 0
	for _, c := range plan.UsersRemove {
		key := mapping.Key(c.Email)
		switch now := want.Aliases[key]; {
		case now != "":
			moved = append(moved, c.Email+" (now "+now+")")
		case c.Reason == reasonAbsent:
			unknown++
		}
	}
	const back = "log in by SSO comes back with the default role"
	if len(moved) > 0 {
		told = append(told, fmt.Sprintf("%s removed, but still active in the directory under another e-mail: who can still %s: %s",
			count(len(moved), "person is", "people are"), back, list(moved)))
	}
	if unknown > 0 {
		told = append(told, fmt.Sprintf("%s removed for not being in the directory as it was read: who can still %s",
			count(unknown, "person is", "people are"), back))
	}
	return told
}
