package cmd

import (
	"context"
	"crypto"
	"errors"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/sentryidp/sentryidp/pkg/access"
	"github.com/sentryidp/sentryidp/pkg/detached"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/keypair"
	"github.com/sentryidp/sentryidp/pkg/ui"
)

type accessVerifyOptions struct {
	*app

	signature string
	key       string
}

func newAccessVerify(a *app) *cobra.Command {
	o := &accessVerifyOptions{app: a}
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check the signature of an access review, offline",
		Long: `Check that a review is as it was signed, byte for byte, with the signature beside
it and the signer's public key (PEM: a public key, or a certificate of it). No
server is asked. Exit code 3 says that the review was changed, or that it was
signed with another key.

'openssl pkey -in reviewer.pem -pubout -out reviewer.pub' writes the public key.
Compare its fingerprint with the one that the signer told you by another way.

The signature is over the bytes of the file, in base64, so that openssl alone
checks it too: README has the commands.`,
		Example: `  sentryidp access verify review.json --key reviewer.pub
  sentryidp access verify review.json --signature review.json.sig --key reviewer.pub -o json`,
		Args: usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.signature, "signature", "", "the signature in `file` (default: the review's name with .sig)")
	flags.StringVar(&o.key, "key", "", "the signer's public key in `file` (PEM), required")
	completeFile(cmd, "signature", "sig")
	completeFile(cmd, "key", "pem", "pub", "crt")
	return cmd
}

func (o *accessVerifyOptions) run(ctx context.Context, path string) error {
	if o.key == "" {
		return fault.Hint(fault.Usagef("no public key is named"), "pass --key FILE: whoever signed the review has it")
	}
	data, err := o.readInput(ctx, source{path, filekind.Review, access.MaxBytes})
	if err != nil {
		return err
	}
	if o.signature == "" {
		if path == "-" {
			return fault.Hint(fault.Usagef("no signature is named"), "pass --signature FILE")
		}
		o.signature = path + signatureEnding
	}
	public, err := parsed(ctx, o.app, source{o.key, filekind.Keys, keypair.MaxBytes}, detached.ParsePublic)
	if err != nil {
		return err
	}
	signature, err := o.readInput(ctx, source{o.signature, filekind.Signature, detached.MaxSignature})
	if err != nil {
		return err
	}
	verdict, err := checkedReview(data, signature, public)
	if err != nil {
		return fault.Hint(err, "--signature names the file %s", o.signature)
	}
	if err := o.show(verdict); err != nil {
		return err
	}
	if !verdict.Valid {
		return fault.Quiet(fault.Findings)
	}
	return nil
}

// reviewCheck is the document of a check. What stands in a review that is not as it was
// signed proves nothing, and so it is not told.
type reviewCheck struct {
	Valid        bool       `json:"valid"`
	Problem      string     `json:"problem"`
	Algorithm    string     `json:"algorithm"`
	Fingerprint  string     `json:"public_key_sha256"` // of the key that it was checked with
	Organization string     `json:"organization"`
	SentryURL    string     `json:"sentry_url"`
	ReviewedAt   *time.Time `json:"reviewed_at"`
}

// checkedReview checks a review. It is an error where the key or the signature is none.
func checkedReview(data, signature []byte, public crypto.PublicKey) (*reviewCheck, error) {
	algorithm, err := detached.Algorithm(public)
	if err != nil {
		return nil, err
	}
	fingerprint, err := detached.Fingerprint(public)
	if err != nil {
		return nil, err
	}
	v := &reviewCheck{Algorithm: algorithm, Fingerprint: fingerprint}
	err = detached.Verify(public, data, signature)
	review, unreadable := access.Parse(data)
	switch {
	case errors.Is(err, detached.ErrMismatch):
		v.Problem = "the review or its signature was changed after it was signed"
		if unreadable == nil && review.Signer != nil && review.Signer.Fingerprint != fingerprint {
			v.Problem = "the key is another one than the review says that it was signed with: " + ui.Printable(review.Signer.Fingerprint)
		}
		return v, nil
	case err != nil:
		return nil, err
	case unreadable != nil:
		return nil, fault.Hint(unreadable, "the signature is good, and it is of another document")
	}
	v.Valid, v.Organization, v.SentryURL, v.ReviewedAt = true, review.Organization, review.SentryURL, &review.ReviewedAt
	return v, nil
}

// RenderText says whether the review is as it was signed.
func (v *reviewCheck) RenderText(w io.Writer, s ui.Styles) error {
	rows := [][2]string{{"Review", s.Good("as it was signed")}}
	if !v.Valid {
		rows = [][2]string{{"Review", s.Bad("not as it was signed")}, {"Problem", v.Problem}}
	} else {
		rows = append(rows, [2]string{"Organization", ui.Printable(v.Organization + " on " + v.SentryURL)}, [2]string{"Reviewed", v.ReviewedAt.Format(time.RFC3339)})
	}
	return s.Pairs(w, append(rows, [2]string{"Checked with", v.Algorithm}, [2]string{"Public key (SHA-256)", v.Fingerprint}))
}
