package amazonlinux

import (
	"slices"
	"testing"
)

func TestRelease_Names(t *testing.T) {
	for _, tt := range []struct{ text, name, short string }{
		{"2023.12.20260803", "al2023-ami-2023.12.20260803.0-kernel-6.1-arm64", "2023.12.20260803"},
		{"2023.12.20260803.0", "al2023-ami-2023.12.20260803.0-kernel-6.1-arm64", "2023.12.20260803"},
		{"2023.12.20260803.2", "al2023-ami-2023.12.20260803.2-kernel-6.1-arm64", "2023.12.20260803.2"},
	} {
		r, err := Parse(tt.text)
		if err != nil || r.Name() != tt.name || r.String() != tt.short {
			t.Errorf("%s: got %s, %s, %v", tt.text, r.Name(), r, err)
		}
		if back, ok := ParseName(r.Name()); !ok || back != r {
			t.Errorf("%s: the name reads as %v, %t", tt.text, back, ok)
		}
	}
}

func TestParse_FailsOnWhatIsNoRelease(t *testing.T) {
	for _, text := range []string{"", "latest", "2022.1.20260803", "2023.12", "2023.12.2026080", "2023.12.20260803.0.1", "2023.12.20260803\n", " 2023.12.20260803"} {
		if r, err := Parse(text); err == nil {
			t.Errorf("%q: got %v", text, r)
		}
	}
}

// TestParseName_OtherImages names images that Amazon owns, too.
func TestParseName_OtherImages(t *testing.T) {
	for _, name := range []string{
		"al2023-ami-2023.12.20260803.0-kernel-6.1-x86_64",
		"al2023-ami-2023.12.20260803.0-kernel-6.12-arm64",
		"al2023-ami-minimal-2023.12.20260803.0-kernel-6.1-arm64",
		"al2023-ami-ecs-hvm-2023.0.20260803-kernel-6.1-arm64",
		"al2023-ami-2023.12.20260803-kernel-6.1-arm64", // a deployment would look for build 0
		"al2023-ami-2023.012.20260803.0-kernel-6.1-arm64",
		"2023.12.20260803.0-kernel-6.1-arm64",
	} {
		if r, ok := ParseName(name); ok {
			t.Errorf("%s: got %v", name, r)
		}
	}
}

func TestRelease_Compare(t *testing.T) {
	var list []Release
	for _, text := range []string{"2023.10.20270101", "2023.9.20260801", "2023.10.20260101.2", "2023.10.20260101.10", "2023.10.20260101"} {
		r, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	slices.SortFunc(list, Release.Compare)
	var got []string
	for _, r := range list {
		got = append(got, r.String())
	}
	want := []string{"2023.9.20260801", "2023.10.20260101", "2023.10.20260101.2", "2023.10.20260101.10", "2023.10.20270101"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
