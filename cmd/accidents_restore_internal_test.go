package cmd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// overrideFlags let everything through. A flag that a command lacks is left out.
func overrideFlags(cmd *cobra.Command) []string {
	var flags []string
	for _, flag := range []string{
		"max-removals=100%", "max-team-removals=100%", "max-membership-losses=100%", "max-team-losses=100%",
		"max-promotions=100000", "max-demotions=100000", "max-replaced=100000", "max-blank=100000",
		"allow-empty", "allow-shrink", "allow-empty-teams", "allow-hidden-users",
	} {
		if name, _, _ := strings.Cut(flag, "="); cmd.Flags().Lookup(name) != nil {
			flags = append(flags, "--"+flag)
		}
	}
	return flags
}

// TestRestoreGivesBackWhatAnAccidentTook lets each accident through with every
// override and then restores the snapshot: whoever was a member is one again,
// with their role, and in their teams, which have their names again.
func TestRestoreGivesBackWhatAnAccidentTook(t *testing.T) {
	t.Parallel()
	probe, _, _ := testApp()
	overrides := overrideFlags(newScimPush(probe))
	restore := []string{"scim", "restore", "--yes"}
	if newScimRestore(probe).Flags().Lookup("roles") != nil {
		restore = append(restore, "--roles")
	}
	table := newTable(t)
	for n, a := range accidents() {
		if a.verdict == harmless || n%scaled(1, 5, 20) != 0 {
			continue
		}
		t.Run(a.name, func(t *testing.T) {
			t.Parallel()
			v := variants()[2*(n%2)]
			s := table.site(t, a, v)
			if s == nil {
				return
			}
			before := standingOf(s.sentry.Snapshot())
			e := s.happen(a, max(1, a.nights), overrides...)
			missing := missingAfter(before, standingOf(s.sentry.Snapshot()))
			path := e.snapshot()
			switch {
			case len(missing) == 0:
				return
			case path == "":
				t.Errorf("%s: exit %d, %d things are not as they were, and there is no snapshot: %s", v, e.code, len(missing), strings.Join(missing[:min(3, len(missing))], ", "))
				return
			}
			e = s.run(s.memory, append(slices.Clone(restore), path)...)
			missing = missingAfter(before, standingOf(s.sentry.Snapshot()))
			if e.code != 0 || len(missing) > 0 {
				t.Errorf("%s: exit %d, and %d things are not as they were: %s; %s", v, e.code, len(missing), strings.Join(missing[:min(3, len(missing))], ", "), e.told())
			}
		})
	}
}

// missingAfter says what there was before and is not after: members by their
// addresses, with their roles, and who is in which team.
func missingAfter(before, after standing) []string {
	var missing []string
	roles, teams := map[string]string{}, map[string]map[string]bool{}
	for _, m := range after.members {
		roles[strings.ToLower(m.Email)] = m.Role
	}
	for id, team := range after.teams {
		teams[team.Name] = map[string]bool{}
		for m := range after.in[id] {
			teams[team.Name][strings.ToLower(after.members[m].Email)] = true
		}
	}
	for _, m := range before.members {
		role, there := roles[strings.ToLower(m.Email)]
		switch {
		case !there:
			missing = append(missing, m.Email)
		case role != m.Role:
			missing = append(missing, fmt.Sprintf("%s is %s, was %s", m.Email, role, m.Role))
		}
	}
	for id, team := range before.teams {
		for m := range before.in[id] {
			if email := strings.ToLower(before.members[m].Email); !teams[team.Name][email] {
				missing = append(missing, email+" in "+team.Name)
			}
		}
	}
	slices.Sort(missing)
	return missing
}

// TestAPushWithoutMemorySaysHowToKeepOne says in a run that finds no memory how to
// keep one, and not in the next.
func TestAPushWithoutMemorySaysHowToKeepOne(t *testing.T) {
	t.Parallel()
	c := accidentCompany()
	s := newSite(t, newHub(t), c.asSentryHasIt(), rolesVariable())
	const flag = "--state-dir"
	for _, run := range []struct {
		memory string
		says   bool
	}{{fresh, true}, {kept, true}, {kept, false}, {fresh, true}} {
		if e := s.push(run.memory, c.csv()); e.code != 0 || strings.Contains(e.stdout, flag) != run.says {
			t.Errorf("push %d: exit %d, expected %s in the notes: %t, found %q", s.runs, e.code, flag, run.says, e.stdout)
		}
	}
}
