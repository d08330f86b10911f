// Package alerts defines where alarms go: an SNS topic, and the KMS key that encrypts it.
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
// Billed by AWS: the key per month, calls and notifications by number.
package alerts
