package sitealarms

import (
	"net/netip"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/lambdafn"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// PrefixCheckProps configures a PrefixCheck.
type PrefixCheckProps struct {
	// Code is the folder with the compiled function, a file named bootstrap for Linux on arm64. Required.
	Code string
}

// Validate reports every problem in p. It needs no Node.js runtime.
func (p PrefixCheckProps) Validate() error {
	var f cdkx.Fields
	lambdafn.RequireCode(&f, p.Code)
	return f.Err()
}

// PrefixCheck is the function that compares what sites announce by BGP with what they have to. One serves all sites of a Region.
// Its role may search routes and nothing else: it is not that of custom resources, which changes networks.
type PrefixCheck struct {
	constructs.Construct
	function awslambda.CfnFunction
}

const (
	checkMemory  = 256
	checkTimeout = 60 // seconds
)

// NewPrefixCheck defines the function in scope. It panics if props are invalid; call Validate first.
func NewPrefixCheck(scope constructs.Construct, id string, props *PrefixCheckProps) *PrefixCheck {
	p := *orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	c := &PrefixCheck{}
	constructs.NewConstruct_Override(c, scope, &id)
	f := &lambdafn.Function{Description: "Compares what sites announce by BGP with their prefixes", Handler: vpnwatch.HandlerPrefixes, Code: p.Code,
		Memory: checkMemory, Timeout: checkTimeout, Statements: []any{lambdafn.Allow([]string{"ec2:SearchTransitGatewayRoutes"}, "*")},
		Nag: "Reading is allowed of all transit gateway route tables, because AWS does not say for sure that IAM knows resources for this call."}
	c.function = f.Define(c)
	return c
}

// Function returns the Lambda function.
func (c *PrefixCheck) Function() awslambda.CfnFunction { return c.function }

// lateRuns is how many runs may fail before an alarm takes it that nobody looks any more.
const lateRuns = 3

// definePrefixes has what the site announces compared on a schedule, and defines alarms of the differences.
func (s *SiteAlarms) definePrefixes() {
	p := &s.props
	event := map[string]any{"network": p.Network, "site": p.Site, "routeTable": p.RouteTableId, "prefixes": texts(p.Prefixes)}
	var ids []*string
	for _, c := range p.Connections {
		ids = append(ids, c.VpnConnectionId)
	}
	event["vpnConnections"] = ids
	function := p.Check.function
	rule := awsevents.NewCfnRule(s, jsii.String(naming.PrefixCheck), &awsevents.CfnRuleProps{
		Description:        jsii.String("Compares what site " + p.Site + " announces by BGP with its prefixes"),
		ScheduleExpression: jsii.String(cdkx.Rate(p.CheckEvery)), State: jsii.String("ENABLED"),
		Targets: &[]any{&awsevents.CfnRule_TargetProperty{Id: jsii.String("Check"), Arn: function.AttrArn(),
			Input: awscdk.Stack_Of(s).ToJsonString(event, nil)}}})
	awslambda.NewCfnPermission(s, jsii.String("CheckMayInvoke"), &awslambda.CfnPermissionProps{Action: jsii.String("lambda:InvokeFunction"),
		FunctionName: function.Ref(), Principal: jsii.String("events.amazonaws.com"), SourceArn: rule.AttrArn()})
	s.prefixAlarm(naming.UnexpectedAlarm, vpnwatch.MetricUnexpected, "Maximum", "ignore", 1, vpnwatch.Text{
		What:  "Site " + p.Site + " announces prefixes by BGP that are not in its contract.",
		Means: "The transit gateway takes whatever is announced: traffic for these prefixes now goes to the site, perhaps away from where it belongs.",
		Do:    "Read the log of the check, which names them. Have the site filter what it announces, or add them to its prefixes."})
	s.prefixAlarm(naming.MissingAlarm, vpnwatch.MetricMissing, "Minimum", "breaching", lateRuns, vpnwatch.Text{
		What:  "Site " + p.Site + " does not announce all prefixes of its contract, or nobody could look.",
		Means: "Traffic for the missing prefixes is dropped, or goes where a shorter prefix leads.",
		Do:    "Read the log of the check, which names them. While all tunnels are down, all are missing."})
}

func (s *SiteAlarms) prefixAlarm(id, metric, statistic, missing string, runs int, t vpnwatch.Text) {
	m := watched{vpnwatch.Namespace, metric, statistic, []any{dimension(vpnwatch.DimensionNetwork, &s.props.Network), dimension(vpnwatch.DimensionSite, &s.props.Site)}}
	s.alarm(id, t, m, evaluation{s.props.CheckEvery, runs, runs, above, 0, missing})
}

func texts(list []netip.Prefix) []string {
	out := make([]string, len(list))
	for i, p := range list {
		out[i] = p.String()
	}
	return out
}
