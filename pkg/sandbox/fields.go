package sandbox

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// fields are errors by field, in the order the fields are declared in, which is
// the order Sentry writes them in.
type fields []field

type field struct {
	name   string
	errors any // a list of texts, or the fields of a nested value
}

// add appends an error for a field if there is one.
func (f *fields) add(name string, messages []string) {
	if len(messages) > 0 {
		*f = append(*f, field{name, messages})
	}
}

// nest appends the errors of a nested value if there are any.
func (f *fields) nest(name string, nested fields) {
	if len(nested) > 0 {
		*f = append(*f, field{name, nested})
	}
}

// MarshalJSON writes an object with the fields in their order.
func (f fields) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, one := range f {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := json.Marshal(one.name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(one.errors)
		if err != nil {
			return nil, err
		}
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// charField reads a value as Django REST framework's CharField does: numbers
// are texts, surrounding spaces go.
func charField(value any) (string, []string) {
	var text string
	switch v := value.(type) {
	case nil:
		return "", []string{msgNull}
	case string:
		text = strings.TrimSpace(v)
	case json.Number:
		text = v.String()
	default:
		return "", []string{msgNotString}
	}
	switch {
	case text == "":
		return "", []string{msgBlank}
	case strings.ContainsRune(text, 0):
		return "", []string{"Null characters are not allowed."}
	}
	return text, nil
}

// charFields reads a list of texts as a ListField of CharFields does, in which a
// blank text is an error.
func charFields(values []string) ([]string, fields) {
	texts := make([]string, len(values))
	var wrong fields
	for i, value := range values {
		text, problems := charField(value)
		wrong.add(strconv.Itoa(i), problems)
		texts[i] = text
	}
	return texts, wrong
}

// requiredChar is charField for a key that must be there.
func requiredChar(object map[string]any, key string) (string, []string) {
	value, ok := object[key]
	if !ok {
		return "", []string{msgRequired}
	}
	return charField(value)
}

// nameProblems are the errors of a team's name as a CharField of 64 characters;
// one that may be empty accepts null and blank.
func nameProblems(value any, mayBeEmpty bool) (string, []string) {
	text, problems := charField(value)
	if len(problems) > 0 {
		if mayBeEmpty && (problems[0] == msgNull || problems[0] == msgBlank) {
			return "", nil
		}
		return "", problems
	}
	if utf8.RuneCountInString(text) > maxName {
		return "", []string{tooLong(maxName)}
	}
	return text, nil
}
