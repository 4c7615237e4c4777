package samlresponse

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/pattern"
	"github.com/sentryidp/sentryidp/pkg/xmltext"
)

// spaces are the blanks of XML.
const spaces = " \t\r\n"

var (
	integer   = pattern.New(`^[+-]?[0-9]{1,24}$`)
	natural   = pattern.New(`^\+?[0-9]{1,24}$|^-0+$`)
	decimal   = pattern.New(`^[+-]?([0-9]{1,20}(\.[0-9]{0,20})?|\.[0-9]{1,20})$`)
	dateTime  = pattern.New(`^-?(\d{4}|[1-9]\d{4,8})(-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?(Z|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)?$`)
	notBase64 = pattern.New(`[^A-Za-z0-9+/=]+`)
	notInURI  = pattern.New("[^\\x21-\\x7e]|[<>\"{}|\\\\^`]")
)

// value checks a text against a type of XML Schema.
func (v *validator) value(kind, text string) error {
	if kind == "string" || kind == "normalizedString" || kind == "anySimpleType" || kind == "token" {
		return nil
	}
	if kind == "decision" {
		return oneOf(text, "Permit", "Deny", "Indeterminate")
	}
	if kind == "dateTime" || kind == "date" { // in which libxml2 allows no blanks
		if !isDate(kind, text) {
			return fmt.Errorf("%q is no %s", text, kind)
		}
		return nil
	}
	text = strings.Trim(text, spaces)
	var valid bool
	switch kind {
	case "ID":
		return v.id(text)
	case "NCName":
		valid = xmltext.IsNCName(text)
	case "anyURI":
		valid = isURI(text)
	case "base64Binary":
		// libxml2 passes over what is not of the alphabet (xmlschemastypes.c).
		_, err := base64.StdEncoding.Strict().DecodeString(notBase64().ReplaceAllString(text, ""))
		valid = err == nil
	case "boolean":
		return oneOf(text, "true", "false", "1", "0")
	case "integer":
		valid = integer().MatchString(text)
	case "nonNegativeInteger":
		valid = natural().MatchString(text)
	case "decimal":
		valid = decimal().MatchString(text)
	case "int", "long":
		bits := map[string]int{"int": 32, "long": 64}[kind]
		_, err := strconv.ParseInt(text, 10, bits)
		valid = err == nil
	default:
		return fmt.Errorf("the type %s is unknown", kind)
	}
	if !valid {
		return fmt.Errorf("%q is no %s", text, kind)
	}
	return nil
}

func oneOf(text string, words ...string) error {
	if slices.Contains(words, text) {
		return nil
	}
	return fmt.Errorf("want one of %s, found %q", strings.Join(words, ", "), text)
}

func (v *validator) id(text string) error {
	switch {
	case !xmltext.IsNCName(text):
		return fmt.Errorf("%q is no ID", text)
	case v.ids[text]:
		return fmt.Errorf("the ID %q is there twice", text)
	}
	v.ids[text] = true
	return nil
}

// isURI is xs:anyURI, which allows more than a reference: blanks, other
// alphabets, and <>"{}|\^ and the backtick.
func isURI(text string) bool { return xmltext.IsURIReference(notInURI().ReplaceAllString(text, "_")) }

// isDate checks a dateTime or a date. Years may be long or negative; which have
// a 29th of February repeats every 400.
func isDate(kind, text string) bool {
	if kind == "date" {
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	}
	match := dateTime().FindStringSubmatch(text)
	if match == nil || match[1] == "0000" {
		return false
	}
	year, err := strconv.Atoi(match[1])
	if err != nil {
		return false
	}
	clock := match[3]
	if clock == "24:00:00" {
		clock = "00:00:00"
	}
	_, err = time.Parse(time.DateTime, strconv.Itoa(2000+year%400)+match[2]+" "+clock)
	return err == nil
}

// compileModel makes a content model a regular expression over child names.
func compileModel(content string) *regexp.Regexp {
	model := strings.ReplaceAll(modelWord().ReplaceAllStringFunc(content, modelPart), " ", "")
	return regexp.MustCompile("^(?:" + strings.ReplaceAll(model, nameEnd, " ") + ")$")
}

var modelWord = pattern.New(`(?:[a-z]+:[A-Za-z0-9]+|\bany\b)!?`)

// nameEnd stands for the blank after a name while the model's own are removed.
const nameEnd = "\x00"

func modelPart(word string) string {
	word = strings.TrimSuffix(word, "!")
	if word == "any" {
		return `(?:\S+` + nameEnd + `)`
	}
	prefix, ok := strings.CutPrefix(word, "not:")
	if !ok {
		return "(?:" + word + nameEnd + ")"
	}
	var others []string
	for _, p := range []string{"samlp", "saml", "ds", "xenc", "x"} {
		if p != prefix {
			others = append(others, p)
		}
	}
	return `(?:(?:` + strings.Join(others, "|") + `):\S+` + nameEnd + `)`
}
