package problem

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCodes(t *testing.T) {
	form := regexp.MustCompile(`^NET[0-9]{3}$`)
	last := Code("")
	for _, i := range Codes() {
		if !form.MatchString(string(i.Code)) {
			t.Errorf("%s: want NET and three digits", i.Code)
		}
		if i.Code <= last {
			t.Errorf("%s stands after %s; codes are unique and ascending", i.Code, last)
		}
		last = i.Code
		if !slices.Contains(i.Severity.Values(), string(i.Severity)) {
			t.Errorf("%s: unknown severity %q", i.Code, i.Severity)
		}
		if first, _, _ := strings.Cut(i.Title, " "); first == "" || strings.HasSuffix(i.Title, ".") || strings.ToLower(first[:1]) != first[:1] {
			t.Errorf("%s: title %q, want lower case and no period", i.Code, i.Title)
		}
		if got, ok := Lookup(i.Code); !ok || got != i {
			t.Errorf("Lookup(%s) = %v, %v; want %v", i.Code, got, ok, i)
		}
		if got := i.Code.Severity(); got != i.Severity {
			t.Errorf("%s.Severity() = %s, want %s", i.Code, got, i.Severity)
		}
	}
	if got, ok := Lookup("NET999"); ok {
		t.Errorf("Lookup(NET999) = %v, want none", got)
	}
	if got := Code("NET999").Severity(); got != Error {
		t.Errorf("severity of an unknown code = %s, want error: a new rule must not pass unseen", got)
	}
}

func TestCodes_ReturnsACopy(t *testing.T) {
	Codes()[0].Title = "changed"
	if Codes()[0].Title == "changed" {
		t.Error("Codes hands out its own table")
	}
}

func TestList_Addf(t *testing.T) {
	var l List
	l.Addf(ASNSites, "sites[b]", "the ASN of site %s too, got %d", "a", 65010)
	want := List{{Code: ASNSites, Severity: Warning, Path: "sites[b]", Message: "the ASN of site a too, got 65010"}}
	if diff := cmp.Diff(want, l); diff != "" {
		t.Error(diff)
	}
}

func TestList_CountAndHas(t *testing.T) {
	l := List{{Severity: Warning}, {Severity: Note}, {Severity: Warning}}
	for s, want := range map[Severity]int{Error: 0, Warning: 2, Note: 1} {
		if got := l.Count(s); got != want {
			t.Errorf("Count(%s) = %d, want %d", s, got, want)
		}
		if got := l.Has(s); got != (want > 0) {
			t.Errorf("Has(%s) = %v, want %v", s, got, want > 0)
		}
	}
	if List(nil).Has(Error) || List(nil).Count(Error) != 0 {
		t.Error("an empty list has problems")
	}
}

func TestList_Locate(t *testing.T) {
	l := List{{Path: "a"}, {Path: "b", Pos: Position{3, 4}}, {Path: "unknown"}}
	l.Locate(func(path string) Position {
		return map[string]Position{"a": {1, 2}, "b": {9, 9}}[path]
	})
	for i, want := range []Position{{1, 2}, {3, 4}, {}} {
		if l[i].Pos != want {
			t.Errorf("%s is at %v, want %v", l[i].Path, l[i].Pos, want)
		}
	}
}

func TestList_Tune(t *testing.T) {
	l := List{{Code: ASNSites, Severity: Warning}, {Code: Overlap, Severity: Error}, {Code: ASNSites, Severity: Warning}}
	l.Tune(map[Code]Severity{ASNSites: Error, NotMeasured: Error})
	for i, want := range []Severity{Error, Error, Error} {
		if l[i].Severity != want {
			t.Errorf("%d: %s is a %s, want %s", i, l[i].Code, l[i].Severity, want)
		}
	}
	l.Tune(map[Code]Severity{Overlap: Note})
	if l[1].Severity != Note || l[0].Severity != Error {
		t.Errorf("got %v, want NET201 alone to become a note", l)
	}
	l.Tune(nil)
	if l[1].Severity != Note {
		t.Error("Tune(nil) changed something")
	}
}

// Problems come as a reader meets them; what has no place comes first, since it concerns the file as a whole.
func TestList_Sort(t *testing.T) {
	want := List{
		{Code: "NET900", Path: "x"},
		{Code: "NET900", Pos: Position{2, 9}},
		{Code: "NET100", Pos: Position{3, 1}, Path: "z"},
		{Code: "NET200", Pos: Position{3, 1}, Path: "a", Message: "a"},
		{Code: "NET200", Pos: Position{3, 1}, Path: "a", Message: "b"},
		{Code: "NET200", Pos: Position{3, 1}, Path: "b", Message: "a"},
		{Code: "NET100", Pos: Position{3, 10}},
		{Code: "NET100", Pos: Position{20, 1}},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	got.Sort()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Two problems that differ in nothing that Sort looks at keep their order, in lists of any length.
func TestList_SortIsStable(t *testing.T) {
	var l List
	for i := range 90 {
		l = append(l, Problem{Code: Overlap, Severity: Severity(fmt.Sprint(i)), Pos: Position{Line: i % 3}})
	}
	l.Sort()
	for i, p := range l[1:] {
		var before, after int
		_, _ = fmt.Sscan(string(l[i].Severity), &before)
		_, _ = fmt.Sscan(string(p.Severity), &after)
		if l[i].Pos == p.Pos && before > after {
			t.Fatalf("problem %d stands before problem %d", before, after)
		}
	}
}
