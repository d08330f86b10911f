package test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/accelerated"
	"github.com/pathproof/pathproof/internal/cdktest"
)

func acceleratorProps(edit func(*accelerated.AcceleratorProps)) *accelerated.AcceleratorProps {
	p := &accelerated.AcceleratorProps{Name: "shop", Listeners: []accelerated.ListenerProps{
		{Name: "seoul", Protocol: accelerated.TCP, Ports: []accelerated.PortRange{{From: 1194, To: 1194}, {From: 7107, To: 7107}}, Groups: []accelerated.EndpointGroupProps{
			{Region: seoul, HealthPort: 7006, IntervalSeconds: 10, Endpoints: []accelerated.EndpointProps{{EndpointId: new("eipalloc-0123456789abcdef0"), Kind: accelerated.Address}}}}},
		{Name: "web", Protocol: accelerated.TCP, Ports: []accelerated.PortRange{{From: 443, To: 443}}, Interchangeable: true, SourceIPAffinity: true, Groups: []accelerated.EndpointGroupProps{
			{Region: tokyo, Dial: new(50), Endpoints: []accelerated.EndpointProps{{EndpointId: new("arn:aws:elasticloadbalancing:::loadbalancer/app/a/1"), Kind: accelerated.LoadBalancer, Weight: new(0), PreserveClientIP: true}}},
			{Region: oregon, Health: accelerated.HealthHTTPS, Endpoints: []accelerated.EndpointProps{{EndpointId: new("i-0123456789abcdef0"), Kind: accelerated.Instance, PreserveClientIP: true}},
				PortOverrides: []accelerated.PortOverride{{ListenerPort: 443, EndpointPort: 8443}}}}}}}
	if edit != nil {
		edit(p)
	}
	return p
}

func TestAccelerator_StatesWhatAWSWouldGuess(t *testing.T) {
	app := cdktest.NewApp(t)
	accelerated.NewAccelerator(app.Stack("edge", oregon), "A", acceleratorProps(nil))
	tpl := app.Template(t, "edge")
	id := tpl.Has(t, "AWS::GlobalAccelerator::Accelerator", m{"Name": "shop", "Enabled": true, "IpAddressType": "IPV4", "FlowLogsEnabled": cdktest.Absent})
	if r := tpl.Resources[id]; r.DeletionPolicy != "RetainExceptOnCreate" || r.UpdateReplacePolicy != "Retain" {
		t.Errorf("the accelerator does not stay: %s, %s", r.DeletionPolicy, r.UpdateReplacePolicy)
	}
	pinned := tpl.Has(t, "AWS::GlobalAccelerator::Listener", m{"AcceleratorArn": cdktest.Ref(id), "Protocol": "TCP", "ClientAffinity": "NONE",
		"PortRanges": []m{{"FromPort": 1194, "ToPort": 1194}, {"FromPort": 7107, "ToPort": 7107}}})
	web := tpl.Has(t, "AWS::GlobalAccelerator::Listener", m{"ClientAffinity": "SOURCE_IP", "PortRanges": []m{{"FromPort": 443, "ToPort": 443}}})
	tpl.Count(t, "AWS::GlobalAccelerator::EndpointGroup", 3)
	for id, want := range map[string]m{
		"A/Listener-seoul-tcp/Endpoints-" + seoul: {"ListenerArn": cdktest.Ref(pinned), "EndpointGroupRegion": seoul, "TrafficDialPercentage": 100, "HealthCheckProtocol": "TCP", "HealthCheckPort": 7006,
			"HealthCheckIntervalSeconds": 10, "ThresholdCount": 3, "HealthCheckPath": cdktest.Absent, "PortOverrides": cdktest.Absent,
			"EndpointConfigurations": []m{{"EndpointId": "eipalloc-0123456789abcdef0", "Weight": 128, "ClientIPPreservationEnabled": false}}},
		"A/Listener-web-tcp/Endpoints-" + tokyo: {"ListenerArn": cdktest.Ref(web), "TrafficDialPercentage": 50, "HealthCheckPort": 443, "HealthCheckIntervalSeconds": 30,
			"EndpointConfigurations": []m{{"Weight": 0, "ClientIPPreservationEnabled": true}}},
		"A/Listener-web-tcp/Endpoints-" + oregon: {"HealthCheckProtocol": "HTTPS", "HealthCheckPath": "/", "PortOverrides": []m{{"ListenerPort": 443, "EndpointPort": 8443}}},
	} {
		if diff := cdktest.Match(want, tpl.Resources[logical(id)].Properties); diff != nil {
			t.Errorf("%s: %s", id, strings.Join(diff, "\n"))
		}
	}
	for _, typ := range []string{"AWS::S3::Bucket", "AWS::Lambda::Function"} {
		tpl.Count(t, typ, 0)
	}
}

func TestAccelerator_FlowLogsGoToABucketOfItsOwn(t *testing.T) {
	app := cdktest.NewApp(t)
	accelerated.NewAccelerator(app.Stack("edge", seoul), "A", acceleratorProps(func(p *accelerated.AcceleratorProps) { p.FlowLogs = &accelerated.FlowLogsProps{ExpireDays: 30} }))
	tpl := app.Template(t, "edge")
	bucket := tpl.ByType("AWS::S3::Bucket")[0]
	id := tpl.Has(t, "AWS::GlobalAccelerator::Accelerator", m{"FlowLogsEnabled": true, "FlowLogsS3Bucket": cdktest.Ref(bucket), "FlowLogsS3Prefix": "flow-logs"})
	tpl.DependsOnAll(t, id, tpl.ByType("AWS::S3::BucketPolicy")[0]) // Global Accelerator tries to write at once
	policy, _ := json.Marshal(tpl.Resources[tpl.ByType("AWS::S3::BucketPolicy")[0]].Properties)
	for _, part := range []string{`"Service":"delivery.logs.amazonaws.com"`, `"/flow-logs/AWSLogs/"`, `:logs:us-west-2:`, `"s3:x-amz-acl":"bucket-owner-full-control"`, `"aws:SecureTransport":"false"`} {
		if !strings.Contains(string(policy), part) {
			t.Errorf("the bucket's policy has no %s: %s", part, policy)
		}
	}
}

func TestAccelerator_AlarmIsAboutItsEndpoints(t *testing.T) {
	app := cdktest.NewApp(t)
	accelerated.NewAlarms(app.Stack("ops", oregon), "A", &accelerated.AlarmsProps{Name: "edge", AcceleratorArn: new("arn:aws:globalaccelerator::111122223333:accelerator/1234abcd-abcd-1234-abcd-1234abcdefgh")})
	app.Template(t, "ops").Has(t, "AWS::CloudWatch::Alarm", m{"Namespace": "AWS/GlobalAccelerator", "MetricName": "UnhealthyEndpointCount", "Threshold": 1, "TreatMissingData": "ignore",
		"Dimensions": []m{{"Name": "Accelerator", "Value": "1234abcd-abcd-1234-abcd-1234abcdefgh"}}, "AlarmActions": cdktest.Absent})
}
