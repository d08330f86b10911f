package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/alerts"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/topology"
	"github.com/pathproof/pathproof/internal/vpnwatch"
	"github.com/pathproof/pathproof/internal/webhook"
)

// TestDelivery_TopicsStandWhereAlarmsAre asserts a topic with a key of its Region in every place with alarms, and none elsewhere:
// an alarm reaches topics of its own Region only.
func TestDelivery_TopicsStandWhereAlarmsAre(t *testing.T) {
	for config, want := range map[string][]string{
		"reference": {"ap-northeast-1", "ap-northeast-2", "us-west-2"}, // home and the only site, and machines in each Region
		"webhook":   {"ap-northeast-1", "ap-northeast-2", "us-west-2"}, // two Regions with sites, and home
		"two-sites": nil,                                               // no alerts
	} {
		s := synth(t, config)
		var got []string
		for _, at := range s.plan.Places() {
			ops, network := s.templates[s.plan.StackName(topology.LayerOps, at)], s.templates[s.plan.StackName(topology.LayerNetwork, at)]
			topics, keys := ops.ByType("AWS::SNS::Topic"), network.Find("AWS::KMS::Key", m{"EnableKeyRotation": true}) // the key of a PKI only signs
			if len(topics) != len(keys) {
				t.Errorf("%s: %s has %d topics and %d keys", config, at, len(topics), len(keys))
			}
			if len(topics) > 0 {
				got = append(got, at.Region)
			}
			if sites := len(s.plan.WatchedSites(at)); sites > 0 {
				ops.Has(t, "AWS::Events::Rule", m{"EventPattern": m{"source": []string{"aws.health"}, "detail-type": []string{"AWS Health Event"}, "detail": m{"service": []string{"VPN"}, "eventRegion": []any{m{"Ref": "AWS::Region"}}}},
					"Targets": []m{{"Arn": cdktest.Ref(logical("Alerts/Resource")), "InputTransformer": m{"InputTemplate": vpnwatch.HealthTemplate(s.plan.Name), "InputPathsMap": vpnwatch.HealthPaths()}}}})
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: topics in %v, want %v", config, got, want)
		}
	}
}

// TestDelivery_Slack asserts what the channel shows, and how little it may: the L2's own guardrail is AdministratorAccess.
func TestDelivery_Slack(t *testing.T) {
	tpl := synth(t, "reference").templates["reference-ops-ap-northeast-2"]
	tpl.Has(t, "AWS::Chatbot::SlackChannelConfiguration", m{"ConfigurationName": "reference-alerts", "SlackWorkspaceId": "T0000000", "SlackChannelId": "C0000000",
		"SnsTopicArns": []any{cdktest.Any, cdktest.Ref(logical("Alerts/Resource")), cdktest.Any}, "UserRoleRequired": false,
		"GuardrailPolicies": []m{{"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/CloudWatchReadOnlyAccess"}}})
	role := tpl.Resource(t, logical("Slack/Role"), "AWS::IAM::Role")
	text, err := json.Marshal(role.Properties)
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range actionsIn(role.Properties["Policies"]) {
		if service, verb, _ := strings.Cut(action, ":"); service != "cloudwatch" || !strings.HasPrefix(verb, "Describe") && !strings.HasPrefix(verb, "Get") && !strings.HasPrefix(verb, "List") {
			t.Errorf("the channel may %s", action)
		}
	}
	if strings.Contains(string(text), "Administrator") || strings.Contains(string(text), "ManagedPolicyArns") || !strings.Contains(string(text), `"aws:SourceAccount":{"Ref":"AWS::AccountId"}`) {
		t.Errorf("role: %s", text)
	}
}

// actionsIn lists the actions of policies.
func actionsIn(v any) []string {
	var out []string
	switch x := v.(type) {
	case map[string]any:
		for key, value := range x {
			if key == "Action" {
				for _, a := range value.([]any) {
					out = append(out, a.(string))
				}
				continue
			}
			out = append(out, actionsIn(value)...)
		}
	case []any:
		for _, value := range x {
			out = append(out, actionsIn(value)...)
		}
	}
	return out
}

// TestDelivery_SlackShowsAllRegions asserts that one configuration shows the topics of all Regions, and is deployed after them.
func TestDelivery_SlackShowsAllRegions(t *testing.T) {
	s := synthesize(t, withSlack(t), nil)
	home := s.templates["hooked-ops-us-west-2"]
	id := home.Has(t, "AWS::Chatbot::SlackChannelConfiguration", m{"SnsTopicArns": []m{
		{"Fn::GetStackOutput": m{"StackName": "hooked-ops-ap-northeast-1", "Region": "ap-northeast-1"}},
		{"Fn::GetStackOutput": m{"StackName": "hooked-ops-ap-northeast-2", "Region": "ap-northeast-2"}}, cdktest.Ref(logical("Alerts/Resource"))}})
	shown := resolver{t, s}.value(home.Resources[id].Properties["SnsTopicArns"]).([]any)
	for _, arn := range shown {
		if arn != "id:"+logical("Alerts/Resource") {
			t.Errorf("the channel shows %v, which is no topic", arn)
		}
	}
	for name, tpl := range s.templates {
		if n := len(tpl.ByType("AWS::Chatbot::SlackChannelConfiguration")); n > 0 && name != "hooked-ops-us-west-2" {
			t.Errorf("%s configures the channel too: AWS takes one configuration of a channel in an account", name)
		}
	}
	if last := s.plan.Stacks[len(s.plan.Stacks)-1]; last.Name != "hooked-ops-us-west-2" || !slices.Contains(last.DependsOn, "hooked-ops-ap-northeast-1") {
		t.Errorf("%s comes last, after %v", last.Name, last.DependsOn)
	}
}

// withSlack is the configuration with a webhook, with a Slack channel in its place.
func withSlack(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(configurations["webhook"])
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "webhook: {secret: alerts/webhook}", "slack: {workspaceId: T0000000, channelId: C0000000}", 1)
	file := filepath.Join(t.TempDir(), "slack.yaml")
	if changed == string(text) || os.WriteFile(file, []byte(changed), 0o600) != nil {
		t.Fatal("no webhook to replace")
	}
	return file
}

