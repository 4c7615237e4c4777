package integration

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/hcl"
)

// text is a quoted string, or for several lines those lines without the line end that
// they get at their end.
func text(value string) hcl.Expression {
	if lines, ok := hcl.Lines(value); ok && strings.Contains(value, "\n") {
		return hcl.Call("chomp", lines)
	}
	return hcl.String(value)
}

// oneLineEnd is a PEM text with one line end, as the provider reads it back
// (terraform-provider-authentik, resource_certificate_key_pair.go): with any other
// end every plan differs.
func oneLineEnd(value Value, e hcl.Expression) hcl.Expression {
	if pem, ok := value.(string); ok {
		lines, ok := hcl.Lines(pem)
		if ok {
			return lines
		}
		e = hcl.String(pem)
	}
	return hcl.Call("format", hcl.String("%s\n"), hcl.Call("trimspace", e))
}
