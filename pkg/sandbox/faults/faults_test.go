package faults_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sentryidp/sentryidp/pkg/sandbox/faults"
)

func TestABoardSwitchesItsFaults(t *testing.T) {
	t.Parallel()
	b, err := faults.New([]faults.Fault{{ID: "one"}, {ID: "two"}}, []faults.Fault{{ID: "three"}})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	b.Handle(func(id string, on bool) error {
		if id == "three" && on {
			return errors.New("there is nothing to spoil")
		}
		told = append(told, map[bool]string{true: "+", false: "-"}[on]+id)
		return nil
	})
	for _, ids := range [][]string{{"one", "two"}, {"two", "two"}, {}, {"three", "one"}} {
		err := b.Set(ids)
		if failed := len(ids) > 0 && ids[0] == "three"; (err != nil) != failed {
			t.Errorf("%v: %v", ids, err)
		}
	}
	if diff := cmp.Diff([]string{"+one", "+two", "-one", "-two", "+one"}, told); diff != "" {
		t.Error(diff)
	}
	if !b.IsOn("one") || b.IsOn("three") || len(b.All()) != 3 {
		t.Errorf("one is %v, three is %v", b.IsOn("one"), b.IsOn("three"))
	}
	unknown, ok := errors.AsType[*faults.UnknownError](b.Set([]string{"two", "four"}))
	if !ok || unknown.Name != "four" || b.IsOn("two") {
		t.Errorf("found %v", unknown)
	}
}

func TestNamesAreUniqueAndNoBoardHasNoFault(t *testing.T) {
	t.Parallel()
	if _, err := faults.New([]faults.Fault{{ID: "one"}}, []faults.Fault{{ID: "one"}}); err == nil {
		t.Error("a name that comes twice is taken")
	}
	var none *faults.Board
	none.Handle(nil)
	if none.IsOn("one") || none.All() != nil {
		t.Error("a nil board has faults")
	}
}
