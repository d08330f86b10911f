package test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/constructs/openvpn"
	"github.com/pathproof/pathproof/internal/cdktest"
)

func serverProps(a *openvpn.Address, edit func(*openvpn.ServerProps)) *openvpn.ServerProps {
	p := &openvpn.ServerProps{Name: "seoul", AllocationId: a.AllocationId(), NetworkInterfaceId: a.NetworkInterfaceId(), SubnetId: new("subnet-0123456789abcdef0"),
		SecurityGroupIds: []*string{new("sg-0123456789abcdef0")}, ImageId: new("ami-0123456789abcdef0"), UserData: "#cloud-config\nruncmd: [[/start]]\n", SecretArn: a.SecretArn(),
		TLSCryptSecretName: "pathproof/shop/pki/main/tls-crypt", TLSCryptRegion: tokyo, BucketName: new("pki"), PKI: "main", LogGroupName: "/pathproof/shop/openvpn/seoul"}
	if edit != nil {
		edit(p)
	}
	return p
}

func serverTemplate(t *testing.T, routed bool, edit func(*openvpn.ServerProps)) *cdktest.Template {
	t.Helper()
	app := cdktest.NewApp(t)
	s := app.Stack("ops", seoul)
	address := &openvpn.AddressProps{Name: "seoul"}
	if routed {
		address.Interface = &openvpn.InterfaceProps{SubnetId: new("subnet-0123456789abcdef0"), SecurityGroupIds: []*string{new("sg-0123456789abcdef0")}}
	}
	openvpn.NewServer(s, "S", serverProps(openvpn.NewAddress(s, "A", address), edit))
	return app.Template(t, "ops")
}

func TestOpenVPN_IsClosedPinnedAndAlone(t *testing.T) {
	tpl := serverTemplate(t, false, nil)
	tpl.Has(t, "AWS::EC2::LaunchTemplate", m{"LaunchTemplateData": m{"ImageId": "ami-0123456789abcdef0", "InstanceType": "t4g.small", "KeyName": cdktest.Absent,
		"MetadataOptions":     m{"HttpEndpoint": "enabled", "HttpTokens": "required", "HttpPutResponseHopLimit": 1},
		"BlockDeviceMappings": []m{{"DeviceName": "/dev/xvda", "Ebs": m{"Encrypted": true, "VolumeType": "gp3"}}},
		"NetworkInterfaces":   []m{{"DeviceIndex": 0, "AssociatePublicIpAddress": true, "Groups": []string{"sg-0123456789abcdef0"}}},
		"UserData":            m{"Fn::Base64": "#cloud-config\nruncmd: [[/start]]\n"}}})
	group := tpl.Has(t, "AWS::AutoScaling::AutoScalingGroup", m{"MinSize": "1", "MaxSize": "1", "DesiredCapacity": cdktest.Absent, "HealthCheckType": "EC2", "InstanceMaintenancePolicy": cdktest.Absent,
		"VPCZoneIdentifier": []string{"subnet-0123456789abcdef0"}, "LaunchTemplate": m{"Version": cdktest.GetAtt(logical("S/LaunchTemplate"), "LatestVersionNumber")}})
	if text := string(tpl.Text); !strings.Contains(text, `"MinInstancesInService": 0`) || strings.Contains(text, "WaitOnResourceSignals") {
		t.Errorf("%s is not replaced one for one, without signals", group)
	}
	for _, typ := range []string{"AWS::EC2::SecurityGroup", "AWS::EC2::KeyPair", "AWS::EC2::NetworkInterface", "AWS::IAM::Policy"} {
		tpl.Count(t, typ, 0)
	}
	for _, id := range []string{"A/Address", "A/Secret"} {
		if r := tpl.Resources[logical(id)]; r.DeletionPolicy != "RetainExceptOnCreate" || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s does not stay: %s, %s", id, r.DeletionPolicy, r.UpdateReplacePolicy)
		}
	}
}

// policiesOf are the attributes of a resource by which CloudFormation creates and updates it.
func policiesOf(t *testing.T, tpl *cdktest.Template, id string) (creation, update m) {
	t.Helper()
	var whole struct {
		Resources map[string]struct{ CreationPolicy, UpdatePolicy m }
	}
	if err := json.Unmarshal(tpl.Text, &whole); err != nil {
		t.Fatal(err)
	}
	return whole.Resources[id].CreationPolicy, whole.Resources[id].UpdatePolicy
}

const signalling = "#cloud-config\n# SIGNAL_RESOURCE='x'\n"

