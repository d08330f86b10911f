// Package alerts defines where alarms go: an SNS topic, the KMS key that encrypts it, and who is told.
//
// Alarms and EventBridge rules (AWS Health events among them) cannot publish to a topic that is encrypted with AWS's own key
// aws/sns, since nobody can change that key's policy. So the key is a customer-managed one.
//
//	key := alerts.NewKey(stack, "Key", nil)
//	topic := alerts.NewTopic(stack, "Topic", &alerts.TopicProps{KeyArn: key.KeyArn()})
//	alarm.AddAlarmAction(awscloudwatchactions.NewSnsAction(topic.Topic()))
//
// Key and topic are apart so that a stack that lives long can hold the key and a stack that comes and goes the topic.
//
// A SlackChannel shows topics in Slack, a Webhook posts one topic's messages to any HTTPS address that takes Slack's form, and
// a HealthRule tells a topic of AWS Health's events about Site-to-Site VPN:
//
//	alerts.NewSlackChannel(stack, "Slack", &alerts.SlackChannelProps{Name: "shop-alerts", WorkspaceID: "T0123ABCD", ChannelID: "C0123ABCD",
//		TopicArns: []*string{topic.TopicArn()}})
//	alerts.NewWebhook(stack, "Webhook", &alerts.WebhookProps{Code: ".build/webhook", TopicArn: topic.TopicArn(), Secret: "alerts/webhook"})
//	alerts.NewHealthRule(stack, "VpnHealth", &alerts.HealthRuleProps{Network: "shop", TopicArn: topic.TopicArn()})
//
// Billed by AWS: the key per month, calls and notifications by number; of a webhook also the runs of its function and calls of
// Secrets Manager, fractions of a cent for each message. Slack and AWS Health cost nothing.
package alerts
