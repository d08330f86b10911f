package test

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/constructs/balancer"
	"github.com/pathproof/pathproof/constructs/clientvpn"
	"github.com/pathproof/pathproof/constructs/customresource"
	"github.com/pathproof/pathproof/constructs/edgeproxy"
	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/constructs/pki"
	"github.com/pathproof/pathproof/internal/cdktest"
)

func frontProps(edit func(*edgeproxy.FrontProps)) *edgeproxy.FrontProps {
	p := &edgeproxy.FrontProps{Name: "api", VpcId: new("vpc-0123456789abcdef0"), SubnetIds: []*string{new("subnet-1"), new("subnet-2")}, SecurityGroupIds: []*string{new("sg-1")}, HTTP: 80}
	if edit != nil {
		edit(p)
	}
	return p
}

func TestEdgeProxy_IsReplacedOneAfterTheOther(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("ops", oregon)
	front := edgeproxy.NewFront(s, "F", frontProps(nil))
	edgeproxy.NewProxies(s, "P", &edgeproxy.ProxiesProps{Name: "api", SubnetIds: []*string{new("subnet-1"), new("subnet-2")}, SecurityGroupIds: []*string{new("sg-2")},
		TargetGroupArns: front.TargetGroupArns(), Count: 2, ImageId: new("ami-0123456789abcdef0"), UserData: "#cloud-config\n", TLSSecretArn: "arn:aws:secretsmanager:::secret:edge",
		LogGroupName: "/pathproof/shop/edge-proxy/api"})
	tpl := app.Template(t, "ops")
	targets := tpl.Has(t, "AWS::ElasticLoadBalancingV2::TargetGroup", m{"Port": 80, "Protocol": "TCP", "TargetType": "instance", "Targets": cdktest.Absent,
		"HealthCheckProtocol": "HTTP", "HealthCheckPath": "/.pathproof/health", "HealthCheckPort": "traffic-port"})
	balancer := tpl.Has(t, "AWS::ElasticLoadBalancingV2::LoadBalancer", m{"Type": "network", "Scheme": "internet-facing", "SecurityGroups": []string{"sg-1"},
		"LoadBalancerAttributes": []m{{"Key": "load_balancing.cross_zone.enabled", "Value": "true"}}})
	tpl.Has(t, "AWS::ElasticLoadBalancingV2::Listener", m{"LoadBalancerArn": cdktest.Ref(balancer), "Port": 80, "Protocol": "TCP", "DefaultActions": []m{{"Type": "forward", "TargetGroupArn": cdktest.Ref(targets)}}})
	group := tpl.Has(t, "AWS::AutoScaling::AutoScalingGroup", m{"MinSize": "2", "MaxSize": "3", "DesiredCapacity": "2", "HealthCheckType": "ELB", "HealthCheckGracePeriod": 300,
		"TargetGroupARNs": []any{cdktest.Ref(targets)}, "VPCZoneIdentifier": []string{"subnet-1", "subnet-2"}})
	if _, update := policiesOf(t, tpl, group); cdktest.Match(m{"AutoScalingRollingUpdate": m{"MinInstancesInService": 2, "MaxBatchSize": 1, "PauseTime": "PT300S", "WaitOnResourceSignals": cdktest.Absent}}, update) != nil {
		t.Errorf("got %v", update)
	}
	tpl.Has(t, "AWS::EC2::LaunchTemplate", m{"LaunchTemplateData": m{"KeyName": cdktest.Absent, "MetadataOptions": m{"HttpTokens": "required"}}})
	tpl.Has(t, "AWS::CloudWatch::Alarm", m{"MetricName": "CertificateHoursLeft", "Namespace": "Pathproof/EdgeProxy", "Dimensions": []m{{"Name": "Name", "Value": "api"}, {"Name": "Role", "Value": "nginx"}},
		"Statistic": "Minimum", "ComparisonOperator": "LessThanThreshold", "Threshold": 72, "TreatMissingData": "ignore"})
	text, _ := json.Marshal(statementsOf(tpl, logical("P/Role"))[3:])
	if want := `[{"Action":["secretsmanager:GetSecretValue"],"Effect":"Allow","Resource":["arn:aws:secretsmanager:::secret:edge"]}]`; string(text) != want {
		t.Errorf("beyond what all machines may the role allows %s, want %s", text, want)
	}
}

