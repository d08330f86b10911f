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
	return validateLookup(p.Provider, p.Name, "an image of Amazon's")
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
	i.id = lookUp(i, props.Provider, "Image", "ec2:DescribeImages", props.Name)
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
	return validateLookup(p.Provider, p.Name, "a prefix list of AWS's")
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
	l.id = lookUp(l, props.Provider, "PrefixList", "ec2:DescribeManagedPrefixLists", props.Name)
	return l
}

// PrefixListId returns the id of the list.
func (l *PrefixList) PrefixListId() *string { return l.id }

func validateLookup(provider *Provider, name, what string) error {
	var f cdkx.Fields
	requireProvider(&f, provider)
	if name == "" {
		f.Addf("name", "missing; give the name of %s", what)
	}
	return f.Err()
}

// lookUp defines what finds the id of a kind of thing by its name, with the one action that it takes, and returns the id.
func lookUp(scope constructs.Construct, provider *Provider, kind, action, name string) *string {
	policy := provider.allow(kind+"Policy", describe(action))
	return attribute(define(scope, provider, "Custom::Pathproof"+kind, "", policy, map[string]any{"Name": name}), kind+"Id")
}
