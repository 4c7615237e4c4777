package directory_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/directory"
)

type user struct {
	Username string   `json:"username"`
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Groups   []string `json:"groups"`
}

// crowd is 100,000 people, each in three of 1,000 groups.
func crowd() []user {
	users := make([]user, 100_000)
	for i := range users {
		users[i] = user{fmt.Sprintf("user%06d", i), fmt.Sprintf("Sample %06d", i), fmt.Sprintf("user%06d@acme.test", i), nil}
		for _, group := range []int{i % 1000, (i + 7) % 1000, i / 100} {
			users[i].Groups = append(users[i].Groups, fmt.Sprintf("group%03d", group))
		}
	}
	return users
}

func crowdYAML() []byte {
	var b strings.Builder
	b.WriteString("users:\n")
	for _, u := range crowd() {
		fmt.Fprintf(&b, "  - username: %s\n    name: %s\n    email: %s\n    groups: [%s]\n", u.Username, u.Name, u.Email, strings.Join(u.Groups, ", "))
	}
	return []byte(b.String())
}

func crowdJSON(b *testing.B) []byte {
	b.Helper()
	data, err := json.Marshal(map[string]any{"users": crowd()})
	if err != nil {
		b.Fatal(err)
	}
	return data
}

func BenchmarkParseYAML(b *testing.B) { benchmark(b, directory.YAML, crowdYAML()) }
func BenchmarkParseJSON(b *testing.B) { benchmark(b, directory.JSON, crowdJSON(b)) }

func benchmark(b *testing.B, format directory.Format, data []byte) {
	b.Helper()
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		d, err := directory.Parse(data, "people", format)
		if err != nil || len(d.People) != 100_000 || len(d.Groups) != 1000 {
			b.Fatal(err)
		}
	}
}
