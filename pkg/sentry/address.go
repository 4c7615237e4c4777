package sentry

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

var refusedAddress = pattern.New(`(?i)@qq\.com$`)

// RefusesAddress reports whether a Sentry as it comes refuses an e-mail address
// that is otherwise fine (INVALID_EMAIL_ADDRESS_PATTERN of conf/server.py, which a
// self-hosted Sentry may set otherwise).
func RefusesAddress(email string) bool { return refusedAddress().MatchString(strings.TrimSpace(email)) }
