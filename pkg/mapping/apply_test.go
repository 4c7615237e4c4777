package mapping_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/mapping"
)

func TestApply(t *testing.T) {
	t.Parallel()
	d := &directory.Directory{
		People: []directory.Person{
			{Username: "ada", Email: "ADA@acme.test", Active: true, Type: "internal", Groups: []string{"eng", "leads"}},
			{Username: "bo", Email: "bo@acme.test", Active: true, Type: "internal", Groups: []string{"away", "eng"}},
			{Username: "cleo", Email: "CLEO@acme.test", Active: true, Type: "external"},
			{Username: "robot", Email: "ROBOT@acme.test", Active: true, Type: "service_account", Groups: []string{"eng"}},
		},
		Groups: []directory.Group{
			{Name: "away", Members: []string{"bo"}},
			{Name: "eng", Members: []string{"ada", "bo", "robot"}},
			{Name: "leads", Members: []string{"ada"}},
		},
	}
	rules := compile(t, func(e *mapping.Expressions) {
		e.Email = "lower(user.email)"
		e.Active = `user.active and not memberOf("away")`
		e.Include = `user.type != "external"`
		e.Role = `memberOf("leads") ? "manager" : ""`
		e.Team = `group.name == "away" ? "" : " team " + group.name + " "`
	})
	got, err := rules.Apply(d, []string{"service_account"})
	if err != nil {
		t.Fatal(err)
	}
	ada := directory.Person{Username: "ada", Email: "ada@acme.test", Active: true, Type: "internal", Groups: []string{"eng", "leads"}}
	bo := directory.Person{Username: "bo", Email: "bo@acme.test", Type: "internal", Groups: []string{"away", "eng"}}
	want := &mapping.Applied{
		Everybody: []directory.Person{ada, bo, d.People[2], d.People[3]},
		Included: &directory.Directory{
			People: []directory.Person{ada, bo},
			Groups: []directory.Group{
				{Name: "away", Members: []string{"bo"}}, {Name: "eng", Members: []string{"ada", "bo"}}, {Name: "leads", Members: []string{"ada"}},
			},
		},
		Excluded:  []directory.Skipped{{Who: "cleo", Reason: mapping.NotIncluded}, {Who: "robot", Reason: "the type service_account is excluded"}},
		Reasons:   map[string]string{"cleo": mapping.NotIncluded, "robot": "the type service_account is excluded"},
		Addresses: []string{"cleo@acme.test", "robot@acme.test"},
		Roles:     map[string]string{"ada": "manager"},
		Teams:     map[string]string{"away": "", "eng": "team eng", "leads": "team leads"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("applied (-want +got):\n%s", diff)
	}
	if d.People[0].Email != "ADA@acme.test" {
		t.Error("the directory was changed")
	}
}

// addresses is a text in quotes of n addresses with spaces between them.
func addresses(n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("a%d@acme.test", i)
	}
	return strconv.Quote(strings.Join(list, " "))
}

func TestFurtherEmails(t *testing.T) {
	t.Parallel()
	p := sampleUser()
	p.Emails = []string{"A.Example@home.test", "no address", "ada@acme.test", "ada@acme.test"}
	for expression, want := range map[string][]string{
		`user.emails`:               {"A.Example@home.test"},
		`[]`:                        nil,
		`attribute("mails", [])`:    {"a@acme.test", "b@acme.test"},
		`attribute("no.mails", [])`: nil,
		`[user.username + "@old.test", "", attribute("gone"), "ADA@old.test"]`: {"ada@old.test"},
		`map(user.emails, lower(#))`:                              {"a.example@home.test"},
		`filter(user.emails, # endsWith "x")`:                     nil,
		`split(" b@acme.test,ada@acme.test, ,b@acme.test ", ",")`: {"b@acme.test"},
	} {
		rules := compile(t, func(e *mapping.Expressions) { e.Email, e.Emails = "lower(user.email)", expression })
		if diff := cmp.Diff(want, applied(t, rules, p).Everybody[0].Emails); diff != "" {
			t.Errorf("%s (-want +got):\n%s", expression, diff)
		}
	}
	if len(p.Emails) != 4 || p.Emails[0] != "A.Example@home.test" {
		t.Errorf("the directory was changed: %q", p.Emails)
	}
}

