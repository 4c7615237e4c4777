package authentik_test

import (
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

func everyone() authentik.Selection { return authentik.Selection{Scope: authentik.ScopeAll} }

// hide drops users from the list of users; groups still count them.
func (f *fake) hide(usernames ...string) {
	f.countMembers()
	f.users = slices.DeleteFunc(f.users, func(u object) bool { return slices.Contains(usernames, u["username"].(string)) }) //nolint:forcetypeassert // person makes them
}

// TestHiddenUsersAreRefused holds that lists that disagree are read twice, and
// then refused or, with the override, told in a note.
func TestHiddenUsersAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*fake)
		words  string // of the refusal; empty: none
		people string
	}{
		"nobody":    {func(*fake) {}, "", "ada bo cleo dino"},
		"one":       {func(f *fake) { f.hide("bo") }, "authentik's groups count 1 user that its list of 3 users lacks (groups: data; read twice)", "ada cleo dino"},
		"several":   {func(f *fake) { f.hide("ada", "bo", "cleo") }, "authentik's groups count 3 users that its list of 1 user lacks (groups: data, eng, staff; read twice)", "dino"},
		"all":       {func(f *fake) { f.hide("ada", "bo", "cleo", "dino") }, "authentik's groups count 3 users that its list of 0 users lacks (groups: data, eng, staff; read twice)", ""},
		"in groups": {func(f *fake) { f.users[1]["groups"] = []string{"g-data", "g-eng"}; f.hide("bo") }, "count 1 user that its list of 3 users lacks (groups: data, eng; read twice)", "ada cleo dino"},
		// Who is in no group is counted nowhere: this cannot be noticed.
		"without groups": {func(f *fake) { f.hide("dino") }, "", "ada bo cleo"},
		"a user who left a group": {
			func(f *fake) { f.countMembers(); f.users[0]["groups"] = []string{} },
			"authentik's lists of users and groups disagree on 1 membership (groups: eng; read twice)", "ada bo cleo dino",
		},
		"a user who joined a group": {
			func(f *fake) { f.countMembers(); f.users[0]["groups"] = []string{"g-eng", "g-data"} },
			"disagree on 1 membership (groups: data; read twice)", "ada bo cleo dino",
		},
		"a group that does not say": {
			func(f *fake) { f.groups[1]["users"] = nil },
			"authentik does not tell the users of 1 group (groups: eng; read twice)", "ada bo cleo dino",
		},
		"both": {
			func(f *fake) { f.hide("bo"); f.users[0]["groups"] = []string{} },
			"lacks, and authentik's lists of users and groups disagree on 1 membership (groups: data, eng; read twice)", "ada cleo dino",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := company()
			test.change(f)
			client := f.serve(t)
			people, err := client.People(t.Context(), everyone())
			if test.words == "" {
				if err != nil || usernames(people) != test.people || f.count("GET core/users/") != 1 {
					t.Fatalf("people %v, error %v, %d lists of users", people, err, f.count("GET core/users/"))
				}
				return
			}
			if people != nil || fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), test.words) {
				t.Fatalf("people %v, code %d, error %v, want %q", people, fault.CodeOf(err), err, test.words)
			}
			if hints := strings.Join(fault.Hints(err), "\n"); !strings.Contains(hints, "--allow-hidden-users") {
				t.Errorf("hints %q do not name the override", hints)
			}
			if users, groups := f.count("GET core/users/"), f.count("GET core/groups/"); users != 2 || groups < 2 {
				t.Errorf("users were read %d times and groups %d times, want twice", users, groups)
			}
			selection := everyone()
			selection.AllowHidden = true
			people, err = client.People(t.Context(), selection)
			if err != nil || usernames(people) != test.people {
				t.Fatalf("with the override: people %v, error %v, want %q", people, err, test.people)
			}
			if len(people.Notes) != 1 || !strings.Contains(people.Notes[0], test.words) {
				t.Errorf("notes %q, want %q", people.Notes, test.words)
			}
		})
	}
}

// TestTheRefusalSaysWhatTheTokenLacks holds that it names the permissions, and
// does not where the token is a superuser's.
func TestTheRefusalSaysWhatTheTokenLacks(t *testing.T) {
	t.Parallel()
	for superuser, want := range map[bool]string{
		false: `"robot" must be a superuser or have a role with the global permissions authentik_core.view_user and authentik_core.view_group`,
		true:  `"robot" is a superuser, who sees all users`,
	} {
		f := company()
		f.superuser = superuser
		f.hide("bo")
		_, err := f.serve(t).People(t.Context(), everyone())
		if hints := strings.Join(fault.Hints(err), "\n"); fault.CodeOf(err) != fault.Refused || !strings.Contains(hints, want) {
			t.Errorf("superuser %t: error %v, hints %q, want %q", superuser, err, hints, want)
		}
	}
}

// TestAChangeMeanwhileIsNoRefusal changes authentik between its lists: the
// second reading fits together.
func TestAChangeMeanwhileIsNoRefusal(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(earlier *fake){
		"a user who came":        func(f *fake) { f.hide("bo") },
		"a user who went":        func(f *fake) { f.users = append(f.users, person(5, "eve", "g-eng")) },
		"a user who joined":      func(f *fake) { f.countMembers(); f.users[3]["groups"] = []string{} },
		"a group that came":      func(f *fake) { f.users[0]["groups"] = []string{"g-eng", "g-new"} },
		"a group that was moved": func(f *fake) { f.users[0]["groups"] = []string{"g-new"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			earlier, now := company(), company()
			now.users[3]["groups"] = []string{"g-data"}
			earlier.users[3]["groups"] = []string{"g-data"}
			change(earlier)
			var asked atomic.Int32
			now.before = func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/core/users/") || asked.Add(1) > 1 {
					return false
				}
				earlier.list(w, r, earlier.users)
				return true
			}
			people, err := now.serve(t).People(t.Context(), everyone())
			if err != nil || usernames(people) != "ada bo cleo dino" || len(people.Notes) > 0 {
				t.Errorf("people %v, error %v, want the second reading and no note", people, err)
			}
			if got := asked.Load(); got != 2 {
				t.Errorf("users were read %d times, want twice", got)
			}
		})
	}
}

