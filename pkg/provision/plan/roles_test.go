package plan_test

import (
	"slices"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/provision/desired"
	"github.com/sentryidp/sentryidp/pkg/provision/memory"
	"github.com/sentryidp/sentryidp/pkg/provision/plan"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

func TestRolesAreTakenBackWhereAPushGaveThem(t *testing.T) {
	t.Parallel()
	given := func(role string) *memory.Record { return remembered(memory.Person{ID: "ada", Member: "5", Role: role}) }
	byHand := memory.Known{}.Clone()
	byHand.ByHand["5"] = memory.Fact{Why: "manager", At: clock()}
	givenBySCIM := memory.Known{}.Clone()
	givenBySCIM.Given["5"] = memory.Fact{At: clock()}
	const back = "change the role of ada@acme.test from manager to "
	tests := map[string]struct {
		record   *memory.Record
		known    memory.Known
		has      string // the role in Sentry
		person   *desired.Person
		standard string // the default role that is set
		line     string
		asked    bool // whether Sentry is asked who gave it
	}{
		"given by a push":                         {record: given("manager"), line: back + "the default role"},
		"given by a push, with a role to fall to": {record: given("manager"), standard: "member", line: back + "member"},
		"given by a push, and the one to fall to": {record: given("manager"), standard: "manager"},
		"in another case":                         {record: given("Manager"), line: back + "the default role"},
		"another since":                           {record: given("admin"), asked: true},
		"none by a push":                          {record: given(""), asked: true},
		"of another person":                       {record: remembered(memory.Person{ID: "bob", Member: "5", Role: "manager"}), asked: true},
		"of another member":                       {record: remembered(memory.Person{ID: "ada", Member: "6", Role: "manager"}), asked: true},
		"no memory":                               {asked: true},
		"a memory of no push":                     {record: memory.New("https://sentry.test", "acme"), asked: true},
		"no rule gives it any more":               {record: given("billing"), has: "billing"},
		"no memory, and no rule gives it":         {has: "billing"},
		"no memory, and it is the lowest":         {has: "member"},
		"an owner":                                {record: given("owner"), has: "owner"},
		"given by SCIM, as Sentry says":           {known: givenBySCIM, line: back + "the default role"},
		"kept by Sentry before":                   {record: given("manager"), known: byHand},
		"still matched":                           {record: given("manager"), person: withRole(withID(active("ada@acme.test"), "ada"), "manager")},
		"matched by another rule":                 {record: given("manager"), person: withRole(withID(active("ada@acme.test"), "ada"), "admin"), line: back + "admin"},
		"inactive, and stays":                     {record: given("manager"), person: withID(inactive("ada@acme.test"), "ada")},
		"by one of two entries":                   {record: given("manager"), person: withID(active("ada@acme.test"), "aaa", "ada"), line: back + "the default role"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tt.has == "" {
				tt.has = "manager"
			}
			if tt.person == nil {
				tt.person = withID(active("ada@acme.test"), "ada")
			}
			w := wish{
				want:   desired.State{People: []*desired.Person{tt.person}, Roles: map[string]bool{"manager": true, "admin": true, "member": true}},
				actual: plan.Actual{Users: []scim.User{member("5", "ada@acme.test", tt.has)}},
				policy: plan.Policy{Remove: plan.RemoveNever, DefaultRole: tt.standard}, record: tt.record, known: tt.known,
			}
			var lines []string
			if tt.line != "" {
				lines = []string{tt.line}
			}
			c := w.plans(t, lines, nil)
			if asked := c.Questions(tt.record, tt.known).Roles; slices.Equal(asked, []string{"5"}) != tt.asked {
				t.Errorf("asked for %q, expected %v", asked, tt.asked)
			}
		})
	}
}

// What Sentry is known to refuse is told, and not tried again each night.
func TestWhatIsKnownToBeInVainIsNotPlanned(t *testing.T) {
	t.Parallel()
	known := memory.Known{}.Clone()
	known.Refused["refused@acme.test"] = memory.Fact{Why: "not from here"}
	known.Waiting["waiting@acme.test"] = memory.Fact{IDs: []string{"9"}}
	known.Roles["billing"] = memory.Fact{Why: "the role exists on Sentry's SaaS alone"}
	tests := map[string]struct {
		person  *desired.Person
		lines   []string
		skipped map[string]string
	}{
		"an address that is refused": {active("Refused@acme.test"), nil, map[string]string{"Refused@acme.test": "Sentry does not take the address: not from here"}},
		"a request that waits":       {active("Waiting@acme.test"), nil, map[string]string{"Waiting@acme.test": "waits for approval"}},
		"a role that this Sentry lacks": {
			withRole(active("new@acme.test"), "billing"),
			[]string{"invite new@acme.test", "add new@acme.test to Web"},
			map[string]string{"new@acme.test": `the role "billing" is not given: the role exists on Sentry's SaaS alone`},
		},
		"a role that this Sentry lacks, of a member": {
			withRole(active("here@acme.test"), "billing"), []string{"add here@acme.test to Web"}, map[string]string{"here@acme.test": `the role "billing" is not given`},
		},
		"of somebody who is a member":    {active("waited@acme.test"), []string{"add waited@acme.test to Web"}, nil},
		"of somebody who is not invited": {inactive("refused@acme.test"), nil, nil},
	}
	known.Waiting["waited@acme.test"] = memory.Fact{IDs: []string{"6"}}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wish{
				want:   desired.State{People: []*desired.Person{tt.person}, Teams: []desired.Team{wantedTeam("Web", tt.person)}},
				actual: plan.Actual{Users: []scim.User{member("5", "here@acme.test", "member"), member("6", "waited@acme.test", "member")}, Groups: []scim.Group{team("7", "Web")}},
				known:  known,
			}.plans(t, tt.lines, tt.skipped)
		})
	}
}

// A member who is several people's or nobody's keeps the role.
func TestTheRoleOfAMemberIsOfOnePersonAlone(t *testing.T) {
	t.Parallel()
	old := member("5", "old@acme.test", "member")
	for name, w := range map[string]wish{
		"contested": meet(nil, memory.Known{}, false, []scim.User{old},
			withRole(active("a@acme.test", "old@acme.test"), "manager"), withRole(active("b@acme.test", "old@acme.test"), "manager")),
		"not verified": meet(nil, held("a@acme.test", "5"), false, []scim.User{old}, withRole(active("a@acme.test"), "manager")),
	} {
		if c := w.compare(); !c.Empty() {
			t.Errorf("%s: %v", name, c.Lines())
		}
	}
	w := meet(nil, held("a@acme.test", "5"), true, []scim.User{old}, withRole(active("a@acme.test"), "manager"))
	w.plans(t, []string{"remove old@acme.test from Out", "change the role of old@acme.test from member to manager", "add old@acme.test to In"}, nil)
}
