package config

// SAMLAttributes are the paths of the settings of Sentry's attribute mapping.
func SAMLAttributes() []string {
	var paths []string
	for _, s := range samlSettings() {
		paths = append(paths, s.Path)
	}
	return paths
}

// samlSettings are how Sentry was set up for SAML. Who the identifier and the
// e-mail belong to is who logs in, so they need trust.
func samlSettings() []Setting {
	attribute := func(field, example, meaning string) Setting {
		return Setting{
			Path: "saml.attributes." + field, Class: NeedsTrust, Type: String, Default: "", Example: example,
			Description: "SAML attribute that Sentry's set-up maps to the " + meaning,
		}
	}
	const claims = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
	return []Setting{
		attribute("identifier", "http://schemas.goauthentik.io/2021/02/saml/uid", "IdP user ID; empty: see --map"),
		attribute("email", claims+"emailaddress", "email"),
		attribute("first_name", claims+"name", "first name; empty: none"),
		attribute("last_name", claims+"surname", "last name; empty: none"),
	}
}
