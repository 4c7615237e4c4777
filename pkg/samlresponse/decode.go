package samlresponse

import (
	"bytes"
	"html"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/pattern"
)

// Decode reads a response from what people have at hand: its XML; the value of
// SAMLResponse, which is base64, percent-encoded or deflated or both; the body
// of the form that a browser posts; the page that holds that form; a HAR file;
// or a request that a browser's developer tools copied as curl or fetch. Of
// several the last counts. An error that is ErrUnreadable means that Sentry
// cannot read it either; the others say that no response was found, or that
// a limit was passed.
func Decode(input []byte) (*Response, error) {
	if len(input) > MaxInput {
		return nil, tooMuch("the input has %d bytes, the limit is %d", len(input), MaxInput)
	}
	text := bom.Text(input)
	r, err := locate(bytes.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	if r.Form == formXML && !bytes.HasSuffix(input, text) {
		r.XML = input // in UTF-16, which its declaration may say
	}
	r.root, err = parse(r.XML)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// locate finds the response's XML in the input.
func locate(input []byte) (*Response, error) {
	switch {
	case len(input) == 0:
		return nil, nothing("the input is empty")
	case input[0] == '{':
		values, err := fromHAR(input)
		if err != nil {
			return nil, err
		}
		return last(formHAR, values)
	case input[0] == '<':
		if values := fromPage(string(input)); len(values) > 0 {
			return last(formHTML, values)
		}
		return &Response{XML: input, Form: formXML, Found: 1}, nil
	}
	text := string(input)
	if values := fromPairs(text); len(values) > 0 {
		return last(pairForm(text), values)
	}
	if plain := unescape(text); len(text) < minText || !isBase64Text(plain) && !isBase64URL(plain) && !isDisturbedBase64(plain) {
		return nil, nothing("there is no SAMLResponse in the input")
	}
	return last(formBase64, []string{text})
}

// minText is less than the least response has in base64, in characters. Shorter
// words are taken for something else.
const minText = 64

func nothing(what string) error {
	return fault.Hint(fault.New(fault.Failed, "%s", what),
		"give the XML, the base64 text of SAMLResponse, the form body, a HAR file, or the request copied from the browser's developer tools")
}

func last(form string, values []string) (*Response, error) {
	if len(values) == 0 {
		return nil, nothing("there is no SAMLResponse in the input")
	}
	xml, deflated, err := fromText(values[len(values)-1])
	if err != nil {
		return nil, err
	}
	return &Response{XML: xml, Form: form, Deflated: deflated, Found: len(values)}, nil
}

// pair finds SAMLResponse=… in a form body, a URL, or in the arguments of curl
// and fetch. In cmd.exe's quoting each % has a ^ before it.
var pair = pattern.New(`(?:^|[?&"'\s])SAMLResponse=([A-Za-z0-9+/=%^._~-]+)`)

func fromPairs(text string) []string {
	if !strings.Contains(text, "SAMLResponse=") { // which takes less time than the pattern
		return nil
	}
	var values []string
	for _, match := range pair().FindAllStringSubmatch(text, -1) {
		values = append(values, strings.ReplaceAll(match[1], "^", ""))
	}
	return values
}

func pairForm(text string) string {
	if strings.HasPrefix(text, "curl ") || strings.Contains(text, "fetch(") || strings.HasPrefix(text, "POST ") || strings.HasPrefix(text, "http") || strings.HasPrefix(text, "GET ") {
		return formRequest
	}
	return formBody
}

// The page that posts a response has it in a hidden field.
var (
	inputTag   = pattern.New(`(?is)<input\b[^>]*>`)
	fieldName  = pattern.New(`(?is)\bname\s*=\s*["']?SAMLResponse["'\s/>]`)
	fieldValue = pattern.New(`(?is)\bvalue\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

func fromPage(text string) []string {
	if !strings.Contains(strings.ToLower(text), "<input") {
		return nil
	}
	var values []string
	for _, tag := range inputTag().FindAllString(text, -1) {
		if !fieldName().MatchString(tag) {
			continue
		}
		if match := fieldValue().FindStringSubmatch(tag); match != nil {
			values = append(values, html.UnescapeString(match[1]+match[2]))
		}
	}
	return values
}
