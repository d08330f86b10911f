// Package amazonlinux knows how Amazon names the releases of Amazon Linux 2023 and their images.
//
// "Naming and versioning" of the Amazon Linux 2023 User Guide: a release is 2023.MINOR.DATE, and its image is called
// al2023-ami-2023.MINOR.DATE.N-kernel-6.1-ARCHITECTURE in every Region.
package amazonlinux

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// What a name consists of beside the release. All instances are arm64, and kernel 6.1 is the one that every release has.
const (
	prefix = "al2023-ami-"
	suffix = "-kernel-6.1-arm64"
)

// AnyName is the pattern of EC2's filters that the names of all images match. Others may match it too; ParseName tells.
const AnyName = prefix + "2023.*" + suffix

// Release is a release of Amazon Linux 2023 with one build of its images.
type Release struct {
	Minor int // counts up every few months
	Date  int // YYYYMMDD
	Build int // of the images; counts from 0
}

var releaseRE = regexp.MustCompile(`^2023\.([0-9]{1,3})\.([0-9]{8})(?:\.([0-9]{1,3}))?$`)

// Parse reads a release as a file pins it: 2023.MINOR.DATE, or 2023.MINOR.DATE.BUILD.
func Parse(text string) (Release, error) {
	m := releaseRE.FindStringSubmatch(text)
	if m == nil {
		return Release{}, fmt.Errorf("not a release of Amazon Linux 2023, got %q; write it like 2023.12.20260803", text)
	}
	var r Release
	for i, to := range []*int{&r.Minor, &r.Date, &r.Build} {
		*to, _ = strconv.Atoi(m[i+1]) // digits, or nothing, which is build 0
	}
	return r, nil
}

// ParseName reads the release out of the name of an image; ok is false for another kind of image.
func ParseName(name string) (r Release, ok bool) {
	text, begins := strings.CutPrefix(name, prefix)
	text, ends := strings.CutSuffix(text, suffix)
	r, err := Parse(text)
	return r, begins && ends && err == nil && r.Name() == name
}

// Name is the name of the release's image.
func (r Release) Name() string {
	return fmt.Sprintf("%s2023.%d.%08d.%d%s", prefix, r.Minor, r.Date, r.Build, suffix)
}

// String returns the release as a file pins it: build 0 is left out.
func (r Release) String() string {
	if r.Build == 0 {
		return fmt.Sprintf("2023.%d.%08d", r.Minor, r.Date)
	}
	return fmt.Sprintf("2023.%d.%08d.%d", r.Minor, r.Date, r.Build)
}

// MarshalText writes the release like String.
func (r Release) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (r *Release) UnmarshalText(text []byte) (err error) {
	*r, err = Parse(string(text))
	return err
}

// Compare says which release is older: negative is r.
func (r Release) Compare(other Release) int {
	return cmp.Or(cmp.Compare(r.Minor, other.Minor), cmp.Compare(r.Date, other.Date), cmp.Compare(r.Build, other.Build))
}