func proxyTemplate(t *testing.T, edit func(*edgeproxy.ProxiesProps)) *cdktest.Template {
	t.Helper()
	app := cdktest.NewApp(t)
	p := &edgeproxy.ProxiesProps{Name: "api", SubnetIds: []*string{new("subnet-1"), new("subnet-2")}, SecurityGroupIds: []*string{new("sg-2")}, TargetGroupArns: []*string{new("arn")}, Count: 2,
		ImageId: new("ami-0123456789abcdef0"), UserData: signalling, LogGroupName: "/pathproof/shop/edge-proxy/api", Signals: true}
	edit(p)
	edgeproxy.NewProxies(app.Stack("ops", oregon), "P", p)
	return app.Template(t, "ops")
}

// Proxies that do not serve stop the deployment, the first one too, and the old ones go on.
func TestEdgeProxy_StopsWhenNewOnesDoNotServe(t *testing.T) {
	tpl := proxyTemplate(t, func(*edgeproxy.ProxiesProps) {})
	group := tpl.Has(t, "AWS::AutoScaling::AutoScalingGroup", m{"MinSize": "2", "MaxSize": "3", "DesiredCapacity": "2", "DefaultInstanceWarmup": cdktest.Absent,
		"InstanceMaintenancePolicy": m{"MinHealthyPercentage": 100, "MaxHealthyPercentage": 200}})
	creation, update := policiesOf(t, tpl, group)
	if diff := cdktest.Match(m{"AutoScalingRollingUpdate": m{"MinInstancesInService": 2, "MaxBatchSize": 1, "PauseTime": "PT15M", "WaitOnResourceSignals": true, "MinSuccessfulInstancesPercent": 100,
		"SuspendProcesses": []string{"HealthCheck", "ReplaceUnhealthy", "AZRebalance", "AlarmNotification", "ScheduledActions"}}}, update); diff != nil {
		t.Error(diff)
	}
	if diff := cdktest.Match(m{"ResourceSignal": m{"Count": 2, "Timeout": "PT15M"}}, creation); diff != nil {
		t.Error(diff)
	}
	tpl.Count(t, "AWS::AutoScaling::ScalingPolicy", 0)
	text, _ := json.Marshal(statementsOf(tpl, logical("P/Role"))[3:])
	if want := `[{"Action":["elasticloadbalancing:DescribeTargetHealth"],"Effect":"Allow","Resource":["*"]},{"Action":["cloudformation:SignalResource"],"Effect":"Allow","Resource":[{"Ref":"AWS::StackId"}]}]`; string(text) != want {
		t.Errorf("beyond what all machines may the role allows %s, want %s", text, want)
	}
}

func TestEdgeProxy_ScalesByItsProcessors(t *testing.T) {
	tpl := proxyTemplate(t, func(p *edgeproxy.ProxiesProps) { p.MaxCount = 6 })
	// Without a desired capacity a deployment leaves their number alone.
	group := tpl.Has(t, "AWS::AutoScaling::AutoScalingGroup", m{"MinSize": "2", "MaxSize": "6", "DesiredCapacity": cdktest.Absent, "DefaultInstanceWarmup": 300})
	tpl.Has(t, "AWS::AutoScaling::ScalingPolicy", m{"AutoScalingGroupName": cdktest.Ref(group), "PolicyType": "TargetTrackingScaling",
		"TargetTrackingConfiguration": m{"TargetValue": 50, "PredefinedMetricSpecification": m{"PredefinedMetricType": "ASGAverageCPUUtilization"}, "DisableScaleIn": cdktest.Absent}})
	tpl.Has(t, "AWS::EC2::LaunchTemplate", m{"LaunchTemplateData": m{"Monitoring": m{"Enabled": true}}})
	creation, _ := policiesOf(t, tpl, group)
	if diff := cdktest.Match(m{"ResourceSignal": m{"Count": 2}}, creation); diff != nil {
		t.Error(diff)
	}
}

