package cdkx

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/jsii-runtime-go"
)

// Metric is a CloudWatch metric over 5 minutes, changed by opts, which may be nil.
func Metric(namespace, name, statistic string, dimensions map[string]*string, opts *awscloudwatch.MetricOptions) awscloudwatch.Metric {
	m := awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: jsii.String(namespace), MetricName: jsii.String(name),
		Statistic: jsii.String(statistic), DimensionsMap: &dimensions})
	if opts == nil {
		return m
	}
	return m.With(opts)
}
