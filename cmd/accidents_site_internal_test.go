package cmd

import (
	"crypto/rand"
	"fmt"
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

	idp bool
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
	failed  string // what was wrong with the nights
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

// site returns a site of its own on which the accident can happen, or nil where
// the ordinary nights were none.
func (tb *table) site(t *testing.T, a accident, v variant) *accidentSite {
	t.Helper()
	if a.with != nil {
		return tb.first(t, a, v)
	}
	found, _ := tb.settled.LoadOrStore(start{variant: v, idp: a.idp != nil}, &settlement{})
	st := found.(*settlement) //nolint:forcetypeassert // nothing else is stored
	st.once.Do(func() { tb.settle(t, a, v, st) })
	if st.failed != "" {
		t.Errorf("%s: %s", v, st.failed)
		return nil
	}
	s := tb.open(t, st.state, st.company.clone(), v)
	s.byHand, s.usual = st.byHand, st.usual
	s.clock.Store(st.at)
	if a.idp != nil {
		s.source = newIDP(s.site, tb.authentik, clonedIDP(t, st.idp))
	}
	if v.memory {
		if err := os.CopyFS(filepath.Join(s.dir, kept), os.DirFS(st.memory)); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// open is a Sentry in that state, and the company's pushes into it.
func (tb *table) open(t *testing.T, state sandbox.State, c *company, v variant) *accidentSite {
	t.Helper()
	s := &accidentSite{site: newSite(t, tb.sentry, state, rolesVariable()), company: c, remove: v.remove, byHand: map[string]bool{}}
	if v.memory {
		s.memory = kept
	}
	for _, m := range state.Members {
		s.byHand[m.ID] = m.Role == "manager" && !slices.Contains(m.Flags, "idp:role-restricted")
	}
	return s
}

// first is the company's first push, into a Sentry that is otherwise than usual.
func (tb *table) first(t *testing.T, a accident, v variant) *accidentSite {
	t.Helper()
	c := accidentCompany()
	state := ordinarySentry(c, v)
	a.with(&state, c)
	s := tb.open(t, state, c, v)
	s.usual = addressesIn(string(c.csv()))
	return s
}

func ordinarySentry(c *company, v variant) sandbox.State {
	state := c.asSentryHasIt()
	contractors := 12
	if v.remove == "absent" {
		contractors = 0
	}
	addStrangers(&state, contractors)
	return state
}

// settle has two ordinary nights: on the first the push makes Sentry what the
// directory says, on the second there are a leaver and a joiner.
func (tb *table) settle(t *testing.T, a accident, v variant, st *settlement) {
	t.Helper()
	c := accidentCompany()
	s := tb.open(t, ordinarySentry(c, v), c, v)
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
			st.failed = fmt.Sprintf("exit %d on the ordinary night %d: %s", e.code, night+1, e.told())
			return
		}
		s.pass(24 * time.Hour)
	}
	st.state, st.company, st.byHand, st.usual, st.at = s.sentry.Snapshot(), c, s.byHand, s.named, s.clock.Load()
	if st.memory = filepath.Join(tb.dir, rand.Text()); v.memory {
		if err := os.CopyFS(st.memory, os.DirFS(filepath.Join(s.dir, kept))); err != nil {
			st.failed = err.Error()
		}
	}
	if s.source != nil {
		st.idp = s.source.startable()
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
func (s *accidentSite) happen(a accident, night int, args ...string) ended {
	s.t.Helper()
	args = slices.Concat(a.args, args)
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
