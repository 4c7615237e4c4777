package samlresponse

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

// Settings are what Sentry compares a response with.
type Settings struct {
	Provider Provider    // what Sentry keeps of the identity provider
	SP       sentry.URLs // Sentry's own addresses for the organization
	At       time.Time   // Sentry's clock, read in whole seconds
	// Mapping is the attribute mapping that Sentry was given. Nil is not known:
	// that of authentik's guide counts where the provider is authentik, and
	// otherwise the verdict is unknown.
	Mapping *Mapping
	// DefaultSP says that nobody gave Sentry's address, so that SP has the
	// default one. Verdicts that it decides say so.
	DefaultSP bool
	// Release is Sentry's, for its advisories; zero: not known.
	Release sentry.Release
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
	Unknown    = "unknown" // what would decide it is not known here
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

// Verdict is what Sentry would do with a response. In JSON, accepted is null
// where Unknown is set.
type Verdict struct {
	Accepted    bool                `json:"accepted"`
	Unknown     bool                `json:"-"`            // no check failed, and one could not be decided
	Reason      string              `json:"reason"`       // the words of Sentry or its library; empty unless refused
	ServerError bool                `json:"server_error"` // Sentry answers HTTP 500, and Reason is in its log
	Message     string              `json:"message"`      // what the user sees; empty unless refused
	Assumptions []string            `json:"assumptions"`  // what nobody gave, and the verdict rests on
	Mapping     *Mapping            `json:"mapping"`      // the one that counts; null where it is not known
	Identity    Identity            `json:"identity"`     // empty unless all checks before the mapping passed, and it is known
	Mappings    []Outcome           `json:"mappings"`     // what the known mappings would find, where it is not known which counts
	NameID      string              `json:"name_id"`      // Sentry makes no use of it
	Attributes  map[string][]string `json:"attributes"`
	Checks      []Check             `json:"checks"`
	Next        []string            `json:"next"` // what Sentry does after an accepted response
	Advisories  []sentry.Advisory   `json:"advisories"`
	Response    *Facts              `json:"response"`
}

var _ report.Document = (*Verdict)(nil)

// MarshalJSON writes accepted as null where it is not known.
func (v *Verdict) MarshalJSON() ([]byte, error) {
	type fields Verdict
	document := struct {
		Accepted *bool `json:"accepted"`
		*fields
	}{fields: (*fields)(v)}
	if !v.Unknown {
		document.Accepted = &v.Accepted
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false) // the outer encoder decides
	err := encoder.Encode(document)
	return text.Bytes(), err
}

// finding is what one check found. An empty reason means that it passed, unless
// it is unknown.
type finding struct {
	saw, wanted string
	reason, fix string
	serverError bool
	unknown     bool
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
	v := newVerdict(facts)
	v.Advisories = append(v.Advisories, sentry.AdvisoriesFor(s.Release)...)
	j := &judgement{Response: r, Settings: s, verdict: v}
	if s.DefaultSP {
		j.assume("Sentry is at " + s.SP.SentryURL + ", which is only the default of --sentry-url (sentry.url)")
	}
	if cert, err := keypair.ParseStored(s.Provider.X509Cert); err == nil {
		j.certificate = cert
	}
	for _, c := range checks() {
		j.apply(c)
	}
	if v.Accepted = v.Reason == "" && !v.Unknown; v.Accepted {
		v.Next = next(v.Identity, s.SP)
	}
	return v
}

func newVerdict(facts *Facts) *Verdict {
	return &Verdict{
		Assumptions: []string{}, Mappings: []Outcome{}, NameID: facts.NameID, Attributes: facts.Attributes,
		Checks: []Check{}, Next: []string{}, Advisories: []sentry.Advisory{}, Response: facts,
	}
}

// apply makes one check, unless one has failed before.
func (j *judgement) apply(c check) {
	v := j.verdict
	row := Check{Code: c.code, Verdict: NotReached}
	if v.Reason == "" {
		f := c.run(j)
		row = Check{Code: c.code, Verdict: Passed, Saw: f.saw, Wanted: f.wanted}
		switch {
		case f.reason != "":
			row.Verdict, row.Fix = Failed, f.fix
			v.Unknown = false
			v.Reason, v.ServerError, v.Message = f.reason, f.serverError, message(c.code, f)
		case f.unknown:
			row.Verdict, row.Fix = Unknown, f.fix
			v.Unknown = true
		}
	}
	v.Checks = append(v.Checks, row)
}

// message is what the user at the browser sees (Sentry, auth/helper.py and
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

// JudgePosted judges the value of SAMLResponse as it was posted to Sentry's ACS:
// base64 of XML, and nothing else. What cannot be read is HTTP 500.
func JudgePosted(value string, s Settings) *Verdict {
	r, err := posted(value)
	if err != nil {
		return Unreadable(err)
	}
	return Judge(r, s)
}

func posted(value string) (*Response, error) {
	if len(value) > 2*MaxXML {
		return nil, tooMuch("the SAMLResponse has %d characters, the limit is %d", len(value), 2*MaxXML)
	}
	decoded, err := lenient(value)
	if err != nil {
		return nil, err
	}
	r := &Response{XML: decoded, Form: formBody, Found: 1}
	r.root, err = parse(decoded)
	return r, err
}

// Unreadable is the verdict on an input whose Decode failed with an error that
// is ErrUnreadable.
func Unreadable(err error) *Verdict {
	v := newVerdict(newFacts())
	v.Reason, v.ServerError, v.Message = err.Error(), true, "Internal Server Error (HTTP 500)"
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
