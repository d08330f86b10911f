package images

import (
	"context"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// pages answers one page after the other, and keeps what was asked for.
type pages struct {
	names [][]string
	asked []*ec2.DescribeImagesInput
	err   error
}

func (p *pages) DescribeImages(_ context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	n := len(p.asked)
	p.asked = append(p.asked, in)
	if n == len(p.names) {
		return nil, p.err
	}
	out := &ec2.DescribeImagesOutput{}
	for _, name := range p.names[n] {
		out.Images = append(out.Images, types.Image{Name: &name})
	}
	if p.err != nil || n+1 < len(p.names) {
		out.NextToken = aws.String(fmt.Sprint("page", n+1))
	}
	return out, nil
}

// An empty page is not the last one: filters work on what a page has.
func TestReleases_ReadsAllPages(t *testing.T) {
	p := &pages{names: [][]string{{"al2023-ami-2023.12.20260803.0-kernel-6.1-arm64", "al2023-ami-2023.12.20260803.0-new-kernel-6.1-arm64"}, {},
		{"al2023-ami-2023.11.20260514.1-kernel-6.1-arm64"}}}
	got, err := releases(t.Context(), p)
	if err != nil || fmt.Sprint(got) != "[2023.12.20260803 2023.11.20260514.1]" {
		t.Errorf("got %v, %v", got, err)
	}
	if len(p.asked) != 3 || aws.ToString(p.asked[2].NextToken) != "page2" {
		t.Errorf("%d requests, want 3", len(p.asked))
	}
}

func TestReleases_AsksForAmazonsImagesThatAreNotDeprecated(t *testing.T) {
	p := &pages{names: [][]string{{}}}
	if _, err := releases(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	in, filters := p.asked[0], map[string][]string{}
	for _, f := range in.Filters {
		filters[*f.Name] = f.Values
	}
	want := map[string][]string{"name": {"al2023-ami-2023.*-kernel-6.1-arm64"}, "state": {"available"}}
	if diff := cmp.Diff(want, filters); diff != "" || !cmp.Equal(in.Owners, []string{"amazon"}) || aws.ToBool(in.IncludeDeprecated) {
		t.Errorf("asked with owners %v, deprecated %v\n%s", in.Owners, in.IncludeDeprecated, diff)
	}
}

// What a part of the pages says is not what the Region offers.
func TestReleases_FailsWithTheMissingPermission(t *testing.T) {
	p := &pages{names: [][]string{{"al2023-ami-2023.12.20260803.0-kernel-6.1-arm64"}}, err: &smithy.GenericAPIError{Code: "UnauthorizedOperation", Message: "not you"}}
	got, err := releases(t.Context(), p)
	if want := `the call failed, got "UnauthorizedOperation: not you"; allow ec2:DescribeImages`; got != nil || err == nil || err.Error() != want {
		t.Errorf("got %v, %v; want %s", got, err, want)
	}
}
