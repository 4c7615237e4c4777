package integration

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sentryidp/sentryidp/pkg/authentik"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

// Run compares authentik with the settings, and changes it.
type Run struct {
	Client   *authentik.Client
	Settings Settings
	Adopt    bool // change what looks like somebody else's too
	// RotateToken gives the SCIM provider the token, also one that it seems to have.
	RotateToken bool
	Tokens      *Tokens // where tokens that authentik does not tell are remembered; nil: nowhere
	Now         func() time.Time

	// Loosen switches bindings on again that are off or negated, and LoosenMode changes
	// the policy mode from all to any.
	Loosen, LoosenMode bool

	// Confirm is shown the report of a plan that changes something and is not
	// refused, before anything is written; an error of it ends Apply. It may be nil.
	Confirm func(*Report) error
}

// Plan reads authentik and says what differs. It writes nothing.
func (r *Run) Plan(ctx context.Context) (*Report, error) {
	_, report, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	report.DryRun = true
	return report, nil
}

// Apply makes authentik what the settings say, and reads it again to verify. The
// report is there too when the run ended early, with the error fault.Partial if
// something had been written; repeating it goes on from there. An object that
// looks like somebody else's is fault.Refused before anything is written.
func (r *Run) Apply(ctx context.Context) (*Report, error) {
	e, report, err := r.plan(ctx)
	if err != nil {
		return nil, err
	}
	if len(report.Pending()) == 0 {
		report.Verified = true
		e.rememberTokens(report)
		return report, nil
	}
	if err := errors.Join(r.refuse(report.Plan), e.complete()); err != nil {
		report.Refused = true
		return report, err
	}
	if r.Confirm != nil {
		if err := r.Confirm(report); err != nil {
			return report, err
		}
	}
	if err := r.apply(ctx, e, report); err != nil {
		report.Failed = failureOf(err)
		e.rememberTokens(report)
		if len(report.Applied) > 0 {
			err = fault.WithCode(err, fault.Partial)
		}
		return report, err
	}
	e.rememberTokens(report)
	return report, r.verify(ctx, e.desired, report)
}

func (r *Run) plan(ctx context.Context) (*engine, *Report, error) {
	capabilities, err := r.Client.Capabilities(ctx)
	if err != nil {
		return nil, nil, err
	}
	settings, pair, err := r.withKeyType(ctx, capabilities)
	if err != nil {
		return nil, nil, err
	}
	desired, err := Want(settings, capabilities)
	if err != nil {
		return nil, nil, err
	}
	e := newEngine(r.Client, r.Now(), desired)
	e.pair, e.keeping = pair, keeping{Tokens: r.Tokens, rotate: r.RotateToken}
	plan, err := e.plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	report := newReport(settings, capabilities, plan)
	report.Warnings, err = r.warn(ctx, e, settings.withDefaults(), capabilities, plan)
	return e, report, err
}

// withKeyType asks authentik for the kind of the key that it has and will sign
// with, and returns the pair; nil for one that is to be uploaded.
func (r *Run) withKeyType(ctx context.Context, c authentik.Capabilities) (Settings, *actual, error) {
	s := r.Settings
	if s.Signing.Upload != nil {
		return s, nil, nil
	}
	pair, err := r.signing(ctx, c)
	if err != nil {
		return s, nil, err
	}
	if pair.fields["private_key_available"] != true {
		return s, nil, fault.Hint(fault.New(fault.Failed, "the certificate %q has no private key in authentik, so it cannot sign", pair.text("name")),
			"%s", missing(Lookup{Kind: KeyPair}))
	}
	s.Signing.Algorithm = algorithmOf(pair)
	return s, pair, nil
}

