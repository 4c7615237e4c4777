package config

import (
	"errors"
	"time"

	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// HTTP bounds the requests to Sentry's and authentik's APIs. The texts are
// durations that Load has checked.
type HTTP struct {
	RequestTimeout string `mapstructure:"request_timeout"` // of one attempt, in whole
	ConnectTimeout string `mapstructure:"connect_timeout"`
	GiveUpAfter    string `mapstructure:"give_up_after"` // of a run of nothing but failures
}

// Duration reads the text of a setting that is a duration.
func Duration(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0 // which Load lets none be
	}
	return d
}

func httpSettings() []Setting {
	return []Setting{
		span("http.request_timeout", "100s", "maximum duration of a request to Sentry or authentik, with its answer"),
		span("http.connect_timeout", "30s", "maximum duration of connecting to Sentry or authentik"),
		span("http.give_up_after", "5m", "maximum duration of a run of nothing but failures, retries and pauses included"),
	}
}

// span is a setting that is a duration.
func span(path, standard, meaning string) Setting {
	return Setting{Path: path, Class: NeedsTrust, Type: String, Default: standard, Example: standard, Description: meaning, pattern: duration, check: checkDuration}
}

var duration = pattern.New(`^([0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h))+$`)

const longest = 24 * time.Hour

func checkDuration(text string) error {
	if d := Duration(text); !duration().MatchString(text) || d <= 0 || d > longest {
		return errors.New("expected a duration such as 90s or 5m, of at most 24h, but found " + quoted(text))
	}
	return nil
}
