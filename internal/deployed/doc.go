// Package deployed reads what is deployed of a network: its stacks, found by their tag in every account and Region of the
// network, their states and templates, and the plans that the deployments stored. It only reads. Anything that it cannot
// read is an error: a network that is half read would look like one that is half removed.
//
// # Credentials
//
// Credentials, profile and endpoints come from where the AWS CLI and the CDK CLI take them. Places without an account of their own,
// and those of the credentials' account, are read with the credentials themselves, which need cloudformation:DescribeStacks,
// cloudformation:ListStacks, cloudformation:GetTemplate, ssm:GetParameter and s3:GetObject with kms:Decrypt on the bootstrap
// bucket. In other accounts the roles of `cdk bootstrap --trust` are assumed: the lookup role for everything but the plan. That
// role may not decrypt, and the bootstrap bucket is encrypted, so the file publishing role reads the plan.
//
// # Half-done deployments
//
// Resources are compared by what the templates say, which is what CloudFormation compares with. The network is compared by the
// plan that was stored last, because a template does not say what a segment or a path is. Where the two do not agree, an earlier
// deployment stopped half way; that is NET908.
package deployed
