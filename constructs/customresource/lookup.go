package customresource

import (
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// ImageProps configures an Image.
type ImageProps struct {
	// Provider does the work. Required.
	Provider *Provider
	// Name is the name of an image of Amazon's, for example al2023-ami-2023.8.20250818.0-kernel-6.1-arm64. It is the same in every
	// Region and never stands for another image. Required.
	Name string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p ImageProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	if p.Name == "" {
		f.Addf("name", "missing; give the name of an image of Amazon's")
	}
	return f.Err()
}

// Image is the id that an image of Amazon's has in the stack's Region. It changes with the name only: unlike with a parameter for
// the latest image, no other deployment replaces what was started from it.
type Image struct {
	constructs.Construct
	id *string
}

// NewImage defines the look-up of an image in scope. It panics if props are invalid; call Validate first.
func NewImage(scope constructs.Construct, id string, props *ImageProps) *Image {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	i := &Image{}
	constructs.NewConstruct_Override(i, scope, &id)
	policy := props.Provider.allow("ImagePolicy", describe("ec2:DescribeImages"))
	i.id = attribute(define(i, props.Provider, "Custom::PathproofImage", "", policy, map[string]any{"Name": props.Name}), "ImageId")
	return i
}

// ImageId returns the id of the image.
func (i *Image) ImageId() *string { return i.id }

// PrefixListProps configures a PrefixList.
type PrefixListProps struct {
	// Provider does the work. Required.
	Provider *Provider
	// Name is the name of a managed prefix list of AWS's, for example com.amazonaws.ap-northeast-2.route53-healthchecks. Required.
	Name string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p PrefixListProps) Validate() error {
	var f cdkx.Fields
	requireProvider(&f, p.Provider)
	if p.Name == "" {
		f.Addf("name", "missing; give the name of a prefix list of AWS's")
	}
	return f.Err()
}

// PrefixList is the id that a managed prefix list of AWS's has in the stack's Region, for rules of security groups.
type PrefixList struct {
	constructs.Construct
	id *string
}

// NewPrefixList defines the look-up of a prefix list in scope. It panics if props are invalid; call Validate first.
func NewPrefixList(scope constructs.Construct, id string, props *PrefixListProps) *PrefixList {
	props = orEmpty(props)
	cdkx.MustBeValid(scope, id, props.Validate())
	l := &PrefixList{}
	constructs.NewConstruct_Override(l, scope, &id)
	policy := props.Provider.allow("PrefixListPolicy", describe("ec2:DescribeManagedPrefixLists"))
	l.id = attribute(define(l, props.Provider, "Custom::PathproofPrefixList", "", policy, map[string]any{"Name": props.Name}), "PrefixListId")
	return l
}

// PrefixListId returns the id of the list.
func (l *PrefixList) PrefixListId() *string { return l.id }
