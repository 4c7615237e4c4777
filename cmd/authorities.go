package cmd

import (
	"crypto/x509"
	"errors"
	"os"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/keypair"
)

// authorities are the system's and those of a file; nil means the system's
// alone.
func (a *app) authorities(caFile string) (*x509.CertPool, error) {
	if caFile == "" {
		return nil, nil //nolint:nilnil // nil is what crypto/tls calls the system's authorities
	}
	pem, err := a.readInput(caFile, keypair.MaxBytes)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.WithCode(err, fault.Usage)
	}
	if err != nil {
		return nil, err
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a system without authorities has those of the file
	}
	if !pool.AppendCertsFromPEM(bom.Text(pem)) {
		return nil, fault.Hint(fault.Usagef("there is no certificate in %s", caFile), "want PEM, which begins with -----BEGIN CERTIFICATE-----")
	}
	return pool, nil
}
