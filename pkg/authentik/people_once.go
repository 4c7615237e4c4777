package authentik

import (
	"context"
	"sync"
)

// ReadOnce makes People read all users and groups once, whatever part of them is
// asked for, and ask for the rest as ever. Several may ask at once. A reading that
// failed is not repeated. It is called before the client is used.
func (c *Client) ReadOnce() { c.once = &readOnce{found: map[bool]func() (reading, error){}} }

// readOnce keeps readings, with the people's attributes and without.
type readOnce struct {
	mu    sync.Mutex
	found map[bool]func() (reading, error)
}

// everybody is that of the client, which a nil readOnce asks each time.
func (o *readOnce) everybody(ctx context.Context, c *Client, attributes bool) (reading, error) {
	if o == nil {
		return c.everybody(ctx, attributes)
	}
	o.mu.Lock()
	if o.found[attributes] == nil {
		o.found[attributes] = sync.OnceValues(func() (reading, error) { return c.everybody(ctx, attributes) })
	}
	read := o.found[attributes]
	o.mu.Unlock()
	return read()
}
