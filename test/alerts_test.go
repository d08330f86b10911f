package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"

	"github.com/pathproof/pathproof/constructs/alerts"
	"github.com/pathproof/pathproof/internal/cdktest"
)

func TestAlerts_AlarmsCanPublishToTheEncryptedTopic(t *testing.T) {
	app := cdktest.NewApp(t)
	net, ops := app.Stack("net", seoul), app.Stack("ops", seoul)
	key := alerts.NewKey(net, "Alerts", nil)
	topic := alerts.NewTopic(ops, "Alerts", &alerts.TopicProps{Name: "reference", KeyArn: key.KeyArn()})
	alarm := awscloudwatch.NewAlarm(ops, new("Alarm"), &awscloudwatch.AlarmProps{EvaluationPeriods: new(1.0), Threshold: new(1.0),
		Metric: awscloudwatch.NewMetric(&awscloudwatch.MetricProps{Namespace: new("AWS/VPN"), MetricName: new("TunnelState")})})
	alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic.Topic()))
	if topic.Topic() != topic.Topic() {
		t.Error("Topic returned another object the second time")
	}

	alarms, events := m{"Service": "cloudwatch.amazonaws.com"}, m{"Service": "events.amazonaws.com"}
	ours := m{"StringEquals": m{"aws:SourceAccount": cdktest.Ref("AWS::AccountId")}}
	tpl := app.Template(t, "net")
	r := tpl.Resource(t, logical("Alerts/Resource"), "AWS::KMS::Key")
	if r.DeletionPolicy != "RetainExceptOnCreate" || r.UpdateReplacePolicy != "Retain" {
		t.Errorf("key: policies %q and %q, want RetainExceptOnCreate and Retain", r.DeletionPolicy, r.UpdateReplacePolicy)
	}
	tpl.Has(t, "AWS::KMS::Key", m{"EnableKeyRotation": true, "KeyPolicy": m{"Statement": []m{
		{"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": m{"AWS": cdktest.Any}},
		{"Effect": "Allow", "Action": []string{"kms:Decrypt", "kms:GenerateDataKey*"}, "Resource": "*", "Principal": alarms, "Condition": ours},
		// EventBridge's calls do not carry aws:SourceAccount: with the condition nothing would ever arrive.
		{"Effect": "Allow", "Action": []string{"kms:Decrypt", "kms:GenerateDataKey*"}, "Resource": "*", "Principal": events, "Condition": cdktest.Absent},
	}}})

	tpl = app.Template(t, "ops")
	arn := cdktest.Ref(logical("Alerts/Resource"))
	tpl.Resource(t, logical("Alerts/Resource"), "AWS::SNS::Topic")
	tpl.Has(t, "AWS::SNS::Topic", m{"DisplayName": "reference", "KmsMasterKeyId": m{"Fn::GetStackOutput": cdktest.Any}})
	tpl.Has(t, "AWS::SNS::TopicPolicy", m{"Topics": []m{arn}, "PolicyDocument": m{"Statement": []m{
		{"Effect": "Allow", "Action": "sns:Publish", "Resource": arn, "Principal": alarms, "Condition": ours},
		{"Effect": "Allow", "Action": "sns:Publish", "Resource": arn, "Principal": events, "Condition": cdktest.Absent},
		{"Effect": "Deny", "Action": "sns:Publish", "Resource": arn, "Condition": m{"Bool": m{"aws:SecureTransport": "false"}}},
	}}})
	tpl.Has(t, "AWS::CloudWatch::Alarm", m{"AlarmActions": []m{arn}})
}

func TestAlerts_TopicNeedsAKey(t *testing.T) {
	app := cdktest.NewApp(t)
	cdktest.WantPanic(t, func() { alerts.NewTopic(app.Stack("ops", seoul), "Alerts", &alerts.TopicProps{}) }, "ops/Alerts: keyArn: missing")
}
