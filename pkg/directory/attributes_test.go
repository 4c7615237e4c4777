package directory_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

func TestAttributesOfEveryFormat(t *testing.T) {
	t.Parallel()
	const tree = `{"department": "eng", "level": 3, "share": 0.5, "on": true, "none": null, "place": {"city": "Here", "rooms": [1, "b"]}}`
	nested := map[string]any{
		"department": "eng", "level": 3, "share": 0.5, "on": true, "none": nil,
		"place": map[string]any{"city": "Here", "rooms": []any{1, "b"}},
	}
	tests := map[string]struct {
		format directory.Format
		text   string
		want   map[string]any
	}{
		"yaml":        {directory.YAML, "users:\n  - {username: ada, attributes: {department: eng, level: 3, share: 0.5, on: true, none: , place: {city: Here, rooms: [1, b]}}}\n", nested},
		"json":        {directory.JSON, `{"users": [{"username": "ada", "attributes": ` + tree + `}]}`, nested},
		"json lines":  {directory.JSONLines, `{"username": "ada", "attributes": ` + tree + `}`, nested},
		"csv":         {directory.CSV, "username,Attributes.Dept,attributes.empty,attributes.level\nada,eng,,3\n", map[string]any{"Dept": "eng", "level": "3"}},
		"empty":       {directory.YAML, "users: [{username: ada, attributes: {}}]", nil},
		"nothing":     {directory.YAML, "users: [{username: ada, attributes: }]", nil},
		"a date":      {directory.YAML, "users: [{username: ada, attributes: {since: 2020-01-01}}]", map[string]any{"since": "2020-01-01"}},
		"a base":      {directory.YAML, "users: [{username: ada, attributes: {n: 0x10, m: 1_000}}]", map[string]any{"n": 16, "m": 1000}},
		"csv of none": {directory.CSV, "username,attributes.dept\nada,\n", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := directory.Parse([]byte(tt.text), "people", tt.format)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, d.People[0].Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRefusedAttributes(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9)
	many := `{"a": [` + strings.Repeat("1,", 1000) + "1]}"
	large := `{"a": "` + strings.Repeat("x", 64<<10) + `"}`
	tests := map[string]struct {
		format directory.Format
		text   string
		want   string
	}{
		"too deep":         {directory.JSON, `{"users": [{"username": "a", "attributes": ` + deep + `}]}`, "people:1: the attributes are nested deeper than 8 levels"},
		"too deep in yaml": {directory.YAML, `users: [{username: a, attributes: ` + deep + `}]`, "people:1: the attributes are nested deeper than 8 levels"},
		"too deep a list":  {directory.YAML, "users: [{username: a, attributes: {a: " + strings.Repeat("[", 9) + strings.Repeat("]", 9) + "}}]", "people:1: the attributes are nested deeper than 8 levels"},
		"too many":         {directory.JSON, `{"users": [{"username": "a", "attributes": ` + many + `}]}`, "people:1: the attributes have more than 1000 values"},
		"too large":        {directory.JSON, `{"users": [{"username": "a", "attributes": ` + large + `}]}`, "people:1: the attributes have more than 64 KiB of text"},
		"no mapping":       {directory.YAML, "users:\n  - {username: a, attributes: eng}\n", `people:2: attributes is the text "eng", want a mapping`},
		"a list":           {directory.JSON, `{"users": [{"username": "a", "attributes": [1]}]}`, "people:1: attributes is a list, want a mapping"},
		"twice":            {directory.YAML, "users:\n  - username: a\n    attributes: {b: 1, b: 2}\n", `people:3: the key "b" is there twice`},
		"an alias":         {directory.YAML, "users:\n  - username: a\n    attributes: {b: &b 1}\n", "people:3: anchors, aliases and merges are not read: write the value out"},
		"a huge number":    {directory.JSON, `{"users": [{"username": "a", "attributes": {"n": 1e999}}]}`, `people:1: the attributes have the number "1e999", which cannot be held`},
		"of a group":       {directory.YAML, "groups: [{name: g, attributes: {a: 1}}]", `people:1: a group has the unknown key "attributes", want name, members, projects`},
		"no name":          {directory.CSV, "username,attributes.\na,b\n", `people:1: unknown column "attributes.", want username, id, name, email, emails, active, type, groups, attributes.NAME`},
		"bare":             {directory.CSV, "username,attributes\na,b\n", `people:1: unknown column "attributes", want username, id, name, email, emails, active, type, groups, attributes.NAME`},
		"a column twice":   {directory.CSV, "username,attributes.a,Attributes.a\na,b,c\n", `people:1: the column "Attributes.a" is there twice`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := directory.Parse([]byte(tt.text), "people", tt.format)
			if err == nil || err.Error() != tt.want {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// TestAttributesAreBounded holds the bounds from inside: what just fits is kept.
func TestAttributesAreBounded(t *testing.T) {
	t.Parallel()
	raw := map[string]any{}
	for i := range 1000 {
		raw[strconv.Itoa(i)] = i
	}
	if clean, err := directory.Attributes(raw); err != nil || len(clean) != 1000 {
		t.Errorf("%d values, %v", len(clean), err)
	}
	raw["one more"] = true
	if _, err := directory.Attributes(raw); err == nil {
		t.Error("1001 values are kept")
	}
	if _, err := directory.Attributes(map[string]any{"a": struct{}{}}); err == nil {
		t.Error("a struct is kept")
	}
}