// TestWhatDiffersTwice lets both readings differ: hidden users are refused,
// whoever they are; memberships only where the same ones differ again.
func TestWhatDiffersTwice(t *testing.T) {
	t.Parallel()
	joined := func(user int, groups ...string) func(*fake) {
		return func(f *fake) { f.countMembers(); f.users[user]["groups"] = groups }
	}
	hidden := func(username string) func(*fake) { return func(f *fake) { f.hide(username) } }
	for name, test := range map[string]struct {
		first, second func(*fake)
		words         string // of the refusal; empty: none
	}{
		"the same membership": {joined(3, "g-eng"), joined(3, "g-eng"), "disagree on 1 membership (groups: eng;"},
		"another membership":  {joined(3, "g-eng"), joined(2, "g-staff", "g-eng"), ""},
		"one of two":          {joined(3, "g-eng"), joined(3, "g-eng", "g-data"), "disagree on 1 membership (groups: eng;"},
		"another user":        {hidden("ada"), hidden("bo"), "count 1 user that its list of 3 users lacks (groups: data;"},
		"a user at last":      {joined(3, "g-eng"), hidden("bo"), "count 1 user that its list of 3 users lacks (groups: data;"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lists := []*fake{company(), company()}
			test.first(lists[0])
			test.second(lists[1])
			var asked atomic.Int32
			now := company()
			now.before = func(w http.ResponseWriter, r *http.Request) bool {
				if !strings.HasSuffix(r.URL.Path, "/core/users/") {
					return false
				}
				now.list(w, r, lists[asked.Add(1)-1].users)
				return true
			}
			_, err := now.serve(t).People(t.Context(), everyone())
			if test.words == "" && err != nil || test.words != "" && (fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), test.words)) {
				t.Errorf("code %d, error %v, want %q", fault.CodeOf(err), err, test.words)
			}
			if got := asked.Load(); got != 2 {
				t.Errorf("users were read %d times, want twice", got)
			}
		})
	}
}

// TestTheAnonymousUserIsNotHidden holds that the one user that authentik never
// lists is no reason to refuse, and hides nobody else.
func TestTheAnonymousUserIsNotHidden(t *testing.T) {
	t.Parallel()
	f := company()
	f.users = append(f.users, person(9, "AnonymousUser", "g-eng", "g-data"))
	f.anonymous = 9
	f.hide("AnonymousUser")
	people, err := f.serve(t).People(t.Context(), everyone())
	if err != nil || usernames(people) != "ada bo cleo dino" || f.count("GET core/users/") != 1 {
		t.Errorf("people %v, error %v, want all after one reading", people, err)
	}
	f.hide("bo")
	_, err = f.serve(t).People(t.Context(), everyone())
	if fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), "count 2 users") {
		t.Errorf("error %v, want a refusal", err)
	}
}

// TestATokenWithPermissionsOnSingleUsers reads an emulated authentik of each
// release with such a token.
func TestATokenWithPermissionsOnSingleUsers(t *testing.T) {
	t.Parallel()
	people := []emulated.Person{
		{Username: "ada", Groups: []string{"staff"}}, {Username: "bo", Groups: []string{"staff"}}, {Username: "cid", Groups: []string{"staff", "data"}},
	}
	for _, release := range emulated.Releases() {
		for name, test := range map[string]struct {
			change func(*emulated.State)
			code   fault.Code
			want   []string
		}{
			"a superuser": {func(s *emulated.State) { s.Objects["core/users"][0]["is_superuser"] = true }, fault.OK, []string{"ada", "bo", "cid", "sentryidp"}},
			"some users":  {func(*emulated.State) {}, fault.Refused, nil},
			"all users":   {func(s *emulated.State) { s.Visible["core/users"] = []any{1, 2, 3, 4} }, fault.OK, []string{"ada", "bo", "cid", "sentryidp"}},
			"no users":    {func(s *emulated.State) { s.Visible["core/users"] = nil }, fault.Credential, nil},
			"some groups": {func(s *emulated.State) {
				s.Visible = map[string][]any{"core/groups": {s.Objects["core/groups"][0]["pk"]}}
			}, fault.Failed, nil},
			"AnonymousUser": {func(s *emulated.State) { s.Visible = nil; s.Objects["core/users"][2]["username"] = "AnonymousUser" }, fault.OK, []string{"ada", "cid", "sentryidp"}},
		} {
			t.Run(string(release)+" "+name, func(t *testing.T) {
				t.Parallel()
				state := emulated.FreshState(people, []string{"staff", "data"})
				state.Objects["core/users"][0]["is_superuser"] = false
				state.Visible = map[string][]any{"core/users": {1, 2, 4}}
				test.change(&state)
				_, client := emulator(t, state, emulated.Config{Release: release})
				found, err := client.People(t.Context(), everyone())
				if fault.CodeOf(err) != test.code {
					t.Fatalf("code %d, want %d: %v", fault.CodeOf(err), test.code, err)
				}
				if err == nil && !slices.Equal(names(found), test.want) {
					t.Errorf("people %q, want %q", names(found), test.want)
				}
			})
		}
	}
}
