package sentryexec

import (
	"bytes"
	"encoding/json"
	"time"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// MaxBytes is the greatest size of an input of [Parse], in bytes: a report has a
// few KiB, and a log around it is seldom larger.
const MaxBytes = 4 << 20

// mark begins the line of a report, among all else that standard output has.
const mark = "SENTRYIDP {"

// format is the only format of reports that there is.
const format = 1

// Report is what the script says of one run. It holds no secret, and nothing in it
// is to be trusted: it comes from a file.
type Report struct {
	Format      int        `json:"sentryidp_report"`
	Action      Action     `json:"action"`
	Org         string     `json:"org"`
	Release     string     `json:"release"`      // of Sentry; empty where the run ended before it was known
	ReleaseRead bool       `json:"release_read"` // whether the script was made from this release
	Missing     []string   `json:"missing"`      // names that the script relies on and Sentry lacks
	Applied     bool       `json:"applied"`
	Changes     []Change   `json:"changes"` // made, or to be made where Applied is false
	Before      *Provider  `json:"before"`  // before the action wrote
	Provider    *Provider  `json:"provider"`
	SCIM        *SCIMFacts `json:"scim"`        // of the actions status and scim
	People      *People    `json:"people"`      // of the action status
	URLPrefix   string     `json:"url_prefix"`  // Sentry's system.url-prefix; empty: not asked for
	SentryURL   string     `json:"sentry_url"`  // what the script was given
	Differences []Field    `json:"differences"` // from what the script was given, of the action status
	Error       string     `json:"error"`
}

// Change is one step of an action.
type Change struct {
	Words  string  `json:"words"`
	Fields []Field `json:"fields"`
}

// Field is a setting that differs. A certificate is its fingerprint, and a value
// that is no text is null.
type Field struct {
	Field string  `json:"field"` // such as idp.sso_url
	From  *string `json:"from"`
	To    *string `json:"to"`
}

// Provider is the SSO provider of an organization, without its secrets.
type Provider struct {
	Key         string             `json:"key"` // saml2, okta …
	EntityID    *string            `json:"entity_id"`
	SSOURL      *string            `json:"sso_url"`
	SLOURL      *string            `json:"slo_url"`
	Certificate *CertificateFacts  `json:"certificate"`
	Mapping     map[string]*string `json:"attribute_mapping"` // by Sentry's keys
	Absent      []string           `json:"absent"`            // keys of the configuration without which Sentry fails
	Advanced    []string           `json:"advanced"`          // names of the advanced settings
	SSORequired bool               `json:"sso_required"`
	SCIMEnabled bool               `json:"scim_enabled"`
}

// CertificateFacts tell a certificate. NotAfter is zero where it could not be read.
type CertificateFacts struct {
	SHA256   string    `json:"sha256"` // of the DER form, as keypair.FingerprintSHA256 writes it
	NotAfter time.Time `json:"not_after"`
}

// SCIMFacts are about provisioning.
type SCIMFacts struct {
	Enabled  bool   `json:"enabled"`
	BaseURL  string `json:"base_url"`
	HasToken bool   `json:"has_token"`
}

// People are numbers of accounts.
type People struct {
	Identities   int `json:"identities"`    // linked to the provider
	Owners       int `json:"owners"`        // active
	OwnersLinked int `json:"owners_linked"` // of these, linked to the provider
}

// Parse reads the last report in what a run of the script printed, whatever else
// is there, or a report by itself. PowerShell's UTF-16 is read too. Errors are
// fault.Usage.
func Parse(data []byte) (*Report, error) {
	text := bytes.TrimSpace(bom.Text(data))
	if at := bytes.LastIndex(text, []byte(mark)); at >= 0 {
		begin := bytes.LastIndexByte(text[:at], '\n') + 1 // a value of the report can have the mark in it too
		text, _, _ = bytes.Cut(text[begin:], []byte("\n"))
		text = text[bytes.Index(text, []byte(mark))+len(mark)-1:]
	}
	if !bytes.HasPrefix(text, []byte("{")) {
		return nil, fault.Hint(fault.Usagef("expected a line that begins with SENTRYIDP but found none"),
			"the script writes it to standard output: sentry exec - status < sentry.py > out.json")
	}
	var r Report
	if err := json.Unmarshal(bytes.TrimSpace(text), &r); err != nil {
		return nil, fault.Hint(fault.Usagef("invalid report: %w", err), "run the action again: the line may be cut off")
	}
	if r.Format != format {
		return nil, fault.Hint(fault.Usagef("expected a report of format %d but found %d", format, r.Format),
			"read it with the sentryidp that wrote the script, or write the script again")
	}
	return &r, nil
}
