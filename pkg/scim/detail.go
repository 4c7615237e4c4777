package scim

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
)

// reason reads the body of a refusal: Sentry's SCIM envelope, the plain bodies
// of Django REST framework, which are maps of fields to texts, or whatever a
// proxy says. The content type is not asked: Sentry's 429 is JSON that calls
// itself HTML (middleware/ratelimit.py).
func reason(body []byte) (detail, scimType string, isJSON bool) {
	fields := answer.Fields(body)
	if fields == nil {
		return answer.Describe(body), "", false
	}
	scimType, _ = fields["scimType"].(string)
	scimType = answer.Printable(scimType)
	if text, ok := fields["detail"].(string); ok {
		return readDetail(text), scimType, true
	}
	if scimType != "" {
		return scimType, scimType, true // Sentry's invalidFilter has no detail
	}
	delete(fields, "schemas")
	delete(fields, "status")
	return answer.Flatten(fields), "", true
}

// readDetail reads a detail that may itself be JSON text.
func readDetail(text string) string {
	if strings.HasPrefix(text, "{") {
		if fields := answer.Fields([]byte(text)); fields != nil {
			return answer.Flatten(fields)
		}
	}
	return answer.Printable(text)
}