func TestEdgeProxy_TLSEndsWhereItIsSaid(t *testing.T) {
	const certificate = "arn:aws:acm:us-west-2:111122223333:certificate/1"
	for name, c := range map[string]struct {
		edit      func(*edgeproxy.FrontProps)
		listeners []m
		targets   []m
	}{
		"at nginx": {func(p *edgeproxy.FrontProps) { p.HTTPS = 443 },
			[]m{{"Port": 80, "Protocol": "TCP"}, {"Port": 443, "Protocol": "TCP", "Certificates": cdktest.Absent, "AlpnPolicy": cdktest.Absent}},
			[]m{{"Port": 80, "HealthCheckProtocol": "HTTP"}, {"Port": 443, "Protocol": "TCP", "HealthCheckProtocol": "HTTPS"}}},
		"at the network load balancer": {func(p *edgeproxy.FrontProps) { p.HTTP, p.HTTPS, p.CertificateArn = 0, 443, certificate },
			[]m{{"Port": 443, "Protocol": "TLS", "SslPolicy": "ELBSecurityPolicy-TLS13-1-2-2021-06", "Certificates": []m{{"CertificateArn": certificate}}, "AlpnPolicy": []string{"HTTP2Preferred"}}},
			[]m{{"Port": 443, "Protocol": "TCP", "HealthCheckProtocol": "HTTP"}}},
		"at the application load balancer": {func(p *edgeproxy.FrontProps) {
			p.Kind, p.HTTPS, p.CertificateArn = balancer.Application, 443, certificate
		},
			[]m{{"Port": 80, "Protocol": "HTTP", "DefaultActions": []m{{"Type": "redirect", "RedirectConfig": m{"Port": "443", "Protocol": "HTTPS"}}}}, {"Port": 443, "Protocol": "HTTPS", "AlpnPolicy": cdktest.Absent}},
			[]m{{"Port": 443, "Protocol": "HTTP", "HealthCheckProtocol": "HTTP"}}},
	} {
		t.Run(name, func(t *testing.T) {
			app := cdktest.NewApp(t)
			edgeproxy.NewFront(app.Stack("net", oregon), "F", frontProps(c.edit))
			tpl := app.Template(t, "net")
			tpl.Count(t, "AWS::ElasticLoadBalancingV2::Listener", len(c.listeners))
			tpl.Count(t, "AWS::ElasticLoadBalancingV2::TargetGroup", len(c.targets))
			for _, want := range c.listeners {
				tpl.Has(t, "AWS::ElasticLoadBalancingV2::Listener", want)
			}
			for _, want := range c.targets {
				tpl.Has(t, "AWS::ElasticLoadBalancingV2::TargetGroup", want)
			}
		})
	}
}

func TestEdgeProxy_RecordIsByLatency(t *testing.T) {
	app := cdktest.NewApp(t)
	edgeproxy.NewFront(app.Stack("net", oregon), "F", frontProps(func(p *edgeproxy.FrontProps) {
		p.Record = &edgeproxy.RecordProps{HostedZoneId: "Z0123456789ABC", Name: "api.example.com", Region: oregon}
	}))
	app.Template(t, "net").Has(t, "AWS::Route53::RecordSet", m{"Name": "api.example.com", "Type": "A", "Region": oregon, "SetIdentifier": oregon,
		"AliasTarget": m{"EvaluateTargetHealth": true, "DNSName": cdktest.GetAtt(logical("F/Resource"), "DNSName"), "HostedZoneId": cdktest.GetAtt(logical("F/Resource"), "CanonicalHostedZoneID")}})
}

func endpointProps(edit func(*clientvpn.EndpointProps)) *clientvpn.EndpointProps {
	p := &clientvpn.EndpointProps{Name: "people", Pool: prefix("10.251.0.0/22"), VpcId: new("vpc-0123456789abcdef0"), SecurityGroupIds: []*string{new("sg-1")},
		Associations:         []clientvpn.Association{{ZoneID: "apne2-az1", SubnetId: new("subnet-1"), Subnet: "private-apne2-az1"}},
		ServerCertificateArn: new("arn:aws:acm:::certificate/1"), CertificateAuthorityArn: new("arn:aws:acm:::certificate/2"), DNSServers: []netip.Addr{netip.MustParseAddr("172.29.0.2")},
		Authorizations: []clientvpn.Authorization{{Destination: prefix("172.16.0.10/32"), Description: "app"}}, Routes: []clientvpn.Route{{Destination: prefix("172.16.0.0/16"), Subnet: "private-apne2-az1"}}}
	if edit != nil {
		edit(p)
	}
	return p
}

