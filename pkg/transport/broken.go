package transport

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// Winsock's numbers (winsock2.h). On Windows, net returns them, and syscall's own
// ECONNREFUSED and its kin are numbers that no call returns. Elsewhere no call
// returns these.
const (
	wsaConnAborted syscall.Errno = 10053
	wsaConnReset   syscall.Errno = 10054
	wsaShutdown    syscall.Errno = 10058
	wsaTimedOut    syscall.Errno = 10060
	wsaConnRefused syscall.Errno = 10061
)

// refused reports whether a host answered that nothing listens there.
func refused(err error) bool { return isAny(err, syscall.ECONNREFUSED, wsaConnRefused) }

// broken reports whether a connection ended before its time.
func broken(err error) bool {
	return isAny(err, io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE,
		wsaConnReset, wsaConnAborted, wsaShutdown)
}

// timedOut reports whether no answer came in time.
func timedOut(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout() || isAny(err, syscall.ETIMEDOUT, wsaTimedOut)
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
