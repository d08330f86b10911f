package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/constructs/network"
	"github.com/pathproof/pathproof/internal/cdktest"
	"github.com/pathproof/pathproof/internal/cdkx"
)

func TestCdkx_TagsGoToTheStackNotIntoTheTemplate(t *testing.T) {
	app := cdktest.NewApp(t)
	s := app.Stack("Net", seoul)
	network.NewNetwork(s, "Network-app", &network.NetworkProps{Name: "app", CIDR: prefix("10.0.0.0/24")})
	cdkx.Tag(s, map[string]string{"Owner": "platform", "CostCenter": "net-001"})
	tpl := app.Template(t, "Net")
	tpl.Has(t, "AWS::EC2::VPC", m{"Tags": []m{{"Key": "Name", "Value": "app"}}})

	text, err := os.ReadFile(filepath.Join(app.Dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var manifest struct {
		Artifacts map[string]struct {
			Properties struct{ Tags map[string]string }
		}
	}
	if err := json.Unmarshal(text, &manifest); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"Owner": "platform", "CostCenter": "net-001"}
	if diff := cmp.Diff(want, manifest.Artifacts["Net"].Properties.Tags); diff != "" {
		t.Errorf("stack tags (-want +got):\n%s", diff)
	}
}

func TestCdkx_SuppressWritesTheReasonIntoTheTemplate(t *testing.T) {
	app := cdktest.NewApp(t)
	network.NewNetwork(app.Stack("Net", seoul), "Network-app", &network.NetworkProps{CIDR: prefix("10.0.0.0/24")})
	r := app.Template(t, "Net").Resource(t, logical("Network-app/Resource"), "AWS::EC2::VPC")
	if diff := cdktest.Match(m{"cdk_nag": m{"rules_to_suppress": []m{{"id": "AwsSolutions-VPC7", "reason": cdktest.Any}}}}, r.Metadata); diff != nil {
		t.Error(diff)
	}
}

// A jsii error crosses Catch as an error with the place in front.
func TestCdkx_CatchTakesPanicsOfCDK(t *testing.T) {
	app := cdktest.NewApp(t)
	app.Stack("Net", seoul)
	cdktest.WantPanic(t, func() { app.Stack("Net", seoul) }, "already a Construct with name 'Net'")
}