func TestClientVPN_LetsPeopleReachWhatIsSaidAndLogsThem(t *testing.T) {
	app := cdktest.NewApp(t)
	clientvpn.NewEndpoint(app.Stack("net", seoul), "V", endpointProps(nil))
	tpl := app.Template(t, "net")
	id := tpl.Has(t, "AWS::EC2::ClientVpnEndpoint", m{"ClientCidrBlock": "10.251.0.0/22", "SplitTunnel": true, "TransportProtocol": "udp", "VpnPort": 443, "SessionTimeoutHours": 24,
		"SelfServicePortal": "disabled", "VpcId": "vpc-0123456789abcdef0", "SecurityGroupIds": []string{"sg-1"}, "ServerCertificateArn": "arn:aws:acm:::certificate/1",
		"DnsServers": []string{"172.29.0.2"}, "TransitGatewayConfiguration": cdktest.Absent,
		"AuthenticationOptions": []m{{"Type": "certificate-authentication", "MutualAuthentication": m{"ClientRootCertificateChainArn": "arn:aws:acm:::certificate/2"}}},
		"ConnectionLogOptions":  m{"Enabled": true, "CloudwatchLogGroup": cdktest.Ref(logical("V/Log"))}})
	tpl.Has(t, "AWS::EC2::ClientVpnAuthorizationRule", m{"ClientVpnEndpointId": cdktest.Ref(id), "TargetNetworkCidr": "172.16.0.10/32", "AuthorizeAllGroups": true, "Description": "app"})
	stands := tpl.Has(t, "AWS::EC2::ClientVpnTargetNetworkAssociation", m{"SubnetId": "subnet-1", "AvailabilityZoneId": cdktest.Absent})
	tpl.DependsOnAll(t, tpl.Has(t, "AWS::EC2::ClientVpnRoute", m{"DestinationCidrBlock": "172.16.0.0/16", "TargetVpcSubnetId": "subnet-1"}), stands)
	if log := tpl.Resources[logical("V/Log")]; log.Properties["RetentionInDays"] != 90.0 || log.DeletionPolicy != "RetainExceptOnCreate" {
		t.Errorf("the log of who was connected: %v, %s", log.Properties, log.DeletionPolicy)
	}
}

func TestClientVPN_AtATransitGatewayBySAML(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("net", seoul)
	clientvpn.NewEndpoint(s, "V", endpointProps(func(p *clientvpn.EndpointProps) {
		p.VpcId, p.SecurityGroupIds, p.TransitGatewayId, p.Provider, p.CertificateAuthorityArn = nil, nil, new("tgw-0123456789abcdef0"), newProvider(s), nil
		p.SAMLProviderArn, p.Associations, p.Routes = "arn:aws:iam::111122223333:saml-provider/people", []clientvpn.Association{{ZoneID: "apne2-az1"}}, nil
	}))
	tpl := app.Template(t, "net")
	tpl.Has(t, "AWS::EC2::ClientVpnEndpoint", m{"VpcId": cdktest.Absent, "SecurityGroupIds": cdktest.Absent,
		"TransitGatewayConfiguration": m{"TransitGatewayId": "tgw-0123456789abcdef0", "AvailabilityZoneIds": []string{"apne2-az1"}},
		"AuthenticationOptions":       []m{{"Type": "federated-authentication", "FederatedAuthentication": m{"SAMLProviderArn": "arn:aws:iam::111122223333:saml-provider/people"}}}})
	stands := tpl.Has(t, "AWS::EC2::ClientVpnTargetNetworkAssociation", m{"AvailabilityZoneId": "apne2-az1", "SubnetId": cdktest.Absent})
	tpl.DependsOnAll(t, tpl.Has(t, "Custom::PathproofClientVpnFacts", m{"TransitGatewayId": "tgw-0123456789abcdef0"}), stands)
}

