package scim

import "context"

type TakenError struct {
	Email string
	Users []User
	Err   error
}

func (e *TakenError) Error() string { return e.Err.Error() }
func (e *TakenError) Unwrap() error { return e.Err }
func (c *Client) Invite(ctx context.Context, email, role string) (User, error) {
	u, created, err := c.CreateUser(ctx, email, role)
	if err == nil && !created {
		return u, &TakenError{Email: email, Users: []User{u}, Err: ErrConflict}
	}
	return u, err
}
func (c *Client) Lookup(ctx context.Context, email string) ([]User, error) { return nil, nil }
func (c *Client) ResetRole(ctx context.Context, id string) (User, error)   { return User{}, nil }
func (c *Client) ChangeMembers(ctx context.Context, groupID string, add, remove []string) (leftAdd, leftRemove []string, err error) {
	return add, remove, c.UpdateMembers(ctx, groupID, add, remove)
}
