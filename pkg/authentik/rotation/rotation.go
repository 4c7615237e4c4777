// Package rotation rolls the certificate over that authentik signs with and
// Sentry trusts. It knows how authentik keeps certificates; what Sentry was given
// nobody can read.
package rotation

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/authentik/integration"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// Step is one step of a roll-over.
type Step string

// The steps. Sentry trusts a single certificate and authentik signs with a single
// one, so that both have to change in one go: what can be done before and after
// is kept out of that moment. Back undoes Switch.
const (
	StepPrepare Step = "prepare" // upload the next pair, which nothing uses yet
	StepSwitch  Step = "switch"  // sign with it
	StepBack    Step = "back"    // sign with the old one again
	StepFinish  Step = "finish"  // delete the old one
)

// Does says what a step does, to follow "this will".
func (s Step) Does() string {
	switch s {
	case StepPrepare:
		return "make a pair and upload it to authentik, where nothing uses it yet"
	case StepSwitch:
		return "let authentik sign with the next certificate: logins fail until Sentry has it too"
	case StepBack:
		return "let authentik sign with the old certificate again: logins fail until Sentry has it too"
	case StepFinish:
		return "delete the old certificate and its key from authentik"
	}
	return "do nothing"
}

// Steps lists the steps.
func Steps() []string {
	return []string{string(StepPrepare), string(StepSwitch), string(StepBack), string(StepFinish)}
}

// What is added to the name of the pair that is in use, for the others. The pair
// in use always has the plain name, by which 'authentik apply' knows it.
const (
	nextSuffix = " (next)"
	oldSuffix  = " (old)"
)

// Rotation rolls the signing certificate of a SAML provider over.
type Rotation struct {
	Client *authentik.Client
	// Application is the slug of the application whose SAML provider it is; where it
	// is empty or has none, Provider is the provider's name.
	Application, Provider string
	Name                  string // of the pair that is in use; others have something added to it
	Now                   func() time.Time
	// Generate makes the next pair.
	Generate func() (*keypair.Pair, error)
}

// pairs are the pairs of a roll-over as authentik has them, and the provider.
type pairs struct {
	provider  authentik.SAMLProvider
	current   *authentik.CertificateKeyPair // that the provider signs with; nil: none
	named     *authentik.CertificateKeyPair // of the plain name
	next, old *authentik.CertificateKeyPair
}

// Look says where the roll-over stands.
func (r *Rotation) Look(ctx context.Context) (*Report, error) {
	p, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	return r.report(ctx, p)
}