// The further addresses of people who are left out are known too: their members
// in Sentry are theirs.
func TestFurtherEmailsOfThoseLeftOut(t *testing.T) {
	t.Parallel()
	rules := compile(t, func(e *mapping.Expressions) {
		e.Include, e.Emails = `user.username != "bo"`, `map(user.emails, lower(#))`
	})
	d := &directory.Directory{People: []directory.Person{
		{Username: "bo", Email: "bo@acme.test", Emails: []string{"BO@home.test", "x"}},
		{Username: "robot", Emails: []string{"ROBOT@home.test"}, Type: "robot"},
	}}
	a, err := rules.Apply(d, []string{"robot"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"bo@acme.test", "bo@home.test", "robot@home.test"}, a.Addresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(d.People, a.Everybody); diff != "" {
		t.Errorf("people (-want +got):\n%s", diff)
	}
}

func TestUseAttributes(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]bool{`user.emails`: false, `attribute("emails", [])`: true, `[user.attributes.mail]`: true} {
		e := mapping.Default()
		e.Emails = expression
		if e.UseAttributes() != want {
			t.Errorf("%s: %v", expression, !want)
		}
	}
}

// TestTheDefaultIsTheDirectory holds that the documented default mapping does
// what no mapping does, whatever the directory.
func TestTheDefaultIsTheDirectory(t *testing.T) {
	t.Parallel()
	rules, err := mapping.Compile(mapping.Default())
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		d := &directory.Directory{Source: "people"}
		for i := range rapid.IntRange(0, 5).Draw(t, "people") {
			d.People = append(d.People, directory.Person{
				Username: strconv.Itoa(i), Email: rapid.String().Draw(t, "email"), Name: rapid.String().Draw(t, "name"),
				Emails: rapid.SliceOfN(rapid.StringMatching(`[ab]@acme\.test|[ab]`), 0, 3).Draw(t, "emails"),
				Active: rapid.Bool().Draw(t, "active"), Type: rapid.SampledFrom([]string{"internal", "robot"}).Draw(t, "type"),
			})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "groups") {
			d.Groups = append(d.Groups, directory.Group{Name: fmt.Sprintf("%d %s", i, rapid.StringMatching(`[a-zé]+`).Draw(t, "group"))})
		}
		want, err := (*mapping.Rules)(nil).Apply(d, []string{"robot"})
		if err != nil {
			t.Fatal(err)
		}
		got, err := rules.Apply(d, []string{"robot"})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range d.People {
			if p.Type != "robot" {
				continue
			}
			if p.Email != "" {
				want.Addresses = append(want.Addresses, p.Email)
			}
			noAddress := func(text string) bool { return mapping.EmailProblem(text) != "" }
			want.Addresses = append(want.Addresses, directory.FurtherEmails(p.Email, slices.DeleteFunc(slices.Clone(p.Emails), noAddress))...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-none +default):\n%s", diff)
		}
	})
}

func TestAFailureRefusesAll(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		change func(*mapping.Expressions)
		want   string
	}{
		{func(e *mapping.Expressions) { e.Email = `user.attributes.department.name.first` }, `"ada": scim.mapping.email: invalid operation: int(string) (column 28)`},
		{func(e *mapping.Expressions) { e.Email = `user.attributes.nothing` }, `"ada": scim.mapping.email: makes nothing, want a text`},
		{func(e *mapping.Expressions) { e.Email = `user.attributes.level` }, `"ada": scim.mapping.email: makes a whole number, want a text`},
		{func(e *mapping.Expressions) { e.Email = `attribute("level", "")` }, `"ada": scim.mapping.email: attribute finds a whole number under "level", want a text as its default (column 1)`},
		{func(e *mapping.Expressions) { e.Email = `lower(user.attributes.place)` }, `"ada": scim.mapping.email: lower wants a text, found a mapping (column 1)`},
		{func(e *mapping.Expressions) { e.Email = `join(user.attributes.place, ",")` }, `"ada": scim.mapping.email: join wants a list of texts (column 1)`},
		{func(e *mapping.Expressions) { e.Email = `user.groups[7]` }, `"ada": scim.mapping.email: index out of range: 7 (array length is 3) (column 12)`},
		{func(e *mapping.Expressions) { e.Emails = `user.attributes.department` }, `"ada": scim.mapping.emails: makes a text, want a list of texts`},
		{func(e *mapping.Expressions) { e.Emails = `attribute("nothing")` }, `"ada": scim.mapping.emails: makes nothing, want a list of texts`},
		{func(e *mapping.Expressions) { e.Emails = `[user.email, user.attributes.level]` }, `"ada": scim.mapping.emails: expected a list of texts but found a whole number in the list`},
		{func(e *mapping.Expressions) { e.Emails = `split(` + addresses(101) + `, " ")` }, `"ada": scim.mapping.emails: makes 101 addresses, the maximum is 100`},
		{func(e *mapping.Expressions) { e.Active = `user.attributes.department` }, `"ada": scim.mapping.active: makes a text, want true or false`},
		{func(e *mapping.Expressions) { e.Include = `user.attributes.nothing` }, `"ada": scim.mapping.include: makes nothing, want true or false`},
		{func(e *mapping.Expressions) { e.Role = `"owner"` }, `"ada": scim.mapping.role: makes the role "owner", want one of member, admin, manager, billing, or "" for none`},
		{func(e *mapping.Expressions) { e.Team = `split(group.name, ",")[1]` }, `"the group eng": scim.mapping.team: index out of range: 1 (array length is 1) (column 23)`},
		{func(e *mapping.Expressions) { e.Team = `group.name + "\n"` }, `"the group eng": scim.mapping.team: makes a name with control characters`},
	} {
		rules := compile(t, test.change)
		d := &directory.Directory{People: []directory.Person{sampleUser()}, Groups: []directory.Group{{Name: "eng"}}}
		_, err := rules.Apply(d, nil)
		if fault.CodeOf(err) != fault.Refused || err.Error() != "the mapping fails, so nothing was written:\n  "+test.want {
			t.Errorf("code %d: %v\nwant %s", fault.CodeOf(err), err, test.want)
		}
	}
}

