package affinitylab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/servicediscovery"

	"github.com/pathproof/pathproof/affinity/discover"
	"github.com/pathproof/pathproof/affinity/discover/cloudmap"
)

// moto plays Cloud Map's API. It is optional: it is Python, and no package of the lab's.
const moto = "moto_server"

const motoAddr = "127.0.0.1:5000"

// errNoMoto says that the rows with Cloud Map cannot run here.
var errNoMoto = errors.New("there is no moto_server here (pip install 'moto[server]'), which plays Cloud Map's API")

// registry is Cloud Map, as far as moto plays it.
type registry struct {
	cmd    *exec.Cmd
	client *servicediscovery.Client
}

// startRegistry starts the API and registers every server with its zone's ID, as the construct does.
func (w *world) startRegistry(ctx context.Context) error {
	if _, err := exec.LookPath(moto); err != nil {
		return errNoMoto
	}
	host, port, err := net.SplitHostPort(motoAddr)
	if err != nil {
		return err
	}
	r := &registry{cmd: exec.Command(moto, "-H", host, "-p", port)}
	if err := r.cmd.Start(); err != nil {
		return err
	}
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp4", motoAddr) // discovery has a host name of its own
	}}
	r.client = servicediscovery.NewFromConfig(aws.Config{
		Region: "ap-northeast-2", HTTPClient: &http.Client{Transport: transport}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "none", ""),
	}, func(o *servicediscovery.Options) {
		o.BaseEndpoint = aws.String("http://servicediscovery.ap-northeast-2.amazonaws.com")
	})
	w.registry = r
	if err := r.ready(ctx); err != nil {
		return err
	}
	return r.register(ctx, w)
}

func (r *registry) ready(ctx context.Context) error {
	for deadline := time.Now().Add(time.Minute); ; {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp4", motoAddr)
		if err == nil {
			return conn.Close()
		}
		if time.Now().After(deadline) || !pause(ctx, 50*time.Millisecond) {
			return fmt.Errorf("%s does not answer: %w", moto, err)
		}
	}
}

func (r *registry) register(ctx context.Context, w *world) error {
	if _, err := r.client.CreateHttpNamespace(ctx, &servicediscovery.CreateHttpNamespaceInput{Name: aws.String("app")}); err != nil {
		return err
	}
	all, err := r.client.ListNamespaces(ctx, &servicediscovery.ListNamespacesInput{})
	if err != nil || len(all.Namespaces) != 1 {
		return fmt.Errorf("the namespace is not there: %w", err)
	}
	service, err := r.client.CreateService(ctx, &servicediscovery.CreateServiceInput{Name: aws.String("foo"), NamespaceId: all.Namespaces[0].Id})
	if err != nil {
		return err
	}
	for z, id := range zoneIDs {
		for s := range w.zones[z] {
			_, err := r.client.RegisterInstance(ctx, &servicediscovery.RegisterInstanceInput{
				ServiceId: service.Service.Id, InstanceId: aws.String(fmt.Sprintf("%s-%d", id, s)),
				Attributes: map[string]string{
					"AWS_INSTANCE_IPV4": addrOf(z, s).String(), "AWS_INSTANCE_PORT": fmt.Sprint(servicePort), cloudmap.AttributeZoneID: id,
				},
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// source finds the servers in Cloud Map.
func (r *registry) source() (discover.Source, error) {
	return cloudmap.New(cloudmap.Config{Client: r.client, Namespace: "app", Service: "foo"})
}
