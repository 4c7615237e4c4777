package authentik

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/sentryidp/sentryidp/pkg/answer"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Fields are fields of an object by the names of the API, as they are sent. A
// field that is not there keeps its value on the server, or its default.
type Fields map[string]any

// keyed is an object that can say which one it is.
type keyed interface{ Key() string }

// Resource is one kind of object of the API: T by its key, which is a number, a
// UUID or a slug.
type Resource[T keyed] struct {
	client *Client
	path   string // below /api/v3, with a slash at the end
	model  string // as blueprints and permissions write it: authentik_core.user
	// hidden: the list leaves out what the caller has no access to, and its count
	// does not (authentik/core/api/applications.py).
	hidden bool
}

// Model is the kind's name in blueprints, such as authentik_core.application.
func (r Resource[T]) Model() string { return r.model }

// List reads the whole list that the query selects. What was read fits together:
// every page came, and nothing twice.
func (r Resource[T]) List(ctx context.Context, query url.Values) ([]T, error) {
	return listing[T]{resource: r, query: query}.read(ctx)
}

// Find returns the one object that the query selects, and whether there is one.
// Several are an error: the API's filters are exact, and the names of these
// objects unique.
func (r Resource[T]) Find(ctx context.Context, query url.Values) (found T, ok bool, err error) {
	all, err := r.List(ctx, query)
	if err != nil || len(all) == 0 {
		return found, false, err
	}
	if len(all) > 1 {
		return found, false, fault.New(fault.Failed, "authentik has %d of %s where %s, want one", len(all), r.model, query.Encode())
	}
	return all[0], true, nil
}

// Get reads the object with the key. One that does not exist is ErrNotFound.
func (r Resource[T]) Get(ctx context.Context, key string) (T, error) {
	return r.one(ctx, http.MethodGet, key, nil)
}

// Create makes an object and returns it as the server has it.
func (r Resource[T]) Create(ctx context.Context, fields Fields) (T, error) {
	var made T
	err := r.client.call(ctx, request{method: http.MethodPost, path: r.path, body: fields, need: r.permission("add")}, &made)
	if err == nil {
		err = r.identified(made)
	}
	return made, err
}

// Patch sets fields of the object with the key and returns it as the server has
// it.
func (r Resource[T]) Patch(ctx context.Context, key string, fields Fields) (T, error) {
	return r.one(ctx, http.MethodPatch, key, fields)
}

// Delete deletes the object with the key.
func (r Resource[T]) Delete(ctx context.Context, key string) error {
	path, err := r.at(key)
	if err != nil {
		return err
	}
	return r.client.call(ctx, request{method: http.MethodDelete, path: path, need: r.permission("delete")}, nil)
}

func (r Resource[T]) one(ctx context.Context, method, key string, fields Fields) (T, error) {
	var got T
	path, err := r.at(key)
	if err != nil {
		return got, err
	}
	call := request{method: method, path: path, need: r.permission("view")}
	if fields != nil {
		call.body, call.need = fields, r.permission("change")
	}
	if err = r.client.call(ctx, call, &got); err == nil {
		err = r.identified(got)
	}
	return got, err
}

// identified refuses an object without its key: what answered is not authentik, and
// nothing is known to be made or changed.
func (r Resource[T]) identified(object T) error {
	if key := object.Key(); !isSegment(key) || key == "0" {
		return fault.New(fault.Failed, "%s: expected an object of %s but found one without its key", r.path, r.model)
	}
	return nil
}

// permission names what a verb on this kind takes (Django's permissions, which
// authentik's roles hold).
func (r Resource[T]) permission(verb string) string {
	app, model, _ := strings.Cut(r.model, ".")
	return app + "." + verb + "_" + model
}

// isSegment reports what a key may be in a path: keys come from outside too.
func isSegment(key string) bool {
	const most = 200 // bytes
	return key != "" && len(key) <= most && strings.Trim(key, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
}

// at returns the path of the object with the key, and of what is below it.
func (r Resource[T]) at(key string, below ...string) (string, error) {
	if !isSegment(key) {
		return "", fault.New(fault.Failed, "%q is no key of %s", answer.Printable(key), r.model)
	}
	return fmt.Sprintf("%s%s/%s", r.path, key, strings.Join(below, "")), nil
}
