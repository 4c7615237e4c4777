package atomicfile_test

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/windows"
)

// isOwnersAlone asserts that the access list of a file or folder lets in whoever
// runs this test, and nobody else but the system, which gets in anyway.
func isOwnersAlone(t *testing.T, path string) {
	t.Helper()
	descriptor, err := windows.GetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		t.Fatal(err)
	}
	list, _, err := descriptor.DACL()
	if err != nil {
		t.Fatal(err)
	}
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for i := range list.AceCount {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, uint32(i), &entry); err != nil {
			t.Fatal(err)
		}
		who := (*windows.SID)(unsafe.Pointer(&entry.SidStart))
		owners := who.Equals(user.User.Sid)
		if entry.Header.AceType != windows.ACCESS_ALLOWED_ACE_TYPE || !owners && !who.IsWellKnown(windows.WinLocalSystemSid) {
			t.Errorf("%s: expected %s alone, found %s", path, user.User.Sid, descriptor)
		}
		found = found || owners
	}
	if !found {
		t.Errorf("%s: expected an entry of %s, found %s", path, user.User.Sid, descriptor)
	}
}
