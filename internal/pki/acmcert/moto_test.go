package acmcert_test

import (
	"net"
	"net/http"
	"os/exec"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/acm"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/acmcert"
)

// emulation is moto's ACM on the loopback interface. Where it is missing the test is skipped: the product does not need it.
func emulation(t *testing.T) *acm.Client {
	t.Helper()
	if testing.Short() {
		t.Skip("NOT RUN with -short: starts a program")
	}
	if out, err := exec.Command("python3", "-c", "import moto.server").CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: moto is missing; install it with: pip install 'moto[server]==5.2.1' (%.80s)", out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	_ = l.Close()
	cmd := exec.Command("python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for deadline := time.Now().Add(60 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		if res, err := http.Get("http://" + address + "/moto-api/data.json"); err == nil {
			_ = res.Body.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("moto does not answer")
		}
	}
	return acm.NewFromConfig(aws.Config{Region: seoul, BaseEndpoint: aws.String("http://" + address), Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "x", "")})
}

// The real SDK and somebody else's idea of ACM: a certificate is imported with its tags, found by them, replaced under its ARN, and deleted.
func TestEndpoint_InMoto(t *testing.T) {
	api, p := emulation(t), newPKI(t)
	later(p, pki.ServerRenew-pki.ServerLife) // moto's clock is the real one, so what is renewed began in the past
	e, _ := endpoint(t, "people.seoul.vpn.client-vpn.reference", p)
	e.ACM = api
	o := e
	o.Name, o.Tags = "others.seoul.vpn.client-vpn.reference", map[string]string{naming.TagNetwork: "reference", naming.TagClientVPN: "others"}
	first, _ := ensure(t, e)
	other, _ := ensure(t, o)
	if again, touched := ensure(t, e); again != first || touched || first.ARN == other.ARN {
		t.Errorf("a second look: %+v, touched %t; want %+v", again, touched, first)
	}
	forgetful := e
	forgetful.PKI = newPKI(t) // knows no ARN, and is another authority
	if taken, _ := ensure(t, forgetful); taken.ARN != first.ARN || taken.Serial == first.Serial {
		t.Errorf("not found by its tags: %+v", taken)
	}
	later(p, 0)
	if second, _ := ensure(t, e); second.ARN != first.ARN || second.Serial == first.Serial { // moto drops the tags of what is imported again
		t.Errorf("renewed: %+v after %+v", second, first)
	}
	for range 2 {
		if err := e.Delete(t.Context()); err != nil {
			t.Error(err)
		}
	}
	left, err := api.ListCertificates(t.Context(), &acm.ListCertificatesInput{})
	if err != nil || len(left.CertificateSummaryList) != 1 || *left.CertificateSummaryList[0].CertificateArn != other.ARN {
		t.Errorf("left %v, %v", left, err)
	}
}

var _ acmcert.API = (*acm.Client)(nil)
