package authentik_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// always answers every request alike.
type always struct{ body []byte }

func (a always) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(a.body))}, nil
}

func FuzzLists(f *testing.F) {
	f.Add([]byte(`{"pagination": {"next": 0, "count": 1, "total_pages": 1}, "results": [{"pk": 1, "username": "ada", "groups": []}]}`))
	f.Add([]byte(`{"pagination": {"next": 2, "count": 2, "total_pages": 2}, "results": [null, {}]}`))
	f.Add([]byte(`{"pagination": null, "results": [1]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		client, err := authentik.New("http://authentik.test", &http.Client{Transport: always{body}})
		if err != nil {
			t.Fatal(err)
		}
		users, err := client.Users().List(t.Context(), nil)
		if err != nil && users != nil {
			t.Errorf("%d users of a list that failed: %v", len(users), err)
		}
	})
}