func TestClientVPN_CertificatesOfAPKI(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("net", seoul)
	store := pki.NewStore(s, "K", &pki.StoreProps{Name: "main", KeyAlias: "alias/pathproof-shop-main", SecretName: "pathproof/shop/pki/main/tls-crypt",
		ClientVPNKeyAlias: "alias/pathproof-shop-main/client-vpn"})
	const saml = "arn:aws:iam::111122223333:saml-provider/people"
	e := clientvpn.NewEndpoint(s, "V", endpointProps(func(p *clientvpn.EndpointProps) {
		p.ServerCertificateArn, p.CertificateAuthorityArn, p.SAMLProviderArn, p.Provider = nil, nil, saml, newProvider(s)
		p.PKI = &clientvpn.PKIProps{Endpoint: "people", At: "seoul/app", ValidityDays: 30, ParameterName: "/pathproof/shop/client-vpn/people", DependsOn: []constructs.IDependable{store.ClientVPNKey()},
			Authority: customresource.Authority{Network: "shop", Name: "main", KeyAlias: "alias/pathproof-shop-main/client-vpn", Home: seoul, BucketName: store.BucketName()}}
	}))
	clientvpn.NewAlarms(s, "A", &clientvpn.AlarmsProps{Name: "people", CertificateArn: e.CertificateArn(), ValidityDays: 30, TopicArn: new("arn:aws:sns:ap-northeast-2:111122223333:alerts")})
	tpl := app.Template(t, "net")
	tpl.Has(t, "AWS::CloudWatch::Alarm", m{"Namespace": "AWS/CertificateManager", "MetricName": "DaysToExpiry", "Statistic": "Minimum", "ComparisonOperator": "LessThanThreshold", "Threshold": 9,
		"Period": 86400, "EvaluationPeriods": 1, "TreatMissingData": "ignore", "AlarmActions": []string{"arn:aws:sns:ap-northeast-2:111122223333:alerts"},
		"Dimensions": []m{{"Name": "CertificateArn", "Value": cdktest.GetAtt(logical("V/Certificate/Resource"), "CertificateArn")}}})
	tpl.Has(t, "AWS::KMS::Key", m{"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"})
	if r := tpl.Resources[logical("K/ClientVpnKey")]; r.DeletionPolicy != "RetainExceptOnCreate" || r.UpdateReplacePolicy != "Retain" {
		t.Errorf("the key does not stay: %s, %s", r.DeletionPolicy, r.UpdateReplacePolicy)
	}
	alias := tpl.Has(t, "AWS::KMS::Alias", m{"AliasName": "alias/pathproof-shop-main/client-vpn", "TargetKeyId": cdktest.GetAtt(logical("K/ClientVpnKey"), "Arn")})
	key := m{"Fn::Sub": "arn:${AWS::Partition}:kms:ap-northeast-2:${AWS::AccountId}:alias/pathproof-shop-main/client-vpn"}
	certificate := tpl.Has(t, "Custom::PathproofClientVpnCertificate", m{"Network": "shop", "Pki": "main", "Endpoint": "people", "At": "seoul/app", "ValidityDays": "30", "KeyArn": key})
	tpl.DependsOnAll(t, certificate, alias)
	arn := cdktest.GetAtt(certificate, "CertificateArn")
	endpoint := tpl.Has(t, "AWS::EC2::ClientVpnEndpoint", m{"ServerCertificateArn": arn, "AuthenticationOptions": []m{
		{"Type": "certificate-authentication", "MutualAuthentication": m{"ClientRootCertificateChainArn": arn}},
		{"Type": "federated-authentication", "FederatedAuthentication": m{"SAMLProviderArn": saml}}}})
	list := tpl.Has(t, "Custom::PathproofClientVpnList", m{"ClientVpnEndpointId": cdktest.Ref(endpoint), "KeyArn": key})
	for id, r := range tpl.Resources { // who was revoked reaches nothing before the endpoint knows it
		if r.Type == "AWS::EC2::ClientVpnAuthorizationRule" {
			tpl.DependsOnAll(t, id, list)
		}
		if r.Type == "AWS::EC2::ClientVpnTargetNetworkAssociation" { // an endpoint that stands nowhere yet may take no list
			tpl.DependsOnAll(t, list, id)
		}
	}
	tpl.Has(t, "AWS::SSM::Parameter", m{"Name": "/pathproof/shop/client-vpn/people", "Value": cdktest.Ref(endpoint)})
	tpl.Count(t, "AWS::SecretsManager::Secret", 1) // the PKI's own: an endpoint's key is in ACM alone

	sign := m{"Action": []string{"kms:GetPublicKey", "kms:Sign"}, "Condition": m{"StringEquals": m{"kms:RequestAlias": "alias/pathproof-shop-main/client-vpn"}}}
	objects, lists := m{"Action": []string{"s3:GetObject", "s3:PutObject"}}, m{"Action": []string{"s3:ListBucket"}}
	tags := func(key string) m {
		return m{"StringEquals": m{key + "pathproof:network": "shop", key + "pathproof:client-vpn": "people.seoul.app.client-vpn.shop"}}
	}
	all := m{"Fn::Sub": "arn:${AWS::Partition}:acm:${AWS::Region}:${AWS::AccountId}:certificate/*"}
	allowed := tpl.Has(t, "AWS::IAM::Policy", m{"PolicyName": "ClientVpnCertificatePolicy-people", "PolicyDocument": m{"Statement": []m{sign, objects, lists,
		{"Action": []string{"acm:ListCertificates"}, "Resource": []string{"*"}}, {"Action": []string{"acm:GetCertificate", "acm:ListTagsForCertificate"}, "Resource": []m{all}},
		{"Action": []string{"acm:AddTagsToCertificate", "acm:ImportCertificate"}, "Resource": []m{all}, "Condition": tags("aws:RequestTag/")},
		{"Action": []string{"acm:DeleteCertificate", "acm:ImportCertificate"}, "Resource": []m{all}, "Condition": tags("aws:ResourceTag/")}}}})
	tpl.DependsOnAll(t, certificate, allowed)
	allowed = tpl.Has(t, "AWS::IAM::Policy", m{"PolicyName": "ClientVpnListPolicy-main", "PolicyDocument": m{"Statement": []m{sign, objects, lists,
		{"Action": []string{"ec2:ImportClientVpnClientCertificateRevocationList"}, "Resource": []m{{"Fn::Sub": "arn:${AWS::Partition}:ec2:${AWS::Region}:${AWS::AccountId}:client-vpn-endpoint/*"}}}}}})
	tpl.DependsOnAll(t, list, allowed)

	// Both are looked at every day, with what CloudFormation says, in a form that the function reads.
	for id, parts := range map[string][]string{
		"V/Certificate/Schedule":    {`Custom::PathproofClientVpnCertificate`, `\"Endpoint\":\"people\"`, `\"At\":\"seoul/app\"`, `\"ValidityDays\":\"30\"`, `\"KeyArn\":\""`},
		"V/RevocationList/Schedule": {`Custom::PathproofClientVpnList`, `\"ClientVpnEndpointId\":\""`, `{"Ref":"` + endpoint + `"}`},
	} {
		r := tpl.Resources[logical(id)]
		input, _ := json.Marshal(r.Properties["Targets"])
		for _, part := range append(parts, `\"Pathproof\":\"renew\"`, `{"Ref":"`+logical("K/Objects")+`"}`) {
			if r.Properties["ScheduleExpression"] != "rate(1 day)" || !strings.Contains(string(input), part) {
				t.Errorf("%s does not say %s: %s", id, part, input)
			}
		}
	}
}

