// Package images asks EC2 which releases of Amazon Linux 2023 a Region offers.
package images

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/pathproof/pathproof/internal/amazonlinux"
	"github.com/pathproof/pathproof/internal/deployed"
)

// Releases lists the releases whose images are offered where cfg leads, in no order. It needs ec2:DescribeImages.
func Releases(ctx context.Context, cfg aws.Config) ([]amazonlinux.Release, error) {
	return releases(ctx, ec2.NewFromConfig(cfg))
}

// releases asks as Custom::PathproofImage does at a deployment, so that what is found here is found there; but it leaves out
// deprecated images, which nobody should change to.
func releases(ctx context.Context, client ec2.DescribeImagesAPIClient) ([]amazonlinux.Release, error) {
	var found []amazonlinux.Release
	pages := ec2.NewDescribeImagesPaginator(client, &ec2.DescribeImagesInput{
		Owners: []string{"amazon"}, // anybody may call an image so
		Filters: []types.Filter{
			{Name: aws.String("name"), Values: []string{amazonlinux.AnyName}},
			{Name: aws.String("state"), Values: []string{string(types.ImageStateAvailable)}},
		},
		MaxResults: aws.Int32(1000), // without it EC2 answers all at once, or that they are too many
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, deployed.Explain(err, "ec2:DescribeImages")
		}
		for _, image := range page.Images {
			if r, ok := amazonlinux.ParseName(aws.ToString(image.Name)); ok {
				found = append(found, r)
			}
		}
	}
	return found, nil
}
