package snapshot_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/provision/snapshot"
)

func TestASnapshotThatIsCutShortIsRefused(t *testing.T) {
	t.Parallel()
	const start = `{"format": 1, "sentry_url": "https://sentry.example", "org": "acme", `
	tests := map[string]string{
		"no lists":        start[:len(start)-2] + `}`,
		"no teams":        start + `"members": []}`,
		"null":            start + `"members": null, "teams": []}`,
		"half a list":     start + `"members": [{"id": "1", "em`,
		"a nameless one":  start + `"members": [{"role": "member"}], "teams": []}`,
		"a blank one":     start + `"members": [{"id": "1", "email": " "}], "teams": []}`,
		"a nameless team": start + `"members": [], "teams": [{"id": "1", "members": []}]}`,
		"no membership":   start + `"members": [], "teams": [{"id": "1", "name": "t"}]}`,
		"another key":     start + `"members": [], "teams": [], "owners": []}`,
		"two of them":     start + `"members": [], "teams": []} {}`,
	}
	for name, text := range tests {
		s, err := snapshot.Parse([]byte(text))
		if s != nil || fault.CodeOf(err) != fault.Usage || len(fault.Hints(err)) == 0 {
			t.Errorf("%s: read %v, error %v with the hints %q", name, s, err, fault.Hints(err))
		}
	}
}

func FuzzParseSnapshot(f *testing.F) {
	for _, seed := range []string{
		"", "null", "[]", "{}", `{"format":1}`, `{"format":2,"org":"a","sentry_url":"b"}`, `{"format":1,"org":"a","sentry_url":"b","members":[{}]}`,
		`{"format":1,"org":"a","sentry_url":"b","members":null,"teams":[]}`, `{"format":1,"org":"a","sentry_url":"b","members":[],"teams":[{"name":" "}]}`, `{"format":1,"org":"a","sentry_url":"b"} x`,
		`{"format":1,"taken_at":"2026-11-01T12:00:00Z","org":"a","sentry_url":"b","members":[{"id":"1","email":"a@b","role":"member"}],"teams":[{"id":"1","name":"t","members":["a@b",""]}]}`,
		`{"format":1,"org":"a","sentry_url":"b","members":[{"id":"1"},{"email":"a@b"},{"email":"A@B","role":"x"}],"teams":[{"name":"\u001b","members":[]}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := snapshot.Parse(data)
		if err != nil {
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("code %d of %v", fault.CodeOf(err), err)
			}
			return
		}
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := snapshot.Parse(text); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		for _, m := range s.Members {
			if strings.TrimSpace(m.Email+m.ID) == "" {
				t.Errorf("a member whom nothing names was read from %q", data)
			}
		}
	})
}
