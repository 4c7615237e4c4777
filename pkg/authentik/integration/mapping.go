package integration

import (
	"context"
	"errors"
	"net/url"
	"strconv"

	"github.com/sentryidp/sentryidp/pkg/authentik"
)

// FindMapping returns the SCIM mapping of an integration that exists, and whether
// there is one: the one of that name, or for an empty name the first that somebody
// wrote for a SCIM provider of the application, whatever its name, or else
// MappingName's.
func FindMapping(ctx context.Context, client *authentik.Client, application, name string) (authentik.PropertyMapping, bool, error) {
	if name == "" {
		found, ok, err := usedMapping(ctx, client, application)
		if ok || err != nil {
			return found, ok, err
		}
		name = MappingName
	}
	return client.SCIMMappings().Find(ctx, url.Values{"name": {name}})
}

func usedMapping(ctx context.Context, client *authentik.Client, slug string) (none authentik.PropertyMapping, ok bool, err error) {
	application, err := client.Applications().Get(ctx, slug)
	if err != nil {
		return none, false, visible(err)
	}
	for _, pk := range application.BackchannelProviders {
		provider, err := client.SCIMProviders().Get(ctx, strconv.Itoa(pk))
		if err != nil && visible(err) != nil {
			return none, false, err
		}
		for _, key := range provider.PropertyMappings {
			mapping, err := client.SCIMMappings().Get(ctx, key)
			if err != nil && visible(err) != nil {
				return none, false, err
			}
			if err == nil && mapping.Managed == "" {
				return mapping, true, nil
			}
		}
	}
	return none, false, nil
}

// visible is an error but for what is not there, or hidden.
func visible(err error) error {
	if errors.Is(err, authentik.ErrNotFound) {
		return nil
	}
	return err
}