// TestWhoIsLeftOutCannotFail holds that people who are left out need no
// attributes: leaving them out is how to mend a failure.
func TestWhoIsLeftOutCannotFail(t *testing.T) {
	t.Parallel()
	rules := compile(t, func(e *mapping.Expressions) {
		e.Email, e.Role = `lower(user.attributes.mail)`, `lower(user.attributes.role)`
		e.Include = `"mail" in user.attributes`
	})
	d := &directory.Directory{People: []directory.Person{
		{Username: "ada", Email: "ada@acme.test"}, {Username: "robot", Email: "robot@acme.test", Type: "robot"},
	}}
	a, err := rules.Apply(d, []string{"robot"})
	if err != nil || len(a.Excluded) != 2 || len(a.Addresses) != 0 {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestManyFailuresAreCounted(t *testing.T) {
	t.Parallel()
	d := &directory.Directory{}
	for i := range 25 {
		d.People = append(d.People, directory.Person{Username: fmt.Sprintf("user%02d", i)})
	}
	_, err := compile(t, func(e *mapping.Expressions) { e.Email = "lower(attribute(\"x\"))" }).Apply(d, nil)
	lines := strings.Split(err.Error(), "\n")
	if len(lines) != 12 || lines[11] != "  and 15 more" {
		t.Errorf("%q", lines)
	}
}

// TestEvaluationIsBounded holds the limits of what one evaluation may cost.
func TestEvaluationIsBounded(t *testing.T) {
	t.Parallel()
	const ten = `"aaaaaaaaaa"`
	grown := ten
	for range 30 {
		grown = `replace(` + grown + `, "a", ` + ten + `)`
	}
	const tooMuch = "makes more than 1 MiB of text"
	large := directory.Person{Username: "ada", Name: strings.Repeat("a", 2<<20), Groups: make([]string, 20_000)}
	for i := range large.Groups {
		large.Groups[i] = fmt.Sprintf("group%06d", i)
	}
	for expression, want := range map[string]string{
		grown:                                 tooMuch,
		`join(split(` + grown + `, ""), "a")`: tooMuch,
		`lower(user.name)`:                    tooMuch,
		`user.name + user.name`:               tooMuch,
		`split(user.name, "")[0]`:             tooMuch,
		`join(user.groups, user.name)`:        tooMuch,
		`join(map(user.groups, # + # + # + # + # + # + # + #), "")`:      tooMuch,
		`map(map(map(map(map(map(user.groups, #), #), #), #), #), #)[0]`: "memory budget exceeded",
	} {
		rules := compile(t, func(e *mapping.Expressions) { e.Email = expression })
		start := time.Now()
		_, err := rules.Apply(&directory.Directory{People: []directory.Person{large}}, nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %.200v", expression, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%.60s took %s", expression, took)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	rules := compile(t, func(e *mapping.Expressions) {
		e.Email, e.Role, e.Team = `lower(user.email)`, `user.attributes.level`, `upper(group.name)`
	})
	p := sampleUser()
	p.Groups, p.Emails = p.Groups[:1], []string{"a@acme.test"}
	want := []mapping.Step{
		{Setting: "scim.mapping.include", Expression: "true", Result: true},
		{Setting: "scim.mapping.email", Expression: "lower(user.email)", Result: "ada@acme.test"},
		{Setting: "scim.mapping.emails", Expression: "user.emails", Result: []string{"a@acme.test"}},
		{Setting: "scim.mapping.active", Expression: "user.active", Result: true},
		{Setting: "scim.mapping.role", Expression: "user.attributes.level", Error: "makes a whole number, want a text"},
		{Setting: "scim.mapping.team", Expression: "upper(group.name)", Group: "eng", Result: "ENG"},
	}
	if diff := cmp.Diff(want, rules.Explain(p)); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

// FuzzCompile evaluates whatever compiles: nothing panics, hangs, or makes
// another type than its setting has.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{
		"user.email", `lower(user.attributes.department ?? "")`, `join(map(user.groups, # + "x"), ",")`, `attribute("place.city", "x")[1:]`,
		`find(user.groups, # startsWith "e") ?? user?.name`, `{{{`, `((((((((`, "1..9", `user.groups[-1]`, "user.attributes.place | len()",
		`any(filter(user.groups, #index > 0), .x)`, `replace("a", "", user.name)`, `split("", "")[0]`, "#", "!-+1", "'\\u{110000}'", `2 ** 1e9 % 0`, `1 / 0 in [1]`,
	} {
		f.Add(seed)
	}
	settings := []mapping.Setting{mapping.SettingEmail, mapping.SettingEmails, mapping.SettingActive, mapping.SettingInclude, mapping.SettingRole, mapping.SettingTeam}
	f.Fuzz(func(t *testing.T, text string) {
		for _, setting := range settings {
			err := mapping.Check(setting, text)
			if err != nil && err.Error() == "" {
				t.Error("an error without words")
			}
		}
		e := mapping.Default()
		e.Email = text
		asEmails := mapping.Default()
		asEmails.Emails = text
		for _, e := range []mapping.Expressions{e, asEmails} {
			rules, err := mapping.Compile(e)
			if err != nil {
				continue
			}
			a, err := rules.Apply(&directory.Directory{People: []directory.Person{sampleUser()}}, nil)
			if err == nil && len(a.Everybody) != 1 {
				t.Errorf("%d people", len(a.Everybody))
			}
		}
	})
}

func BenchmarkApply(b *testing.B) {
	d := &directory.Directory{}
	for i := range 100_000 {
		p := sampleUser()
		p.Username = strconv.Itoa(i)
		d.People = append(d.People, p)
	}
	for name, change := range map[string]func(*mapping.Expressions){
		"default": func(*mapping.Expressions) {},
		"custom": func(e *mapping.Expressions) {
			e.Email, e.Role = `lower(user.email)`, `memberOf("leads") ? "manager" : attribute("sentry.role", "")`
		},
	} {
		rules, err := mapping.Compile(func() mapping.Expressions { e := mapping.Default(); change(&e); return e }())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := rules.Apply(d, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestRolesInTeams sees the person and each group that the person is in.
func TestRolesInTeams(t *testing.T) {
	t.Parallel()
	d := &directory.Directory{
		People: []directory.Person{
			{Username: "ada", Email: "ada@acme.test", Active: true, Groups: []string{"data", "web", "web-leads"}},
			{Username: "bob", Email: "bob@acme.test", Active: true, Groups: []string{"web"}, Attributes: map[string]any{"heads": "web"}},
			{Username: "robot", Email: "robot@acme.test", Type: "service_account", Groups: []string{"web"}, Attributes: map[string]any{"heads": "web"}},
		},
		Groups: []directory.Group{{Name: "data", Members: []string{"ada"}}, {Name: "web", Members: []string{"ada", "bob", "robot"}}, {Name: "web-leads", Members: []string{"ada"}}},
	}
	rules := compile(t, func(e *mapping.Expressions) {
		e.TeamRole = `memberOf(group.name + "-leads") or attribute("heads", "") == group.name ? "admin" : group.name == "data" ? "contributor" : ""`
	})
	got, err := rules.Apply(d, []string{"service_account"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]map[string]string{"web": {"ada": "admin", "bob": "admin"}, "data": {"ada": "contributor"}}
	if diff := cmp.Diff(want, got.TeamRoles); diff != "" || !rules.GivesTeamRoles() {
		t.Error(diff)
	}
	steps := rules.Explain(d.People[1])
	if last := steps[len(steps)-1]; last.Setting != mapping.SettingTeamRole || last.Group != "web" || last.Result != "admin" {
		t.Errorf("explained as %+v", last)
	}
	for text, want := range map[string]string{
		`"boss"`: `makes the role "boss", expected one of contributor, admin, or "" for none`, `attribute("none")`: "makes nothing, want a text",
	} {
		wrong := compile(t, func(e *mapping.Expressions) { e.TeamRole = text })
		if _, err := wrong.Apply(d, nil); fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := mapping.Check(mapping.SettingTeamRole, "team.name"); err == nil {
		t.Error("an unknown variable is accepted")
	}
}
