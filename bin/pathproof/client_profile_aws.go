package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"github.com/pathproof/pathproof/internal/clientprofile"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/pki"
	"github.com/pathproof/pathproof/internal/pki/awsstore"
	"github.com/pathproof/pathproof/internal/pki/kmssigner"
	"github.com/pathproof/pathproof/internal/pki/registry"
	"github.com/pathproof/pathproof/internal/pki/vpnendpoint"
	"github.com/pathproof/pathproof/internal/topology"
)

// openAWS reaches a PKI in AWS. It asks for nothing that the command does not need: KMS only once something is signed.
func openAWS(ctx context.Context, profile string, plan *topology.Plan, p *topology.PKI) (*pkiAccess, error) {
	cfg, err := settings(ctx, profile, p.Home.Region)
	if err != nil {
		return nil, err
	}
	return openWith(ctx, cfg, plan, p)
}

// pkiFacts is what the PKI's parameter holds, in JSON: the bucket at home, and those of replicas by Region.
type pkiFacts struct {
	Bucket   string            `json:"bucket"`
	Replicas map[string]string `json:"replicas,omitempty"`
}

func openWith(ctx context.Context, cfg aws.Config, plan *topology.Plan, p *topology.PKI) (*pkiAccess, error) {
	address := func(ctx context.Context, region, parameter string) (string, error) {
		return readParameter(ctx, ssm.NewFromConfig(cfg, func(o *ssm.Options) { o.Region = region }), region, parameter)
	}
	text, err := address(ctx, p.Home.Region, naming.PKIParameter(plan.Name, p.Name))
	if err != nil {
		return nil, err
	}
	var facts pkiFacts
	if err := json.Unmarshal([]byte(text), &facts); err != nil || facts.Bucket == "" {
		return nil, fmt.Errorf("parameter %s: not what pathproof writes; deploy the version that you run", naming.PKIParameter(plan.Name, p.Name))
	}
	objects := func(region, bucket string) registry.Objects {
		return awsstore.Objects{API: s3.NewFromConfig(cfg, func(o *s3.Options) { o.Region = region }), Bucket: bucket, Prefix: p.Name + "/"}
	}
	store := &registry.PKI{
		Name: plan.Name + " " + p.Name, Objects: objects(p.Home.Region, facts.Bucket), TLSCrypt: p.TLSCryptSecret,
		Secrets: awsstore.Secrets{API: secretsmanager.NewFromConfig(cfg), Tags: map[string]string{naming.TagNetwork: plan.Name}},
		Connect: func(ctx context.Context) (pki.Signer, error) {
			return kmssigner.New(ctx, kms.NewFromConfig(cfg), p.KeyAlias)
		},
		Random: rand.Reader, Now: time.Now, Wait: waitABit,
	}
	if p.ClientVPNKeyAlias != "" {
		store.ConnectClientVPN = func(ctx context.Context) (pki.Signer, error) {
			return kmssigner.New(ctx, kms.NewFromConfig(cfg), p.ClientVPNKeyAlias)
		}
	}
	for _, r := range p.Replicas {
		if bucket := facts.Replicas[r.Region]; bucket != "" {
			store.Replicas = append(store.Replicas, objects(r.Region, bucket))
		}
	}
	vpn := func(region string) clientVPNs { return vpnendpoint.In(cfg, region) }
	return &pkiAccess{&clientprofile.Users{PKI: store, Network: plan.Name, Name: p.Name}, address, vpn}, nil
}

func readParameter(ctx context.Context, api *ssm.Client, region, name string) (string, error) {
	out, err := api.GetParameter(ctx, &ssm.GetParameterInput{Name: &name})
	var missing *types.ParameterNotFound
	if errors.As(err, &missing) {
		return "", &notDeployed{name, region}
	}
	if err != nil {
		return "", awsstore.Explain(err, "ssm:GetParameter", "parameter "+name+" in "+region)
	}
	return strings.TrimSpace(aws.ToString(out.Parameter.Value)), nil
}

// waitABit waits after a write that another one came before.
func waitABit(ctx context.Context, try int) error {
	limit := min(100*time.Millisecond<<try, 3*time.Second)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(mathrand.N(limit) + time.Millisecond): // #nosec G404 -- spreads load
		return nil
	}
}
