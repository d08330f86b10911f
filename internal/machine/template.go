package machine

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
)

// DefaultInstanceType is what a machine runs on unless it is told otherwise.
const DefaultInstanceType = "t4g.small"

// Props are what every machine has.
type Props struct {
	// Name is the Name tag and part of descriptions.
	Name string
	// ImageId is an image for arm64 with its root volume at /dev/xvda.
	ImageId *string
	// ImageName is the name of one of Amazon's, which Provider looks up, in place of ImageId.
	ImageName string
	Provider  *customresource.Provider
	// InstanceType is one with a Graviton processor.
	InstanceType string
	// SecurityGroupIds are 1 to 5.
	SecurityGroupIds []*string
	// UserData is #cloud-config text without secrets.
	UserData string
	// Namespace is where in CloudWatch the machine's metrics go.
	Namespace string
	// LogGroupName is the log group that it writes, and LogDays how long that is kept.
	LogGroupName string
	LogDays      int
	// Private gives them no public address. By default each has one, because the machines of ways in stand in public subnets.
	Private bool
	// May is what its role is allowed beyond what all machines are.
	May []Statement
	// TagKey and TagValue mark its instances and their network interfaces, so that a role can be limited to them.
	TagKey   string
	TagValue *string
	// Unlimited is why more of what it is allowed has no resource to be limited to, for cdk-nag. Default: nothing more is so.
	Unlimited string
	// Signals says that it tells its stack whether it serves.
	Signals bool
	// Detailed has EC2 measure its load each minute, which is billed, in place of every five.
	Detailed bool
}

// DefineTemplate defines the launch template and the role of a machine.
func DefineTemplate(scope constructs.Construct, p Props) awsec2.CfnLaunchTemplate {
	image := p.ImageId
	if p.ImageName != "" {
		image = customresource.NewImage(scope, naming.Image, &customresource.ImageProps{Provider: p.Provider, Name: p.ImageName}).ImageId()
	}
	kind := p.InstanceType
	if kind == "" {
		kind = DefaultInstanceType
	}
	tags := cdkx.Name(p.Name)
	if p.TagKey != "" {
		*tags = append(*tags, &awscdk.CfnTag{Key: jsii.String(p.TagKey), Value: p.TagValue})
	}
	return awsec2.NewCfnLaunchTemplate(scope, jsii.String(naming.LaunchTemplate), &awsec2.CfnLaunchTemplateProps{
		LaunchTemplateData: &awsec2.CfnLaunchTemplate_LaunchTemplateDataProperty{
			ImageId: image, InstanceType: &kind, UserData: awscdk.Fn_Base64(&p.UserData), Monitoring: &awsec2.CfnLaunchTemplate_MonitoringProperty{Enabled: jsii.Bool(p.Detailed)},
			IamInstanceProfile: &awsec2.CfnLaunchTemplate_IamInstanceProfileProperty{Arn: defineProfile(scope, p).AttrArn()},
			MetadataOptions: &awsec2.CfnLaunchTemplate_MetadataOptionsProperty{HttpEndpoint: jsii.String("enabled"), HttpTokens: jsii.String("required"),
				HttpPutResponseHopLimit: jsii.Number(1)},
			BlockDeviceMappings: cdkx.List(&awsec2.CfnLaunchTemplate_BlockDeviceMappingProperty{DeviceName: jsii.String("/dev/xvda"),
				Ebs: &awsec2.CfnLaunchTemplate_EbsProperty{Encrypted: jsii.Bool(true), VolumeType: jsii.String("gp3"), DeleteOnTermination: jsii.Bool(true)}}),
			// A public address of its own: the machine calls AWS before it has, or without, an Elastic IP.
			NetworkInterfaces: cdkx.List(&awsec2.CfnLaunchTemplate_NetworkInterfaceProperty{DeviceIndex: jsii.Number(0), Groups: &p.SecurityGroupIds,
				AssociatePublicIpAddress: jsii.Bool(!p.Private), DeleteOnTermination: jsii.Bool(true)}),
			TagSpecifications: tagSpecifications(tags, "instance", "network-interface", "volume"),
		},
	})
}

func tagSpecifications(tags *[]*awscdk.CfnTag, types ...string) *[]any {
	var out []any
	for _, t := range types {
		out = append(out, &awsec2.CfnLaunchTemplate_TagSpecificationProperty{ResourceType: jsii.String(t), Tags: tags})
	}
	return &out
}

func defineProfile(scope constructs.Construct, p Props) awsiam.CfnInstanceProfile {
	log := awslogs.NewCfnLogGroup(scope, jsii.String("Log"), &awslogs.CfnLogGroupProps{LogGroupName: &p.LogGroupName, RetentionInDays: jsii.Number(p.LogDays)})
	log.ApplyRemovalPolicy(awscdk.RemovalPolicy_DESTROY, nil)
	statements := append(common(p.Namespace, log.AttrArn()), p.May...)
	if p.Signals {
		statements = append(statements, Allow([]string{"cloudformation:SignalResource"}, awscdk.Aws_STACK_ID()))
	}
	role := awsiam.NewCfnRole(scope, jsii.String("Role"), &awsiam.CfnRoleProps{AssumeRolePolicyDocument: trust(),
		Policies: &[]any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("Own"), PolicyDocument: Document(statements...)}}})
	why := "Session Manager opens its channels before anything of them has an ARN, and metrics " +
		"have none: the namespace is fixed by a condition. EC2 lists addresses and interfaces without resources. Whatever else ends in a wildcard is limited to this machine's own by its tag or its log group."
	if p.Unlimited != "" {
		why += " " + p.Unlimited
	}
	cdkx.Suppress(role, cdkx.Rule{ID: "AwsSolutions-IAM5", Reason: why})
	return awsiam.NewCfnInstanceProfile(scope, jsii.String("Profile"), &awsiam.CfnInstanceProfileProps{Roles: cdkx.List(role.Ref())})
}
