package cmd

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/metadata"
)

// describe puts the identity provider together, all but its certificates: from
// the explicit flags alone where they give an SSO URL and nothing of authentik,
// else from authentik with the explicit flags on top.
func (o *samlMetadataRenderOptions) describe(cmd *cobra.Command) (metadata.Description, error) {
	d := o.given
	if o.fromAuthentik(cmd) {
		known, err := o.authentik(cmd)
		if err != nil {
			return d, err
		}
		d = overlay(known, d)
	} else if err := o.complete(d); err != nil {
		return d, err
	}
	return d, o.refine(&d)
}

func (o *samlMetadataRenderOptions) fromAuthentik(cmd *cobra.Command) bool {
	for _, flag := range []string{"authentik-url", "application", "authentik-version"} {
		if cmd.Flags().Changed(flag) {
			return true
		}
	}
	return o.given.SSORedirect == "" && o.given.SSOPost == ""
}

func (o *samlMetadataRenderOptions) authentik(cmd *cobra.Command) (metadata.Description, error) {
	addresses, err := o.addresses(cmd)
	if err != nil {
		return metadata.Description{}, err
	}
	err = missing("for another identity provider than authentik give --entity-id, --sso-redirect-url and --cert",
		need{addresses.Authentik == "", "--authentik-url (authentik.url)"},
		need{addresses.Application == "", "--application (authentik.application)"},
		need{len(o.certs) == 0, "--cert"})
	if err != nil {
		return metadata.Description{}, err
	}
	return metadata.Authentik(addresses.Authentik, addresses.Application, o.version)
}

func (o *samlMetadataRenderOptions) complete(d metadata.Description) error {
	return missing("for authentik, --authentik-url, --application and --cert are enough",
		need{d.EntityID == "", "--entity-id"},
		need{d.SSORedirect == "", "--sso-redirect-url (Sentry does not use HTTP-POST)"},
		need{len(o.certs) == 0, "--cert"})
}

type need struct {
	absent bool
	flag   string
}

// missing returns one error for all flags that are absent, or nil.
func missing(hint string, needs ...need) error {
	var absent []string
	for _, n := range needs {
		if n.absent {
			absent = append(absent, n.flag)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	return fault.Hint(fault.Usagef("missing %s", strings.Join(absent, ", ")), "%s", hint)
}

// overlay returns known with what the flags give in its place.
func overlay(known, given metadata.Description) metadata.Description {
	for _, pair := range []struct{ to, from *string }{
		{&known.EntityID, &given.EntityID},
		{&known.SSORedirect, &given.SSORedirect},
		{&known.SSOPost, &given.SSOPost},
		{&known.SLORedirect, &given.SLORedirect},
		{&known.SLOPost, &given.SLOPost},
	} {
		if *pair.from != "" {
			*pair.to = *pair.from
		}
	}
	return known
}

// refine adds the name ID formats and the times.
func (o *samlMetadataRenderOptions) refine(d *metadata.Description) error {
	if len(o.formats) > 0 {
		d.NameIDFormats = nil
	}
	for _, word := range o.formats {
		urn, err := metadata.ParseNameIDFormat(word)
		if err != nil {
			return err
		}
		d.NameIDFormats = append(d.NameIDFormats, urn)
	}
	if o.validFor > 0 {
		d.ValidUntil = o.now().Add(time.Duration(o.validFor))
	}
	d.CacheDuration = time.Duration(o.cacheDuration)
	return nil
}