// An endpoint alone, in a Region without anything else that alarms are of, has a topic there.
func TestClientVPN_AlarmTellsTheTopicOfItsPlace(t *testing.T) {
	s := synth(t, "client-vpn")
	for stack, alarms := range map[string]int{"people-ops-ap-northeast-1": 1, "people-ops-ap-northeast-2": 2} {
		tpl, found := s.templates[stack], 0
		for _, id := range tpl.ByType("AWS::CloudWatch::Alarm") {
			if p := tpl.Resources[id].Properties; p["MetricName"] == "DaysToExpiry" {
				found++
				if diff := cdktest.Match(m{"AlarmActions": []any{cdktest.Ref(tpl.ByType("AWS::SNS::Topic")[0])}}, p); diff != nil {
					t.Errorf("%s/%s: %v", stack, id, diff)
				}
			}
		}
		if found != alarms {
			t.Errorf("%s has %d alarms of certificates, want %d", stack, found, alarms)
		}
	}
}

func TestPKI_SignsAndStays(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("net", seoul)
	store := pki.NewStore(s, "K", &pki.StoreProps{Name: "main", KeyAlias: "alias/pathproof-shop-main", SecretName: "pathproof/shop/pki/main/tls-crypt"})
	customresource.NewServerCertificate(s, "C", &customresource.ServerCertificateProps{Provider: newProvider(s), Server: "seoul", SecretArn: new("arn:aws:secretsmanager:::secret:own"),
		Authority: customresource.Authority{Network: "shop", Name: "main", KeyAlias: "alias/pathproof-shop-main", Home: tokyo, BucketName: store.BucketName()}})
	tpl := app.Template(t, "net")
	tpl.Has(t, "AWS::KMS::Key", m{"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"})
	tpl.Count(t, "AWS::KMS::Key", 1) // the one for Client VPN is there only if it is used
	tpl.Has(t, "AWS::SecretsManager::Secret", m{"Name": "pathproof/shop/pki/main/tls-crypt", "SecretString": cdktest.Absent, "GenerateSecretString": cdktest.Absent})
	for _, id := range []string{"K/Key", "K/Secret", "K/Objects"} {
		if r := tpl.Resources[logical(id)]; r.DeletionPolicy != "RetainExceptOnCreate" || r.UpdateReplacePolicy != "Retain" {
			t.Errorf("%s does not stay: %s, %s", id, r.DeletionPolicy, r.UpdateReplacePolicy)
		}
	}
	key := m{"Fn::Sub": "arn:${AWS::Partition}:kms:ap-northeast-1:${AWS::AccountId}:alias/pathproof-shop-main"}
	certificate := tpl.Has(t, "Custom::PathproofServerCertificate", m{"Network": "shop", "Pki": "main", "Server": "seoul", "KeyArn": key, "Bucket": cdktest.Ref(logical("K/Objects"))})
	tpl.Has(t, "AWS::IAM::Policy", m{"PolicyDocument": m{"Statement": []m{
		{"Action": []string{"kms:GetPublicKey", "kms:Sign"}, "Condition": m{"StringEquals": m{"kms:RequestAlias": "alias/pathproof-shop-main"}}},
		{"Action": []string{"s3:GetObject", "s3:PutObject"}}, {"Action": []string{"s3:ListBucket"}}, {"Action": []string{"secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue"}}}}})
	// What the schedule says is what CloudFormation says: references are resolved, and the function can read them.
	rule := tpl.Has(t, "AWS::Events::Rule", m{"ScheduleExpression": "rate(1 day)"})
	input, _ := json.Marshal(tpl.Resources[rule].Properties["Targets"])
	for _, part := range []string{`\"Pathproof\":\"renew\"`, `\"ResourceType\":\"Custom::PathproofServerCertificate\"`, `\"KeyArn\":\""`, `{"Ref":"` + logical("K/Objects") + `"}`} {
		if !strings.Contains(string(input), part) {
			t.Errorf("the schedule of %s does not say %s: %s", certificate, part, input)
		}
	}
	if strings.Contains(string(input), "ServiceToken") || strings.Contains(string(input), `\"Fn::Sub\"`) {
		t.Errorf("the schedule says %s", input)
	}
}

