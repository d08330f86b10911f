package transitvpn

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"

	"github.com/pathproof/pathproof/internal/cdkx"
)

// Validate reports every problem in t. It needs no Node.js.
func (t TunnelProps) Validate() error {
	var f cdkx.Fields
	t.withDefaults().validate(&f)
	return f.Err()
}

func (t TunnelProps) validate(f *cdkx.Fields) {
	oneOf(f, "tunnel.dpdTimeoutAction", t.DPDTimeoutAction, "clear", "none", "restart")
	oneOf(f, "tunnel.startupAction", t.StartupAction, "add", "start")
	if t.StartupAction == "start" && slices.Contains(t.IKEVersions, "ikev1") {
		f.Addf("tunnel.startupAction", "start needs IKEv2 only, got IKE versions %v; use add, or ikev2 alone", t.IKEVersions)
	}
	allOf(f, "tunnel.ikeVersions", t.IKEVersions, "ikev2", "ikev1")
	encryption := []string{"AES128", "AES256", "AES128-GCM-16", "AES256-GCM-16"}
	allOf(f, "tunnel.phase1EncryptionAlgorithms", t.Phase1EncryptionAlgorithms, encryption...)
	allOf(f, "tunnel.phase2EncryptionAlgorithms", t.Phase2EncryptionAlgorithms, encryption...)
	integrity := []string{"SHA1", "SHA2-256", "SHA2-384", "SHA2-512"}
	allOf(f, "tunnel.phase1IntegrityAlgorithms", t.Phase1IntegrityAlgorithms, integrity...)
	allOf(f, "tunnel.phase2IntegrityAlgorithms", t.Phase2IntegrityAlgorithms, integrity...)
	groups := []int{2, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24}
	allOf(f, "tunnel.phase1DhGroupNumbers", t.Phase1DHGroupNumbers, groups...)
	allOf(f, "tunnel.phase2DhGroupNumbers", t.Phase2DHGroupNumbers, append(groups, 5)...)
	within(f, "tunnel.dpdTimeout", t.DPDTimeout, 30*time.Second, 24*time.Hour)
	within(f, "tunnel.phase1Lifetime", t.Phase1Lifetime, 15*time.Minute, 8*time.Hour)
	within(f, "tunnel.phase2Lifetime", t.Phase2Lifetime, 15*time.Minute, time.Hour)
	if t.Phase2Lifetime >= t.Phase1Lifetime {
		f.Addf("tunnel.phase2Lifetime", "must be below phase 1, got %s and %s; make it shorter", t.Phase2Lifetime, t.Phase1Lifetime)
	}
	within(f, "tunnel.rekeyMarginTime", t.RekeyMarginTime, time.Minute, t.Phase2Lifetime/2)
	if n := *t.RekeyFuzzPercentage; n < 0 || n > 100 {
		f.Addf("tunnel.rekeyFuzzPercentage", "out of range, got %d; use 0 to 100", n)
	}
	if n := t.ReplayWindowSize; n < 64 || n > 2048 {
		f.Addf("tunnel.replayWindowSize", "out of range, got %d; use 64 to 2048", n)
	}
}

func allOf[T comparable](f *cdkx.Fields, where string, got []T, allowed ...T) {
	for i, x := range got {
		oneOf(f, fmt.Sprintf("%s[%d]", where, i), x, allowed...)
	}
}

func within(f *cdkx.Fields, where string, d, low, high time.Duration) {
	if d < low || d > high || d%time.Second != 0 {
		f.Addf(where, "out of range, got %s; use whole seconds from %s to %s", d, low, high)
	}
}

// options writes every option out, also those that equal AWS's defaults: AWS's texts disagree about some of them.
func (t TunnelProps) options(inside netip.Prefix, logs interface{}) *awsec2.CfnVPNConnection_VpnTunnelOptionsSpecificationProperty {
	return &awsec2.CfnVPNConnection_VpnTunnelOptionsSpecificationProperty{
		TunnelInsideCidr:  jsii.String(inside.String()),
		DpdTimeoutAction:  jsii.String(t.DPDTimeoutAction),
		DpdTimeoutSeconds: seconds(t.DPDTimeout),
		StartupAction:     jsii.String(t.StartupAction),
		IkeVersions: list(t.IKEVersions, func(v string) any {
			return &awsec2.CfnVPNConnection_IKEVersionsRequestListValueProperty{Value: &v}
		}),
		Phase1EncryptionAlgorithms: list(t.Phase1EncryptionAlgorithms, func(v string) any {
			return &awsec2.CfnVPNConnection_Phase1EncryptionAlgorithmsRequestListValueProperty{Value: &v}
		}),
		Phase2EncryptionAlgorithms: list(t.Phase2EncryptionAlgorithms, func(v string) any {
			return &awsec2.CfnVPNConnection_Phase2EncryptionAlgorithmsRequestListValueProperty{Value: &v}
		}),
		Phase1IntegrityAlgorithms: list(t.Phase1IntegrityAlgorithms, func(v string) any {
			return &awsec2.CfnVPNConnection_Phase1IntegrityAlgorithmsRequestListValueProperty{Value: &v}
		}),
		Phase2IntegrityAlgorithms: list(t.Phase2IntegrityAlgorithms, func(v string) any {
			return &awsec2.CfnVPNConnection_Phase2IntegrityAlgorithmsRequestListValueProperty{Value: &v}
		}),
		Phase1DhGroupNumbers: list(t.Phase1DHGroupNumbers, func(v int) any {
			return &awsec2.CfnVPNConnection_Phase1DHGroupNumbersRequestListValueProperty{Value: jsii.Number(v)}
		}),
		Phase2DhGroupNumbers: list(t.Phase2DHGroupNumbers, func(v int) any {
			return &awsec2.CfnVPNConnection_Phase2DHGroupNumbersRequestListValueProperty{Value: jsii.Number(v)}
		}),
		Phase1LifetimeSeconds:        seconds(t.Phase1Lifetime),
		Phase2LifetimeSeconds:        seconds(t.Phase2Lifetime),
		RekeyMarginTimeSeconds:       seconds(t.RekeyMarginTime),
		RekeyFuzzPercentage:          jsii.Number(*t.RekeyFuzzPercentage),
		ReplayWindowSize:             jsii.Number(t.ReplayWindowSize),
		EnableTunnelLifecycleControl: t.LifecycleControl,
		LogOptions:                   logs,
	}
}

func list[T any](values []T, property func(T) any) *[]any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = property(v)
	}
	return &out
}

func seconds(d time.Duration) *float64 { return jsii.Number(int64(d / time.Second)) }
