package authentik_test

import (
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// guided is an authentik whose integration somebody made with the guide.
func guided(t *testing.T, release authentik.Release) *authentik.Authentik {
	t.Helper()
	people := []authentik.Person{
		{Username: "ada", Name: "Ada Example", Email: "ada@acme.test", Groups: []string{"staff"}},
		{Username: "bob", Name: "Bob Example", Email: "bob@acme.test"},
		{Username: "cid", Name: "Cid Example", Email: "cid@acme.test", Inactive: true, Groups: []string{"staff"}},
	}
	a, err := authentik.New(authentik.FreshState(people, []string{"staff"}), authentik.Config{
		Release: release, BaseURL: "https://authentik.test", Now: time.Now, Rand: rand.Reader,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := a.SAML("sentry"); ok {
		t.Error("there is a provider before anybody made one")
	}
	err = a.FollowGuide(authentik.Guide{SentryURL: "https://sentry.test", Org: "acme", Slug: "sentry", Groups: []string{"staff"}})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestALoginIsWhatTheProviderSays(t *testing.T) {
	t.Parallel()
	for _, release := range authentik.Releases() {
		t.Run(string(release), func(t *testing.T) {
			t.Parallel()
			a := guided(t, release)
			p, ok := a.SAML("sentry")
			if !ok || !p.SignAssertion || p.SignResponse || p.Key == nil || p.Encrypt || p.Redirect || p.Metadata == "" ||
				p.Issuer != "https://authentik.test/application/saml/sentry/metadata/" || p.ACSURL != "https://sentry.test/saml/acs/acme/" {
				t.Errorf("the provider is %+v", p)
			}
			subject, err := a.Subject("sentry", "ada")
			if err != nil || subject.NameID != "2" || len(subject.Attributes) != 7 {
				t.Errorf("ada is %+v, %v", subject, err)
			}
			for username, want := range map[string]error{"bob": authentik.ErrDenied, "cid": authentik.ErrUnknown, "nobody": authentik.ErrUnknown} {
				if _, err := a.Subject("sentry", username); !errors.Is(err, want) {
					t.Errorf("%s: %v", username, err)
				}
			}
			a.Edit(func(s *authentik.State) {
				o := s.Objects["providers/saml"][0]
				o["property_mappings"], o["sp_binding"], o["signing_kp"] = []any{}, "redirect", nil
			})
			p, _ = a.SAML("sentry")
			subject, err = a.Subject("sentry", "ada")
			if diff := cmp.Diff(authentik.Subject{NameID: "2"}, subject); diff != "" || err != nil || p.SignAssertion || p.Key != nil || !p.Redirect {
				t.Errorf("after changes: %s, %v, %+v", diff, err, p)
			}
		})
	}
}

func TestTheGuideIsRefusedWhereTheAPIWouldRefuseIt(t *testing.T) {
	t.Parallel()
	a := guided(t, authentik.ReleaseLatest)
	if err := a.FollowGuide(authentik.Guide{SentryURL: "https://sentry.test", Org: "acme", Slug: "sentry"}); err == nil {
		t.Error("a second provider of the same name was made")
	}
}
