package cmd

import (
	"reflect"
	"slices"
	"sync"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/directory"
)

// sharedPeople keeps what several runs of one process read alike, so that it is read
// once. Nobody changes what is read.
type sharedPeople struct {
	mu    sync.Mutex
	files []reading[*directory.Directory]
	sites []reading[*authentik.Client]
}

// reading is something that is read once, whoever asks first.
type reading[T any] struct {
	asked any // the settings that say what is read
	read  func() (T, error)
}

// file returns what read returns, or did for the same file.
func (s *sharedPeople) file(path string, read func() (*directory.Directory, error)) (*directory.Directory, error) {
	if s == nil {
		return read()
	}
	s.mu.Lock()
	once := readingOf(&s.files, path, read)
	s.mu.Unlock()
	return once()
}

// authentik returns a client that reads all people once, for all who are given the
// same settings.
func (s *sharedPeople) authentik(loaded *config.Loaded, connect func() (*authentik.Client, error)) (*authentik.Client, error) {
	if s == nil {
		return connect()
	}
	asked := struct {
		settings config.Authentik
		insecure any
		refused  bool
	}{loaded.Config.Authentik, loaded.Config.InsecureHTTP, loaded.Vouch(authentikAddress) != nil}
	s.mu.Lock()
	once := readingOf(&s.sites, asked, func() (*authentik.Client, error) {
		client, err := connect()
		if err == nil {
			client.ReadOnce()
		}
		return client, err
	})
	s.mu.Unlock()
	return once()
}

// readingOf is the reading of what is asked, which read becomes if it is the first.
func readingOf[T any](all *[]reading[T], asked any, read func() (T, error)) func() (T, error) {
	known := slices.IndexFunc(*all, func(r reading[T]) bool { return reflect.DeepEqual(r.asked, asked) })
	if known < 0 {
		known = len(*all)
		*all = append(*all, reading[T]{asked, sync.OnceValues(read)})
	}
	return (*all)[known].read
}
