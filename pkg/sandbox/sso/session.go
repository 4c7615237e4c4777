package sso

import (
	"crypto/rand"
	"net/http"
	"sync"
)

// maxSessions bounds what browsers can make a side remember.
const maxSessions = 1000

// sessions keep a value for each browser, under a cookie.
type sessions[T any] struct {
	cookie string

	mu     sync.Mutex
	values map[string]T
	order  []string // ids, oldest first
}

func newSessions[T any](cookie string) *sessions[T] {
	return &sessions[T]{cookie: cookie, values: map[string]T{}}
}

// get is the value of the browser that asks, or the zero value.
func (s *sessions[T]) get(r *http.Request) T {
	var none T
	cookie, err := r.Cookie(s.cookie)
	if err != nil {
		return none
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[cookie.Value]
}

// put gives the browser a value under a new id, so that nobody can have set the
// id beforehand.
func (s *sessions[T]) put(w http.ResponseWriter, r *http.Request, value T) {
	s.drop(w, r)
	id := rand.Text()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.order) >= maxSessions {
		delete(s.values, s.order[0])
		s.order = s.order[1:]
	}
	s.values[id], s.order = value, append(s.order, id)
	s.setCookie(w, id, 0)
}

// drop forgets the browser's value.
func (s *sessions[T]) drop(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie(s.cookie)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.values, cookie.Value)
	s.setCookie(w, "", -1)
}

func (s *sessions[T]) setCookie(w http.ResponseWriter, id string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // not Secure: the sandbox speaks http, on this machine
		Name: s.cookie, Value: id, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
