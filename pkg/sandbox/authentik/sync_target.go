package authentik

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// errDryRun says that a request was not sent, because the provider rehearses.
var errDryRun = errors.New("dry run")

// errStop ends a page of a sync (StopSync).
var errStop = errors.New("stop")

// refusal is an answer that is no success, or none at all (status 0).
type refusal struct {
	status int
	words  string
}

// Error is what a task writes of it.
func (e *refusal) Error() string { return fmt.Sprintf("status %d: %s", e.status, e.words) }

// refused reports whether err is an answer with that status.
func refused(err error, status int) bool {
	e, ok := errors.AsType[*refusal](err)
	return ok && e.status == status
}

// target is the far end of a SCIM provider.
type target struct {
	a        *Authentik
	provider Object // as it was when the sync began
	can      capabilities
}

// capabilities are what a target's ServiceProviderConfig says.
type capabilities struct {
	patch, filter bool
	maxOperations int // in one PATCH; 0: any number
	until         time.Time
}

const maxAnswer = 16 << 20

func (t *target) url() string { return strings.TrimRight(fmt.Sprint(t.provider["url"]), "/") }

// do sends a request, without holding the API up, and returns the object of the
// answer.
func (t *target) do(method, path string, body any) (Object, error) {
	if t.provider["dry_run"] == true && method != http.MethodGet {
		return nil, fmt.Errorf("%w: %s %s", errDryRun, method, t.url()+path)
	}
	if t.a.config.SCIM == nil {
		return nil, &refusal{0, "the emulated authentik was given no way to reach " + t.url()}
	}
	var content bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&content).Encode(body); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, t.url()+path, &content)
	if err != nil {
		return nil, &refusal{0, "the SCIM server has no address that can be called"}
	}
	req.Header.Set("Accept", "application/scim+json")
	req.Header.Set("Content-Type", "application/scim+json")
	req.Header.Set("Authorization", "Bearer "+fmt.Sprint(t.provider["token"]))
	resp, err := t.a.config.SCIM.Do(req)
	if err != nil {
		return nil, &refusal{0, "the SCIM server cannot be reached"}
	}
	defer func() { _ = resp.Body.Close() }()
	return readAnswer(resp)
}

func readAnswer(resp *http.Response) (Object, error) {
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	switch {
	case err != nil:
		return nil, &refusal{0, "the SCIM server's answer broke off"}
	case resp.StatusCode >= http.StatusBadRequest:
		return nil, &refusal{resp.StatusCode, string(data[:min(len(data), 500)])}
	case resp.StatusCode == http.StatusNoContent:
		return Object{}, nil
	}
	var answer Object
	if err := json.Unmarshal(data, &answer); err != nil {
		return nil, &refusal{resp.StatusCode, "the SCIM server's answer is no JSON"}
	}
	return answer, nil
}

// capable asks the target what it can do, once in a while. One that does not say
// is taken to know neither PATCH nor filters.
func (t *target) capable() capabilities {
	key := number(t.provider[pk])
	now := t.a.config.Now()
	t.a.mu.Lock()
	known, found := t.a.targets[key]
	t.a.mu.Unlock()
	if found && now.Before(known.until) {
		return known
	}
	fresh := t.askCapable()
	fresh.until = now.Add(interval(fmt.Sprint(t.provider["service_provider_config_cache_timeout"])))
	t.a.mu.Lock()
	defer t.a.mu.Unlock()
	t.a.targets[key] = fresh
	return fresh
}

func (t *target) askCapable() capabilities {
	path, mode := "/ServiceProviderConfig", t.provider["compatibility_mode"]
	switch mode {
	case "gitlab", "vcenter":
		return capabilities{}
	case "sfdc":
		path = "/ServiceProviderConfigs"
	}
	answer, err := t.do(http.MethodGet, path, nil)
	if err != nil {
		return capabilities{}
	}
	supported := func(name string) bool {
		feature, _ := answer[name].(Object)
		return feature["supported"] == true
	}
	bulk, _ := answer["bulk"].(Object)
	most, _ := bulk["maxOperations"].(float64)
	return capabilities{patch: supported("patch") && mode != "aws", filter: supported("filter") || mode == "slack", maxOperations: int(most)}
}

// interval reads texts such as hours=1;minutes=5 (authentik/lib/utils/time.py).
func interval(words string) time.Duration {
	units := map[string]time.Duration{
		"microseconds": time.Microsecond, "milliseconds": time.Millisecond, "seconds": time.Second, "minutes": time.Minute,
		"hours": time.Hour, "days": 24 * time.Hour, "weeks": 7 * 24 * time.Hour,
	}
	var sum time.Duration
	for part := range strings.SplitSeq(words, ";") {
		unit, count, _ := strings.Cut(part, "=")
		n, _ := strconv.Atoi(count)
		sum += time.Duration(n) * units[unit]
	}
	return sum
}
