// A user's CDK app: one stack with a VPC, and one with what works in it.
package main

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/pathproof/pathproof/constructs/network"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	define(app)
	app.Synth(nil)
}

func define(app awscdk.App) {
	props := &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("ap-northeast-2")}}
	net := awscdk.NewStack(app, jsii.String("net"), props)
	vpc := network.NewNetwork(net, "App", &network.NetworkProps{
		CIDR: netip.MustParsePrefix("172.16.0.0/16"),
		Subnets: []network.SubnetProps{
			{Tier: "private", ZoneID: "apne2-az1", CIDR: netip.MustParsePrefix("172.16.0.0/20")},
		},
	})
	api := awscdk.NewStack(app, jsii.String("api"), props)
	awsec2.NewCfnSecurityGroup(api, jsii.String("Servers"), &awsec2.CfnSecurityGroupProps{
		GroupDescription: jsii.String("API servers"), VpcId: vpc.VpcId()})
}
