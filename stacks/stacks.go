// Package stacks turns a plan into a CDK app: one stack per layer, account and Region, and one per peering.
//
// The layers are deployed in the order network, peer, routes, ops, and removed in reverse. Values pass between the
// stacks of one place as plain exports, which CloudFormation protects, and between Regions as outputs that the reader
// looks up (Fn::GetStackOutput), which need no helper in any account.
package stacks

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/constructs/accelerated"
	"github.com/pathproof/pathproof/constructs/alerts"
	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/latencyprobe"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/transitvpn"
	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// Options configures Build.
type Options struct {
	// ResourcesLambda is the folder that holds the compiled bin/resources-lambda as bootstrap. Required.
	ResourcesLambda string
	// ProbeLambda is the folder that holds the compiled bin/probe-lambda as bootstrap. Required if the plan measures.
	ProbeLambda string
	// Program is the file of the pathproof command, compiled for Linux on arm64. Required if the plan has OpenVPN servers: it
	// answers probes there.
	Program string
	// WebhookLambda is the folder that holds the compiled bin/webhook-lambda as bootstrap. Required if the plan has a webhook.
	WebhookLambda string
	// Plan is a file that holds the plan as JSON. It is deployed with the network, so that a later plan can be compared with
	// what is deployed. Required.
	Plan string
	// Acknowledge lists rules of CDK's template validation that do not fit, with reasons.
	// Default: none.
	Acknowledge map[string]string
}

// Build defines every stack of a plan in app. The plan must be free of errors. Like every CDK program it panics on what
// CDK refuses; run it inside cdkx.Catch.
func Build(app awscdk.App, plan *topology.Plan, opts Options) {
	b := &builder{app: app, plan: plan, opts: opts, stacks: map[string]*stack{}, networks: map[string]*network.Network{},
		gateways: map[string]*transitvpn.TransitGateway{}, peerings: map[string]*string{}, sites: map[string]*transitvpn.Site{},
		keys: map[topology.Place]*alerts.Key{}, topics: map[topology.Place]*string{}, ways: newWays(),
		accelerators: map[string]*accelerated.Accelerator{}}
	for _, rule := range slices.Sorted(maps.Keys(opts.Acknowledge)) {
		awscdk.Validations_Of(app).Acknowledge(&awscdk.Acknowledgment{Id: jsii.String("CloudFormation-Validate::" + rule), Reason: jsii.String(opts.Acknowledge[rule])})
	}
	for _, s := range plan.Stacks {
		st := b.stack(s)
		switch {
		case s.Network != "":
			b.networkStack(st, plan.Network(s.Network))
		case s.Accelerator != "":
			b.acceleratorStack(st, plan.Accelerator(s.Accelerator))
		case s.Layer == topology.LayerNetwork:
			b.placeStack(st)
		case s.Layer == topology.LayerPeer:
			b.peerStack(st)
		case s.Layer == topology.LayerRoutes:
			b.routesStack(st)
		case s.Layer == topology.LayerOps:
			b.opsStack(st)
		}
	}
}

// builder holds what later layers take from earlier ones.
type builder struct {
	app          awscdk.App
	plan         *topology.Plan
	opts         Options
	stacks       map[string]*stack
	networks     map[string]*network.Network           // by key
	gateways     map[string]*transitvpn.TransitGateway // by name
	peerings     map[string]*string                    // connection or attachment id by peering name
	sites        map[string]*transitvpn.Site           // by name
	keys         map[topology.Place]*alerts.Key        // of the topics for alarms
	topics       map[topology.Place]*string            // ARNs
	reports      *string                               // name of the bucket of reports
	config       *latencyprobe.Config
	ways         ways
	accelerators map[string]*accelerated.Accelerator
}

// stack is a stack with its plan.
type stack struct {
	awscdk.Stack
	plan     *topology.Stack
	provider *customresource.Provider
	program  program
	outputs  map[string]bool
	readers  map[string]*string // ARNs of roles that read the outputs from other accounts, by who reads
}

func (b *builder) stack(s *topology.Stack) *stack {
	protect := b.plan.Protect && (s.Layer == topology.LayerNetwork || s.Layer == topology.LayerPeer)
	props := &awscdk.StackProps{
		StackName:             jsii.String(s.Name),
		Description:           jsii.String(naming.StackDescription(b.plan.Name, describe(s))),
		Env:                   &awscdk.Environment{Region: jsii.String(s.Place.Region)},
		TerminationProtection: jsii.Bool(protect),
	}
	if s.Place.AccountID != "" {
		props.Env.Account = jsii.String(s.Place.AccountID)
	}
	st := &stack{Stack: awscdk.NewStack(b.app, jsii.String(s.Name), props), plan: s, outputs: map[string]bool{}, readers: map[string]*string{}}
	cdkx.Tag(st.Stack, b.tags(s))
	for _, name := range s.DependsOn {
		st.AddStackDependency(b.stacks[name].Stack, nil)
	}
	if s.Layer != topology.LayerPeer {
		b.marker(st)
	}
	b.stacks[s.Name] = st
	return st
}

// tags are those of the file, and the network's name. A peer stack has only the name: other tags may change, and a change
// of anything makes CloudFormation plan the peering anew, whose values of another Region it does not know in advance.
func (b *builder) tags(s *topology.Stack) map[string]string {
	tags := map[string]string{}
	if s.Layer != topology.LayerPeer {
		maps.Copy(tags, b.plan.Tags)
	}
	tags[naming.TagNetwork] = b.plan.Name
	return tags
}

func describe(s *topology.Stack) string {
	switch {
	case s.Layer == topology.LayerPeer:
		return naming.DescribedPeering(s.Peering)
	case s.Network != "":
		return naming.DescribedNetwork(s.Network)
	case s.Accelerator != "":
		return naming.DescribedAccelerator(s.Accelerator)
	}
	return fmt.Sprintf("%s layer in %s", s.Layer, s.Place)
}

// marker gives a stack its first resource: CloudFormation refuses an empty stack, so without it the last network of a
// Region could never be removed.
func (b *builder) marker(st *stack) {
	awsssm.NewCfnParameter(st.Stack, jsii.String(naming.Marker), &awsssm.CfnParameterProps{
		Type:        jsii.String("String"),
		Value:       jsii.String(b.plan.Name + " " + string(st.plan.Layer)),
		Description: jsii.String("Keeps this stack deployable when it holds nothing else."),
	})
}

// resources returns the stack's provider of custom resources, and defines it on first use.
func (b *builder) resources(st *stack) *customresource.Provider {
	if st.provider == nil {
		st.provider = customresource.NewProvider(st.Stack, naming.ResourcesLambda, &customresource.ProviderProps{Code: b.opts.ResourcesLambda})
	}
	return st.provider
}

// placeStackOf returns the stack with what the networks of a place share.
func (b *builder) placeStackOf(at topology.Place) *stack {
	return b.stacks[b.plan.StackName(topology.LayerNetwork, at)]
}

func (b *builder) networkStackOf(n *topology.Network) *stack {
	return b.stacks[b.plan.NetworkStackName(n)]
}
