package secret_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/sentryidp/sentryidp/pkg/secret"
)

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	const canary = "sntrys_canary"
	type holder struct {
		Token secret.String `json:"token" yaml:"token"`
	}
	type hidden struct{ token secret.String }
	h := holder{Token: secret.New(canary)}
	asJSON, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	asYAML, err := yaml.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", h.Token, "holder", h)

	for name, got := range map[string]string{
		"json": string(asJSON), "yaml": string(asYAML), "log": log.String(),
		"%v": fmt.Sprintf("%v", h), "%+v": fmt.Sprintf("%+v", h), "%#v": fmt.Sprintf("%#v", h),
		"%s": fmt.Sprintf("%s", h.Token), "%q": fmt.Sprintf("%q", h.Token), "%x": fmt.Sprintf("%x", h.Token),
		"pointer": fmt.Sprintf("%+v", &h), "error": fmt.Errorf("bad %v", h).Error(),
	} {
		if strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s shows the secret: %s", name, got)
		}
		if !strings.Contains(got, secret.Redacted) {
			t.Errorf("%s does not say %s: %s", name, secret.Redacted, got)
		}
	}
	unexported := hidden{token: h.Token}
	for name, got := range map[string]string{
		"hidden %v": fmt.Sprintf("%v", unexported), "hidden %+v": fmt.Sprintf("%+v", &unexported), "hidden %#v": fmt.Sprintf("%#v", unexported),
	} {
		if strings.Contains(got, canary) || strings.Contains(got, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s shows the secret: %s", name, got)
		}
	}
	if h.Token.Reveal() != canary {
		t.Error("Reveal lost the value")
	}
}

func TestNoSecretPrintsNothing(t *testing.T) {
	t.Parallel()
	var s secret.String
	if s.String() != "" || !s.IsZero() {
		t.Errorf("the zero secret is %q", s.String())
	}
}
