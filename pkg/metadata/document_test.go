package metadata_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
	"github.com/sentryidp/sentryidp/pkg/report"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

func TestBuild(t *testing.T) {
	t.Parallel()
	d := generic(t, "rsa", "rsa-next")
	d.NameIDFormats = nil
	doc, err := metadata.Build(d, nil, now())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := report.Write(&out, ui.Plain(), report.JSON, doc); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	for _, list := range []string{"name_id_formats", "findings"} {
		if _, ok := got[list].([]any); !ok {
			t.Errorf("%s is %v, want a list", list, got[list])
		}
	}
	if got["valid_until"] != "2026-11-30T12:00:00Z" || got["signed"] != false {
		t.Errorf("valid_until %v, signed %v", got["valid_until"], got["signed"])
	}
	if digest, _ := got["fingerprint_sha256"].(string); len(digest) != 95 {
		t.Errorf("fingerprint %q, want 32 pairs with colons", digest)
	}
}

func TestBuildNeedsACertificate(t *testing.T) {
	t.Parallel()
	if _, err := metadata.Build(generic(t), nil, now()); fault.CodeOf(err) != fault.Usage {
		t.Errorf("error %v, want a usage error", err)
	}
}

func TestTextIsTheMetadataOrWhereItIs(t *testing.T) {
	t.Parallel()
	doc, err := metadata.Build(authentik(t, "", "rsa"), key(t, "rsa"), now())
	if err != nil {
		t.Fatal(err)
	}
	var xml, summary bytes.Buffer
	if err := doc.RenderText(&xml, ui.Plain()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(doc.Metadata, xml.String()); diff != "" {
		t.Errorf("text is not the metadata:\n%s", diff)
	}
	doc.File = "idp.xml"
	if err := doc.RenderText(&summary, ui.Plain()); err != nil {
		t.Fatal(err)
	}
	golden(t, "summary.txt", summary.Bytes())
}
