package latencyprobe

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3assets"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/lambdafn"
)

// bootTimeout is how long CloudFormation waits for a boot, in seconds: a boot takes one or two minutes, and the script gives
// up on S3 after 150 s of waiting between its tries.
const bootTimeout = "900"

// TargetInstance answers probes: the pathproof command as a service on a small instance with a fixed address, for
// paths into networks where nothing of your own listens yet. You can do the same on a host of yours; docs/PROBE.md has the unit.
//
// It needs a way to S3 for its program and to report its boot, by a gateway endpoint or any other egress; the deployment fails
// after 15 minutes without one. An endpoint's policy has to allow the bucket of CDK's assets and CloudFormation's for wait
// conditions. Nobody can log in by SSH; Session Manager works where the subnet has a way to it.
//
// CloudFormation stops and starts the instance for a new Program or Port; it keeps its address. Other changes replace it, as their
// props say, and the new one comes before the old one goes: give it another PrivateIP in the same deployment, or
// take the target out, deploy, and put it back. With the same address EC2 refuses the new one and the old one stays.
type TargetInstance struct {
	constructs.Construct
	props    TargetProps
	instance awsec2.CfnInstance
}

// NewTarget defines an instance that is a target in scope. It panics if props are invalid; call Validate first.
func NewTarget(scope constructs.Construct, id string, props *TargetProps) *TargetInstance {
	p := orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	t := &TargetInstance{props: p.withDefaults()}
	constructs.NewConstruct_Override(t, scope, &id)
	sum, err := fileSHA256(p.Program)
	must(*t.Node().Path(), err)
	asset := awss3assets.NewAsset(t, jsii.String("Program"), &awss3assets.AssetProps{Path: &p.Program})
	b := boot{SHA256: sum, ZoneID: p.ZoneID, Port: t.props.Port}
	generation := t.generation(b)
	handle := awscdk.NewCfnWaitConditionHandle(t, jsii.String("Handle"+generation), nil)
	b.Signal, b.Bucket, b.Key, b.Region = *handle.Ref(), *asset.S3BucketName(), *asset.S3ObjectKey(), *awscdk.Stack_Of(t).Region()
	t.defineInstance(t.defineProfile(asset), b.userData())
	wait := awscdk.NewCfnWaitCondition(t, jsii.String("Booted"+generation), &awscdk.CfnWaitConditionProps{Handle: handle.Ref(), Timeout: jsii.String(bootTimeout)})
	wait.Node().AddDependency(t.instance)
	return t
}

// generation changes with whatever makes the instance boot anew, because a wait condition waits once. It is made of
// values only: the text of references differs from run to run.
func (t *TargetInstance) generation(b boot) string {
	p := t.props
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s", b.userData(), p.ImageID, p.InstanceType, p.PrivateIP))
	return hex.EncodeToString(sum[:4])
}

// defineProfile lets the instance read its program, and Session Manager reach it. AmazonSSMManagedInstanceCore would let it
// read every parameter of the account too.
func (t *TargetInstance) defineProfile(asset awss3assets.Asset) awsiam.CfnInstanceProfile {
	object := map[string]any{"Fn::Join": []any{"", []any{"arn:", awscdk.Aws_PARTITION(), ":s3:::", asset.S3BucketName(), "/", asset.S3ObjectKey()}}}
	statements := []any{lambdafn.Allow([]string{"s3:GetObject"}, object),
		lambdafn.Allow([]string{"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
			"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"}, "*")}
	if t.props.AssetKeyArn != nil {
		statements = append(statements, lambdafn.Allow([]string{"kms:Decrypt"}, t.props.AssetKeyArn))
	}
	role := awsiam.NewCfnRole(t, jsii.String("Role"), &awsiam.CfnRoleProps{
		AssumeRolePolicyDocument: lambdafn.Policy(map[string]any{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "ec2.amazonaws.com"}}),
		Policies:                 &[]any{&awsiam.CfnRole_PolicyProperty{PolicyName: jsii.String("Own"), PolicyDocument: lambdafn.Policy(statements...)}},
	})
	cdkx.Suppress(role, cdkx.Rule{ID: "AwsSolutions-IAM5", Reason: "Session Manager opens its channels before anything of them has an ARN."})
	return awsiam.NewCfnInstanceProfile(t, jsii.String("Profile"), &awsiam.CfnInstanceProfileProps{Roles: cdkx.List(role.Ref())})
}

func (t *TargetInstance) defineInstance(profile awsiam.CfnInstanceProfile, userData string) {
	p := t.props
	t.instance = awsec2.NewCfnInstance(t, jsii.String("Instance"), &awsec2.CfnInstanceProps{
		ImageId: &p.ImageID, InstanceType: &p.InstanceType, SubnetId: p.SubnetId, PrivateIpAddress: jsii.String(p.PrivateIP.String()),
		SecurityGroupIds: cdkx.List(p.SecurityGroupIds...), IamInstanceProfile: profile.Ref(), UserData: awscdk.Fn_Base64(&userData),
		MetadataOptions: &awsec2.CfnInstance_MetadataOptionsProperty{HttpEndpoint: jsii.String("enabled"), HttpTokens: jsii.String("required"), HttpPutResponseHopLimit: jsii.Number(1)},
		BlockDeviceMappings: cdkx.List(&awsec2.CfnInstance_BlockDeviceMappingProperty{DeviceName: jsii.String("/dev/xvda"),
			Ebs: &awsec2.CfnInstance_EbsProperty{Encrypted: jsii.Bool(true), VolumeType: jsii.String("gp3"), DeleteOnTermination: jsii.Bool(true)}}),
		Monitoring: jsii.Bool(false), Tags: cdkx.Name(*t.Node().Path()),
	})
	t.instance.Node().AddDependency(p.DependsOn...)
	cdkx.Suppress(t.instance,
		cdkx.Rule{ID: "AwsSolutions-EC28", Reason: "The gate measures whether the target answers; metrics by the minute would say less and are billed."},
		cdkx.Rule{ID: "AwsSolutions-EC29", Reason: "The target keeps nothing, and a stack that protects it could not replace it."})
}

// Instance returns the instance.
func (t *TargetInstance) Instance() awsec2.CfnInstance { return t.instance }

func fileSHA256(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", fmt.Errorf("program: %w", err)
	}
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:]), nil
}
