package cloudmap_test

import (
	"context"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery/types"

	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/discover/cloudmap"
)

// moto starts moto, an independent emulator of AWS, where it is installed (pip install 'moto[server]'), and returns AWS's own client
// of Cloud Map whose connections, whatever their host, go there: discovery has a host of its own, data-servicediscovery.
func moto(t *testing.T) *servicediscovery.Client {
	t.Helper()
	if _, err := exec.LookPath("moto_server"); err != nil || testing.Short() {
		t.Skip("NOT TESTED, there is no moto_server here")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	host, port, _ := net.SplitHostPort(address)
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, "moto_server", "-H", host, "-p", port)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // killed
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Skip("NOT TESTED, moto_server does not start")
		}
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	}}
	t.Cleanup(transport.CloseIdleConnections)
	return servicediscovery.NewFromConfig(aws.Config{
		Region: "ap-northeast-2", HTTPClient: &http.Client{Transport: transport}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "none", ""),
	}, func(o *servicediscovery.Options) {
		o.BaseEndpoint = aws.String("http://servicediscovery.ap-northeast-2.amazonaws.com")
	})
}

// register makes the namespace app with the service foo, an instance in each of three zones, and returns the service's id.
func register(t *testing.T, client *servicediscovery.Client) string {
	t.Helper()
	_, err := client.CreateHttpNamespace(t.Context(), &servicediscovery.CreateHttpNamespaceInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	namespaces, err := client.ListNamespaces(t.Context(), &servicediscovery.ListNamespacesInput{})
	if err != nil || len(namespaces.Namespaces) != 1 {
		t.Fatalf("%v, %v", namespaces, err)
	}
	service, err := client.CreateService(t.Context(), &servicediscovery.CreateServiceInput{
		Name: aws.String("foo"), NamespaceId: namespaces.Namespaces[0].Id, HealthCheckCustomConfig: &types.HealthCheckCustomConfig{},
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, attributes := range map[string]map[string]string{
		"i-1": at("10.0.1.9", "80", "AVAILABILITY_ZONE_ID", "apne2-az1", "version", "2"),
		"i-2": at("10.0.2.9", "80", "AVAILABILITY_ZONE", "ap-northeast-2b", "version", "2"),
		"i-3": at("10.0.3.9", "80", "AVAILABILITY_ZONE_ID", "apne2-az3", "version", "1"),
	} {
		if _, err := client.RegisterInstance(t.Context(), &servicediscovery.RegisterInstanceInput{ServiceId: service.Service.Id, InstanceId: &id, Attributes: attributes}); err != nil {
			t.Fatal(err)
		}
	}
	return *service.Service.Id
}

func addresses(a discover.Answer) (out []string) {
	for _, e := range a.Endpoints {
		out = append(out, e.Zone+"="+e.Addr)
	}
	return out
}

// TestMoto asks moto, which was written by others from AWS's documentation, with AWS's own client.
func TestMoto(t *testing.T) {
	client := moto(t)
	id := register(t, client)
	names := map[string]string{"ap-northeast-2b": "apne2-az2"}
	s := source(t, cloudmap.Config{Client: client, ZoneIDs: names, Revision: true})
	if got, want := addresses(ask(t, s)), []string{"apne2-az1=10.0.1.9:80", "apne2-az2=10.0.2.9:80", "apne2-az3=10.0.3.9:80"}; !slices.Equal(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
	matched := source(t, cloudmap.Config{Client: client, ZoneIDs: names, Match: map[string]string{"version": "2"}})
	if got, want := addresses(ask(t, matched)), []string{"apne2-az1=10.0.1.9:80", "apne2-az2=10.0.2.9:80"}; !slices.Equal(got, want) {
		t.Errorf("version 2: %v; want %v", got, want)
	}
	if _, err := client.UpdateInstanceCustomHealthStatus(t.Context(), &servicediscovery.UpdateInstanceCustomHealthStatusInput{
		ServiceId: &id, InstanceId: aws.String("i-1"), Status: types.CustomHealthStatusUnhealthy}); err != nil {
		t.Fatal(err)
	}
	if got, want := addresses(ask(t, matched)), []string{"apne2-az2=10.0.2.9:80"}; !slices.Equal(got, want) {
		t.Errorf("version 2 with i-1 unhealthy: %v; want %v", got, want)
	}
	if _, err := client.DeregisterInstance(t.Context(), &servicediscovery.DeregisterInstanceInput{ServiceId: &id, InstanceId: aws.String("i-3")}); err != nil {
		t.Fatal(err)
	}
	if got, want := addresses(ask(t, s)), []string{"apne2-az2=10.0.2.9:80"}; !slices.Equal(got, want) {
		t.Errorf("without i-3: %v; want %v", got, want)
	}
	config := cloudmap.Config{Client: client, Namespace: "app", Service: "bar"}
	if unknown, err := cloudmap.New(config); err != nil {
		t.Error(err)
	} else if _, err := unknown.Discover(t.Context()); err == nil || !strings.Contains(err.Error(), "ServiceNotFound") {
		t.Errorf("a service that does not exist: %v", err)
	}
}
