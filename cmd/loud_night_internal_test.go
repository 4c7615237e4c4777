package cmd

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestALoudNight has weeks without a sound around one night with an upheaval,
// which is refused, or passes, with no more than one override; and what that let
// through is no matter afterwards.
func TestALoudNight(t *testing.T) {
	t.Parallel()
	around := scaled(12, 3, 3)
	for _, night := range loudNights() {
		t.Run(night.name, func(t *testing.T) {
			t.Parallel()
			y := newYear(t, false)
			for n := range 2*around + 1 {
				y.live()
				if n == around {
					night.happen(y)
				}
				switch {
				case n == around && !y.loud(night.refused), n != around && !y.sleep():
					return
				}
			}
			t.Log(y)
		})
	}
}

// loudNight is an upheaval that is meant.
type loudNight struct {
	name    string
	refused bool // has to be, without an override
	happen  func(y *year)
}

func loudNights() []loudNight {
	return []loudNight{
		{"the mail domain is renamed", true, func(y *year) {
			for i := range y.company.people {
				p := &y.company.people[i]
				p.former = append(p.former, p.email)
				p.email = strings.Replace(p.email, mailDomain, "@acme.example", 1)
			}
		}},
		{"three hundred join by an acquisition", false, func(y *year) {
			for n := range 300 {
				team := fmt.Sprintf("Bought %d", n%6)
				if i := y.gain(team); n < 12 {
					y.company.join(i, "Leads")
				}
			}
			y.teams = append(y.teams, "Bought 0", "Bought 1", "Bought 2", "Bought 3", "Bought 4", "Bought 5")
		}},
		{"half of the company is reorganized", true, func(y *year) { y.upheave() }},
		{"one in seven is laid off", true, func(y *year) {
			for n := range 140 {
				y.lose(y.someone(y.teams[n%len(y.teams)]))
			}
		}},
		{"seventy become leads", true, func(y *year) {
			for n := range 70 {
				y.company.join(y.someone(y.teams[n%len(y.teams)]), "Leads")
			}
		}},
	}
}

// upheave moves every second person to another team, and of the guilds' members
// two in nine leave: no team loses a quarter, all together lose more than a tenth.
func (y *year) upheave() {
	c := y.company
	for n, team := range y.teams {
		for k, i := range c.in(team) {
			if k%2 == 0 && !c.people[i].inactive {
				c.leave(i, team)
				c.join(i, y.teams[(n+1+k)%len(y.teams)])
			}
		}
	}
	for _, guild := range y.guilds {
		for k, i := range c.in(guild) {
			if k%9 < 2 {
				c.leave(i, guild)
			}
		}
	}
}

// loud is the night of an upheaval.
func (y *year) loud(refused bool) bool {
	y.t.Helper()
	y.night++
	y.pass(24 * time.Hour)
	before := standingOf(y.sentry.Snapshot())
	e := y.pushNow()
	if e.code == 0 && !refused {
		return y.isQuiet(e)
	}
	after := standingOf(y.sentry.Snapshot())
	never := func(string) bool { return false }
	overrides := e.overrides()
	switch lost := lossOf(before, after, nil, never); {
	case e.code != 6:
		y.t.Errorf("exit %d, expected a refusal; %s", e.code, lost)
	case !lost.none():
		y.t.Errorf("was refused and changed Sentry: %s", lost)
	case len(overrides) != 1:
		y.t.Errorf("was refused and takes %d overrides: %s; %s", len(overrides), strings.Join(overrides, " "), e.told())
	default:
		y.t.Logf("refused (%s) and passed with %s", e.told(), overrides[0])
		return y.isQuiet(y.pushNow(overrides...))
	}
	return false
}
