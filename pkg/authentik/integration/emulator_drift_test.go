package integration_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

// mended applies the settings and wants authentik to be as they say: the second
// apply finds nothing to do.
func (c *company) mended(t *testing.T, s integration.Settings, what string) {
	t.Helper()
	run := c.run(s)
	run.Adopt = true
	done, err := run.Apply(t.Context())
	if err != nil || !done.Verified || len(done.Applied) == 0 {
		t.Fatalf("%s: %v\n%s", what, err, shown(t, done))
	}
	sent := len(c.writes())
	again, err := c.run(s).Apply(t.Context())
	if err != nil || !again.Verified || len(c.writes()) != sent {
		t.Errorf("%s: the second apply: %v, wrote %v\n%s", what, err, c.writes()[sent:], shown(t, again))
	}
}

// TestWhateverSomebodyDeletesIsMadeAgain deletes each object that was made, one
// at a time and through the API, in every release.
func TestWhateverSomebodyDeletesIsMadeAgain(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			c, s := newCompany(t, release), uploading(t)
			c.mended(t, s, "from nothing")
			for path, remove := range map[string]func(context.Context, string) error{
				"crypto/certificatekeypairs": c.client.KeyPairs().Delete, "providers/saml": c.client.SAMLProviders().Delete,
				"providers/scim": c.client.SCIMProviders().Delete, "core/applications": c.client.Applications().Delete,
				"policies/bindings": c.client.Bindings().Delete, "propertymappings/provider/scim": c.client.SCIMMappings().Delete,
			} {
				for _, o := range c.made(path) {
					key := fmt.Sprint(o["pk"])
					if path == "core/applications" {
						key = fmt.Sprint(o["slug"])
					}
					if err := remove(t.Context(), key); err != nil {
						t.Fatal(err)
					}
					c.mended(t, s, path+" "+key)
				}
			}
		})
	}
}

// made are the objects of a collection that authentik did not bring along.
func (c *company) made(path string) []emulated.Object {
	return slices.DeleteFunc(c.Snapshot().Objects[path], func(o emulated.Object) bool {
		return o["managed"] != nil || o["name"] == integration.DefaultKeyPair
	})
}

// TestWhatJoinsIsMended is about what no field of an object of its own is: the
// certificate behind a name, and the background of the application.
func TestWhatJoinsIsMended(t *testing.T) {
	t.Parallel()
	for _, release := range releases() {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			c, s := newCompany(t, release), uploading(t)
			c.mended(t, s, "from nothing")
			other := uploading(t).Signing.Upload
			before := c.made("crypto/certificatekeypairs")[0]
			for name, change := range map[string]func(map[string][]emulated.Object){
				"another certificate": func(all map[string][]emulated.Object) {
					pair := pairOf(all)
					pair["certificate_data"], pair["key_data"] = other.Certificate, other.Key.Reveal()
				},
				"no key":        func(all map[string][]emulated.Object) { pairOf(all)["key_data"] = "" },
				"no background": func(all map[string][]emulated.Object) { all["core/applications"][0]["backchannel_providers"] = []any{} },
			} {
				c.Edit(func(state *emulated.State) { change(state.Objects) })
				c.mended(t, s, name)
			}
			if diff := cmp.Diff(before, c.made("crypto/certificatekeypairs")[0]); diff != "" {
				t.Errorf("the pair is another (-want +got):\n%s", diff)
			}
		})
	}
}

func pairOf(all map[string][]emulated.Object) emulated.Object {
	pairs := all["crypto/certificatekeypairs"]
	return pairs[slices.IndexFunc(pairs, func(o emulated.Object) bool { return o["name"] == "Sentry signing" })]
}

// TestWhatSentryIsTold asks authentik what a login would send, and whether it can
// sign, in every release.
func TestWhatSentryIsTold(t *testing.T) {
	t.Parallel()
	want := []string{
		"http://schemas.goauthentik.io/2021/02/saml/uid 2",
		"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress ada@acme.test",
		"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name Ada Example",
		"NameID 2",
	}
	for name, settings := range map[string]func(*testing.T) integration.Settings{"an EC key": uploading, "the default key": settings} {
		for _, release := range releases() {
			t.Run(name+" "+release, func(t *testing.T) {
				t.Parallel()
				c := newCompany(t, release)
				c.mended(t, settings(t), "from nothing")
				if got := c.told(t, "/application/saml/sentry/metadata/"); got.Code != http.StatusOK {
					t.Errorf("the metadata: %d %s", got.Code, got.Body)
				}
				var told struct {
					Preview struct {
						NameID     string
						Attributes []struct {
							Name  string
							Value []string
						}
					}
				}
				answer := c.told(t, fmt.Sprintf("/api/v3/providers/saml/%v/preview_user/?for_user=2", c.made("providers/saml")[0]["pk"]))
				if err := json.Unmarshal(answer.Body.Bytes(), &told); err != nil {
					t.Fatal(err)
				}
				got := []string{}
				for _, a := range told.Preview.Attributes {
					got = append(got, a.Name+" "+a.Value[0])
				}
				if diff := cmp.Diff(want, append(got, "NameID "+told.Preview.NameID)); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func (c *company) told(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	request.Header.Set("Authorization", "Bearer "+c.Token())
	answer := httptest.NewRecorder()
	c.ServeHTTP(answer, request)
	return answer
}
