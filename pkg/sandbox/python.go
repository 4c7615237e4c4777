package sandbox

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// Sentry is written in Python and often uses a request's values without looking
// at their type. These functions say what Python does with such a value.

// pyType is the name of a JSON value's type, as error texts show it.
func pyType(value any) string {
	switch v := value.(type) {
	case nil:
		return "NoneType"
	case bool:
		return "bool"
	case string:
		return "str"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "float"
		}
		return "int"
	case []any:
		return "list"
	default:
		return "dict"
	}
}

// pyStr is str(value) for the values that have a short one.
func pyStr(value any) string {
	switch v := value.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case string:
		return v
	case json.Number:
		return v.String()
	default:
		return ""
	}
}

// pyTruthy is bool(value).
func pyTruthy(value any) bool {
	switch v := value.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case json.Number:
		f, err := v.Float64()
		return err != nil || f != 0
	case []any:
		return len(v) > 0
	case map[string]any:
		return len(v) > 0
	default:
		return true
	}
}

// pyInt is int(text). Numbers beyond 64 bits come as the nearest that fits.
func pyInt(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	digits := strings.TrimLeft(text, "+-")
	if len(text)-len(digits) > 1 || digits == "" || strings.Trim(digits, "0123456789_") != "" {
		return 0, false
	}
	if strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return n, true
}

// pyItems is what a loop over value sees; false means that Python refuses to
// loop, or that what it sees has no keys and fails at once.
func pyItems(value any) ([]any, bool) {
	switch v := value.(type) {
	case []any:
		return v, true
	case string:
		return nil, v == ""
	case map[string]any:
		return nil, len(v) == 0
	default:
		return nil, false
	}
}

// pyID is a value where a row's id is wanted. Numbers that no row can have come
// as 0, which no row has.
func pyID(value any) (int64, bool) {
	switch v := value.(type) {
	case bool:
		if v {
			return 1, true
		}
		return 0, true
	case string:
		n, ok := pyInt(v)
		return positive(n), ok
	case json.Number:
		if n, ok := pyInt(v.String()); ok {
			return positive(n), true
		}
		f, err := v.Float64()
		if err != nil || math.Abs(f) > math.MaxInt32 {
			return 0, err == nil
		}
		return positive(int64(f)), true
	default:
		return 0, false
	}
}

func positive(n int64) int64 {
	if n == math.MaxInt64 {
		return 0
	}
	return max(n, 0)
}
