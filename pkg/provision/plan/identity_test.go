package plan_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// Everybody of the directory is in the team "In", and every member of Sentry is
// in the team "Out" too, in which the directory has nobody: what is done to a
// member who is nobody's shows.
func meet(record *memory.Record, known memory.Known, accept bool, members []scim.User, people ...*desired.Person) wish {
	return wish{
		want:   desired.State{People: people, Teams: []desired.Team{wantedTeam("In", people...), wantedTeam("Out")}},
		actual: plan.Actual{Users: members, Groups: []scim.Group{team("7", "In"), team("8", "Out", members...)}},
		policy: plan.Policy{Remove: plan.RemoveAbsent, AcceptSecond: accept}, record: record, known: known,
	}
}

// leaving leaves somebody out whom the directory knows by that address.
func leaving(w wish, address string) wish {
	w.want.Untouched = map[string]bool{address: true}
	return w
}

func TestWhoIsWho(t *testing.T) {
	t.Parallel()
	old, other := member("5", "old@acme.test", "member"), member("6", "other@acme.test", "member")
	was5 := func() *memory.Record { return remembered(memory.Person{ID: "ada", Member: "5"}) }
	const left = "none of them and is left alone"
	both := func(ids ...string) memory.Known { // new and another have the addresses of members
		known := held("new@acme.test", ids...)
		known.Held["another@acme.test"] = memory.Fact{IDs: []string{"5"}}
		return known
	}
	tests := map[string]struct {
		wish    wish
		lines   []string
		skipped map[string]string
		found   map[string]plan.Found // by address of the person
	}{
		"by the address, in any case": {
			meet(nil, memory.Known{}, false, []scim.User{old}, active("OLD@acme.test")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"OLD@acme.test": plan.FoundAddress},
		},
		"by all rows of the address": {
			meet(nil, memory.Known{}, false, []scim.User{old, member("6", "Old@acme.test", "member")}, inactive("old@acme.test")),
			[]string{"remove Old@acme.test (inactive in the directory)", "remove old@acme.test (inactive in the directory)"},
			nil,
			map[string]plan.Found{"old@acme.test": plan.FoundAddress},
		},
		"by nothing": {
			meet(nil, memory.Known{}, false, []scim.User{old}, active("new@acme.test")),
			[]string{"remove old@acme.test (not in the directory)", "invite new@acme.test", "add new@acme.test to In"},
			nil, nil,
		},
		"by a further address of the directory": {
			meet(nil, memory.Known{}, false, []scim.User{old}, active("new@acme.test", "none@acme.test", "Old@acme.test")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"new@acme.test": plan.FoundFurther},
		},
		"a leaver by a further address": {
			meet(nil, memory.Known{}, false, []scim.User{old}, inactive("new@acme.test", "old@acme.test")),
			[]string{"remove old@acme.test (inactive in the directory)"},
			nil,
			map[string]plan.Found{"new@acme.test": plan.FoundFurther},
		},
		"a further address is somebody's own": {
			meet(nil, memory.Known{}, false, []scim.User{old}, active("new@acme.test", "old@acme.test"), active("old@acme.test")),
			[]string{"remove old@acme.test from Out", "invite new@acme.test", "add new@acme.test to In", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"old@acme.test": plan.FoundAddress},
		},
		"a further address of two": {
			meet(nil, memory.Known{}, false, []scim.User{old}, active("a@acme.test", "old@acme.test"), inactive("b@acme.test", "old@acme.test")),
			nil,
			map[string]string{"a@acme.test": left, "b@acme.test": left},
			nil,
		},
		"a further address of somebody who is not provisioned": {
			leaving(meet(nil, memory.Known{}, false, []scim.User{old}, active("new@acme.test", "old@acme.test")), "old@acme.test"),
			[]string{"invite new@acme.test", "add new@acme.test to In"},
			nil, nil,
		},
		"a second address of somebody who is not provisioned": {
			leaving(meet(nil, held("new@acme.test", "5"), true, []scim.User{old}, active("new@acme.test")), "old@acme.test"),
			nil,
			map[string]string{"new@acme.test": "unverified"},
			nil,
		},
		"by the memory, beside the address": {
			meet(was5(), memory.Known{}, false, []scim.User{old, other}, withID(active("other@acme.test"), "ada")),
			[]string{"remove other@acme.test from Out", "add other@acme.test to In"},
			map[string]string{"old@acme.test": "another member has that address now"},
			map[string]plan.Found{"other@acme.test": plan.FoundAddress},
		},
		"a leaver by the memory, beside the address": {
			meet(was5(), memory.Known{}, false, []scim.User{old, other}, withID(inactive("other@acme.test"), "ada")),
			[]string{"remove old@acme.test (inactive in the directory)", "remove other@acme.test (inactive in the directory)"},
			nil,
			map[string]plan.Found{"other@acme.test": plan.FoundAddress},
		},
		"ids that move up by one give nobody the member of a leaver": {
			meet(remembered(memory.Person{ID: "1", Member: "5"}, memory.Person{ID: "2", Member: "6"}, memory.Person{ID: "3", Member: "7"}), memory.Known{}, false,
				[]scim.User{old, other, member("7", "third@acme.test", "member")},
				withID(withRole(active("other@acme.test"), "manager"), "1"), withID(active("third@acme.test"), "2")),
			[]string{"remove third@acme.test from Out", "add third@acme.test to In"},
			map[string]string{"other@acme.test": left},
			map[string]plan.Found{"third@acme.test": plan.FoundAddress},
		},
		"by the memory": {
			meet(was5(), memory.Known{}, false, []scim.User{old}, withID(active("new@acme.test"), "ada")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"new@acme.test": plan.FoundRemember},
		},
		"a leaver by the memory": {
			meet(was5(), memory.Known{}, false, []scim.User{old}, withID(inactive("new@acme.test"), "ada")),
			[]string{"remove old@acme.test (inactive in the directory)"},
			nil,
			map[string]plan.Found{"new@acme.test": plan.FoundRemember},
		},
		"the memory of somebody else": {
			meet(was5(), memory.Known{}, false, []scim.User{old}, withID(active("new@acme.test"), "bob")),
			[]string{"remove old@acme.test (not in the directory)", "invite new@acme.test", "add new@acme.test to In"},
			nil, nil,
		},
		"the memory of a member who is gone": {
			meet(was5(), memory.Known{}, false, []scim.User{other}, withID(active("new@acme.test"), "ada"), active("other@acme.test")),
			[]string{"remove other@acme.test from Out", "invite new@acme.test", "add new@acme.test to In", "add other@acme.test to In"},
			nil,
			map[string]plan.Found{"other@acme.test": plan.FoundAddress},
		},
		"the address before the memory of nobody else": {
			meet(remembered(memory.Person{ID: "ada", Member: "6"}), memory.Known{}, false, []scim.User{old}, withID(active("old@acme.test"), "ada")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"old@acme.test": plan.FoundAddress},
		},
		"the memory before a further address": {
			meet(was5(), memory.Known{}, false, []scim.User{old, other}, withID(active("new@acme.test", "other@acme.test"), "ada"), active("x@acme.test", "other@acme.test")),
			[]string{"remove old@acme.test from Out", "remove other@acme.test from Out", "add old@acme.test to In", "add other@acme.test to In"},
			nil,
			map[string]plan.Found{"new@acme.test": plan.FoundRemember, "x@acme.test": plan.FoundFurther},
		},
		"an address that somebody else has by now": {
			meet(was5(), memory.Known{}, false, []scim.User{old}, withID(active("new@acme.test"), "ada"), withID(active("old@acme.test"), "bob")),
			nil,
			map[string]string{"new@acme.test": left, "old@acme.test": left},
			nil,
		},
		"an address that two others had": {
			meet(remembered(memory.Person{ID: "ada", Member: "5"}, memory.Person{ID: "cid", Member: "5"}), memory.Known{}, false, []scim.User{old},
				withID(active("new@acme.test"), "ada"), withID(active("old@acme.test"), "bob"), withID(active("third@acme.test"), "cid")),
			nil,
			map[string]string{"new@acme.test": left, "old@acme.test": left, "third@acme.test": left},
			nil,
		},
		"an address that somebody else has by now, accepted": {
			meet(was5(), memory.Known{}, true, []scim.User{old}, withID(active("new@acme.test"), "ada"), withID(active("old@acme.test"), "bob")),
			[]string{"remove old@acme.test from Out", "invite new@acme.test", "add new@acme.test to In", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"old@acme.test": plan.FoundAddress},
		},
		"a member of two entries that are two people by now": {
			meet(remembered(memory.Person{ID: "ada", Member: "5"}, memory.Person{ID: "adm", Member: "5"}), memory.Known{}, false, []scim.User{old},
				withID(active("adm@acme.test"), "adm"), withID(active("old@acme.test"), "ada")),
			[]string{"remove old@acme.test from Out", "invite adm@acme.test", "add adm@acme.test to In", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"old@acme.test": plan.FoundAddress},
		},
		"a second address that Sentry knows": {
			meet(nil, held("new@acme.test", "5"), false, []scim.User{old}, active("new@acme.test")),
			nil,
			map[string]string{"new@acme.test": "unverified further address of old@acme.test, who was left alone"},
			nil,
		},
		"a second address, accepted": {
			meet(nil, held("new@acme.test", "5"), true, []scim.User{old}, active("new@acme.test")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"new@acme.test": plan.FoundSecond},
		},
		"a second address of a leaver proves nothing": {
			meet(nil, held("new@acme.test", "5"), true, []scim.User{old}, inactive("new@acme.test"), active("old@acme.test")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			nil,
			map[string]plan.Found{"old@acme.test": plan.FoundAddress},
		},
		"a second address of the owner of another": {
			meet(nil, held("new@acme.test", "5"), true, []scim.User{old}, active("new@acme.test"), active("old@acme.test")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			map[string]string{"new@acme.test": "unverified further address of old@acme.test"},
			map[string]plan.Found{"old@acme.test": plan.FoundAddress},
		},
		"a second address of two members": {
			meet(nil, held("new@acme.test", "6", "5"), true, []scim.User{old, other}, active("new@acme.test")),
			nil,
			map[string]string{"new@acme.test": "old@acme.test, other@acme.test"},
			nil,
		},
		"a second address of a member who is gone": {
			meet(nil, held("new@acme.test", "4"), false, []scim.User{old}, active("new@acme.test")),
			[]string{"remove old@acme.test (not in the directory)", "invite new@acme.test", "add new@acme.test to In"},
			nil, nil,
		},
		"two people with second addresses of one member": {
			meet(nil, both("5"), true, []scim.User{old}, active("another@acme.test"), active("new@acme.test")),
			nil,
			map[string]string{"new@acme.test": left, "another@acme.test": left},
			nil,
		},
		"two people with second addresses of one member, and one of another too": {
			meet(nil, both("5", "6"), true, []scim.User{old, other}, active("another@acme.test"), active("new@acme.test")),
			nil,
			map[string]string{"new@acme.test": "unverified", "another@acme.test": left},
			nil,
		},
		"a memory before a second address": {
			meet(was5(), held("another@acme.test", "5"), true, []scim.User{old}, active("another@acme.test"), withID(active("new@acme.test"), "ada")),
			[]string{"remove old@acme.test from Out", "add old@acme.test to In"},
			map[string]string{"another@acme.test": "unverified"},
			map[string]plan.Found{"new@acme.test": plan.FoundRemember},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := tt.wish.plans(t, tt.lines, tt.skipped)
			found := map[string]plan.Found{}
			for p, match := range c.People {
				found[p.Email] = match.Found
			}
			if tt.found == nil {
				tt.found = map[string]plan.Found{}
			}
			if diff := cmp.Diff(tt.found, found); diff != "" {
				t.Errorf("found (-want +got):\n%s", diff)
			}
		})
	}
}

// Whoever the directory knows is not to be taken for somebody else, provisioned
// or not.
func TestWhomTheDirectoryOwns(t *testing.T) {
	t.Parallel()
	members := []scim.User{
		member("1", "ada@acme.test", "member"), member("2", "robot@acme.test", "member"), member("3", "stranger@acme.test", "member"), member("4", "", "member"),
	}
	w := leaving(meet(nil, memory.Known{}, false, members, active("ada@acme.test")), "robot@acme.test")
	if diff := cmp.Diff(map[string]bool{"1": true, "2": true, "3": false}, w.compare().Owned()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// People whose address was lost keep what they have, and one that moved to
// somebody else counts as a changed address.
func TestWhoLostTheAddressKeepsWhatTheyHave(t *testing.T) {
	t.Parallel()
	was := remembered(memory.Person{ID: "ada", Member: "5"})
	w := meet(was, memory.Known{}, false, []scim.User{member("5", "old@acme.test", "member")}, active("bob@acme.test"))
	w.want.NoAddress = []string{"ada"}
	w.plans(t, []string{"invite bob@acme.test", "add bob@acme.test to In"}, nil)
	w = meet(was, memory.Known{}, false, []scim.User{member("5", "old@acme.test", "member")},
		withID(active("new@acme.test"), "ada"), withID(active("old@acme.test"), "bob"))
	strict := open()
	strict.Replaced = plan.Limit{}
	refused(t, judged(strict, plan.Case{Want: &w.want, Actual: &w.actual, Plan: w.compare(), Record: was}), "--max-replaced 1")
}
