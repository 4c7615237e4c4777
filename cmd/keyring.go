package cmd

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/zalando/go-keyring"

	"github.com/sentryidp/sentryidp/pkg/fault"
	"github.com/sentryidp/sentryidp/pkg/input"
	"github.com/sentryidp/sentryidp/pkg/secret"
)

// keyringAccess reads and writes a keyring, by service and account.
type keyringAccess struct {
	get    func(service, account string) (string, error)
	set    func(service, account, value string) error
	remove func(service, account string) error
}

func systemKeyring() *keyringAccess {
	return &keyringAccess{get: keyring.Get, set: keyring.Set, remove: keyring.Delete}
}

// check says why the keyring cannot be used. One that is locked may ask its user,
// who may not answer.
func (k *keyringAccess) check(ctx context.Context) error {
	_, err := input.Within(ctx, func() (string, error) { return k.get("sentryidp", "check") })
	if errors.Is(err, keyring.ErrNotFound) {
		return nil
	}
	return err
}

// store keeps a secret under service/account, and returns what brings back what was
// there before.
func (k *keyringAccess) store(ctx context.Context, entry string, value secret.String) (undo func() error, err error) {
	service, account, _ := strings.Cut(entry, "/")
	return input.Within(ctx, func() (func() error, error) {
		before, missing := k.get(service, account)
		if err := k.set(service, account, value.Reveal()); err != nil {
			return nil, fault.WithCode(fmt.Errorf("the keyring does not take the secret %s: %w", entry, err), fault.Credential)
		}
		return func() error {
			if missing != nil {
				return k.remove(service, account)
			}
			return k.set(service, account, before)
		}, nil
	})
}
