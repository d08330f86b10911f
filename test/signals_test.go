package test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pathproof/pathproof/internal/bootstrap"
)

// TestMachines_SignalWhoWaits asserts that the machines of each group tell the stack that waits for them, by the group's logical id:
// anything else would have every deployment wait in vain and roll back.
func TestMachines_SignalWhoWaits(t *testing.T) {
	groups := 0
	for _, name := range []string{"reference", "ways"} {
		for stack, tpl := range synth(t, name).templates {
			for id, r := range tpl.Resources {
				if r.Type != "AWS::AutoScaling::AutoScalingGroup" {
					continue
				}
				groups++
				_, update := policiesOf(t, tpl, id)
				if rolling, ok := update["AutoScalingRollingUpdate"].(m); !ok || rolling["WaitOnResourceSignals"] != true {
					t.Errorf("%s: nobody waits for the machines of %s: %v", stack, id, update)
				}
				template := r.Properties["LaunchTemplate"].(m)["LaunchTemplateId"].(m)["Ref"].(string)
				text, err := json.Marshal(tpl.Resources[template].Properties["LaunchTemplateData"].(m)["UserData"])
				if err != nil {
					t.Fatal(err)
				}
				for _, want := range []string{fmt.Sprintf(`%s='%s'\n`, bootstrap.SignalVariable, id), fmt.Sprintf(`SIGNAL_STACK='%s'\n`, stack)} {
					if !strings.Contains(string(text), want) {
						t.Errorf("%s: the machines of %s do not say %s", stack, id, want)
					}
				}
			}
		}
	}
	if groups < 9 {
		t.Errorf("only %d groups", groups)
	}
}
