package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

func TestParseStateRefuses(t *testing.T) {
	t.Parallel()
	member := func(rest string) string {
		return `{"org":"acme","members":[{"id":"1","email":"a@acme.test"},{` + rest + `}]}`
	}
	tests := map[string]struct{ state, want string }{
		"no JSON":          {"{\n\"org\": }", "state: wanted JSON, found an error in line 2"},
		"two documents":    {`{"org":"acme"} {}`, "state: wanted JSON"},
		"a list":           {`[]`, "state: wanted an object, found a JSON array"},
		"null":             {`null`, "state: wanted an object, found null"},
		"unknown key":      {`{"org":"acme","member":[]}`, `state: unknown key "member": wanted one of org, org_id`},
		"key in capitals":  {`{"Org":"acme"}`, `state: unknown key "Org"`},
		"type":             {`{"org":7}`, "state.org: wanted a string, found a JSON number"},
		"org":              {`{"org":"12"}`, `org: wanted a slug`},
		"org id":           {`{"org":"acme","org_id":"x"}`, `org_id: wanted a string of at most 18 digits`},
		"deployment":       {`{"org":"acme","deployment":"cloud"}`, `deployment: wanted one of self-hosted, saas, found "cloud"`},
		"token":            {`{"org":"acme","token":"sntrys_canary_1"}`, `token: wanted "scim" or null, found another text`},
		"default role":     {`{"org":"acme","default_role":"owner"}`, `default_role: wanted one of member, admin, manager, found "owner"`},
		"limit, no saas":   {`{"org":"acme","rate_limit":{}}`, `rate_limit: wanted deployment "saas" with it`},
		"limit":            {`{"org":"acme","deployment":"saas","rate_limit":{"limit":-1}}`, "rate_limit.limit: wanted 0 or more, found -1"},
		"limit key":        {`{"org":"acme","deployment":"saas","rate_limit":{"x":1}}`, `rate_limit: unknown key "x"`},
		"member key":       {member(`"emial":"b@acme.test"`), `members[1]: unknown key "emial": wanted one of id, email,`},
		"member type":      {member(`"linked":"yes"`), `members[1].linked: wanted true or false, found a JSON string`},
		"member id":        {member(`"email":"b@acme.test"`), `members[1].id: wanted a string of at most 18 digits`},
		"member id again":  {member(`"id":"1","email":"b@acme.test"`), `members[1].id: wanted a value of its own, found "1" as in members[0].id`},
		"member email":     {member(`"id":"2"`), `members[1].email: wanted an address, found nothing (id 2)`},
		"email again":      {member(`"id":"2","email":"a@acme.test"`), `members[1].email: wanted a value of its own, found "a@acme.test" as in members[0].email`},
		"role":             {member(`"id":"2","email":"b@acme.test","role":"boss"`), `members[1].role: wanted one of member, admin, manager, owner, found "boss"`},
		"invite status":    {member(`"id":"2","email":"b@acme.test","invite_status":"x"`), `members[1].invite_status: wanted one of approved,`},
		"flag":             {member(`"id":"2","email":"b@acme.test","flags":["x"]`), `members[1].flags: wanted one of`},
		"other org's id":   {`{"org":"acme","members":[{"id":"1","email":"a@acme.test"}],"other_org_members":[{"id":"1","email":"b@acme.test"}]}`, "other_org_members[0].id: wanted a value of its own"},
		"member latency":   {`{"org":"acme","member_latency_ms":-1}`, "member_latency_ms: expected 0 to 60000 but found -1"},
		"second, invited":  {member(`"id":"2","email":"b@acme.test","secondary_emails":["c@acme.test"]`), `members[1].secondary_emails: expected none for an invitation but found "c@acme.test" (id 2)`},
		"second, empty":    {member(`"id":"2","email":"b@acme.test","linked":true,"secondary_emails":[""]`), `members[1].secondary_emails[0]: expected an address but found nothing (id 2)`},
		"second, again":    {member(`"id":"2","email":"b@acme.test","linked":true,"secondary_emails":["c@acme.test","B@acme.test"]`), `members[1].secondary_emails[1]: wanted a value of its own, found "B@acme.test" as in members[1].email`},
		"bare, address":    {member(`"id":"2","email":"b@acme.test","placeholder":true`), `members[1].email: must be empty or null for a placeholder (id 2)`},
		"bare, second":     {member(`"id":"2","secondary_emails":["b@acme.test"],"placeholder":true`), `members[1].secondary_emails: must be empty for a placeholder (id 2)`},
		"bare, linked":     {member(`"id":"2","linked":true,"placeholder":true`), `members[1].linked: must be false for a placeholder (id 2)`},
		"bare, requested":  {member(`"id":"2","invite_status":"requested_to_join","placeholder":true`), `members[1].invite_status: must be approved for a placeholder (id 2)`},
		"role of nobody":   {`{"org":"acme","members":[{"id":"1","email":"a@acme.test"}],"teams":[{"id":"1","slug":"ops","team_roles":{"1":"admin"}}]}`, `teams[0].team_roles: expected ids of members of the team but found "1" (team ops)`},
		"role in a team":   {`{"org":"acme","members":[{"id":"1","email":"a@acme.test"}],"teams":[{"id":"1","slug":"ops","members":["1"],"team_roles":{"1":"boss"}}]}`, `teams[0].team_roles.1: wanted one of contributor, admin, found "boss"`},
		"roles as a list":  {`{"org":"acme","teams":[{"id":"1","slug":"ops","team_roles":[]}]}`, `teams[0].team_roles: wanted an object, found a JSON array`},
		"team slug":        {`{"org":"acme","teams":[{"id":"1","name":"Ops","slug":"Ops"}]}`, `teams[0].slug: wanted lower-case letters`},
		"team slug again":  {`{"org":"acme","teams":[{"id":"1","slug":"ops"},{"id":"2","slug":"ops"}]}`, `teams[1].slug: wanted a value of its own, found "ops" as in teams[0].slug`},
		"team id again":    {`{"org":"acme","teams":[{"id":"1","slug":"ops"},{"id":"1","slug":"web"}]}`, `teams[1].id: wanted a value of its own`},
		"team status":      {`{"org":"acme","teams":[{"id":"1","slug":"ops","status":"gone"}]}`, `teams[0].status: wanted one of active, pending_deletion, found "gone"`},
		"team member":      {`{"org":"acme","teams":[{"id":"1","slug":"ops","members":["9"]}]}`, `teams[0].members[0]: wanted the id of a member, found "9" (team ops)`},
		"team member type": {`{"org":"acme","teams":[{"id":"1","slug":"ops","members":[9]}]}`, `teams[0].members: wanted a string, found a JSON number`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sandbox.ParseState([]byte(tt.state))
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error repeats what may be a token: %v", err)
			}
		})
	}
}

