package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// auditRow is api/serializers/models/auditlogentry.py. Of what an entry holds of
// its object, the address of the member alone is kept here.
type auditRow struct {
	ID           string         `json:"id"`
	Actor        auditActor     `json:"actor"`
	Event        string         `json:"event"`
	IPAddress    string         `json:"ipAddress"`
	Note         string         `json:"note"`
	TargetObject *int64         `json:"targetObject"`
	TargetUser   *int64         `json:"targetUser"`
	Data         map[string]any `json:"data"`
	DateCreated  string         `json:"dateCreated"`
}

// auditActor is the user of an entry, in part.
type auditActor struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// auditLogs is core/endpoints/organization_auditlogs.py.
func (s *Sentry) auditLogs() endpoint {
	return endpoint{
		methods: []method{{http.MethodGet, s.listAudit}}, withoutSCIM: true,
		scopes: readScopes("org:write"),
	}
}

func (s *Sentry) listAudit(c *call) (reply, error) {
	keep, err := s.auditFilter(c.query)
	if err != nil {
		return reply{}, err
	}
	var rows []auditRow
	for _, e := range slices.Backward(s.log.entries) {
		if keep(e) {
			rows = append(rows, e.row())
		}
	}
	page, header, err := s.cursorPage(c, len(rows))
	if err != nil {
		return reply{}, err
	}
	rows = append([]auditRow{}, rows[page.from:page.to]...)
	return reply{status: http.StatusOK, header: header, body: map[string]any{"rows": rows, "options": auditEvents()}}, nil
}

func (e AuditEntry) row() auditRow {
	row := auditRow{
		ID: e.ID, Event: e.Event, IPAddress: "127.0.0.1", Note: e.Note, Data: map[string]any{}, DateCreated: e.DateCreated,
		Actor: auditActor{actorID(e.Actor), e.Actor},
	}
	if e.Email != "" {
		row.Data["email"] = e.Email
	}
	if e.Target != 0 {
		row.TargetObject = &e.Target
	}
	return row
}

// actorID is the number of an actor's user: integrations have one of their own.
func actorID(actor string) string {
	switch actor {
	case actorSCIM:
		return "900001"
	case actorAPI:
		return "900002"
	}
	return "900003"
}

// auditFilter is AuditLogQueryParamSerializer with
// api/utils.py get_date_range_from_stats_period.
func (s *Sentry) auditFilter(query url.Values) (func(AuditEntry) bool, error) {
	event, byEvent := last(query, "event")
	actor, byActor := last(query, "actor")
	if _, number := pyInt(actor); byActor && !number {
		return nil, refuse(http.StatusBadRequest, map[string][]string{"actor": {"A valid integer is required."}})
	}
	from, to, err := s.dateRange(query)
	if err != nil {
		return nil, err
	}
	return func(e AuditEntry) bool {
		at, _ := time.Parse(time.RFC3339, e.DateCreated)
		within := from.IsZero() || !at.Before(from) && !at.After(to)
		return within && (!byEvent || e.Event == event) && (!byActor || actorID(e.Actor) == actor)
	}, nil
}

var statsPeriod = lazily(`^(\d{1,6})([hdmsw]?)$`)

// dateRange is zero where none is asked for.
func (s *Sentry) dateRange(query url.Values) (from, to time.Time, err error) {
	if period, ok := last(query, "statsPeriod"); ok {
		match := statsPeriod().FindStringSubmatch(period)
		if match == nil {
			return from, to, plain(http.StatusBadRequest, fmt.Sprintf("Invalid statsPeriod: %q", period))
		}
		n, _ := strconv.Atoi(match[1])
		unit := map[string]time.Duration{"": time.Second, "s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour, "w": 7 * 24 * time.Hour}[match[2]]
		return s.now().Add(-time.Duration(n) * unit), s.now(), nil
	}
	begin, began := last(query, "start")
	end, ended := last(query, "end")
	if !began && !ended {
		return from, to, nil
	}
	from, begins := time.Parse(time.RFC3339, begin)
	to, ends := time.Parse(time.RFC3339, end)
	if begins != nil || ends != nil {
		return from, to, plain(http.StatusBadRequest, "start and end are both required")
	}
	return from, to, nil
}
