package transport

import (
	"errors"
	"io"
	"net"
	"slices"
	"syscall"
)

// Winsock's numbers (winsock2.h). On Windows, net returns them, and syscall's own
// ECONNREFUSED and its kin are numbers that no call returns. Elsewhere no call
// returns these.
const (
	wsaConnAborted = 10053
	wsaConnReset   = 10054
	wsaShutdown    = 10058
	wsaTimedOut    = 10060
	wsaConnRefused = 10061
)

// refused reports whether a host answered that nothing listens there.
func refused(err error) bool { return has(err, syscall.ECONNREFUSED, wsaConnRefused) }

// broken reports whether a connection ended before its time.
func broken(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		has(err, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE, wsaConnReset, wsaConnAborted, wsaShutdown)
}

// timedOut reports whether no answer came in time.
func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout() || has(err, syscall.ETIMEDOUT, wsaTimedOut)
}

// has reports whether err is one of the system's numbers.
func has(err error, numbers ...syscall.Errno) bool {
	e, ok := errors.AsType[syscall.Errno](err)
	return ok && slices.Contains(numbers, e)
}
