package latencyprobe

import (
	"fmt"
	"math"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/gate"
	"github.com/pathproof/pathproof/internal/lambdafn"
)

const (
	// vantageMemory: the kernel times handshakes, so a slow function does not make a path look slow; Lambda gives CPU in
	// proportion to memory, and with this a quarter of a CPU is left for four probes at once. With less the function finds
	// itself starved and calls what it measured inconclusive.
	vantageMemory = 512
	maxMemory     = 10240
	maxTimeout    = 15 * time.Minute // Lambda's
)

// VantageProps configures a Vantage.
type VantageProps struct {
	// FunctionName is the function's name, at most 64 characters; the one that Config.Vantages gives for Key. A change
	// replaces the function. Required.
	FunctionName string
	// Key is the vantage's key in Config. It may measure the targets of its own paths there and nothing else. Required.
	Key string
	// Code is the folder with the compiled function, a file named bootstrap for Linux on arm64. Required.
	Code string
	// Config is the gate's. Required.
	Config *Config
	// ZoneID is the AZ ID of the subnet, for example apne2-az1. Required.
	ZoneID string
	// SubnetId is the subnet to measure from. One, so that it is known where every figure is from. Required.
	SubnetId *string
	// SecurityGroupIds are those of the workloads that it stands for, 1 to 5. Nothing is opened for it. Required.
	SecurityGroupIds []*string
	// MemoryMiB is the function's memory, 128 to 10240.
	// Default: 512, a quarter of a CPU.
	MemoryMiB int
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p VantageProps) Validate() error {
	var f cdkx.Fields
	requireName(&f, p.FunctionName)
	lambdafn.RequireCode(&f, p.Code)
	if config := requireConfig(&f, p.Config); config != nil {
		switch v := config.Vantage(p.Key); {
		case v == nil:
			f.Addf("key", "not in the configuration's vantages, got %q; add it there", p.Key)
		case v.Function != p.FunctionName:
			f.Addf("functionName", "the configuration calls %q for %s, got %q; use one name", v.Function, p.Key, p.FunctionName)
		case v.AZID != p.ZoneID:
			f.Addf("zoneId", "the configuration says %q for %s, got %q; use one zone", v.AZID, p.Key, p.ZoneID)
		}
	}
	f.RequireText("subnetId", p.SubnetId)
	if n := len(p.SecurityGroupIds); n < 1 || n > 5 {
		f.Addf("securityGroupIds", "want 1 to 5, got %d; give those of the workloads it stands for", n)
	}
	if p.MemoryMiB != 0 && (p.MemoryMiB < 128 || p.MemoryMiB > maxMemory) {
		f.Addf("memoryMiB", "out of range, got %d; use 128 to %d", p.MemoryMiB, maxMemory)
	}
	return f.Err()
}

// Vantage is a Lambda function that measures paths from a subnet. It calls nothing of AWS and needs no way to the Internet.
type Vantage struct {
	constructs.Construct
	function awslambda.CfnFunction
}

// NewVantage defines a vantage in scope. It panics if props are invalid; call Validate first.
func NewVantage(scope constructs.Construct, id string, props *VantageProps) *Vantage {
	p := orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	v := &Vantage{}
	constructs.NewConstruct_Override(v, scope, &id)
	config, _, _ := resolved(p.Config)
	memory := p.MemoryMiB
	if memory == 0 {
		memory = vantageMemory
	}
	f := &lambdafn.Function{Name: p.FunctionName, Description: fmt.Sprintf("Measures the paths of %s that start in %s", config.Network, p.Key),
		Handler: gate.HandlerVantage, Code: p.Code, Memory: memory, Timeout: seconds(config.VantageTimeout()),
		Environment: map[string]*string{gate.EnvVantage: &p.Key, gate.EnvAZID: &p.ZoneID, gate.EnvAllow: jsii.String(config.AllowFor(p.Key))},
		Network:     &awslambda.CfnFunction_VpcConfigProperty{SubnetIds: &[]*string{p.SubnetId}, SecurityGroupIds: &p.SecurityGroupIds},
		Statements:  interfaces(p.FunctionName),
		Nag: "EC2 knows no resources for the network interfaces that the Lambda service makes with this role; the function's own code is denied " +
			"the same actions."}
	v.function = f.Define(v)
	return v
}

// interfaces lets the Lambda service, and not the function's own code, manage the function's network interfaces.
func interfaces(functionName string) []any {
	actions := []string{"ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets", "ec2:DeleteNetworkInterface",
		"ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses"}
	own := lambdafn.Sub("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:" + functionName)
	return []any{lambdafn.Allow(actions, "*"), map[string]any{"Effect": "Deny", "Action": actions, "Resource": []any{"*"},
		"Condition": map[string]any{"ArnEquals": map[string]any{"lambda:SourceFunctionArn": own}}}}
}

// seconds rounds up, within what Lambda allows.
func seconds(d time.Duration) float64 { return math.Ceil(min(d, maxTimeout).Seconds()) }

// Function returns the Lambda function.
func (v *Vantage) Function() awslambda.CfnFunction { return v.function }
