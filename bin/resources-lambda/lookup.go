package main

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

var (
	imageName = regexp.MustCompile(`^[A-Za-z0-9()\[\] ./'@_-]{3,128}$`)
	listName  = regexp.MustCompile(`^com\.amazonaws\.[a-z0-9.-]+$`)
)

// lookup finds the id that something of Amazon's has in the function's Region, by a name that is the same everywhere.
type lookup struct {
	what, name, attribute string
	find                  func(ctx context.Context, r *run, name string) ([]string, error)
}

// physicalID names what is looked up: another name is another thing.
func (l lookup) physicalID() string { return l.what + "/" + l.name }

// remove has nothing to undo: names are only looked up.
func (l lookup) remove(context.Context, *run) error { return nil }

func (l lookup) apply(ctx context.Context, r *run) (map[string]string, error) {
	facts := map[string]string{}
	err := r.until(ctx, l.what+" "+l.name, func(ctx context.Context) (string, error) {
		ids, err := l.find(ctx, r, l.name)
		if err != nil {
			return "", err
		}
		if len(ids) != 1 {
			return "", early("want one of Amazon's with that name in %s, got %q; check the name", r.region, ids)
		}
		facts[l.attribute] = ids[0]
		return done, nil
	})
	return facts, err
}

// parseImage reads Custom::PathproofImage: an image of Amazon's by its name, which says version and architecture and never
// stands for another image.
func parseImage(p *properties) resource {
	l := lookup{what: "image", name: p.text("Name"), attribute: "ImageId", find: findImage}
	if !imageName.MatchString(l.name) {
		p.addf("Name", "not the name of an image, got %q; pass one like al2023-ami-2023.8.20250818.0-kernel-6.1-arm64", l.name)
	}
	return l
}

func findImage(ctx context.Context, r *run, name string) (ids []string, err error) {
	out, err := r.here().DescribeImages(ctx, &ec2.DescribeImagesInput{
		Owners:            []string{"amazon"},
		IncludeDeprecated: aws.Bool(true), // two years after its release it can still be started
		Filters: []types.Filter{
			{Name: aws.String("name"), Values: []string{name}},
			{Name: aws.String("state"), Values: []string{string(types.ImageStateAvailable)}},
		},
	})
	if err != nil {
		return nil, err
	}
	for _, image := range out.Images {
		ids = append(ids, aws.ToString(image.ImageId))
	}
	return ids, nil
}

// parsePrefixList reads Custom::PathproofPrefixList: a list of AWS's own addresses, such as those of Route 53's health checkers.
func parsePrefixList(p *properties) resource {
	l := lookup{what: "prefix list", name: p.text("Name"), attribute: "PrefixListId", find: findPrefixList}
	if !listName.MatchString(l.name) {
		p.addf("Name", "not the name of a list of AWS's, got %q; pass one like com.amazonaws.ap-northeast-2.route53-healthchecks", l.name)
	}
	return l
}

func findPrefixList(ctx context.Context, r *run, name string) (ids []string, err error) {
	out, err := r.here().DescribeManagedPrefixLists(ctx, &ec2.DescribeManagedPrefixListsInput{
		Filters: []types.Filter{
			{Name: aws.String("prefix-list-name"), Values: []string{name}},
			{Name: aws.String("owner-id"), Values: []string{"AWS"}}, // anybody may share a list of that name
		},
	})
	if err != nil {
		return nil, err
	}
	for _, list := range out.PrefixLists {
		ids = append(ids, aws.ToString(list.PrefixListId))
	}
	return ids, nil
}
