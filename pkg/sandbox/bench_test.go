package sandbox_test

import (
	"fmt"
	"net/http"
	"strconv"
	"testing"

	"github.com/sentryidp/sentryidp/pkg/sandbox"
)

// large is an organization of 100,000 members, half of them invited, and 1,000
// teams of 100.
func large() sandbox.State {
	state := sandbox.DefaultState("acme")
	for i := range 100_000 {
		state.Members = append(state.Members, sandbox.Member{ID: strconv.Itoa(i + 1), Email: fmt.Sprintf("person%d@acme.test", i), Linked: i%2 == 0})
	}
	for i := range 1_000 {
		t := sandbox.Team{ID: strconv.Itoa(i + 1), Name: fmt.Sprintf("Team %d", i), Slug: fmt.Sprintf("team-%d", i)}
		for j := range 100 {
			t.Members = append(t.Members, strconv.Itoa(i*100+j+1))
		}
		state.Teams = append(state.Teams, t)
	}
	return state
}

func benchmark(b *testing.B, method string, status int, request func(i int) (path, body string)) {
	b.Helper()
	s := newSentry(b, large(), config())
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		path, body := request(i)
		if w := ask(b, s, method, scim+path, body); w.Code != status {
			b.Fatalf("got %d %s", w.Code, w.Body)
		}
		i++
	}
}

func BenchmarkListUsers(b *testing.B) {
	benchmark(b, http.MethodGet, http.StatusOK, func(i int) (string, string) {
		return "/Users?count=100&startIndex=" + strconv.Itoa(1+i*100%100_000), ""
	})
}

func BenchmarkListGroups(b *testing.B) {
	benchmark(b, http.MethodGet, http.StatusOK, func(i int) (string, string) {
		return "/Groups?count=100&startIndex=" + strconv.Itoa(1+i*100%1_000), ""
	})
}

func BenchmarkCreateUser(b *testing.B) {
	benchmark(b, http.MethodPost, http.StatusCreated, func(i int) (string, string) {
		return "/Users", fmt.Sprintf(`{"userName":"new%d@acme.test"}`, i)
	})
}

func BenchmarkFilterUsers(b *testing.B) {
	benchmark(b, http.MethodGet, http.StatusOK, func(i int) (string, string) {
		return fmt.Sprintf("/Users?filter=userName+eq+%%22person%d%%40acme.test%%22", i%100_000), ""
	})
}
