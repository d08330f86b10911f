// Package pathprooftest helps to test networks in go test: that a configuration's paths lead where they should, that
// templates are the ones that somebody looked at, and that a change does not replace what others hold on to.
//
// # Paths
//
// Load judges a pathproof.yaml as `pathproof check` does and fails with its report. What it returns asserts paths:
//
//	n := pathprooftest.Load(t, "pathproof.yaml")
//	n.Reachable("idc")
//	n.Follows("idc", "transitGateway/seoul", "site/idc")
//	n.Unreachable("isolated")
//
// # Templates
//
// A test synthesizes a CDK app, with the context of its cdk.json so that it gets what `cdk deploy` deploys, and compares:
//
//	func TestMain(m *testing.M) {
//		defer jsii.Close()
//		m.Run()
//	}
//
//	var _ = flag.Bool("update", false, "rewrite the snapshots")
//
//	func TestNetwork(t *testing.T) {
//		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir()), Context: pathprooftest.Context(t)})
//		define(app)
//		assembly := *app.Synth(nil).Directory()
//		pathprooftest.KeepsProtected(t, assembly, "testdata/snapshots")
//		pathprooftest.Snapshot(t, assembly, "testdata/snapshots")
//	}
//
// Apps of other languages, and those that were synthesized before, work as well: all that is read is the folder.
//
// # Rewriting snapshots
//
// Snapshots are rewritten by the flag -update, if the test binary has a boolean flag of that name, and by the environment
// variable PATHPROOF_UPDATE=1 always. This package declares no flag: test packages and libraries often have one called
// update, and a second declaration is a panic. A test that has failed by its end rewrites nothing, so with KeepsProtected
// beside Snapshot in one test a loss cannot be waved through by -update; it has to be allowed by name.
//
// Importing this package links neither CDK nor anything that needs Node.js.
package pathprooftest
