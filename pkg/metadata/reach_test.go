package metadata_test

import (
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/metadata"
)

// TestReachRepeatsNoSecret of an address, also not of one that is no URL.
func TestReachRepeatsNoSecret(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"http://me:canary@id.acme.test/?key=canary", "http://m e:canary@id.acme.test/a b?key=canary#canary", "http://id.acme.test/a b?key=canary", "http://[::1/?key=canary",
	} {
		found := metadata.Reach(address, nil)
		if len(found) == 0 {
			t.Errorf("%s: nothing was found", address)
		}
		for _, f := range found {
			if strings.Contains(f.Message, "canary") {
				t.Errorf("%s: %s", address, f.Message)
			}
		}
	}
}
