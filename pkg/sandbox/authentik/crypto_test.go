package authentik_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox/authentik"
)

func TestKeyPairsAreUploadedAndGenerated(t *testing.T) {
	t.Parallel()
	a := serve(t, authentik.ReleaseLatest, fresh())
	status, made := ask(t, a, "POST", pairs+"generate/", `{"common_name":"fresh","validity_days":30,"alg":"ecdsa","subject_alt_name":"a.test,b.test"}`)
	if status != 200 || made["key_type"] != "ec" || made["private_key_available"] != true {
		t.Fatal(status, made)
	}
	_, other := ask(t, a, "POST", pairs+"generate/", `{"common_name":"other","validity_days":30,"alg":"ecdsa"}`)
	text := func(pair map[string]any, what string) string {
		_, told := ask(t, a, "GET", fmt.Sprintf("%s%v/view_%s/", pairs, pair["pk"], what), "")
		return fmt.Sprint(told["data"])
	}
	certificate, key := text(made, "certificate"), text(made, "private_key")
	for name, tt := range map[string]struct {
		path   string
		fields map[string]any
		status int
		want   map[string]any
	}{
		"nothing":        {"", map[string]any{}, 400, map[string]any{"name": []any{"This field is required."}, "certificate_data": []any{"This field is required."}}},
		"no key":         {"", map[string]any{"name": "a", "certificate_data": certificate, "key_data": "x"}, 400, map[string]any{"key_data": []any{"Unable to load private key."}}},
		"another's key":  {"", map[string]any{"name": "a", "certificate_data": certificate, "key_data": text(other, "private_key")}, 400, map[string]any{"key_data": []any{"Private key does not match the certificate."}}},
		"taken":          {"", map[string]any{"name": "fresh", "certificate_data": certificate}, 400, map[string]any{"name": []any{"Certificate-Key Pair with this name already exists."}}},
		"no days":        {"generate/", map[string]any{"common_name": "x"}, 400, map[string]any{"validity_days": []any{"This field is required."}}},
		"no algorithm":   {"generate/", map[string]any{"common_name": "x", "validity_days": 1, "alg": "dsa"}, 400, map[string]any{"alg": []any{`"dsa" is not a valid choice.`}}},
		"no DNS name":    {"generate/", map[string]any{"common_name": "x", "validity_days": 1, "subject_alt_name": "ä.test"}, 400, map[string]any{"subject_alt_name": []any{"Not a valid string."}}},
		"both, uploaded": {"", map[string]any{"name": "b", "certificate_data": certificate, "key_data": key}, 201, nil},
		"alone":          {"", map[string]any{"name": "c", "certificate_data": certificate}, 201, nil},
	} {
		status, got := ask(t, a, "POST", pairs+tt.path, body(t, tt.fields))
		if diff := cmp.Diff(tt.want, got); status != tt.status || status == 400 && diff != "" {
			t.Errorf("%s: %d %s", name, status, diff)
		}
		if status == 201 && (got["fingerprint_sha256"] != made["fingerprint_sha256"] || got["private_key_available"] != (tt.fields["key_data"] != nil)) {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestKeysAreToldOnlyWhereAsked(t *testing.T) {
	t.Parallel()
	for _, release := range authentik.Releases() {
		a := serve(t, release, fresh())
		_, list := ask(t, a, "GET", pairs, "")
		pair := first(t, list)
		field := "key_type"
		if release == authentik.Release202510 {
			field = "private_key_type"
		}
		if pair[field] != "rsa" || strings.Contains(fmt.Sprint(list), "BEGIN") || len(fmt.Sprint(pair["fingerprint_sha256"])) != 95 {
			t.Errorf("%s: %v", release, list)
		}
		_, list = ask(t, a, "GET", pairs+"?include_details=false", "")
		if pair := first(t, list); pair["fingerprint_sha256"] != nil || pair["cert_expiry"] != nil || pair[field] != nil || pair["private_key_available"] != true {
			t.Errorf("%s: without details: %v", release, pair)
		}
	}
}

func TestADeletedPairIsUsedNoMore(t *testing.T) {
	t.Parallel()
	a := serve(t, authentik.ReleaseLatest, fresh())
	provider := samlProvider(t, a, "rsa", nil)
	give(t, a, provider)
	_, made := ask(t, a, "GET", provider, "")
	if status, _ := ask(t, a, "DELETE", fmt.Sprintf("%s%v/", pairs, made["signing_kp"]), ""); status != 204 {
		t.Fatal(status)
	}
	if _, got := ask(t, a, "GET", provider, ""); got["signing_kp"] != nil {
		t.Errorf("the provider signs with %v", got["signing_kp"])
	}
	ask(t, a, "DELETE", provider, "")
	if _, got := ask(t, a, "GET", "/api/v3/core/applications/sentry/", ""); got["provider"] != nil {
		t.Errorf("the application has the provider %v", got["provider"])
	}
	ask(t, a, "DELETE", "/api/v3/core/applications/sentry/", "")
	if left := a.Snapshot().Objects["policies/bindings"]; len(left) != 0 {
		t.Errorf("bindings of nothing: %v", left)
	}
}

func TestSchedulesAreChanged(t *testing.T) {
	t.Parallel()
	a := serve(t, authentik.ReleaseLatest, fresh())
	_, made := ask(t, a, "POST", "/api/v3/providers/scim/", `{"name":"x","url":"https://x.test/"}`)
	_, list := ask(t, a, "GET", fmt.Sprintf("/api/v3/tasks/schedules/?rel_obj_id=%v", made["pk"]), "")
	path := fmt.Sprintf("/api/v3/tasks/schedules/%v/", first(t, list)["id"])
	status, got := ask(t, a, "PATCH", path, `{"crontab":"often"}`)
	if diff := cmp.Diff(map[string]any{"crontab": []any{"often is not a valid crontab"}}, got); status != 400 || diff != "" {
		t.Errorf("%d %s", status, diff)
	}
	if status, got = ask(t, a, "PATCH", path, `{"crontab":"*/5 * * * *","paused":true}`); status != 200 || got["crontab"] != "*/5 * * * *" || got["paused"] != true {
		t.Errorf("%d %v", status, got)
	}
	ask(t, a, "DELETE", fmt.Sprintf("/api/v3/providers/scim/%v/", made["pk"]), "")
	if status, _ := ask(t, a, "GET", path, ""); status != 404 {
		t.Errorf("the schedule of a deleted provider: %d", status)
	}
}
