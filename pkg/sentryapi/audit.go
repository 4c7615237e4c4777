package sentryapi

import (
	"context"
	"encoding/json"
	"net/url"
	"time"
)

// EventMemberRemove is the event of a member who was removed or left
// (audit_log/events.py).
const EventMemberRemove = "member.remove"

// AuditEntry is a row of the audit log (api/serializers/models/auditlogentry.py).
type AuditEntry struct {
	ID      string         `json:"id"`
	Event   string         `json:"event"`
	Note    string         `json:"note"` // the line that Sentry shows
	Actor   AuditUser      `json:"actor"`
	Target  AuditUser      `json:"targetUser"`   //nolint:tagliatelle // the name that Sentry gives it
	Object  json.Number    `json:"targetObject"` //nolint:tagliatelle // as above; the member's id, "" where there is none
	Data    map[string]any `json:"data"`         // what the event is about
	Created time.Time      `json:"dateCreated"`  //nolint:tagliatelle // as above
}

// Text is a text of the entry's data, "" where there is none.
func (e AuditEntry) Text(key string) string {
	text, _ := e.Data[key].(string)
	return text
}

// AuditUser is the account that did something, or that it was done to. A token's actor may have
// a name alone, and an account that is gone its number alone.
type AuditUser struct {
	ID, Name, Email string
}

// UnmarshalJSON reads an account, its number, or null.
func (u *AuditUser) UnmarshalJSON(data []byte) error {
	var number json.Number
	if json.Unmarshal(data, &number) == nil {
		u.ID = number.String()
		return nil
	}
	var account struct{ ID, Name, Email string }
	err := json.Unmarshal(data, &account)
	*u = AuditUser(account)
	return err
}

// AuditQuery selects entries of the audit log. Zero values select all.
type AuditQuery struct {
	Event        string    // such as EventMemberRemove; one that Sentry does not know has no entries
	Since, Until time.Time // both or neither
	Limit        int       // entries, the newest first
}

// AuditLog reads the audit log, the newest entry first
// (core/endpoints/organization_auditlogs.py).
func (c *Client) AuditLog(ctx context.Context, q AuditQuery) ([]AuditEntry, error) {
	query := url.Values{}
	if q.Event != "" {
		query.Set("event", q.Event)
	}
	if !q.Since.IsZero() {
		query.Set("start", q.Since.UTC().Format(time.RFC3339))
		query.Set("end", q.Until.UTC().Format(time.RFC3339))
	}
	type page struct {
		Rows []AuditEntry `json:"rows"`
	}
	return listing[page, AuditEntry]{
		client: c, name: "entries of the audit log", path: c.organization("audit-logs"), query: query, need: "org:write", limit: q.Limit,
		entries: func(p page) []AuditEntry { return p.Rows }, id: func(e AuditEntry) string { return e.ID },
	}.read(ctx)
}
