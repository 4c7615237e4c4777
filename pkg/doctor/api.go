package doctor

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/transport"
)

// maxPages bounds the pages of members that are read, of 100 members each.
const maxPages = 5

// errTooMany says that a list is longer than an examination reads.
var errTooMany = fault.New(fault.Failed, "there are more than %d members", maxPages*100)

// refusedError is an answer of Sentry's own API that is no success.
type refusedError struct {
	status int
	detail string
}

// Error says how it was refused.
func (e *refusedError) Error() string {
	if e.detail == "" {
		return fmt.Sprintf("%d %s", e.status, http.StatusText(e.status))
	}
	return fmt.Sprintf("%d %s: %s", e.status, http.StatusText(e.status), e.detail)
}

// member is what is looked at of a member (api/serializers/models/
// organization_member/base.py).
type member struct {
	Email   string          `json:"email"`
	OrgRole string          `json:"orgRole"` //nolint:tagliatelle // the name that Sentry gives it
	Pending bool            `json:"pending"`
	Expired bool            `json:"expired"`
	Flags   map[string]bool `json:"flags"`
}

// people are the members of the organization.
type people struct {
	all []member
	err error
}

// provider is the organization's auth provider (api/serializers/models/
// auth_provider.py). Key is empty where there is none.
type provider struct {
	Key         string `json:"provider_name"`
	Pending     int    `json:"pending_links_count"` // members who have not logged in by it
	DefaultRole string `json:"default_role"`
	RequireLink bool   `json:"require_link"` // SSO is required
	SCIM        bool   `json:"scim_enabled"`

	err error
}

// organization is what is looked at of the organization itself
// (api/serializers/models/organization.py).
type organization struct {
	Features []string `json:"features"` // without the prefix organizations:

	err error
}

// event is a row of the audit log (core/endpoints/organization_auditlogs.py).
type event struct {
	Event   string    `json:"event"`
	Note    string    `json:"note"`
	Created time.Time `json:"dateCreated"` //nolint:tagliatelle // the name that Sentry gives it
}

// audit is the newest event of each kind that was asked for.
type audit struct {
	events []event
	err    error
}

func (d *Doctor) apiURL(path string) string {
	return d.Subject.SentryURL + "/api/0/organizations/" + d.Subject.URLs.Org + "/" + path
}

func (d *Doctor) readMembers(ctx context.Context, f *facts) {
	next := d.apiURL("members/") + "?per_page=100"
	for range maxPages {
		var page []member
		header, err := getJSON(ctx, d.Members, next, &page)
		if err != nil {
			f.people.err = err
			return
		}
		f.people.all = append(f.people.all, page...)
		if next = nextPage(header, next); next == "" {
			return
		}
	}
	f.people.err = errTooMany
}

func (d *Doctor) readAuth(ctx context.Context, f *facts) {
	if _, f.provider.err = getJSON(ctx, d.API, d.apiURL("auth-provider/"), &f.provider); f.provider.err == nil {
		_, f.organization.err = getJSON(ctx, d.API, d.apiURL(""), &f.organization)
	}
}

// auditEvents are the events that end a single sign-on or provisioning.
func auditEvents() []string {
	return []string{"sso.disable", "sso.enable", "sso.edit", "internal-integration.remove-token", "sentry-app.remove"}
}

func (d *Doctor) readAudit(ctx context.Context, f *facts) {
	for _, name := range auditEvents() {
		var got struct {
			Rows []event `json:"rows"`
		}
		query := url.Values{"event": {name}, "per_page": {"1"}}
		if _, f.audit.err = getJSON(ctx, d.API, d.apiURL("audit-logs/")+"?"+query.Encode(), &got); f.audit.err != nil {
			return
		}
		f.audit.events = append(f.audit.events, got.Rows[:min(1, len(got.Rows))]...)
	}
}

// getJSON reads a document of Sentry's own API. No content leaves out as it is.
func getJSON(ctx context.Context, client *http.Client, address string, out any) (http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req) //nolint:bodyclose // ReadAll closes it
	if err != nil {
		return nil, err
	}
	body, err := transport.ReadAll(resp, maxVisit)
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode == http.StatusNoContent:
		return resp.Header, nil
	case resp.StatusCode != http.StatusOK:
		detail, _ := answer.Reason(body)
		return nil, &refusedError{resp.StatusCode, detail}
	}
	if err := json.Unmarshal(body, out); err != nil {
		return nil, fault.New(fault.Failed, "expected JSON of Sentry's API but found %s", answer.Describe(body))
	}
	return resp.Header, nil
}

// link finds the next page in Sentry's Link header (api/paginator.py), and whether
// it has anything.
var link = regexp.MustCompile(`<([^>]+)>; rel="next"; results="true"`)

// nextPage is the address of the next page, empty after the last. Only its query
// is believed: its host is that of Sentry's system.url-prefix.
func nextPage(h http.Header, present string) string {
	found := link.FindStringSubmatch(h.Get("Link"))
	if found == nil {
		return ""
	}
	to, err := url.Parse(found[1])
	from, wrong := url.Parse(present)
	if err != nil || wrong != nil {
		return ""
	}
	from.RawQuery = to.RawQuery
	return from.String()
}