func TestNetwork_RulesByGroupAndPrefixList(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("net", seoul)
	p := small("edge", "10.0.1.0/24")
	p.Provider = newProvider(s)
	tcp := func(r network.RuleProps) network.RuleProps {
		r.Protocol, r.FromPort, r.ToPort = "tcp", 8080, 8080
		return r
	}
	const list = "com.amazonaws.ap-northeast-2.route53-healthchecks"
	p.SecurityGroups = []network.SecurityGroupProps{
		{Name: "proxy/a/instances", Ingress: []network.RuleProps{tcp(network.RuleProps{Group: "proxy/a"}), tcp(network.RuleProps{PrefixList: list})}},
		{Name: "proxy/a", Egress: []network.RuleProps{tcp(network.RuleProps{Group: "proxy/a/instances"})}},
		{Name: "other", Ingress: []network.RuleProps{tcp(network.RuleProps{PrefixList: list})}}}
	network.NewNetwork(s, "N", p)
	tpl := app.Template(t, "net")
	found := cdktest.GetAtt(tpl.Has(t, "Custom::PathproofPrefixList", m{"Name": list}), "PrefixListId")
	front, instances := logical("N/SecurityGroup-proxy.a"), logical("N/SecurityGroup-proxy.a.instances")
	tpl.Has(t, "AWS::EC2::SecurityGroup", m{"SecurityGroupIngress": []m{{"SourceSecurityGroupId": cdktest.GetAtt(front, "GroupId"), "CidrIp": cdktest.Absent, "FromPort": 8080},
		{"SourcePrefixListId": found, "CidrIp": cdktest.Absent}}})
	tpl.Has(t, "AWS::EC2::SecurityGroupEgress", m{"GroupId": cdktest.GetAtt(front, "GroupId"), "DestinationSecurityGroupId": cdktest.GetAtt(instances, "GroupId"), "FromPort": 8080})
	tpl.Has(t, "AWS::EC2::SecurityGroup", m{"SecurityGroupIngress": []m{{"SourcePrefixListId": found}}})
}

