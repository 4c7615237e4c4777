package doctor

import (
	"context"
	"fmt"
	"net/http"

	"github.com/sentryidp/sentryidp/pkg/sentryapi"
)

// maxPages bounds the pages of members that are read.
const maxPages = 5

// people are the members of the organization.
type people struct {
	all []sentryapi.Member
	err error
}

// provider is the organization's auth provider.
type provider struct {
	sentryapi.AuthProvider

	err error
}

// organization is what is looked at of the organization itself.
type organization struct {
	sentryapi.Organization

	err error
}

// audit is the newest event of each kind that was asked for.
type audit struct {
	events []sentryapi.AuditEntry
	err    error
}

// api asks Sentry's own API with a client that has a token.
func (d *Doctor) api(client *http.Client) (*sentryapi.Client, error) {
	return sentryapi.New(d.Subject.SentryURL, d.Subject.URLs.Org, client, sentryapi.MaxPages(maxPages), sentryapi.MaxBytes(maxPages*maxVisit))
}

func (d *Doctor) readMembers(ctx context.Context, f *facts) {
	client, err := d.api(d.Members)
	if err == nil {
		f.people.all, err = client.Members(ctx)
	}
	f.people.err = err
}

func (d *Doctor) readAuth(ctx context.Context, f *facts) {
	client, err := d.api(d.API)
	if err == nil {
		f.provider.AuthProvider, err = client.AuthProvider(ctx)
	}
	if f.provider.err = err; err == nil {
		f.organization.Organization, f.organization.err = client.Organization(ctx)
	}
}

// auditEvents are the events that end a single sign-on or provisioning.
func auditEvents() []string {
	return []string{"sso.disable", "sso.enable", "sso.edit", "internal-integration.remove-token", "sentry-app.remove"}
}

func (d *Doctor) readAudit(ctx context.Context, f *facts) {
	client, err := d.api(d.API)
	if err != nil {
		f.audit.err = err
		return
	}
	for _, name := range auditEvents() {
		newest, err := client.AuditLog(ctx, sentryapi.AuditQuery{Event: name, Limit: 1})
		if err != nil {
			f.audit.err = err
			return
		}
		f.audit.events = append(f.audit.events, newest...)
	}
}

// refusal is how Sentry's API refused a request, in one line.
func refusal(e *sentryapi.APIError) string {
	if e.Detail == "" {
		return fmt.Sprintf("%d %s", e.Status, http.StatusText(e.Status))
	}
	return fmt.Sprintf("%d %s: %s", e.Status, http.StatusText(e.Status), e.Detail)
}