// TestDelivery_Webhook asserts that messages reach the function or the queue, that its secret is read at run time only, and what it
// may.
func TestDelivery_Webhook(t *testing.T) {
	s := synth(t, "webhook")
	function, queue, topic := logical("Webhook/Function"), logical("Webhook/Queue"), cdktest.Ref(logical("Alerts/Resource"))
	arn := m{"Fn::GetAtt": []string{queue, "Arn"}}
	for _, region := range []string{"ap-northeast-1", "ap-northeast-2", "us-west-2"} {
		tpl := s.templates["hooked-ops-"+region]
		subscription := tpl.Has(t, "AWS::SNS::Subscription", m{"Protocol": "lambda", "TopicArn": topic, "Endpoint": m{"Fn::GetAtt": []string{function, "Arn"}},
			"RedrivePolicy": m{"deadLetterTargetArn": arn}})
		permission := tpl.Has(t, "AWS::Lambda::Permission", m{"Principal": "sns.amazonaws.com", "SourceArn": topic, "FunctionName": cdktest.Ref(function)})
		tpl.DependsOnAll(t, subscription, permission)
		tpl.Has(t, "AWS::Lambda::EventInvokeConfig", m{"FunctionName": cdktest.Ref(function), "MaximumRetryAttempts": 2, "DestinationConfig": m{"OnFailure": m{"Destination": arn}}})
		// A name is looked up at home, wherever the function is.
		tpl.Has(t, "AWS::Lambda::Function", m{"Timeout": webhook.FunctionTimeout.Seconds(), "Environment": m{"Variables": m{webhook.EnvSecret: "alerts/webhook", webhook.EnvRegion: "us-west-2"}}})
		if diff := cdktest.Match(m{"SqsManagedSseEnabled": true, "MessageRetentionPeriod": 1209600}, tpl.Resource(t, queue, "AWS::SQS::Queue").Properties); diff != nil {
			t.Error(diff)
		}
		secret := m{"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:us-west-2:${AWS::AccountId}:secret:alerts/webhook-??????"}
		if diff := cdktest.Match(m{"ManagedPolicyArns": cdktest.Absent, "Policies": []m{{"PolicyDocument": m{"Statement": []m{
			{"Action": []string{"logs:CreateLogStream", "logs:PutLogEvents"}},
			{"Action": []string{"secretsmanager:GetSecretValue"}, "Resource": []m{secret}},
			{"Action": []string{"kms:Decrypt"}, "Condition": m{"StringEquals": m{"kms:ViaService": cdktest.Any}, "StringLike": m{"kms:EncryptionContext:SecretARN": secret}}},
			{"Action": []string{"sqs:SendMessage"}, "Resource": []m{arn}}}}}}}, tpl.Resource(t, logical("Webhook/Role"), "AWS::IAM::Role").Properties); diff != nil {
			t.Error(diff)
		}
		if strings.Contains(string(tpl.Text), "resolve:secretsmanager") {
			t.Errorf("%s: CloudFormation would write the address into the stack", region)
		}
	}
}

// TestDelivery_RefusesWrongProps asserts that props are checked, and that an address that was given by mistake is not repeated.
func TestDelivery_RefusesWrongProps(t *testing.T) {
	app := cdktest.NewApp(t)
	st := app.Stack("ops", seoul)
	cdktest.WantPanic(t, func() {
		alerts.NewSlackChannel(st, "S", &alerts.SlackChannelProps{Name: "a b", WorkspaceID: "x", ChannelID: "#y"})
	},
		"ops/S: name: not a name", "workspaceId: not the id", "channelId: not the id", "topicArns: missing")
	cdktest.WantPanic(t, func() { alerts.NewHealthRule(st, "H", nil) }, "ops/H: network: missing", "topicArn: missing")
	err := alerts.WebhookProps{Secret: "https://hooks.example.com/SECRETTOKEN"}.Validate()
	if err == nil || strings.Contains(err.Error(), "SECRETTOKEN") || !strings.Contains(err.Error(), "code: missing") || !strings.Contains(err.Error(), "secret: an address") {
		t.Errorf("got %v", err)
	}
}
