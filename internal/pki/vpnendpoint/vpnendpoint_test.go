package vpnendpoint_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"

	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/pkitest"
	"github.com/pathproof/pathproof/internal/pki/registry"
	"github.com/pathproof/pathproof/internal/pki/vpnendpoint"
)

const people = "cvpn-endpoint-0123456789abcdef0"

// fakeEC2 has endpoints with lists and connections.
type fakeEC2 struct {
	mu          sync.Mutex
	lists       map[string]string
	imports     int
	connections []types.ClientVpnConnection
	ended       []string
	fail        map[string]error
	before      func() // an import, without the lock
}

func (f *fakeEC2) ImportClientVpnClientCertificateRevocationList(_ context.Context, in *ec2.ImportClientVpnClientCertificateRevocationListInput, _ ...func(*ec2.Options)) (*ec2.ImportClientVpnClientCertificateRevocationListOutput, error) {
	if before := f.before; before != nil {
		before()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fail["import"]; err != nil {
		return nil, err
	}
	if f.lists == nil {
		f.lists = map[string]string{}
	}
	f.lists[*in.ClientVpnEndpointId] = *in.CertificateRevocationList
	f.imports++
	return &ec2.ImportClientVpnClientCertificateRevocationListOutput{Return: aws.Bool(true)}, nil
}

// DescribeClientVpnConnections has one connection on a page.
func (f *fakeEC2) DescribeClientVpnConnections(_ context.Context, in *ec2.DescribeClientVpnConnectionsInput, _ ...func(*ec2.Options)) (*ec2.DescribeClientVpnConnectionsOutput, error) {
	if err := f.fail["describe"]; err != nil {
		return nil, err
	}
	i := 0
	_, _ = fmt.Sscan(aws.ToString(in.NextToken), &i)
	out := &ec2.DescribeClientVpnConnectionsOutput{}
	if i < len(f.connections) {
		out.Connections = f.connections[i : i+1]
		out.NextToken = aws.String(fmt.Sprint(i + 1))
	}
	return out, nil
}

func (f *fakeEC2) TerminateClientVpnConnections(_ context.Context, in *ec2.TerminateClientVpnConnectionsInput, _ ...func(*ec2.Options)) (*ec2.TerminateClientVpnConnectionsOutput, error) {
	if err := f.fail[*in.ConnectionId]; err != nil {
		return nil, err
	}
	f.ended = append(f.ended, *in.ConnectionId)
	return &ec2.TerminateClientVpnConnectionsOutput{}, nil
}

func (f *fakeEC2) DescribeClientVpnEndpoints(_ context.Context, in *ec2.DescribeClientVpnEndpointsInput, _ ...func(*ec2.Options)) (*ec2.DescribeClientVpnEndpointsOutput, error) {
	out := &ec2.DescribeClientVpnEndpointsOutput{}
	if in.ClientVpnEndpointIds[0] == people {
		out.ClientVpnEndpoints = []types.ClientVpnEndpoint{{DnsName: aws.String("*." + people + ".prod.clientvpn.ap-northeast-2.amazonaws.com"), VpnPort: aws.Int32(1194), TransportProtocol: types.TransportProtocolTcp}}
	}
	return out, nil
}

// desk is a PKI whose list is published after each change.
type desk struct {
	*registry.PKI
	t *testing.T
}

func newDesk(t *testing.T) desk {
	p, _, _ := pkitest.New(t)
	pkitest.WithClientVPN(t, p)
	d := desk{p, t}
	d.publish()
	return d
}

func (d desk) publish() {
	d.t.Helper()
	a, err := d.ClientVPNAuthority(d.t.Context())
	if err == nil {
		err = d.Publish(d.t.Context(), a)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) add(user string) {
	d.t.Helper()
	a, err := d.ClientVPNAuthority(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	k, _ := pki.NewRSAKey(rand.Reader)
	if _, err := d.Issue(d.t.Context(), a, registry.OfClient, user, &k.PublicKey, pki.ClientLife, pkitest.Claim); err != nil {
		d.t.Fatal(err)
	}
}

func (d desk) revoke(user string) {
	d.t.Helper()
	err := d.Change(d.t.Context(), func(r *registry.Register) (bool, error) { return r.Revoke(r.Of(registry.OfClient, user), d.Now()), nil })
	if err != nil {
		d.t.Fatal(err)
	}
	d.publish()
}

func (d desk) bring(f *fakeEC2, endpoint string) bool {
	d.t.Helper()
	given, err := vpnendpoint.Bring(d.t.Context(), f, d.PKI, endpoint)
	if err != nil {
		d.t.Fatal(err)
	}
	return given
}

// entries is how many certificates the list of an endpoint has, -1 if there is none.
func (f *fakeEC2) entries(t *testing.T, endpoint string) int {
	t.Helper()
	if f.lists[endpoint] == "" {
		return -1
	}
	l, err := pki.DecodeList(f.lists[endpoint])
	if err != nil {
		t.Fatal(err)
	}
	return len(l.RevokedCertificateEntries)
}

// Each new list resets every connection: it is given when it says something new, or before the old one ends.
func TestBring_OnlyWhatIsNeeded(t *testing.T) {
	d, f := newDesk(t), &fakeEC2{}
	d.add("alice")
	d.add("bob")
	if d.bring(f, people) || f.entries(t, people) != -1 {
		t.Error("an endpoint was given a list of nobody")
	}
	d.revoke("alice")
	if !d.bring(f, people) || f.entries(t, people) != 1 {
		t.Errorf("alice: %d entries", f.entries(t, people))
	}
	if d.bring(f, people) || f.imports != 1 {
		t.Errorf("the same list was given %d times", f.imports)
	}
	if !d.bring(f, "cvpn-endpoint-1") {
		t.Error("a second endpoint was given none")
	}
	d.revoke("bob")
	if !d.bring(f, people) || f.entries(t, people) != 2 {
		t.Errorf("bob: %d entries", f.entries(t, people))
	}
	start := time.Now()
	d.Now = func() time.Time { return start.Add(pki.ClientVPNListLife - pki.ClientVPNListRenew + time.Hour) }
	d.publish()
	if !d.bring(f, people) || d.bring(f, people) {
		t.Error("a list near its end is to be given anew, once")
	}
	l, _ := pki.DecodeList(f.lists[people])
	if l.NextUpdate.Before(d.Now().Add(pki.ClientVPNListRenew)) {
		t.Errorf("the list ends on %s", l.NextUpdate)
	}
}

func TestBring_FailureIsRepeated(t *testing.T) {
	d, f := newDesk(t), &fakeEC2{fail: map[string]error{"import": &smithy.GenericAPIError{Code: "UnauthorizedOperation"}}}
	d.add("alice")
	d.revoke("alice")
	if _, err := vpnendpoint.Bring(t.Context(), f, d.PKI, people); err == nil || !strings.Contains(err.Error(), people+": not allowed; allow ec2:ImportClientVpnClientCertificateRevocationList") {
		t.Errorf("got %v", err)
	}
	f.fail = nil
	if !d.bring(f, people) {
		t.Error("what failed is not needed any more")
	}
}

// While one program gives a list, another one revokes somebody and gives its own. Whichever AWS takes last, the newest has to be there at
// the end.
func TestBring_TheNewestIsThereInTheEnd(t *testing.T) {
	d, f := newDesk(t), &fakeEC2{}
	d.add("alice")
	d.add("bob")
	d.revoke("alice")
	f.before = func() { // between this one's reading and its giving
		f.before = nil
		d.revoke("bob")
		d.bring(f, people)
	}
	if !d.bring(f, people) || f.entries(t, people) != 2 {
		t.Errorf("the endpoint has %d entries, want 2", f.entries(t, people))
	}
	if d.bring(f, people) {
		t.Error("it is not known that the newest is there")
	}
}

func TestEnd_ByCommonNameOnEveryPage(t *testing.T) {
	connection := func(id, name string, state types.ClientVpnConnectionStatusCode) types.ClientVpnConnection {
		return types.ClientVpnConnection{ConnectionId: &id, CommonName: &name, Status: &types.ClientVpnConnectionStatus{Code: state}}
	}
	f := &fakeEC2{connections: []types.ClientVpnConnection{connection("c1", "alice", "active"), connection("c2", "bob", "active"), connection("c3", "alice", "terminated"),
		{ConnectionId: aws.String("c4")}, connection("c5", "alice", "active"), connection("c6", "alice", "active")}, fail: map[string]error{"c5": &smithy.GenericAPIError{Code: "UnauthorizedOperation"}}}
	n, err := vpnendpoint.End(t.Context(), f, people, "alice")
	if n != 2 || strings.Join(f.ended, " ") != "c1 c6" || err == nil || !strings.Contains(err.Error(), "connection c5 of alice: "+people+": not allowed; allow ec2:TerminateClientVpnConnections") {
		t.Errorf("ended %d: %v, %v", n, f.ended, err)
	}
	f.fail = map[string]error{"describe": &smithy.GenericAPIError{Code: "UnauthorizedOperation"}}
	if _, err := vpnendpoint.End(t.Context(), f, people, "alice"); err == nil || !strings.Contains(err.Error(), "allow ec2:DescribeClientVpnConnections") {
		t.Errorf("got %v", err)
	}
}

func TestRemote(t *testing.T) {
	r := vpnendpoint.Region{API: &fakeEC2{}}
	got, err := r.Remote(t.Context(), people)
	if want := (pki.Remote{Host: people + ".prod.clientvpn.ap-northeast-2.amazonaws.com", Port: 1194, Protocol: pki.TCP}); got != want || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := r.Remote(t.Context(), "cvpn-endpoint-1"); err == nil || !strings.Contains(err.Error(), "tells no name of it") {
		t.Errorf("got %v", err)
	}
}
