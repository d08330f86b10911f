package e2e

import "maps"

// states is what every resource of a type has to be once a network is deployed, beyond its plan and its template.
var states = map[string]properties{
	"AWS::SecretsManager::Secret":                 {"Filled": "true"}, // by the function, after CloudFormation made it empty
	"AWS::EC2::ClientVpnEndpoint":                 {"Status": "available"},
	"AWS::EC2::ClientVpnTargetNetworkAssociation": {"State": "associated"},
	"AWS::EC2::ClientVpnRoute":                    {"State": "active"},
	"AWS::EC2::ClientVpnAuthorizationRule":        {"State": "active"},
	"AWS::GlobalAccelerator::Accelerator":         {"Status": "DEPLOYED"},
	"Custom::PathproofClientVpnCertificate":       {"State": "ISSUED"},
	"Custom::PathproofClientVpnList":              {"State": "active"},
	"Custom::PathproofImage":                      {"Owner": "amazon"},
	"Custom::PathproofPrefixList":                 {"Owner": "AWS"},
	"Custom::PathproofPki":                        {"State": "signed"},
	"Custom::PathproofServerCertificate":          {"State": "good"},
}

// ways sets what the plan says of ways in.
func (w *wanted) ways() {
	p := w.d.plan
	for _, s := range p.Stacks {
		for _, r := range s.Resources {
			maps.Copy(w.byName[r.Name], states[r.Type])
		}
	}
	for _, x := range p.PKIs {
		w.set("pki/"+x.Name+"/key", "State", "Enabled", "Rotation", "false", "KeySpec", "ECC_NIST_P256", "KeyUsage", "SIGN_VERIFY")
		w.set("pki/"+x.Name+"/authority", "Subject", p.Name+" "+x.Name)
	}
	for _, s := range p.OpenVPNs {
		w.set("openvpn/"+s.Name+"/group", "Running", "1")
	}
}
