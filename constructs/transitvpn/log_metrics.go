package transitvpn

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/vpnwatch"
)

// defineLogMetrics makes metrics of the site's logs: the number of lines that tell of a tunnel that is not up. They stand beside
// the log groups, because the name of a log group is create-only in a filter.
func (s *Site) defineLogMetrics(network string) {
	if s.bgp != nil {
		s.filter(naming.BGPDownFilter, s.bgp, vpnwatch.BGPDownPattern, &awslogs.CfnMetricFilter_MetricTransformationProperty{
			MetricName: jsii.String(vpnwatch.MetricBGPDown), Dimensions: &[]any{&awslogs.CfnMetricFilter_DimensionProperty{
				Key: jsii.String(vpnwatch.DimensionTunnel), Value: jsii.String(vpnwatch.BGPTunnelField)}}})
	}
	if s.activity != nil {
		s.filter(naming.IKEDownFilter, s.activity, vpnwatch.IKEDownPattern, &awslogs.CfnMetricFilter_MetricTransformationProperty{
			MetricName: jsii.String(vpnwatch.MetricIKEDown(network, s.name))})
	}
}

func (s *Site) filter(id string, group *string, pattern string, metric *awslogs.CfnMetricFilter_MetricTransformationProperty) {
	metric.MetricNamespace, metric.MetricValue, metric.Unit = jsii.String(vpnwatch.Namespace), jsii.String("1"), jsii.String("Count")
	awslogs.NewCfnMetricFilter(s, &id, &awslogs.CfnMetricFilterProps{LogGroupName: group, FilterPattern: &pattern, MetricTransformations: &[]any{metric}})
}
