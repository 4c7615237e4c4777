package cmd

import (
	"strings"

	"github.com/sentryidp/sentryidp/pkg/config"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/samlresponse"
	"github.com/sentryidp/sentryidp/pkg/sentry"
)

func mapFields() []string { return []string{"identifier", "email", "first_name", "last_name"} }

func presetKeys() []string {
	var keys []string
	for _, p := range sentry.Presets() {
		if p.Mapping.Known() {
			keys = append(keys, p.Key)
		}
	}
	return keys
}

// mapping is the attribute mapping that Sentry was given: that of --map, or of
// the configuration; nil where neither names one.
func (o *samlResponseInspectOptions) mapping(loaded *config.Loaded) (*samlresponse.Mapping, error) {
	if len(o.maps) > 0 {
		return mappingOfFlags(o.maps)
	}
	if err := loaded.VouchFor(config.SAMLAttributes()...); err != nil {
		return nil, err
	}
	given, err := configuredMapping(loaded)
	if err != nil || given == (sentry.Mapping{}) {
		return nil, err
	}
	return &samlresponse.Mapping{Name: "saml.attributes", Mapping: given}, nil
}

// configuredMapping is that of saml.attributes, zero where it names none.
func configuredMapping(loaded *config.Loaded) (sentry.Mapping, error) {
	a := loaded.Config.SAML.Attributes
	given := sentry.Mapping{Identifier: a.Identifier, Email: a.Email, FirstName: a.FirstName, LastName: a.LastName}
	if given != (sentry.Mapping{}) && !given.Known() {
		return given, fault.Hint(fault.Usagef("saml.attributes must name the attributes for identifier and for email"), "Sentry needs both")
	}
	return given, nil
}

// mappingOfFlags reads the values of --map: the name of a preset, or fields.
func mappingOfFlags(maps []string) (*samlresponse.Mapping, error) {
	if preset, known := sentry.PresetOf(maps[0]); known && len(maps) == 1 {
		if !preset.Mapping.Known() {
			return nil, fault.Hint(fault.Usagef("%s has no fixed mapping", preset.Name), "its attributes were named at the set-up: pass --map identifier=NAME --map email=NAME")
		}
		return &samlresponse.Mapping{Name: preset.Name, Mapping: preset.Mapping}, nil
	}
	m := &samlresponse.Mapping{Name: "--map"}
	fields := map[string]*string{"identifier": &m.Identifier, "email": &m.Email, "first_name": &m.FirstName, "last_name": &m.LastName}
	for _, pair := range maps {
		field, name, _ := strings.Cut(pair, "=")
		target, ok := fields[field]
		if !ok || name == "" {
			return nil, fault.Hint(fault.Usagef("expected field=attribute for --map, or the name of a known mapping, but found %q", pair),
				"the fields are %s; the known mappings are %s", strings.Join(mapFields(), ", "), strings.Join(presetKeys(), ", "))
		}
		*target = name
	}
	if !m.Known() {
		return nil, fault.Hint(fault.Usagef("--map must name the attributes for identifier and for email"),
			"Sentry needs both: --map identifier=NAME --map email=NAME")
	}
	return m, nil
}