// A server that says when it serves comes before the old one goes, unless its interface is of one instance at a time; and one that
// does not serve fails the deployment, whose first creation waits for nothing: lists may come from a stack that is deployed later.
func TestOpenVPN_NewOneComesFirstWhereItCan(t *testing.T) {
	for routed, want := range map[bool]m{
		false: {"MinSize": "1", "MaxSize": "2", "DesiredCapacity": "1", "InstanceMaintenancePolicy": m{"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200}},
		true:  {"MinSize": "1", "MaxSize": "1", "DesiredCapacity": cdktest.Absent, "InstanceMaintenancePolicy": cdktest.Absent},
	} {
		tpl := serverTemplate(t, routed, func(p *openvpn.ServerProps) { p.Signals, p.UserData = true, signalling })
		group := tpl.Has(t, "AWS::AutoScaling::AutoScalingGroup", want)
		creation, update := policiesOf(t, tpl, group)
		kept := map[bool]int{false: 1, true: 0}[routed]
		if diff := cdktest.Match(m{"AutoScalingRollingUpdate": m{"MinInstancesInService": kept, "MaxBatchSize": 1, "PauseTime": "PT15M", "WaitOnResourceSignals": true, "MinSuccessfulInstancesPercent": 100,
			"SuspendProcesses": []string{"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"}}}, update); diff != nil {
			t.Errorf("routed %t: %s", routed, diff)
		}
		if creation != nil {
			t.Errorf("routed %t: its creation waits: %v", routed, creation)
		}
		tag := m{"Fn::Join": []any{"/", []any{cdktest.Ref("AWS::StackName"), "ops/S"}}}
		if diff := cdktest.Match([]m{{"Key": "pathproof:openvpn", "Value": tag, "PropagateAtLaunch": false}}, tpl.Resources[group].Properties["Tags"]); diff != nil {
			t.Errorf("routed %t: the role may ask for no other machine: %s", routed, diff)
		}
		text, _ := json.Marshal(statementsOf(tpl, logical("S/Role")))
		if want := `{"Action":["cloudformation:SignalResource"],"Effect":"Allow","Resource":[{"Ref":"AWS::StackId"}]}`; !strings.Contains(string(text), want) {
			t.Errorf("routed %t: there is no %s in %s", routed, want, text)
		}
	}
}

// statementsOf are the statements of a role of a machine.
func statementsOf(tpl *cdktest.Template, role string) []any {
	return tpl.Resources[role].Properties["Policies"].([]any)[0].(m)["PolicyDocument"].(m)["Statement"].([]any)
}

// The role takes its own address, reads its own keys, and can touch no other instance.
func TestOpenVPN_MayTakeItsOwnAddressAndReadItsOwnKeys(t *testing.T) {
	tpl := serverTemplate(t, false, func(p *openvpn.ServerProps) {
		p.Program = &openvpn.Object{BucketName: new("assets"), Key: new("program")}
	})
	here := func(service string) m {
		return m{"Fn::Sub": "arn:${AWS::Partition}:" + service + ":${AWS::Region}:${AWS::AccountId}:"}
	}
	join := func(parts ...any) m { return m{"Fn::Join": []any{"", parts}} }
	tag := m{"Fn::Join": []any{"/", []any{cdktest.Ref("AWS::StackName"), "ops/S"}}}
	s3 := func(parts ...any) m {
		return join(append([]any{"arn:", cdktest.Ref("AWS::Partition"), ":s3:::"}, parts...)...)
	}
	want := []m{
		{"Action": []string{"ssm:UpdateInstanceInformation", "ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"}, "Resource": []string{"*"}},
		{"Action": []string{"cloudwatch:PutMetricData"}, "Condition": m{"StringEquals": m{"cloudwatch:namespace": "Pathproof/OpenVPN"}}},
		{"Action": []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"}, "Resource": []any{cdktest.GetAtt(logical("S/Log"), "Arn")}},
		{"Action": []string{"secretsmanager:GetSecretValue"}, "Resource": []any{cdktest.Ref(logical("A/Secret")),
			m{"Fn::Sub": "arn:${AWS::Partition}:secretsmanager:ap-northeast-1:${AWS::AccountId}:secret:pathproof/shop/pki/main/tls-crypt-??????"}}},
		{"Action": []string{"s3:GetObject"}, "Resource": []any{s3("pki", "/main/ca.pem"), s3("pki", "/main/crl.pem")}},
		{"Action": []string{"ec2:AssociateAddress"}, "Resource": []any{join(here("ec2"), "elastic-ip/", cdktest.GetAtt(logical("A/Address"), "AllocationId"))}, "Condition": cdktest.Absent},
		{"Action": []string{"ec2:AssociateAddress"}, "Resource": []any{join(here("ec2"), "instance/*"), join(here("ec2"), "network-interface/*")},
			"Condition": m{"StringEquals": m{"ec2:ResourceTag/pathproof:openvpn": tag}}},
		{"Action": []string{"ec2:DescribeAddresses"}, "Resource": []string{"*"}},
		{"Action": []string{"autoscaling:SetInstanceHealth"}, "Resource": []any{join(here("autoscaling"), "autoScalingGroup:*:autoScalingGroupName/*")},
			"Condition": m{"StringEquals": m{"autoscaling:ResourceTag/pathproof:openvpn": tag}}},
		{"Action": []string{"s3:GetObject"}, "Resource": []any{s3("assets", "/", "program")}},
	}
	got := statementsOf(tpl, logical("S/Role"))
	if diff := cdktest.Match(want, got); diff != nil {
		text, _ := json.MarshalIndent(got, "", " ")
		t.Errorf("%s\n%s", strings.Join(diff, "\n"), text)
	}
	if _, managed := tpl.Resources[logical("S/Role")].Properties["ManagedPolicyArns"]; managed {
		t.Error("the role has managed policies")
	}
	tpl.Has(t, "AWS::EC2::LaunchTemplate", m{"LaunchTemplateData": m{"TagSpecifications": []m{
		{"ResourceType": "instance", "Tags": []m{{"Key": "Name"}, {"Key": "pathproof:openvpn", "Value": tag}}},
		{"ResourceType": "network-interface", "Tags": []m{{"Key": "Name"}, {"Key": "pathproof:openvpn", "Value": tag}}},
		{"ResourceType": "volume"}}}})
}

func TestOpenVPN_RoutedTakesItsInterfaceAndNoOther(t *testing.T) {
	tpl := serverTemplate(t, true, nil)
	nic := tpl.Has(t, "AWS::EC2::NetworkInterface", m{"SourceDestCheck": false, "SubnetId": "subnet-0123456789abcdef0", "GroupSet": []string{"sg-0123456789abcdef0"}})
	text, _ := json.Marshal(statementsOf(tpl, logical("S/Role")))
	if attach := `"Action":["ec2:AttachNetworkInterface"],"Effect":"Allow","Resource":[{"Fn::Join":["",[{"Fn::Sub":"arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:"},"network-interface/",{"Ref":"` + nic + `"}]]}]`; !strings.Contains(string(text), attach) {
		t.Errorf("may attach something else than %s: %s", nic, text)
	}
}

func TestOpenVPN_AlarmsLookAtWhatTheMachineSends(t *testing.T) {
	tpl := serverTemplate(t, false, func(p *openvpn.ServerProps) { p.TopicArn = new("arn:aws:sns:ap-northeast-2:111122223333:t") })
	dimensions, topic := []m{{"Name": "Name", "Value": "seoul"}, {"Name": "Role", "Value": "openvpn"}}, []string{"arn:aws:sns:ap-northeast-2:111122223333:t"}
	for id, want := range map[string]m{
		"Unhealthy":          {"MetricName": "Healthy", "Statistic": "Maximum", "ComparisonOperator": "LessThanThreshold", "Threshold": 1, "TreatMissingData": "breaching"},
		"CertificateEnds":    {"MetricName": "CertificateHoursLeft", "ComparisonOperator": "LessThanThreshold", "Threshold": 162, "TreatMissingData": "ignore"},
		"RevocationListEnds": {"MetricName": "RevocationListHoursLeft", "ComparisonOperator": "LessThanThreshold", "Threshold": 504, "TreatMissingData": "ignore"},
		"PoolNearlyFull":     {"MetricName": "PoolUsed", "ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 80, "TreatMissingData": "notBreaching"},
	} {
		want["Namespace"], want["Dimensions"], want["AlarmActions"], want["OKActions"], want["Period"], want["EvaluationPeriods"] = "Pathproof/OpenVPN", dimensions, topic, topic, 60, 5
		if diff := cdktest.Match(want, tpl.Resources[logical("S/"+id)].Properties); diff != nil {
			t.Errorf("%s: %s", id, strings.Join(diff, "\n"))
		}
	}
	tpl.Count(t, "AWS::CloudWatch::Alarm", 4)
}

// A certificate that is good for a week would always be within any fixed number of days of its end.
func TestOpenVPN_AlarmOfTheCertificateFitsItsLife(t *testing.T) {
	tpl := serverTemplate(t, false, func(p *openvpn.ServerProps) { p.ValidityDays = 7 })
	if got := tpl.Resources[logical("S/CertificateEnds")].Properties["Threshold"]; got != 26.0 {
		t.Errorf("the alarm goes off %v hours before the end, want 26", got)
	}
}

func TestOpenVPN_ImageByNameIsLookedUpOnce(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("ops", seoul)
	openvpn.NewServer(s, "S", serverProps(openvpn.NewAddress(s, "A", &openvpn.AddressProps{Name: "seoul"}), func(p *openvpn.ServerProps) {
		p.ImageId, p.ImageName, p.Provider = nil, "al2023-ami-2023.8.20250818.0-kernel-6.1-arm64", newProvider(s)
	}))
	tpl := app.Template(t, "ops")
	image := tpl.Has(t, "Custom::PathproofImage", m{"Name": "al2023-ami-2023.8.20250818.0-kernel-6.1-arm64", "Revision": cdktest.Absent})
	tpl.Has(t, "AWS::EC2::LaunchTemplate", m{"LaunchTemplateData": m{"ImageId": cdktest.GetAtt(image, "ImageId")}})
	if strings.Contains(string(tpl.Text), "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>") {
		t.Error("a parameter for the latest image")
	}
}

func TestOpenVPN_PanicsWithItsPathOnBadProps(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("ops", seoul)
	cdktest.WantPanic(t, func() { openvpn.NewServer(s, "S", nil) }, "ops/S: name: not a name", "ops/S: allocationId: missing")
	cdktest.WantPanic(t, func() { openvpn.NewAddress(s, "A", nil) }, "ops/A: name: missing")
}