// signing is the pair that is named, or else the one that the provider signs with,
// or else authentik's own.
func (r *Run) signing(ctx context.Context, c authentik.Capabilities) (*actual, error) {
	desired, err := Want(r.Settings, c)
	if err != nil {
		return nil, err
	}
	e := newEngine(r.Client, r.Now(), desired)
	named := Lookup{KeyPair, "name", r.Settings.withDefaults().Signing.Name}
	if r.Settings.Signing.named() {
		return e.lookup(ctx, named)
	}
	provider, _, err := e.locate(ctx, *desired.object(idSAML))
	if err != nil {
		return nil, err
	}
	if provider == nil || provider.text("signing_kp") == "" {
		return e.lookup(ctx, named)
	}
	return e.present(ctx, provider, named)
}

// present is the pair that a provider signs with.
func (e *engine) present(ctx context.Context, provider *actual, usual Lookup) (*actual, error) {
	pair, err := e.got(ctx, KeyPair, provider.text("signing_kp"))
	if pair != nil || err != nil {
		return pair, err
	}
	pair, err = e.seek(ctx, usual)
	if err == nil && (pair == nil || pair.text("pk") != provider.text("signing_kp")) {
		err = fault.Hint(fault.New(fault.Failed, "the SAML provider %q signs with a certificate that the token may not see", provider.text("name")),
			"give its user the permission authentik_crypto.view_certificatekeypair, or name a certificate with --signing-keypair")
	}
	return pair, err
}

// algorithmOf reads the kind of a key as the release tells it.
func algorithmOf(pair *actual) KeyAlgorithm {
	told := pair.text("key_type")
	if told == "" {
		told = pair.text("private_key_type")
	}
	if told == "ecdsa" {
		return EC
	}
	return KeyAlgorithm(told)
}

// refuse is the error for objects that look like somebody else's, and for changes
// that let in more people than are named.
func (r *Run) refuse(p *Plan) error {
	return errors.Join(r.refuseForeign(p), r.refuseLoosening(p))
}

func (r *Run) refuseForeign(p *Plan) error {
	if r.Adopt {
		return nil
	}
	var problems []error
	for _, s := range p.Foreign() {
		problems = append(problems, fault.Hint(
			fault.New(fault.Refused, "the %s %s exists and looks like somebody else's: %s", s.Kind.Words(), s.Name, s.Foreign),
			"look at it in authentik; to have it changed, pass --adopt, and to leave it alone, choose another name: %s", otherName(s.Kind)))
	}
	return errors.Join(problems...)
}

// otherName is the flag that names another object of the kind.
func otherName(kind Kind) string {
	return map[Kind]string{
		KeyPair: "--signing-keypair", SCIMMapping: "--scim-mapping", SAMLProvider: "--saml-provider", SCIMProvider: "--scim-provider",
		Application: "--application",
	}[kind]
}

func (r *Run) refuseLoosening(p *Plan) error {
	var problems []error
	for _, s := range p.Loosening() {
		switch {
		case s.Kind == Application && !r.LoosenMode:
			problems = append(problems, fault.Hint(
				fault.New(fault.Refused, "the application %s would let more people in: %s", s.Name, s.Loosens), "to have that, pass --policy-engine-mode any as a flag"))
		case s.Kind == Binding && s.Action == Create:
			problems = append(problems, fault.Hint(fault.New(fault.Refused, "the binding %s changes who gets in: %s", s.Name, s.Loosens),
				"say which is meant: --policy-engine-mode any lets in who passes any one binding, and --policy-engine-mode all who passes all of them"))
		case s.Kind == Binding && !r.Loosen:
			problems = append(problems, fault.Hint(
				fault.New(fault.Refused, "the binding %s would let people in again: %s", s.Name, s.Loosens), "to have that, pass --loosen-access"))
		}
	}
	return errors.Join(problems...)
}

// complete is the error for secrets that are needed and not set.
func (e *engine) complete() error {
	for _, s := range e.lacking {
		return fault.Hint(fault.New(fault.Credential, "authentik has to be given a secret that is not set (%s)", s.Setting),
			"set %s; Sentry shows its SCIM token in Settings > Auth, and 'sentryidp saml cert generate' writes keys", s.Setting)
	}
	return nil
}

