package mapping_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
	"github.com/sentryidp/sentryidp/pkg/mapping"
	"github.com/sentryidp/sentryidp/pkg/peers"
)

// authentikRules are the rules of the property mapping in authentik's guide
// (website/integrations/monitoring/sentry/index.mdx), in Python, whose strings
// they are about: people in, SCIM users out, null for who is skipped.
const authentikRules = `
import json, sys

def scim(person):
    mail, full = person["email"], person["name"]
    if not mail:
        return None
    names = {"givenName": full, "familyName": " ", "formatted": full + " "}
    if " " in full:
        before, _, after = full.partition(" ")
        names = {"givenName": before, "familyName": after, "formatted": full}
    return {"userName": mail, "name": names, "active": person["active"],
            "emails": [{"value": mail, "type": "work", "primary": True}]}

people = json.loads(sys.stdin.buffer.read().decode("utf-8"))
sys.stdout.write(json.dumps([scim(person) for person in people]))
`

// shape is what the expression returns. authentik adds the schemas.
type shape struct {
	UserName string          `json:"userName"`
	Name     mapping.Name    `json:"name"`
	Emails   []mapping.Email `json:"emails"`
	Active   bool            `json:"active"`
}

type input struct {
	Name   string `json:"name"`
	Email  string `json:"email"`
	Active bool   `json:"active"`
}

func TestParityWithAuthentik(t *testing.T) {
	t.Parallel()
	people := generated()
	var want []*shape
	runPython(t, people, &want)
	if len(want) != len(people) {
		t.Fatalf("python answers for %d of %d people", len(want), len(people))
	}
	for i, in := range people {
		user, reason := mapping.Person(directory.Person{Username: "x", Name: in.Name, Email: in.Email, Active: in.Active})
		var got *shape
		if reason == "" {
			got = &shape{user.UserName, user.Name, user.Emails, user.Active}
		}
		if diff := cmp.Diff(want[i], got); diff != "" {
			t.Errorf("%+q (-authentik +sentryidp):\n%s", in.Name, diff)
		}
	}
}

// generated are 500 people, the same in each run.
func generated() []input {
	random := rand.New(rand.NewPCG(2026, 8))
	pieces := []string{
		" ", " ", " ", "  ", "\t", "\n", "\r", "\u00a0", "\u2003", "\u3000", "\u200b", "\u0085", "\x1f", "\x00",
		"Ada", "Bo", "van", "der", "O'Sample", "Ève", "E\u0301ve", "Ångström", "见本", "サンプル", "مثال", "İ", "ß", "👩‍💻", "\ufffd", "\"", `\`, "<&>",
	}
	people := []input{{Email: "empty@acme.test"}, {Name: "Nobody"}}
	for i := range 498 {
		var name strings.Builder
		for range random.IntN(7) {
			name.WriteString(pieces[random.IntN(len(pieces))])
		}
		in := input{Name: name.String(), Email: fmt.Sprintf("User%d@acme.test", i), Active: random.IntN(2) == 0}
		if i%50 == 0 {
			in.Email = ""
		}
		people = append(people, in)
	}
	return people
}

func runPython(t *testing.T, in, out any) {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python(t), "-c", authentikRules)
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		t.Fatal(err)
	}
}

func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	peers.Missing(t, "python3")
	return ""
}
