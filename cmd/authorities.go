package cmd

import (
	"context"
	"crypto/x509"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/filekind"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// authorities are the system's and those of a file; nil means the system's
// alone.
func (a *app) authorities(ctx context.Context, caFile string) (*x509.CertPool, error) {
	if caFile == "" {
		return nil, nil //nolint:nilnil // nil is what crypto/tls calls the system's authorities
	}
	return parsed(ctx, a, source{caFile, filekind.Certificate, keypair.MaxBytes}, func(pem []byte) (*x509.CertPool, error) {
		pool, err := x509.SystemCertPool()
		if err != nil {
			pool = x509.NewCertPool() // a system without authorities has those of the file
		}
		if !pool.AppendCertsFromPEM(bom.Text(pem)) {
			return nil, fault.Hint(fault.Usagef("the file has no certificate in PEM"), "a certificate in PEM begins with -----BEGIN CERTIFICATE-----")
		}
		return pool, nil
	})
}
