package vpnendpoint

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/ec2"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/registry"
)

// ListAPI is what Bring calls.
type ListAPI interface {
	ImportClientVpnClientCertificateRevocationList(context.Context, *ec2.ImportClientVpnClientCertificateRevocationListInput, ...func(*ec2.Options)) (*ec2.ImportClientVpnClientCertificateRevocationListOutput, error)
}

// MaxEntries is how many revoked certificates an endpoint takes, which AWS does not raise (AWS Client VPN Administrator Guide, quotas).
const MaxEntries = 20000

// GivenKey is the key of the object with the list that an endpoint was given last.
func GivenKey(endpoint string) string { return "client-vpn/given/" + endpoint + ".pem" }

// tries is how often Bring begins again because somebody else gave the endpoint a list at the same time.
const tries = 6

// Bring gives an endpoint the list that was published last, if it needs it, and reports whether it did. Publish comes before. Several
// programs may run it at the same time: whoever finds that another one was faster gives the newest list once more, since nobody knows
// which of them AWS took last.
func Bring(ctx context.Context, api ListAPI, p *registry.PKI, endpoint string) (given bool, err error) {
	for try := range tries {
		done, err := bring(ctx, api, p, endpoint, try > 0)
		given = given || done
		if !errors.Is(err, registry.ErrConflict) {
			return given, err
		}
		if err := p.Wait(ctx, try); err != nil {
			return given, err
		}
	}
	return given, fmt.Errorf("list of %s: %w %d times in a row; try again", endpoint, registry.ErrConflict, tries)
}

func bring(ctx context.Context, api ListAPI, p *registry.PKI, endpoint string, again bool) (bool, error) {
	there, tag, err := p.Objects.Get(ctx, GivenKey(endpoint)) // before the list: a newer one then comes with a conflict
	if err != nil && !errors.Is(err, registry.ErrMissing) {
		return false, err
	}
	text, err := p.ClientVPNList(ctx)
	if err != nil {
		return false, err
	}
	list, err := pki.DecodeList(text)
	if err != nil {
		return false, fmt.Errorf("%s: %w; restore an earlier version of the object", registry.ClientVPNListKey, err)
	}
	old, _ := pki.DecodeList(there) // what cannot be read is given anew
	if !again && !needed(p, tag != "", old, list) {
		return false, nil
	}
	if n := len(list.RevokedCertificateEntries); n > MaxEntries {
		return false, fmt.Errorf("list of %s: more revoked certificates than AWS Client VPN takes, got %d; the limit is %d, so use a shorter clientValidity or a second PKI", endpoint, n, MaxEntries)
	}
	_, err = api.ImportClientVpnClientCertificateRevocationList(ctx, &ec2.ImportClientVpnClientCertificateRevocationListInput{ClientVpnEndpointId: &endpoint, CertificateRevocationList: &text})
	if err != nil {
		return false, awsstore.Explain(err, "ec2:ImportClientVpnClientCertificateRevocationList", endpoint)
	}
	return true, p.Objects.Put(ctx, GivenKey(endpoint), text, tag)
}

// needed reports whether an endpoint that has the old list, or a list that cannot be read, or none, needs the new one.
func needed(p *registry.PKI, has bool, old, list *x509.RevocationList) bool {
	switch {
	case !has:
		return len(list.RevokedCertificateEntries) > 0
	case old == nil || pki.Due(old.NextUpdate, p.Now(), pki.ClientVPNListRenew):
		return true
	}
	knows := map[string]bool{}
	for _, r := range old.RevokedCertificateEntries {
		knows[r.SerialNumber.String()] = true
	}
	for _, r := range list.RevokedCertificateEntries {
		if !knows[r.SerialNumber.String()] {
			return true
		}
	}
	return false
}
