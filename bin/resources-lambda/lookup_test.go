package main

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const (
	imageType = "Custom::PathproofImage"
	listType  = "Custom::PathproofPrefixList"
	al2023    = "al2023-ami-2023.8.20250818.0-kernel-6.1-arm64"
	checkers  = "com.amazonaws.ap-northeast-2.route53-healthchecks"
)

// filtered are the values of one filter; EC2 would take a missing one for "all".
func filtered(filters []types.Filter, name string) []string {
	for _, f := range filters {
		if *f.Name == name {
			return f.Values
		}
	}
	return nil
}

func (f *fakeEC2) DescribeImages(_ context.Context, in *ec2.DescribeImagesInput, _ ...func(*ec2.Options)) (*ec2.DescribeImagesOutput, error) {
	if err := f.enter("DescribeImages"); err != nil {
		return nil, err
	}
	out := &ec2.DescribeImagesOutput{}
	for _, i := range f.images {
		owned := slices.Contains(in.Owners, aws.ToString(i.ImageOwnerAlias))
		hidden := i.DeprecationTime != nil && !aws.ToBool(in.IncludeDeprecated)
		if owned && !hidden && slices.Contains(filtered(in.Filters, "name"), *i.Name) && slices.Contains(filtered(in.Filters, "state"), string(i.State)) {
			out.Images = append(out.Images, i)
		}
	}
	return out, nil
}

func (f *fakeEC2) DescribeManagedPrefixLists(_ context.Context, in *ec2.DescribeManagedPrefixListsInput, _ ...func(*ec2.Options)) (*ec2.DescribeManagedPrefixListsOutput, error) {
	if err := f.enter("DescribePrefixLists"); err != nil {
		return nil, err
	}
	out := &ec2.DescribeManagedPrefixListsOutput{}
	for _, l := range f.lists {
		if slices.Contains(filtered(in.Filters, "prefix-list-name"), *l.PrefixListName) && slices.Contains(filtered(in.Filters, "owner-id"), *l.OwnerId) {
			out.PrefixLists = append(out.PrefixLists, l)
		}
	}
	return out, nil
}

func image(id, owner, name string, state types.ImageState) types.Image {
	return types.Image{ImageId: &id, ImageOwnerAlias: &owner, Name: &name, State: state}
}

func TestImage_IsAmazonsOfThatName(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		deprecated := image("ami-0000000000000000a", "amazon", al2023, types.ImageStateAvailable)
		deprecated.DeprecationTime = aws.String("2025-01-01T00:00:00Z")
		h.fake().images = []types.Image{deprecated, image("ami-0000000000000000b", "self", al2023, types.ImageStateAvailable),
			image("ami-0000000000000000c", "amazon", al2023, types.ImageStateFailed), image("ami-0000000000000000d", "amazon", "other", types.ImageStateAvailable)}
		for _, request := range []string{"Create", "Update"} {
			r := succeeded(t, h.send(event(request, imageType, "image/"+al2023, "Name", al2023)))
			if r.Data["ImageId"] != "ami-0000000000000000a" || r.PhysicalResourceID != "image/"+al2023 {
				t.Errorf("%s: got %v, %s", request, r.Data, r.PhysicalResourceID)
			}
		}
		before := len(h.fake().calls)
		succeeded(t, h.send(event("Delete", imageType, "image/"+al2023, "Name", al2023)))
		if len(h.fake().calls) != before {
			t.Error("a Delete calls EC2, though there is nothing to undo")
		}
	})
}

func TestLookup_FailsUnlessThereIsOne(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		failedWith(t, h.send(event("Create", imageType, "", "Name", al2023)), "image "+al2023, "want one of Amazon's", "check the name")
		failedWith(t, h.send(event("Create", imageType, "", "Name", "*")), `Name: not the name of an image, got "*"`)
		h.fake().lists = []types.ManagedPrefixList{{PrefixListId: aws.String("pl-1"), PrefixListName: aws.String(checkers), OwnerId: aws.String("AWS")},
			{PrefixListId: aws.String("pl-2"), PrefixListName: aws.String(checkers), OwnerId: aws.String("AWS")}}
		failedWith(t, h.send(event("Create", listType, "", "Name", checkers)), `["pl-1" "pl-2"]`)
		failedWith(t, h.send(event("Create", listType, "", "Name", "mine")), `Name: not the name of a list of AWS's, got "mine"`)
	})
}

func TestPrefixList_IsAWSsOwn(t *testing.T) {
	fast(t, func(t *testing.T, h *harness) {
		h.fake().lists = []types.ManagedPrefixList{{PrefixListId: aws.String("pl-foreign"), PrefixListName: aws.String(checkers), OwnerId: aws.String("111122223333")},
			{PrefixListId: aws.String("pl-0123"), PrefixListName: aws.String(checkers), OwnerId: aws.String("AWS")}}
		h.fake().fail = map[string][]error{"DescribePrefixLists": {apiError("UnauthorizedOperation")}}
		if r := succeeded(t, h.send(event("Create", listType, "", "Name", checkers))); r.Data["PrefixListId"] != "pl-0123" {
			t.Errorf("got %v", r.Data)
		}
	})
}

func TestClientVPNFacts_WaitsForTheAttachment(t *testing.T) {
	const endpoint = "cvpn-endpoint-0123456789abcdef0"
	fast(t, func(t *testing.T, h *harness) {
		f := h.fake()
		f.before = func(string) { // it appears at the third look
			if len(f.calls) == 2 {
				a := f.addAttachment(attA, "", "")
				a.ResourceId, a.ResourceType, a.TransitGatewayId = aws.String(endpoint), types.TransitGatewayAttachmentResourceTypeClientVpn, aws.String(tgw1)
			}
		}
		r := succeeded(t, h.send(event("Create", "Custom::PathproofClientVpnFacts", "", "ClientVpnEndpointId", endpoint, "TransitGatewayId", tgw1)))
		if r.Data["TransitGatewayAttachmentId"] != attA || r.PhysicalResourceID != endpoint {
			t.Errorf("got %v, %s", r.Data, r.PhysicalResourceID)
		}
	})
}
