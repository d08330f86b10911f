package main

import (
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/pathproof/pathproof/internal/gate"
)

// The list that constructs make policies of is what the program calls: no more, no less.
func TestPermissions(t *testing.T) {
	var calls []string
	for service, api := range map[string]reflect.Type{
		"lambda": reflect.TypeFor[lambdaAPI](), "s3": reflect.TypeFor[s3API](),
		"codepipeline": reflect.TypeFor[codepipelineAPI](), "cloudformation": reflect.TypeFor[cloudformationAPI](),
	} {
		for m := range api.Methods() {
			action := service + ":" + m.Name
			if action == "lambda:Invoke" { // the one call whose action has another name
				action = "lambda:InvokeFunction"
			}
			calls = append(calls, action)
		}
	}
	var listed []string
	for _, p := range gate.GatePermissions() {
		for _, a := range p.Actions {
			if service := a[:4]; service != "kms:" && service != "logs" { // asked for by S3 and by the runtime
				listed = append(listed, a)
			}
		}
		if p.On == "" || p.Why == "" {
			t.Errorf("%v: no resource, or no reason", p.Actions)
		}
	}
	slices.Sort(calls)
	slices.Sort(listed)
	if diff := cmp.Diff(calls, listed); diff != "" {
		t.Error(diff)
	}
}
