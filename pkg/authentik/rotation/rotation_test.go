package rotation_test

import (
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/authentik/openapi"
	"github.com/sentryidp/sentryidp/pkg/authentik/rotation"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	emulated "github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// site is an emulated authentik that has the integration.
type site struct {
	*emulated.Authentik

	client   *authentik.Client
	settings integration.Settings

	failing int // the number of the write that fails, 0 for none
	writes  int
}

// ServeHTTP fails one write.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		s.writes++
		if s.writes == s.failing {
			http.Error(w, "bad luck", http.StatusInternalServerError)
			return
		}
	}
	r.Header.Set("Authorization", "Bearer "+s.Token())
	s.Authentik.ServeHTTP(w, r)
}

// installed is the pair that every emulated authentik has: an RSA key takes time
// to make.
var installed = sync.OnceValues(func() (*keypair.Pair, error) {
	return keypair.Generate(keypair.Options{Type: keypair.RSA2048, CommonName: "authentik", Days: 365, Now: time.Now(), Rand: rand.Reader})
})

// peer is the schema of authentik, which what is sent and answered is held to.
var peer = openapi.Peer{Required: os.Getenv("SENTRYIDP_PEERS") == "required"}

func newSite(t *testing.T) *site {
	t.Helper()
	pair, err := installed()
	if err != nil {
		t.Fatal(err)
	}
	key, err := pair.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	state := emulated.FreshState(nil, nil)
	state.Objects["crypto/certificatekeypairs"] = []emulated.Object{
		{"name": integration.DefaultKeyPair, "certificate_data": string(pair.CertificatePEM()), "key_data": string(key)},
	}
	a, err := emulated.New(state, emulated.Config{Now: time.Now, Rand: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Authentik: a}
	server := httptest.NewServer(peer.Watch(t, string(a.Release()), openapi.Both, s))
	t.Cleanup(server.Close)
	if s.client, err = authentik.New(server.URL, server.Client()); err != nil {
		t.Fatal(err)
	}
	base, _, err := sentry.ParseBase("https://sentry.acme.test")
	if err != nil {
		t.Fatal(err)
	}
	s.settings = integration.Settings{URLs: sentry.URLsOf(base, "acme"), AuthentikURL: server.URL, Application: "sentry"}
	s.apply(t)
	return s
}

// apply sets authentik up, and returns how many changes that took.
func (s *site) apply(t *testing.T) int {
	t.Helper()
	report, err := (&integration.Run{Client: s.client, Settings: s.settings, Now: time.Now}).Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return len(report.Applied)
}

func (s *site) rotation() *rotation.Rotation {
	return &rotation.Rotation{
		Client: s.client, Provider: "Sentry SAML", Name: "Sentry SAML signing", Now: time.Now,
		Generate: func() (*keypair.Pair, error) {
			return keypair.Generate(keypair.Options{Type: keypair.ECDSAP256, CommonName: "Sentry", Days: 30, Now: time.Now(), Rand: rand.Reader})
		},
	}
}

// names are the pairs that authentik has, the one that signs marked.
func (s *site) names(t *testing.T) []string {
	t.Helper()
	list, err := s.client.KeyPairs().List(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	providers, err := s.client.SAMLProviders().List(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range list {
		if p.PK == providers[0].SigningKP {
			p.Name = "*" + p.Name
		}
		names = append(names, strings.TrimPrefix(strings.Replace(p.Name, "authentik Self-signed Certificate", "default", 1), ""))
	}
	slices.Sort(names)
	return names
}

const (
	plain = "Sentry SAML signing"
	next  = plain + " (next)"
	old   = plain + " (old)"
)

func TestARollOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fingerprints := map[string]bool{}
	for i, tt := range []struct {
		step rotation.Step
		next rotation.Step
		want []string
	}{
		{rotation.StepPrepare, rotation.StepSwitch, []string{"*default", next}},
		{rotation.StepPrepare, rotation.StepSwitch, []string{"*default", next}}, // again
		{rotation.StepSwitch, "", []string{"*" + plain, "default"}},
		{rotation.StepSwitch, "", []string{"*" + plain, "default"}},
		{rotation.StepPrepare, rotation.StepSwitch, []string{"*" + plain, next, "default"}},
		{rotation.StepSwitch, rotation.StepFinish, []string{"*" + plain, old, "default"}},
		{rotation.StepBack, rotation.StepSwitch, []string{"*" + plain, next, "default"}},
		{rotation.StepBack, rotation.StepSwitch, []string{"*" + plain, next, "default"}},
		{rotation.StepSwitch, rotation.StepFinish, []string{"*" + plain, old, "default"}},
		{rotation.StepFinish, "", []string{"*" + plain, "default"}},
		{rotation.StepFinish, "", []string{"*" + plain, "default"}},
	} {
		report, err := s.rotation().Do(t.Context(), tt.step)
		if err != nil {
			t.Fatalf("%d %s: %v", i, tt.step, err)
		}
		if got := s.names(t); !slices.Equal(got, tt.want) || report.Next != tt.next || len(report.Problems) > 0 {
			t.Errorf("%d %s: %q, want %q; next %q, want %q; problems %q", i, tt.step, got, tt.want, report.Next, tt.next, report.Problems)
		}
		fingerprints[report.Current.Fingerprint] = true
		if (report.Then != "") != (report.Next == rotation.StepSwitch) || !strings.HasPrefix(report.Sentry, "-----BEGIN CERTIFICATE-----") {
			t.Errorf("%d %s: Sentry %q, then %q", i, tt.step, report.Sentry, report.Then)
		}
	}
	if len(fingerprints) != 3 {
		t.Errorf("%d certificates were in use, want 3", len(fingerprints))
	}
	s.settings.Signing.Name, s.settings.Signing.Algorithm = plain, integration.EC
	if changes := s.apply(t); changes > 0 {
		t.Errorf("an apply after the roll-over makes %d changes", changes)
	}
}

// TestAStepThatIsCutOffIsFinished fails each write of each step once: the
// provider signs with a certificate that is there, and the step, taken again,
// ends where it would have.
func TestAStepThatIsCutOffIsFinished(t *testing.T) {
	t.Parallel()
	steps := []rotation.Step{rotation.StepPrepare, rotation.StepSwitch, rotation.StepBack, rotation.StepSwitch, rotation.StepFinish}
	for failing := 1; failing <= 12; failing++ {
		t.Run(strconv.Itoa(failing), func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			for _, step := range []rotation.Step{rotation.StepPrepare, rotation.StepSwitch} { // so that there is an old one
				if _, err := s.rotation().Do(t.Context(), step); err != nil {
					t.Fatal(err)
				}
			}
			s.writes, s.failing = 0, failing
			failures := 0
			for _, step := range steps {
				if _, err := s.rotation().Do(t.Context(), step); err != nil {
					failures++
					if names := s.names(t); !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, "*") }) {
						t.Fatalf("after a failed %s nothing signs: %q", step, names)
					}
					if report, err := s.rotation().Look(t.Context()); err != nil || len(report.Problems) > 0 {
						t.Fatalf("after a failed %s: %v, %q", step, err, report.Problems)
					}
					if _, err := s.rotation().Do(t.Context(), step); err != nil {
						t.Fatalf("%s again: %v", step, err)
					}
				}
			}
			if failures != 1 && s.writes >= failing {
				t.Errorf("%d steps failed, want one", failures)
			}
			if got, want := s.names(t), []string{"*" + plain, "default"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
		})
	}
}

