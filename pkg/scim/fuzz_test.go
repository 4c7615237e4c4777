package scim_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/scim"
)

// canned answers everything alike.
type canned struct {
	status int
	body   string
}

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: c.status, Header: http.Header{}, Request: req, ContentLength: int64(len(c.body)),
		Body: io.NopCloser(strings.NewReader(c.body)),
	}, nil
}

// FuzzAnswers gives any body with any status to every kind of call: there is an
// error that can be printed, or a result that makes sense.
func FuzzAnswers(f *testing.F) {
	f.Add(200, list(2, 1, userN(1), groupN(2)))
	f.Add(201, userN(7))
	f.Add(200, memberJSON(`{"idp:role-restricted":true}`))
	f.Add(404, refusal(404, "User not found."))
	f.Add(400, refusal(400, invited))
	f.Add(409, slugTaken)
	f.Add(400, refusal(400, "Database Integrity Error."))
	f.Add(200, list(4, 1, placeholders()...))
	f.Add(502, "<html><title>502</title>")
	f.Add(200, `{"totalResults":1000000,"Resources":[{"id":"1"}]}`)
	f.Add(400, `{"a":{"b":[{"c":[[["\u001b[31m"]]]}]}}`)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 100 || status > 599 {
			return
		}
		c, err := scim.New("https://sentry.acme.test"+base, &http.Client{Transport: canned{status, body}})
		if err != nil {
			t.Fatal(err)
		}
		users, err1 := c.Users(t.Context())
		for _, u := range users {
			if u.ID == "" {
				t.Errorf("a user without an id in %q", body)
			}
		}
		groups, err2 := c.Groups(t.Context())
		for _, g := range groups {
			if g.ID == "" || g.Members == nil {
				t.Errorf("group %+v in %q", g, body)
			}
		}
		found, err3 := c.Lookup(t.Context(), ada)
		for _, u := range found {
			if u.ID == "" || u.UserName == "" {
				t.Errorf("looked up %+v in %q", u, body)
			}
		}
		left, _, err4 := c.ChangeMembers(t.Context(), "1", []string{"2", "3"}, []string{"4"})
		if err4 == nil && len(left) > 0 {
			t.Errorf("%v are left without an error in %q", left, body)
		}
		for _, err := range []error{
			err1, err2, err3, err4,
			second(c.Invite(t.Context(), ada, "")), second(c.CreateGroup(t.Context(), "Data")),
			second(c.ResetRole(t.Context(), "1")), second(c.RoleGiven(t.Context(), "1")), c.RemoveUser(t.Context(), "1"),
		} {
			mustPrint(t, err)
		}
	})
}

func mustPrint(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, text := range append(fault.Hints(err), err.Error()) {
		if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) || len(text) > 4096 {
			t.Errorf("cannot be printed: %q", text)
		}
	}
}
