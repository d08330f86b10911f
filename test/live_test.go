package test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/pathproof/pathproof/internal/lambdabuild"
	"github.com/pathproof/pathproof/internal/naming"
)

// TestLive takes a small network through its life in a real account: `make live`, docs/LIVE.md. Nothing in it is billed by the
// hour, and it is deleted at the end, whatever happens.
func TestLive(t *testing.T) {
	if os.Getenv("PATHPROOF_LIVE") != "1" {
		t.Skip("NOT RUN: this deploys to a real account; set PATHPROOF_LIVE=1 and have AWS credentials (docs/LIVE.md)")
	}
	needTools(t)
	cfg, err := awsconfig.LoadDefaultConfig(t.Context())
	if err == nil {
		_, err = cfg.Credentials.Retrieve(t.Context())
	}
	if err != nil {
		t.Skipf("NOT RUN: no AWS credentials: %v", err)
	}
	a := &account{t: t, dir: t.TempDir()}
	if a.lambda, err = lambdabuild.Build(t.Context(), "..", "./bin/resources-lambda", a.path("../.build/test/resources")); err != nil {
		t.Fatal(err)
	}
	if a.probe, err = lambdabuild.Build(t.Context(), "..", "./bin/probe-lambda", a.path("../.build/test/probe")); err != nil {
		t.Fatal(err)
	}
	a.live("live-" + strconv.FormatInt(time.Now().Unix(), 36))
}

// TestLive_Rehearsal runs the same on the scripted API, so that the live run does not fail for reasons of its own.
func TestLive_Rehearsal(t *testing.T) { newAccount(t).live("live-rehearsal") }

// The Regions of testdata/live.yaml.
var liveRegions = []string{"us-east-1", oregon}

// live deploys, deploys again, changes what reads values of another Region, takes a network out and destroys the rest.
func (a *account) live(name string) {
	t := a.t
	text := strings.ReplaceAll(string(readFile(t, "testdata/live.yaml")), "name: NAME", "name: "+name)
	a.write(text)
	if out := a.diff(0, nil); !strings.Contains(out, name+": nothing is deployed, so everything is created\n") {
		t.Fatalf("there is something of that name already:\n%s", out)
	}
	t.Cleanup(func() { a.cleanUp(name) })
	a.mustCDK("deploy", "--all")
	a.settled()
	peering := a.peering(name)
	if out := a.mustCDK("deploy", "--all"); strings.Count(out, "(no changes)") != 11 {
		t.Errorf("a second deployment does something:\n%s", out)
	}

	// The routes stacks hold the id of a peering in another Region. They change, the peering must not be planned anew.
	text = replaceAll(t, text, "west/a: {cidr: 10.250.0.0/24, zones: [usw2-az1]", "west/a: {cidr: 10.250.0.0/24, zones: [usw2-az1, usw2-az2]")
	a.write(text)
	a.diff(0, nil)
	a.mustCDK("deploy", "--all")
	a.settled()
	if now := a.peering(name); now != peering {
		t.Errorf("the peering is another one: %s was %s", now, peering)
	}

	text = replaceAll(t, text, "  west/b: {cidr: 10.250.1.0/24, zones: [usw2-az1], tiers: [private/28]}\n", "", "  near: {between: [west/a, west/b], dns: both}\n", "")
	a.write(text)
	a.steps(a.diff(0, []string{"NET904"}, "--allow-destroy", "network/west/b"))
	a.settled()
	a.mustCDK("destroy", "--all", "--force")
}

// peering is the id of the peering between Regions.
func (a *account) peering(name string) string {
	a.t.Helper()
	for _, region := range liveRegions {
		out, err := a.cloudFormation(region).DescribeStacks(context.Background(), &cloudformation.DescribeStacksInput{StackName: sdk.String(name + "-peer-far")})
		if err != nil {
			continue // it is in the requester's Region
		}
		for _, o := range out.Stacks[0].Outputs {
			if strings.HasPrefix(*o.OutputKey, "Peering") {
				return *o.OutputValue
			}
		}
	}
	a.t.Fatal("no stack has the id of the peering")
	return ""
}

// cleanUp destroys what the last assembly has, if anything is left, and says what it could not destroy.
func (a *account) cleanUp(name string) {
	if len(a.left(name)) == 0 {
		return
	}
	out, err := a.cdk("destroy", "--all", "--force")
	if left := a.left(name); len(left) > 0 {
		a.t.Errorf("NOT CLEANED UP: delete these stacks by hand: %s (%v)\n%s", strings.Join(left, ", "), err, out)
	}
}

// left lists the stacks with the network's tag.
func (a *account) left(name string) []string {
	var found []string
	for _, region := range liveRegions {
		pages := cloudformation.NewDescribeStacksPaginator(a.cloudFormation(region), &cloudformation.DescribeStacksInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(context.Background())
			if err != nil {
				a.t.Errorf("%s: %v; look for stacks with the tag %s=%s", region, err, naming.TagNetwork, name)
				break
			}
			for _, s := range page.Stacks {
				for _, tag := range s.Tags {
					if *tag.Key == naming.TagNetwork && *tag.Value == name {
						found = append(found, *s.StackName+" in "+region)
					}
				}
			}
		}
	}
	return found
}
