package openapi

import (
	"slices"
	"strings"
)

// route is a path of the file, split at its slashes.
type route struct {
	path     string
	segments []string
}

func routesOf(doc map[string]any) []route {
	var routes []route
	paths, _ := doc["paths"].(map[string]any)
	for path := range paths {
		routes = append(routes, route{path: path, segments: strings.Split(path, "/")})
	}
	// A word in a path outweighs a parameter.
	slices.SortFunc(routes, func(a, b route) int {
		if n := strings.Count(a.path, "{") - strings.Count(b.path, "{"); n != 0 {
			return n
		}
		return strings.Compare(a.path, b.path)
	})
	return routes
}

// find returns the path of the file that a path below /api/v3 is one of, and the
// values of its parameters.
func (s *Schema) find(path string) (found string, values map[string]string, ok bool) {
	segments := strings.Split(path, "/")
	for _, r := range s.routes {
		if values, fits := r.match(segments); fits {
			return r.path, values, true
		}
	}
	return "", nil, false
}

func (r route) match(segments []string) (values map[string]string, fits bool) {
	if len(segments) != len(r.segments) {
		return nil, false
	}
	values = map[string]string{}
	for i, want := range r.segments {
		name, isParameter := strings.CutPrefix(want, "{")
		switch {
		case isParameter && segments[i] != "":
			values[strings.TrimSuffix(name, "}")] = segments[i]
		case want != segments[i]:
			return nil, false
		}
	}
	return values, true
}
