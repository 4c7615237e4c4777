package secret

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf16"

	"github.com/sentryidp/sentryidp/pkg/bom"
	"github.com/sentryidp/sentryidp/pkg/fault"
)

func (r Reference) fromKeyring(get func(service, account string) (string, error)) (string, error) {
	service, account, found := strings.Cut(r.Keyring, "/")
	if !found || service == "" || account == "" {
		return "", fmt.Errorf("the keyring entry %q is not of the form service/account", r.Keyring)
	}
	if get == nil {
		return "", errors.New("there is no keyring to ask")
	}
	value, err := get(service, account)
	if err != nil {
		return "", fault.Hint(fmt.Errorf("the keyring has no secret %s: %w", r.Keyring, err),
			"run '%s', which asks for the secret", storing(runtime.GOOS, service, account))
	}
	return value, nil
}

// storing is the command that puts a secret where the keyring of an operating
// system is asked for it: generic credentials of Windows are called
// service:account.
func storing(goos, service, account string) string {
	switch goos {
	case "darwin":
		return fmt.Sprintf("security add-generic-password -s %s -a %s -w", service, account)
	case "windows":
		return fmt.Sprintf("cmdkey /generic:%s:%s /user:%s /pass", service, account, account)
	}
	return fmt.Sprintf("secret-tool store --label=sentryidp service %s username %s", service, account)
}

// utf8Text is raw in UTF-8 and without a byte order mark. On Windows, cmdkey and
// the Credential Manager store UTF-16 (little-endian, without a mark), and
// PowerShell 5 writes it into files (with one).
func utf8Text(raw string) string {
	if text := string(bom.Text([]byte(raw))); text != raw || len(raw)%2 != 0 || !isWideASCII(raw) {
		return text
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i])|uint16(raw[i+1])<<8)
	}
	return string(utf16.Decode(units))
}

// isWideASCII reports whether every second byte is zero, as in UTF-16 of ASCII.
func isWideASCII(text string) bool {
	for i := 1; i < len(text); i += 2 {
		if text[i] != 0 {
			return false
		}
	}
	return len(text) > 0
}
