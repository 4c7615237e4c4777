package fault

import "slices"

// Worst returns the code of several runs that are one: that of the run which asks
// most for somebody to look. Partly applied is worse than failed, failed than
// refused, and refused than what a check found; interrupted is the worst. None is OK.
func Worst(codes ...Code) Code {
	rank := []Code{OK, Changes, Findings, Refused, Usage, Credential, Failed, Partial, Interrupted}
	worst := OK
	for _, code := range codes {
		if at := slices.Index(rank, code); at < 0 || at > slices.Index(rank, worst) {
			worst = code
		}
	}
	return worst
}
