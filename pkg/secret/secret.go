// Package secret holds values that must not be seen: a string that prints as
// [redacted] in every format, and the references (environment, file, command,
// keyring) that secrets are read from. It knows nothing of settings.
package secret

import (
	"encoding/json"
	"fmt"
	"log/slog"
)

// Redacted is what a secret prints as.
const Redacted = "[redacted]"

// String is a secret text. Every way of printing it gives Redacted, or the
// empty string when there is none; only Reveal gives the value.
type String struct {
	value *string // a pointer: fmt looks into unexported fields, but not through pointers in them
}

// New returns value as a secret.
func New(value string) String {
	if value == "" {
		return String{}
	}
	return String{value: &value}
}

// Reveal returns the secret itself. Call it only where the value is sent.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether there is no secret.
func (s String) IsZero() bool { return s.value == nil }

// String returns Redacted, or "" when there is no secret.
func (s String) String() string {
	if s.IsZero() {
		return ""
	}
	return Redacted
}

// Format prints Redacted for every verb, so that %#v cannot look inside.
func (s String) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText writes Redacted.
func (s String) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalJSON writes Redacted as a JSON string.
func (s String) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// MarshalYAML writes Redacted as a YAML string.
func (s String) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue logs Redacted.
func (s String) LogValue() slog.Value { return slog.StringValue(s.String()) }
