package samlresponse

import (
	"encoding/base64"
	"encoding/json"
	"net/url"

	"github.com/sentryidp/sentryidp/pkg/fault"
)

// har is what is looked at in an HTTP archive (HAR 1.2).
type har struct {
	Log struct {
		Entries []harEntry `json:"entries"`
	} `json:"log"`
}

type harEntry struct {
	Request struct {
		URL      string `json:"url"`
		PostData struct {
			Text   string         `json:"text"`
			Params []harParameter `json:"params"`
		} `json:"postData"` //nolint:tagliatelle // HAR's own name
	} `json:"request"`
	Response struct {
		Content struct {
			Text     string `json:"text"`
			Encoding string `json:"encoding"`
		} `json:"content"`
	} `json:"response"`
}

type harParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// fromHAR returns the responses that were sent, or else those in the pages that
// would have sent them.
func fromHAR(input []byte) ([]string, error) {
	var archive har
	if err := json.Unmarshal(input, &archive); err != nil {
		return nil, fault.Hint(fault.New(fault.Failed, "the input is neither a HAR file nor anything else that holds a response: %w", err),
			"save the HAR file again, with contents")
	}
	var sent, pages []string
	for _, entry := range archive.Log.Entries {
		sent = append(sent, entry.sent()...)
		pages = append(pages, fromPage(entry.page())...)
	}
	if len(sent) > 0 {
		return sent, nil
	}
	return pages, nil
}

func (e *harEntry) sent() []string {
	if values := fromPairs(e.Request.PostData.Text); len(values) > 0 {
		return values
	}
	var values []string
	for _, p := range e.Request.PostData.Params {
		if p.Name == "SAMLResponse" {
			values = append(values, p.Value)
		}
	}
	if len(values) > 0 {
		return values
	}
	if u, err := url.Parse(e.Request.URL); err == nil {
		return fromPairs(u.RawQuery)
	}
	return nil
}

func (e *harEntry) page() string {
	content := e.Response.Content
	if content.Encoding == "base64" {
		text, err := base64.StdEncoding.DecodeString(content.Text)
		if err != nil {
			return ""
		}
		return string(text)
	}
	return content.Text
}
