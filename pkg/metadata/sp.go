package metadata

import (
	"errors"

	"github.com/crewjam/saml"
)

// ServiceProvider is what SAML metadata of a service provider says of itself.
type ServiceProvider struct {
	EntityID string `json:"entity_id"`
	ACSURL   string `json:"acs_url"` // for HTTP-POST
	SLSURL   string `json:"sls_url"` // for HTTP-Redirect
}

// parseServiceProvider reads SP metadata within the limits of Parse.
func parseServiceProvider(data []byte) (*ServiceProvider, error) {
	root, err := readTree(data)
	if err != nil {
		if wrong, ok := errors.AsType[*syntax](err); ok {
			return nil, wrong
		}
		return nil, err
	}
	entity := root.find(nsMetadata, "EntityDescriptor")
	if entity == nil {
		return nil, errors.New("it has no EntityDescriptor")
	}
	roles := entity.all(nsMetadata, "SPSSODescriptor")
	if len(roles) == 0 {
		return nil, errors.New("it is of no service provider")
	}
	return &ServiceProvider{
		EntityID: entity.attr("entityID"),
		ACSURL:   located(roles[0], "AssertionConsumerService", saml.HTTPPostBinding),
		SLSURL:   located(roles[0], "SingleLogoutService", saml.HTTPRedirectBinding),
	}, nil
}

func located(role *element, service, binding string) string {
	for _, endpoint := range role.all(nsMetadata, service) {
		if endpoint.attr("Binding") == binding {
			return endpoint.attr("Location")
		}
	}
	return ""
}
