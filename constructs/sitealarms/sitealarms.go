package sitealarms

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// SiteAlarms watches one site.
type SiteAlarms struct {
	constructs.Construct
	props Props
	down  []*string // names of the alarms of connections without a tunnel
}

// New defines the alarms and the dashboard of a site in scope. It panics if props are invalid; call Validate first.
func New(scope constructs.Construct, id string, props *Props) *SiteAlarms {
	p := *orEmpty(props)
	cdkx.MustBeValid(scope, id, p.Validate())
	if p.CheckEvery == 0 {
		p.CheckEvery = 5 * time.Minute
	}
	s := &SiteAlarms{props: p}
	constructs.NewConstruct_Override(s, scope, &id)
	for i := range p.Connections {
		c := &p.Connections[i]
		s.defineState(c)
		if p.BGPLog {
			s.defineBGP(c)
		}
		s.defineTraffic(c)
	}
	if len(p.Connections) > 1 {
		s.defineSiteDown()
	}
	if p.IKELog {
		s.defineIKE()
	}
	if p.Check != nil {
		s.definePrefixes()
	}
	s.defineDashboard()
	return s
}

// AllDownAlarmNames returns the names of the alarms that say that a VPN connection has no tunnel, in the order of Connections, for
// composite alarms of your own.
func (s *SiteAlarms) AllDownAlarmNames() []*string { return s.down }

// evaluation is how an alarm decides.
type evaluation struct {
	period     time.Duration
	of, needed int // periods that are looked at, and that have to be bad
	operator   string
	threshold  float64
	missing    string
}

const (
	below = "LessThanThreshold"
	most  = "LessThanOrEqualToThreshold"
	above = "GreaterThanThreshold"
)

// watched is a metric with its statistic.
type watched struct {
	namespace, name, statistic string
	dimensions                 []any
}

func dimension(name string, value *string) any {
	return &awscloudwatch.CfnAlarm_DimensionProperty{Name: &name, Value: value}
}

// alarm defines an alarm of one metric.
func (s *SiteAlarms) alarm(id string, t vpnwatch.Text, m watched, e evaluation) awscloudwatch.CfnAlarm {
	props := s.base(t, e)
	props.Namespace, props.MetricName, props.Statistic = &m.namespace, &m.name, &m.statistic
	props.Period = jsii.Number(e.period.Seconds())
	if len(m.dimensions) > 0 {
		props.Dimensions = &m.dimensions
	}
	return awscloudwatch.NewCfnAlarm(s, &id, props)
}

// alarmOfLarger defines an alarm of the larger of two metrics, as a rate: of the expression that rate makes of it.
func (s *SiteAlarms) alarmOfLarger(id string, t vpnwatch.Text, one, other watched, rate func(larger string) string, e evaluation) {
	query := func(id string, m watched) any {
		return &awscloudwatch.CfnAlarm_MetricDataQueryProperty{Id: &id, ReturnData: false, MetricStat: &awscloudwatch.CfnAlarm_MetricStatProperty{
			Metric: &awscloudwatch.CfnAlarm_MetricProperty{Namespace: &m.namespace, MetricName: &m.name, Dimensions: &m.dimensions},
			Period: jsii.Number(e.period.Seconds()), Stat: &m.statistic}}
	}
	props := s.base(t, e)
	props.Metrics = &[]any{query("received", one), query("sent", other), &awscloudwatch.CfnAlarm_MetricDataQueryProperty{Id: jsii.String("rate"),
		Label: jsii.String("larger direction"), ReturnData: true, Expression: jsii.String(rate("MAX([received, sent])"))}}
	awscloudwatch.NewCfnAlarm(s, &id, props)
}

func (s *SiteAlarms) base(t vpnwatch.Text, e evaluation) *awscloudwatch.CfnAlarmProps {
	return &awscloudwatch.CfnAlarmProps{AlarmDescription: s.describe(t), ComparisonOperator: &e.operator, Threshold: &e.threshold,
		EvaluationPeriods: jsii.Number(e.of), DatapointsToAlarm: jsii.Number(e.needed), TreatMissingData: &e.missing,
		AlarmActions: cdkx.List(s.props.TopicArn), OkActions: cdkx.List(s.props.TopicArn)}
}

// describe writes an alarm's text with where it is.
func (s *SiteAlarms) describe(t vpnwatch.Text) *string {
	t.Network, t.Site, t.Stack = s.props.Network, s.props.Site, *awscdk.Stack_Of(s).StackName()
	text := t.String()
	if len(text) > vpnwatch.MaxDescription {
		panic(fmt.Errorf("%s: an alarm's description is too long, got %d characters; CloudWatch takes %d", *s.Node().Path(), len(text), vpnwatch.MaxDescription))
	}
	return &text
}

// defineSiteDown defines the alarm that no connection of the site has a tunnel.
func (s *SiteAlarms) defineSiteDown() {
	parts := []any{}
	for i, name := range s.down {
		if i > 0 {
			parts = append(parts, " AND ")
		}
		parts = append(parts, `ALARM("`, name, `")`)
	}
	text := vpnwatch.Text{What: "Site " + s.props.Site + " is cut off: no VPN connection has a tunnel that is up.",
		Means: "Nothing reaches the site and nothing comes from it.",
		Do:    "Look at the site's own Internet line and power first: AWS's tunnels end at different places.", Where: vpnwatch.Where{}}
	awscloudwatch.NewCfnCompositeAlarm(s, jsii.String(naming.SiteDownAlarm), &awscloudwatch.CfnCompositeAlarmProps{
		AlarmDescription: s.describe(text), AlarmRule: join(parts...),
		AlarmActions: cdkx.List(s.props.TopicArn), OkActions: cdkx.List(s.props.TopicArn)})
}

// join writes texts and references as one text.
func join(parts ...any) *string {
	var b strings.Builder
	for _, p := range parts {
		if ref, ok := p.(*string); ok {
			b.WriteString(*ref)
			continue
		}
		fmt.Fprint(&b, p)
	}
	text := b.String()
	return &text
}