// apply goes through the objects. Each is read again right before it is changed:
// those it refers to have been made by now.
func (r *Run) apply(ctx context.Context, e *engine, report *Report) error {
	var waiting held
	for _, o := range e.desired.Objects {
		if o.Kind != Application && o.Kind != Binding {
			if err := waiting.release(ctx, e, report); err != nil {
				return err
			}
		}
		step, send, err := e.inspect(ctx, o)
		if err == nil && step.Action != InSync {
			err = r.unexpected(report.step(o.ID), step)
		}
		waiting.back(report.Plan, o, step, send)
		if err == nil && len(send) > 0 {
			err = e.change(ctx, o, step, send)
		}
		if err != nil {
			return fmt.Errorf("%s the %s %s: %w", verb(step.Action), o.Kind.Words(), step.Name, err)
		}
		if len(send) > 0 {
			report.Applied = append(report.Applied, step)
		}
	}
	return waiting.release(ctx, e, report)
}

// unexpected is the error for a step that is not the one that was planned: what
// came or changed while this ran is nothing that anybody has agreed to change.
func (r *Run) unexpected(planned *Step, now Step) error {
	if planned.Action == Create && now.Action == Update {
		return fault.Hint(fault.New(fault.Refused, "it was not there before, and somebody made it while this ran"), "look at it in authentik, and run again")
	}
	return r.refuse(&Plan{Steps: []Step{now}})
}

// rememberTokens writes down what SCIM providers were given, and what they are taken
// to have. What cannot be written is a warning: authentik has what it needs.
func (e *engine) rememberTokens(report *Report) {
	for _, o := range e.desired.Objects {
		sent := slices.ContainsFunc(report.Applied, func(s Step) bool {
			return s.id == o.ID && slices.ContainsFunc(s.Changes, func(c Change) bool { return c.Field == "token" })
		})
		if created := slices.ContainsFunc(report.Applied, func(s Step) bool { return s.id == o.ID && s.Action == Create }); created {
			report.Warnings = append(report.Warnings, e.tokenWarnings()...)
		}
		told := slices.ContainsFunc(report.Warnings, func(w Warning) bool { return w.Code == codeForgotten })
		if err := e.given(o, e.actual[o.ID], sent); err != nil && !told {
			report.Warnings = append(report.Warnings, forgotten(err))
		}
	}
}

func verb(a Action) string {
	return map[Action]string{Create: "create", Update: "update", InSync: "read"}[a]
}

// change makes or patches an object.
func (e *engine) change(ctx context.Context, o Object, step Step, send authentik.Fields) error {
	for name, value := range send {
		if unresolved(value) {
			return fault.New(fault.Failed, "%s refers to what is not there", name)
		}
	}
	var made *actual
	var err error
	present := e.actual[o.ID]
	switch {
	case step.Action == Create:
		made, err = e.store(o.Kind).create(ctx, send)
	case present == nil:
		return fault.New(fault.Failed, "it is not there")
	default:
		made, err = e.store(o.Kind).patch(ctx, present.key, send)
	}
	if err == nil {
		e.remember(o.ID, made, o.Name)
	}
	return err
}

func unresolved(value any) bool {
	if items, ok := value.([]any); ok {
		return slices.ContainsFunc(items, unresolved)
	}
	_, yes := value.(future)
	return yes
}

// verify reads authentik again.
func (r *Run) verify(ctx context.Context, desired *Desired, report *Report) error {
	e := newEngine(r.Client, r.Now(), desired)
	e.keeping.Tokens = r.Tokens
	again, err := e.plan(ctx)
	if err != nil {
		return fault.WithCode(fmt.Errorf("read authentik again to verify: %w", err), fault.Partial)
	}
	report.Unverified = again.Pending()
	report.Verified = len(report.Unverified) == 0
	if !report.Verified {
		return fault.Quiet(fault.Partial)
	}
	return nil
}