func TestStepsOutOfOrder(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	for step, words := range map[rotation.Step]string{rotation.StepSwitch: "no next certificate", rotation.StepBack: "no old certificate"} {
		if _, err := s.rotation().Do(t.Context(), step); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", step, err)
		}
	}
	r := s.rotation()
	r.Provider = "Other"
	if _, err := r.Look(t.Context()); err == nil || !strings.Contains(err.Error(), `no SAML provider called "Other"`) {
		t.Errorf("%v", err)
	}
}

// TestTheProviderIsTheApplications rolls over what somebody made with the
// integration guide, under the names of authentik's forms.
func TestTheProviderIsTheApplications(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.Edit(func(state *emulated.State) { state.Objects["providers/saml"][0]["name"] = "Provider for Sentry" })
	r := s.rotation()
	if _, err := r.Look(t.Context()); err == nil {
		t.Error("a provider of another name was found without the application")
	}
	r.Application = "sentry"
	for _, step := range []rotation.Step{rotation.StepPrepare, rotation.StepSwitch} {
		report, err := r.Do(t.Context(), step)
		if err != nil || report.Provider != "Provider for Sentry" {
			t.Fatalf("%s: %v, %+v", step, err, report)
		}
	}
	if n := s.apply(t); n > 0 {
		t.Errorf("apply undoes the switch by %d changes", n)
	}
	r.Application, r.Provider = "nothing", "Provider for Sentry"
	if _, err := r.Look(t.Context()); err != nil {
		t.Errorf("without the application: %v", err)
	}
}

// TestChoicesOfTheProviderSurvive is about what somebody chose beside the
// certificate: it stays wherever the next key can sign so.
func TestChoicesOfTheProviderSurvive(t *testing.T) {
	t.Parallel()
	const space = "http://www.w3.org/2001/04/xmldsig-more#"
	for name, test := range map[string]struct {
		key       keypair.KeyType
		had, want string
	}{
		"a key of the same kind": {keypair.RSA2048, space + "rsa-sha512", space + "rsa-sha512"},
		"a key of another kind":  {keypair.ECDSAP256, space + "rsa-sha512", space + "ecdsa-sha256"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			s.Edit(func(state *emulated.State) {
				state.Objects["providers/saml"][0]["signature_algorithm"] = test.had
				state.Objects["providers/saml"][0]["sign_response"] = true
			})
			r := s.rotation()
			r.Generate = func() (*keypair.Pair, error) {
				return keypair.Generate(keypair.Options{Type: test.key, CommonName: "Sentry", Days: 30, Now: time.Now(), Rand: rand.Reader})
			}
			for _, step := range []rotation.Step{rotation.StepPrepare, rotation.StepSwitch} {
				if _, err := r.Do(t.Context(), step); err != nil {
					t.Fatalf("%s: %v", step, err)
				}
			}
			provider := s.Snapshot().Objects["providers/saml"][0]
			if provider["signature_algorithm"] != test.want || provider["sign_response"] != true {
				t.Errorf("the provider has %v and signs responses: %v", provider["signature_algorithm"], provider["sign_response"])
			}
		})
	}
}
