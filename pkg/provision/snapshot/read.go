package snapshot

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Parse reads a snapshot that was saved before a removal or exported.
// One of another format, with keys that are unknown, without its lists, or with
// members or teams that nothing names is refused (fault.Usage): a snapshot that
// is read in part restores in part. Sentry can have a member without an e-mail
// and one address twice; they are taken as they are.
func Parse(data []byte) (*Snapshot, error) {
	s := &Snapshot{}
	decoder := json.NewDecoder(bytes.NewReader(bom.Text(data)))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(s)
	if err == nil && !errors.Is(decoder.Decode(&struct{}{}), io.EOF) {
		err = errors.New("something follows the snapshot")
	}
	switch {
	case err != nil:
		err = fault.Usagef("not a snapshot: %w", err)
	case s.Format != format:
		err = fault.Usagef("not a snapshot: expected format %d, found %d", format, s.Format)
	case s.Org == "" || s.SentryURL == "":
		err = fault.Usagef("not a snapshot: it does not say of which organization it is (org, sentry_url)")
	default:
		err = s.check()
	}
	if err == nil {
		return s, nil
	}
	return nil, fault.Hint(err, "expected a file that 'sentryidp scim export' or a push before a removal has written")
}

// check refuses what is left out, and what has no name.
func (s *Snapshot) check() error {
	if s.Members == nil || s.Teams == nil {
		return fault.Usagef("not a snapshot: it lacks the list of members or of teams (members, teams)")
	}
	for i, m := range s.Members {
		if strings.TrimSpace(m.Email) == "" && (m.Email != "" || m.ID == "") {
			return fault.Usagef("not a snapshot: members[%d] has neither an e-mail nor an id", i)
		}
	}
	for i, t := range s.Teams {
		switch {
		case strings.TrimSpace(t.Name) == "":
			return fault.Usagef("not a snapshot: teams[%d] has no name", i)
		case t.Members == nil:
			return fault.Usagef("not a snapshot: teams[%d] has no list of members", i)
		}
	}
	return nil
}
