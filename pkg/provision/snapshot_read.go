package provision

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// ParseSnapshot reads a snapshot that was saved before a removal or exported.
// One of another format, with keys that are unknown or with members or teams
// that have no name is refused (fault.Usage): a snapshot that is read in part
// restores in part.
func ParseSnapshot(data []byte) (*Snapshot, error) {
	s := &Snapshot{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(s)
	if err == nil && !errors.Is(decoder.Decode(&struct{}{}), io.EOF) {
		err = errors.New("something follows the snapshot")
	}
	switch {
	case err != nil:
		err = fault.Usagef("no snapshot: %w", err)
	case s.Format != snapshotFormat:
		err = fault.Usagef("no snapshot: want the format %d, found %d", snapshotFormat, s.Format)
	case s.Org == "" || s.SentryURL == "":
		err = fault.Usagef("no snapshot: it does not say of which organization it is (org, sentry_url)")
	default:
		return s, s.check()
	}
	return nil, fault.Hint(err, "want a file that 'sentryidp scim export' or a push before a removal has written")
}

// check refuses what has no name.
func (s *Snapshot) check() error {
	for i, m := range s.Members {
		if strings.TrimSpace(m.Email) == "" {
			return fault.Usagef("members[%d] of the snapshot has no e-mail", i)
		}
	}
	for i, t := range s.Teams {
		if strings.TrimSpace(t.Name) == "" {
			return fault.Usagef("teams[%d] of the snapshot has no name", i)
		}
	}
	return nil
}
