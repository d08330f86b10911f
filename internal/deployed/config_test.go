package deployed

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/pathproof/pathproof/internal/cfntest"
	"github.com/pathproof/pathproof/internal/topology"
)

// In the credentials' own account they are used as they are; in another one the lookup role of its bootstrap is.
func TestConfig(t *testing.T) {
	server, err := cfntest.Serve(cfntest.New())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	a, err := New(t.Context(), aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("AKIATEST", "none", "")})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		account, qualifier, key, role string
	}{
		{"", "", "AKIATEST", ""},
		{cfntest.Account, "", "AKIATEST", ""},
		{"210987654321", "", "ASIA210987654321", "arn:aws:iam::210987654321:role/cdk-hnb659fds-lookup-role-210987654321-eu-west-1"},
		{"210987654321", "own", "ASIA210987654321", "arn:aws:iam::210987654321:role/cdk-own-lookup-role-210987654321-eu-west-1"},
	} {
		cfg, assumed, err := a.Config(t.Context(), topology.Place{AccountID: tt.account, Region: "eu-west-1"}, tt.qualifier)
		if err != nil {
			t.Fatal(err)
		}
		got, err := cfg.Credentials.Retrieve(t.Context())
		if err != nil || got.AccessKeyID != tt.key || assumed != tt.role || cfg.Region != "eu-west-1" {
			t.Errorf("%+v: got %s in %s with role %q, %v", tt, got.AccessKeyID, cfg.Region, assumed, err)
		}
	}
}