func TestStateComesBackAsGiven(t *testing.T) {
	t.Parallel()
	const given = `{"org":"acme","org_id":"42","deployment":"saas","provider":"okta","scim_enabled":true,"default_role":"billing","token":null,` +
		`"token_scopes":["member:read"],"rate_limit":{"limit":7},"member_latency_ms":10,` +
		`"members":[{"id":"1","email":"a@acme.test","linked":true,"role":"owner","user_active":false,"secondary_emails":["A@other.test"],"flags":["idp:provisioned","sso:linked"]},` +
		`{"id":"2","email":"b@acme.test","linked":false,"role":"billing","invite_status":"requested_to_join"},` +
		`{"id":"4","email":"","linked":false,"role":"member","invite_status":"approved","placeholder":true}],` +
		`"other_org_members":[{"id":"9","email":"x@other.test","linked":true,"role":"member"}],` +
		`"teams":[{"id":"3","name":"Ops","slug":"ops","members":["2","1","4"],"team_roles":{"1":"admin","2":"contributor"},"status":"pending_deletion","idp_provisioned":true}]}`
	state, err := sandbox.ParseState([]byte(given))
	if err != nil {
		t.Fatal(err)
	}
	w := ask(t, newSentry(t, state, config()), "GET", inside+"state", "", "Authorization", "Bearer "+ownToken)
	want(t, w, 200, given)
}

func TestStateDefaults(t *testing.T) {
	t.Parallel()
	state, err := sandbox.ParseState([]byte(`{"org":"acme"}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sandbox.DefaultState("acme"), state); diff != "" {
		t.Errorf("state (-want +got):\n%s", diff)
	}
}

func TestNewSentryRefuses(t *testing.T) {
	t.Parallel()
	good := sandbox.DefaultState("acme")
	tests := map[string]struct {
		state  sandbox.State
		config sandbox.Config
		want   string
	}{
		"no clock":   {good, sandbox.Config{Rand: zeros{}}, "sandbox: wanted a clock"},
		"no random":  {good, sandbox.Config{Now: noon}, "sandbox: wanted a clock and a source of randomness"},
		"release":    {good, sandbox.Config{Now: noon, Rand: zeros{}, Release: "27"}, `sentry release: wanted one of 25.7, 26.6, 26.8, latest, found "27"`},
		"base URL":   {good, sandbox.Config{Now: noon, Rand: zeros{}, BaseURL: "sentry"}, `base URL: wanted http:// or https:// and a host, found "sentry"`},
		"empty":      {sandbox.State{}, config(), "org: wanted a slug"},
		"randomness": {good, sandbox.Config{Now: noon, Rand: strings.NewReader("short")}, "making a SCIM token"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sandbox.NewSentry(tt.state, tt.config)
			if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func FuzzParseState(f *testing.F) {
	f.Add([]byte(`{"org":"acme","members":[{"id":"1","email":"a@acme.test","flags":["idp:provisioned"]}],"teams":[{"id":"1","name":"Ops","slug":"ops","members":["1"]}]}`))
	f.Add([]byte(`{"org":"acme","member_latency_ms":1,"members":[{"id":"1","email":"a@acme.test","linked":true,"secondary_emails":["b@acme.test"]},{"id":"2","email":null,"placeholder":true}],"teams":[{"id":"1","slug":"ops","members":["2"],"team_roles":{"2":"admin"}}]}`))
	f.Add([]byte(`{"org":"acme","deployment":"saas","rate_limit":{"limit":1},"provider":null,"token":null}`))
	sample, err := json.Marshal(sandbox.SampleState())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Fuzz(func(t *testing.T, data []byte) {
		state, err := sandbox.ParseState(data)
		if err != nil {
			return
		}
		first := newSentry(t, state, config()).Snapshot()
		again, err := sandbox.ParseState([]byte(quote(t, first)))
		if err != nil {
			t.Fatalf("a snapshot is refused: %v", err)
		}
		if diff := cmp.Diff(quote(t, first), quote(t, newSentry(t, again, config()).Snapshot())); diff != "" {
			t.Errorf("a snapshot changes (-first +second):\n%s", diff)
		}
	})
}

func TestAStateMayHaveAByteOrderMark(t *testing.T) {
	t.Parallel()
	state, err := sandbox.ParseState([]byte("\uFEFF{\"org\": \"acme\"}\r\n"))
	if err != nil || state.Org != "acme" {
		t.Errorf("got %q, %v", state.Org, err)
	}
}
