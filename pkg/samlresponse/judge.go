package samlresponse

import (
	"crypto/x509"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Settings are what Sentry compares a response with.
type Settings struct {
	Provider Provider    // what Sentry keeps of the identity provider
	SP       sentry.URLs // Sentry's own addresses for the organization
	At       time.Time   // Sentry's clock, read in whole seconds
	// Mapping names the attributes; nil stands for the first of Presets that
	// the response satisfies, as Sentry's own mapping is not known.
	Mapping *Mapping
}

// Provider is what Sentry stores of an identity provider's metadata.
type Provider struct {
	EntityID string
	SSOURL   string
	SLOURL   string
	X509Cert string // base64 of the DER; Sentry trusts this one alone
}

// The verdicts of a check.
const (
	Passed     = "passed"
	Failed     = "failed"
	NotReached = "not_reached"
)

// Check is one of the checks that Sentry makes, in Sentry's order. Once one has
// failed, the others are not reached.
type Check struct {
	Code    string `json:"code"`
	Verdict string `json:"verdict"`
	Saw     string `json:"saw"`    // what is in the response
	Wanted  string `json:"wanted"` // what would pass
	Fix     string `json:"fix"`    // what to do; empty unless it failed
}

// Verdict is what Sentry would do with a response.
type Verdict struct {
	Accepted    bool                `json:"accepted"`
	Reason      string              `json:"reason"`       // the words of Sentry or its library; empty when accepted
	ServerError bool                `json:"server_error"` // Sentry answers HTTP 500, and Reason is in its log
	Message     string              `json:"message"`      // what the person sees; empty when accepted
	Identity    Identity            `json:"identity"`     // empty unless all checks before the mapping passed
	NameID      string              `json:"name_id"`      // Sentry makes no use of it
	Attributes  map[string][]string `json:"attributes"`
	Checks      []Check             `json:"checks"`
	Next        []string            `json:"next"` // what Sentry does after an accepted response
	Response    *Facts              `json:"response"`
}

var _ report.Document = (*Verdict)(nil)

// finding is what one check found. An empty reason means that it passed.
type finding struct {
	saw, wanted string
	reason, fix string
	serverError bool
}

// judgement is a verdict in the making.
type judgement struct {
	*Response
	Settings

	signedResponse, signedAssertion bool
	certificate                     *x509.Certificate // nil if Sentry's is none
	verdict                         *Verdict
}

// check is a row of the table of checks.
type check struct {
	code string
	run  func(*judgement) finding
}

// checks lists what python3-saml looks at, in its order (auth.py, response.py
// is_valid, then store_valid_response), and then Sentry's own mapping.
func checks() []check {
	return []check{
		{"settings", (*judgement).settings},
		{"binding", (*judgement).binding},
		{"encryption", (*judgement).encryption},
		{"version", (*judgement).version},
		{"id", (*judgement).id},
		{"status", (*judgement).status},
		{"assertion-count", (*judgement).assertionCount},
		{"signed-elements", (*judgement).signedElements},
		{"schema", (*judgement).schema},
		{"conditions", (*judgement).conditions},
		{"timestamps", (*judgement).timestamps},
		{"authn-statement", (*judgement).authnStatement},
		{"attribute-statement", (*judgement).attributeStatement},
		{"encrypted-attribute", (*judgement).encryptedAttribute},
		{"destination", (*judgement).destination},
		{"audience", (*judgement).audience},
		{"issuer", (*judgement).issuer},
		{"session", (*judgement).session},
		{"subject-confirmation", (*judgement).subjectConfirmation},
		{"signature-present", (*judgement).signaturePresent},
		{"signature", (*judgement).signature},
		{"attribute-names", (*judgement).attributeNames},
		{"name-id", (*judgement).nameID},
		{"identity", (*judgement).identity},
	}
}

// Judge says what Sentry would do with a response.
func Judge(r *Response, s Settings) *Verdict {
	s.At = s.At.UTC().Truncate(time.Second)
	facts := r.Facts()
	j := &judgement{Response: r, Settings: s, verdict: &Verdict{
		NameID: facts.NameID, Attributes: facts.Attributes, Checks: []Check{}, Next: []string{}, Response: facts,
	}}
	if cert, err := parseCertificate(s.Provider.X509Cert); err == nil {
		j.certificate = cert
	}
	for _, c := range checks() {
		j.apply(c)
	}
	if j.verdict.Reason == "" {
		j.verdict.Accepted = true
		j.verdict.Next = next(j.verdict.Identity, s.SP)
	}
	return j.verdict
}

// apply makes one check, unless one has failed before.
func (j *judgement) apply(c check) {
	v := j.verdict
	row := Check{Code: c.code, Verdict: NotReached}
	if v.Reason == "" {
		f := c.run(j)
		row = Check{Code: c.code, Verdict: Passed, Saw: f.saw, Wanted: f.wanted}
		if f.reason != "" {
			row.Verdict, row.Fix = Failed, f.fix
			v.Reason, v.ServerError, v.Message = f.reason, f.serverError, message(c.code, f)
		}
	}
	v.Checks = append(v.Checks, row)
}

// message is what the person at the browser sees (Sentry, auth/helper.py and
// auth/providers/saml2/provider.py).
func message(code string, f finding) string {
	switch {
	case f.serverError:
		return "Internal Server Error (HTTP 500)"
	case code == "identity":
		return "Authentication error: " + f.reason
	}
	return "Authentication error: SAML SSO failed, " + f.reason
}

// Unreadable is the verdict on an input whose Decode failed with an error that
// is ErrUnreadable.
func Unreadable(err error) *Verdict {
	v := &Verdict{
		Reason: err.Error(), ServerError: true, Message: "Internal Server Error (HTTP 500)",
		Attributes: map[string][]string{}, Checks: []Check{}, Next: []string{}, Response: newFacts(),
	}
	for _, c := range checks() {
		row := Check{Code: c.code, Verdict: NotReached}
		switch c.code {
		case "settings":
			row.Verdict = Passed
		case "binding":
			row.Verdict, row.Saw, row.Wanted = Failed, err.Error(), "XML in base64"
			row.Fix = "copy the response again, whole; if it is whole, the identity provider is broken, or the Service Provider Binding is not Post"
		}
		v.Checks = append(v.Checks, row)
	}
	return v
}

func join(words []string) string { return strings.Join(words, ", ") }
