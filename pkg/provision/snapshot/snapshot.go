// Package snapshot is Sentry's side at one moment, as a file, and what of it can
// be put back: people as invitations, teams with their names, memberships, roles.
package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/atomicfile"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
)

const format = 1

// Snapshot is Sentry's side at one moment: who is a member with which role,
// and who is in which team. It holds no secret.
type Snapshot struct {
	Format    int       `json:"format"` // of this document; 1
	TakenAt   time.Time `json:"taken_at"`
	SentryURL string    `json:"sentry_url"`
	Org       string    `json:"org"`
	Members   []Member  `json:"members"`
	Teams     []Team    `json:"teams"`
}

// Member is one member of the organization.
type Member struct {
	ID    string `json:"id"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

// Team is one team and the addresses of its members.
type Team struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Members []string `json:"members"`

	// Roles are the roles in the team by address, of those who had one of their own,
	// and Projects the slugs of the team's projects. Both are there where the push
	// had read them: of teams that rules are about.
	Roles    map[string]string `json:"roles,omitempty"`
	Projects []string          `json:"projects,omitempty"`
}

// Take makes a snapshot of what was read.
func Take(sentryURL, org string, at time.Time, actual *plan.Actual) *Snapshot {
	s := &Snapshot{
		Format: format, TakenAt: at.UTC().Truncate(time.Second), SentryURL: sentryURL, Org: org,
		Members: []Member{}, Teams: []Team{},
	}
	for _, u := range actual.Users {
		s.Members = append(s.Members, Member{ID: u.ID, Email: u.UserName, Role: u.Role})
	}
	slices.SortFunc(s.Members, func(a, b Member) int {
		return strings.Compare(mapping.Key(a.Email)+a.ID, mapping.Key(b.Email)+b.ID)
	})
	projects := projectsOf(actual)
	for _, g := range actual.Groups {
		team := Team{ID: g.ID, Name: g.DisplayName, Members: []string{}, Roles: rolesIn(g, actual), Projects: projects[g.ID]}
		for _, m := range g.Members {
			team.Members = append(team.Members, m.Display)
		}
		slices.Sort(team.Members)
		s.Teams = append(s.Teams, team)
	}
	slices.SortFunc(s.Teams, func(a, b Team) int { return strings.Compare(a.Name+a.ID, b.Name+b.ID) })
	return s
}

// In is the snapshot as it can be compared with an organization: the ids of
// another one, or of another Sentry, are those of other people and teams there.
func (s *Snapshot) In(sentryURL, org string) *Snapshot {
	if s.SentryURL == sentryURL && s.Org == org {
		return s
	}
	there := *s
	there.Members, there.Teams = slices.Clone(s.Members), slices.Clone(s.Teams)
	for i := range there.Members {
		there.Members[i].ID = ""
	}
	for i := range there.Teams {
		there.Teams[i].ID = ""
	}
	return &there
}

// Save writes the snapshot into a folder, readable by its owner alone (0600),
// under a name made of Sentry's host, the organization and the time. It makes
// the folder if need be and never replaces a file. It returns the file's path.
func (s *Snapshot) Save(dir string) (string, error) {
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return "", err
	}
	if err := atomicfile.MakeFolder(dir); err != nil {
		return "", fmt.Errorf("save a snapshot: %w", err)
	}
	unsafe := regexp.MustCompile(`[^A-Za-z0-9.-]+`)
	_, host, _ := strings.Cut(s.SentryURL, "://")
	name := unsafe.ReplaceAllString(host, "_") + "_" + s.Org + "_" + s.TakenAt.Format("20060102T150405Z")
	for n := 1; ; n++ {
		path := filepath.Join(dir, name+".json")
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d.json", name, n))
		}
		err := atomicfile.Write(path, append(data, '\n'), 0o600, atomicfile.Keep)
		if !errors.Is(err, fs.ErrExist) {
			return path, err
		}
	}
}

// Check returns the error that Save would have in dir, as far as that is known
// before. It makes no folder.
func Check(dir string) error {
	for {
		info, err := os.Stat(dir)
		parent := filepath.Dir(dir)
		switch {
		case errors.Is(err, fs.ErrNotExist) && parent != dir:
			dir = parent
			continue
		case err != nil:
			return fmt.Errorf("save a snapshot: %w", err)
		case !info.IsDir():
			return fmt.Errorf("save a snapshot: %s must be a folder", dir)
		}
		if err := atomicfile.Check(filepath.Join(dir, "snapshot.json")); err != nil {
			return fmt.Errorf("save a snapshot: %w", err)
		}
		return nil
	}
}
