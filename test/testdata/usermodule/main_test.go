package main

import (
	"flag"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/pathproof/pathproof/pathprooftest"
)

var _ = flag.Bool("update", false, "rewrite the snapshots")

func TestMain(m *testing.M) {
	defer jsii.Close()
	m.Run()
}

func TestStacks(t *testing.T) {
	app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: pathprooftest.Context(t)})
	define(app)
	assembly := *app.Synth(nil).Directory()
	pathprooftest.KeepsProtected(t, assembly, "testdata/snapshots")
	pathprooftest.Snapshot(t, assembly, "testdata/snapshots")
}