// Do takes one step, unless it has been taken, and looks again. A step that was
// cut off is finished by taking it again: between any two requests authentik
// signs with the old or with the new certificate.
func (r *Rotation) Do(ctx context.Context, step Step) (*Report, error) {
	p, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	switch step {
	case StepPrepare:
		err = r.prepare(ctx, p)
	case StepSwitch:
		err = r.change(ctx, p)
	case StepBack:
		err = r.back(ctx, p)
	case StepFinish:
		err = r.finish(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	return r.Look(ctx)
}

func (r *Rotation) read(ctx context.Context) (*pairs, error) {
	provider, ok, err := r.provider(ctx)
	if err == nil && !ok {
		err = fault.Hint(fault.New(fault.Failed, "authentik has no SAML provider called %q", r.Provider), "'sentryidp authentik apply' makes it; authentik.saml_provider names another")
	}
	if err != nil {
		return nil, err
	}
	p := &pairs{provider: provider}
	for name, into := range map[string]**authentik.CertificateKeyPair{r.Name: &p.named, r.Name + nextSuffix: &p.next, r.Name + oldSuffix: &p.old} {
		found, ok, err := r.Client.KeyPairs().Find(ctx, url.Values{"name": {name}})
		if err != nil {
			return nil, err
		}
		if ok {
			*into = &found
		}
	}
	if provider.SigningKP == "" {
		return p, nil
	}
	current, err := r.Client.KeyPairs().Get(ctx, provider.SigningKP)
	p.current = &current
	return p, err
}

// provider reads the provider, whose name may be any.
func (r *Rotation) provider(ctx context.Context) (provider authentik.SAMLProvider, ok bool, err error) {
	if r.Application != "" {
		application, err := r.Client.Applications().Get(ctx, r.Application)
		if err == nil && application.Provider != nil {
			provider, err = r.Client.SAMLProviders().Get(ctx, strconv.Itoa(*application.Provider))
			ok = err == nil
		}
		if ok || err != nil && !errors.Is(err, authentik.ErrNotFound) {
			return provider, ok, err
		}
	}
	return r.Client.SAMLProviders().Find(ctx, url.Values{"name": {r.Provider}})
}

func (p *pairs) uses(pair *authentik.CertificateKeyPair) bool {
	return pair != nil && p.current != nil && pair.PK == p.current.PK
}

func (r *Rotation) prepare(ctx context.Context, p *pairs) error {
	switch {
	case p.next != nil:
		return nil
	case p.old != nil:
		return fault.Hint(fault.New(fault.Failed, "the last roll-over is not finished: %q is still there", p.old.Name), "'--step finish' deletes it")
	}
	pair, err := r.Generate()
	if err != nil {
		return err
	}
	key, err := pair.KeyPEM()
	if err != nil {
		return err
	}
	_, err = r.Client.KeyPairs().Create(ctx, authentik.Fields{
		"name": r.Name + nextSuffix, "certificate_data": string(pair.CertificatePEM()), "key_data": string(key),
	})
	return err
}

// change makes the next pair the one that is in use. The names change first: a
// renamed pair signs as before.
func (r *Rotation) change(ctx context.Context, p *pairs) error {
	if p.next == nil {
		if p.uses(p.named) {
			return nil // it was done before
		}
		if p.named == nil || p.old == nil {
			return fault.Hint(fault.New(fault.Failed, "there is no next certificate: authentik has no pair called %q", r.Name+nextSuffix), "'--step prepare' uploads one")
		}
		return r.sign(ctx, p, p.named)
	}
	if p.named != nil {
		if p.old != nil {
			return fault.Hint(fault.New(fault.Failed, "both %q and %q are there", p.named.Name, p.old.Name), "'--step finish' deletes the old one, if nothing signs with it")
		}
		if err := r.rename(ctx, p.named, r.Name+oldSuffix); err != nil {
			return err
		}
	}
	if err := r.rename(ctx, p.next, r.Name); err != nil {
		return err
	}
	return r.sign(ctx, p, p.next)
}

// back signs with the old pair again.
func (r *Rotation) back(ctx context.Context, p *pairs) error {
	if p.old == nil {
		if p.next != nil && p.uses(p.named) {
			return nil
		}
		return fault.Hint(fault.New(fault.Failed, "there is no old certificate to go back to: authentik has no pair called %q", r.Name+oldSuffix),
			"where authentik's own certificate was in use, 'sentryidp authentik apply --signing-keypair NAME' signs with it again")
	}
	if err := r.sign(ctx, p, p.old); err != nil {
		return err
	}
	if p.named != nil {
		if err := r.rename(ctx, p.named, r.Name+nextSuffix); err != nil {
			return err
		}
	}
	return r.rename(ctx, p.old, r.Name)
}

// finish deletes the old pair, if no SAML provider signs with it.
func (r *Rotation) finish(ctx context.Context, p *pairs) error {
	switch {
	case p.old == nil && p.next == nil:
		return nil
	case p.next != nil:
		return fault.Hint(fault.New(fault.Failed, "the next certificate is not in use yet"), "'--step switch' signs with it")
	}
	providers, err := r.Client.SAMLProviders().List(ctx, nil)
	if err != nil {
		return err
	}
	for _, other := range providers {
		if other.SigningKP == p.old.PK || other.VerificationKP == p.old.PK || other.EncryptionKP == p.old.PK {
			return fault.New(fault.Refused, "the SAML provider %q still uses %q, so it was not deleted", other.Name, p.old.Name)
		}
	}
	return r.Client.KeyPairs().Delete(ctx, p.old.PK)
}

func (r *Rotation) rename(ctx context.Context, pair *authentik.CertificateKeyPair, name string) error {
	_, err := r.Client.KeyPairs().Patch(ctx, pair.PK, authentik.Fields{"name": name})
	return err
}

// sign makes the provider sign with a pair. The flag has to stand in the same
// request (authentik/providers/saml/api/providers.py validate). Whether responses are
// signed too, and a signature algorithm that the key can sign with, stay as they are.
func (r *Rotation) sign(ctx context.Context, p *pairs, pair *authentik.CertificateKeyPair) error {
	certificate, err := r.certificate(ctx, pair)
	if err != nil {
		return err
	}
	algorithm, err := integration.AlgorithmOf(certificate.Certificate.PublicKey)
	if err != nil {
		return err
	}
	_, err = r.Client.SAMLProviders().Patch(ctx, p.provider.Key(), authentik.Fields{
		"signing_kp": pair.PK, "sign_assertion": true,
		"signature_algorithm": integration.FittingAlgorithm(algorithm, p.provider.SignatureAlgorithm),
	})
	return err
}

// certificate reads the certificate of a pair.
func (r *Rotation) certificate(ctx context.Context, pair *authentik.CertificateKeyPair) (*keypair.Pair, error) {
	text, err := r.Client.Certificate(ctx, pair.PK)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, fault.New(fault.Failed, "authentik tells no certificate of %q", pair.Name)
	}
	held, err := keypair.Parse([]byte(text), func() (string, error) { return "", errors.New("a certificate is not locked") })
	if err != nil {
		return nil, fmt.Errorf("the certificate %q of authentik: %w", pair.Name, err)
	}
	if len(held.Certificates) == 0 {
		return nil, fault.New(fault.Failed, "authentik tells no certificate of %q", strings.TrimSpace(pair.Name))
	}
	return &keypair.Pair{Certificate: held.Certificates[0]}, nil
}