// secretText is what a key or a password looks like.
var secretText = regexp.MustCompile(`-----BEGIN|PRIVATE KEY|tls-crypt-v2 server key|GenerateSecretString|SecretString`)

// TestTemplates_HoldNoKeys asserts that nothing secret stands in any template: secrets are made where they are kept.
func TestTemplates_HoldNoKeys(t *testing.T) {
	servers := 0
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		for name, tpl := range s.templates {
			if found := secretText.Find(tpl.Text); found != nil {
				t.Errorf("%s holds %s", name, found)
			}
			servers += len(tpl.ByType("AWS::EC2::LaunchTemplate"))
			for _, id := range tpl.ByType("AWS::EC2::LaunchTemplate") {
				data := tpl.Resources[id].Properties["LaunchTemplateData"].(m)
				if diff := cdktest.Match(m{"KeyName": cdktest.Absent, "MetadataOptions": m{"HttpTokens": "required"}}, data); diff != nil {
					t.Errorf("%s/%s: %v", name, id, diff)
				}
			}
			for _, id := range tpl.ByType("AWS::EC2::SecurityGroup") {
				if rules, _ := json.Marshal(tpl.Resources[id].Properties["SecurityGroupIngress"]); strings.Contains(string(rules), `"FromPort":22,`) {
					t.Errorf("%s/%s lets SSH in: %s", name, id, rules)
				}
			}
		}
	})
	if servers < 6 {
		t.Errorf("got %d launch templates: the test looks at the wrong place", servers)
	}
}

// TestLoadBalancers_WaitForTheInternet: ELB refuses what faces the Internet in a VPC without an attached gateway, and no property
// of a load balancer names the gateway.
func TestLoadBalancers_WaitForTheInternet(t *testing.T) {
	found := 0
	eachConfiguration(t, func(t *testing.T, s *synthesized) {
		for _, tpl := range s.templates {
			attachments := tpl.ByType("AWS::EC2::VPCGatewayAttachment")
			for _, id := range tpl.Find("AWS::ElasticLoadBalancingV2::LoadBalancer", m{"Scheme": "internet-facing"}) {
				found++
				if len(attachments) == 0 {
					t.Errorf("%s faces the Internet in a stack without a gateway", id)
				}
				tpl.DependsOnAll(t, id, attachments...)
			}
		}
	})
	if found < 2 {
		t.Errorf("%d load balancers face the Internet, want those of several configurations", found)
	}
}
