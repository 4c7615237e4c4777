package cmd

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// table is what the accidents of a table share: the addresses of the servers, and
// how things stand after the ordinary nights.
type table struct {
	dir               string // outlives the accidents
	sentry, authentik *hub
	settled           sync.Map // start → *settlement
}

func newTable(t *testing.T) *table {
	t.Helper()
	return &table{dir: t.TempDir(), sentry: newHub(t), authentik: newHub(t)}
}

// start is what the ordinary nights depend on.
type start struct {
	variant

	idp    bool
	sentry string // the accident whose Sentry is another one; "" for the usual
}

// settlement is how things stand after the ordinary nights.
type settlement struct {
	once sync.Once

	state   sandbox.State
	idp     emulated.State
	company *company
	byHand  map[string]bool
	usual   map[string]bool
	at      int64
	memory  string // the state directory
}

// accidentSite is a site with a company, whose nights have been ordinary.
type accidentSite struct {
	*site

	company *company
	source  *idp // nil: a file
	memory  string
	remove  string
	byHand  map[string]bool

	usual map[string]bool // the addresses that the directory knew on the last ordinary night
	named map[string]bool // those that it knows now
}

// site returns a site of its own on which the accident can happen.
func (tb *table) site(t *testing.T, a accident, v variant) *accidentSite {
	t.Helper()
	key := start{variant: v, idp: a.idp != nil}
	if a.with != nil {
		key.sentry = a.name
	}
	found, _ := tb.settled.LoadOrStore(key, &settlement{})
	st := found.(*settlement) //nolint:forcetypeassert // nothing else is stored
	st.once.Do(func() { tb.settle(t, a, v, st) })
	if st.company == nil {
		t.Fatalf("%s: the ordinary nights were not", v)
	}
	s := &accidentSite{
		site: newSite(t, tb.sentry, st.state, rolesVariable()), company: st.company.clone(),
		remove: v.remove, byHand: st.byHand, usual: st.usual, named: st.usual,
	}
	s.clock.Store(st.at)
	if a.idp != nil {
		s.source = newIDP(s.site, tb.authentik, clonedIDP(t, st.idp))
	}
	if v.memory {
		s.memory = kept
		if err := os.CopyFS(filepath.Join(s.dir, kept), os.DirFS(st.memory)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// settle has two ordinary nights: on the first the push makes Sentry what the
// directory says, on the second there are a leaver and a joiner.
func (tb *table) settle(t *testing.T, a accident, v variant, st *settlement) {
	t.Helper()
	c := accidentCompany()
	state := c.asSentryHasIt()
	contractors := 12
	if v.remove == "absent" {
		contractors = 0
	}
	addStrangers(&state, contractors)
	if a.with != nil {
		a.with(&state, c)
	}
	s := &accidentSite{site: newSite(t, tb.sentry, state, rolesVariable()), company: c, remove: v.remove, byHand: map[string]bool{}}
	if v.memory {
		s.memory = kept
	}
	for _, m := range state.Members {
		s.byHand[m.ID] = m.Role == "manager" && len(m.Flags) < 2
	}
	if a.idp != nil {
		s.source = newIDP(s.site, tb.authentik, stateOfIDP(c))
	}
	for night := range 2 {
		if night == 1 {
			c.people[20].inactive = true
			c.hire("Support", "On Call")
			if s.source != nil {
				s.source.follow(c)
			}
		}
		if e := s.night(s.file(c)); e.code != 0 {
			t.Errorf("%s: ordinary night %d: exit %d: %s", v, night+1, e.code, e.err)
			return
		}
		s.pass(24 * time.Hour)
	}
	st.state, st.company, st.byHand, st.usual, st.at = s.sentry.Snapshot(), c, s.byHand, s.named, s.clock.Load()
	if st.memory = filepath.Join(tb.dir, rand.Text()); v.memory {
		if err := os.CopyFS(st.memory, os.DirFS(filepath.Join(s.dir, kept))); err != nil {
			t.Error(err)
			st.company = nil
		}
	}
	if s.source != nil {
		st.idp = s.source.held.Snapshot()
	}
}

// file is the company's file, where there is one.
func (s *accidentSite) file(c *company) []byte {
	if s.source != nil {
		return nil
	}
	return c.csv()
}

// night pushes what authentik holds, or the file.
func (s *accidentSite) night(file []byte, args ...string) ended {
	s.t.Helper()
	args = append(args, "--remove", s.remove)
	if s.source != nil {
		s.named = s.source.addresses()
		return s.run(s.memory, append([]string{"scim", "push", "--authentik-url", s.source.url}, args...)...)
	}
	s.named = addressesIn(string(file))
	return s.push(s.memory, file, args...)
}

// addressesIn are the addresses that a text names, in lower case.
func addressesIn(text string) map[string]bool {
	found := map[string]bool{}
	for word := range strings.FieldsFuncSeq(strings.ToLower(text), func(r rune) bool { return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789.-_+@", r) }) {
		if strings.Contains(word, "@") {
			found[word] = true
		}
	}
	return found
}

// happen is a night of the accident.
func (s *accidentSite) happen(a accident, night int) ended {
	s.t.Helper()
	var args []string
	if a.args != nil {
		args = a.args(s.company.clone())
	}
	usual := s.env
	defer func() { s.env = usual }()
	s.env = slices.Concat(usual, a.env)
	file := s.file(s.company)
	switch {
	case s.source != nil:
		s.source.held.Edit(func(held *emulated.State) { a.idp(held, night) })
	case a.file != nil:
		file = a.file(s.company.clone(), night)
	}
	return s.night(file, args...)
}

func (s *accidentSite) managed() map[string]bool {
	managed := map[string]bool{}
	for _, group := range s.company.groups() {
		managed[slugOf(group)] = true
	}
	return managed
}

// forgotten reports whether the directory knew an address on the last ordinary
// night and does not any more.
func (s *accidentSite) forgotten(email string) bool {
	key := strings.ToLower(email)
	return s.usual[key] && !s.named[key]
}
