package provision

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// maxRecord bounds the file of a record, in bytes: about 100,000 teams.
const maxRecord = 16 << 20

// Record is what pushes into one organization leave behind for the next one from
// the same machine: how many active people there were when one last succeeded,
// and the teams they created. What a push does to people never depends on it:
// without a record nothing is compared and no team is pruned.
type Record struct {
	Format    int            `json:"format"` // of this document; 1
	SentryURL string         `json:"sentry_url"`
	Org       string         `json:"org"`
	PushedAt  time.Time      `json:"pushed_at"`
	People    int            `json:"people"`
	Teams     []RecordedTeam `json:"teams"`
}

// RecordedTeam is a team that a push created, and the group it was made of.
type RecordedTeam struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Group string `json:"group"`
}

// NewRecord is the record of an organization before the first push.
func NewRecord(sentryURL, org string) *Record {
	return &Record{Format: 1, SentryURL: sentryURL, Org: org, Teams: []RecordedTeam{}}
}

// LoadRecord reads the record of an organization. A file that is missing is an
// empty record; one that cannot be read, or is of another organization, is an
// error and an empty record.
func LoadRecord(path, sentryURL, org string) (*Record, error) {
	empty := NewRecord(sentryURL, org)
	file, err := os.Open(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return empty, nil
	case err != nil:
		return empty, fmt.Errorf("read the record of the last push: %w", err)
	}
	defer func() { _ = file.Close() }()
	r := &Record{}
	err = json.NewDecoder(io.LimitReader(file, maxRecord)).Decode(r)
	switch {
	case err != nil:
		return empty, fmt.Errorf("read the record of the last push: %s: %w", path, err)
	case r.Format != 1 || r.SentryURL != sentryURL || r.Org != org || r.People < 0:
		return empty, fmt.Errorf("read the record of the last push: %s is not one of %s on %s", path, org, sentryURL)
	}
	return r, nil
}

// Save writes the record (0600), and its folder if need be (0700), whole or not
// at all.
func (r *Record) Save(path string) error {
	data, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return atomicfile.Write(path, append(data, '\n'), 0o600, atomicfile.Overwrite)
}

// FileStem names what is kept for one organization: Sentry's host and path, and
// the organization, with nothing that a file name cannot hold.
func FileStem(sentryURL, org string) string {
	_, host, found := strings.Cut(sentryURL, "://")
	if !found {
		host = sentryURL
	}
	unsafe := regexp.MustCompile(`[^A-Za-z0-9.-]+`)
	return unsafe.ReplaceAllString(strings.TrimRight(host, "/"), "_") + "_" + unsafe.ReplaceAllString(org, "_")
}

// remember keeps the record of this push: the teams it created, also where it
// ended early, and how many people there were where all was well. A record that
// cannot be kept costs the next push its comparison, nothing else.
func (p *Push) remember(want *Desired, actual *Actual, a *applier, r *Report, succeeded bool) {
	if p.Record == nil {
		return
	}
	next := p.Record.after(want, actual, a)
	switch {
	case succeeded:
		next.rename(r.Plan.TeamsRename)
		next.People, next.PushedAt = want.Active(), p.Now().UTC().Truncate(time.Second)
	case slices.Equal(next.Teams, p.Record.Teams):
		return
	}
	if err := p.SaveRecord(next); err != nil {
		r.Notes = append(r.Notes, "this push could not be remembered, so that the next one cannot tell whether the directory shrank: "+err.Error())
		return
	}
	p.Record = next
}

// after is the record with the teams that were created, and without those that
// are no longer there.
func (r *Record) after(want *Desired, actual *Actual, a *applier) *Record {
	next := *r
	there := make(map[string]bool, len(actual.Groups))
	for _, g := range actual.Groups {
		there[g.ID] = !a.deleted[g.ID]
	}
	next.Teams = slices.DeleteFunc(slices.Clone(r.Teams), func(t RecordedTeam) bool { return !there[t.ID] })
	next.add(want, a.created)
	return &next
}

func (r *Record) add(want *Desired, created []scim.Group) {
	groups := make(map[string]string, len(want.Teams))
	for _, t := range want.Teams {
		groups[t.Name] = t.Group
	}
	for _, g := range created {
		r.Teams = append(r.Teams, RecordedTeam{ID: g.ID, Name: g.DisplayName, Group: groups[g.DisplayName]})
	}
	slices.SortFunc(r.Teams, func(a, b RecordedTeam) int { return strings.Compare(a.ID, b.ID) })
}

func (r *Record) rename(renamed []TeamRename) {
	for _, c := range renamed {
		for i := range r.Teams {
			if r.Teams[i].ID == c.ID {
				r.Teams[i].Name = c.To
			}
		}
	}
}
