package pathprooftest

import (
	"flag"
	"fmt"
	"os"
	"strconv"
)

// updateVariable is the environment variable that has snapshots rewritten.
const updateVariable = "PATHPROOF_UPDATE"

// updating reports whether snapshots are to be rewritten.
func updating() (bool, error) {
	if text := os.Getenv(updateVariable); text != "" {
		yes, err := strconv.ParseBool(text)
		if err != nil {
			return false, fmt.Errorf("%s: not a boolean, got %q; set it to 1 or leave it out", updateVariable, text)
		}
		return yes, nil
	}
	yes, _ := updateFlag()
	return yes, nil
}

// updateFlag is the value of a flag -update that somebody has declared, and whether there is one. It is looked up when it is
// needed: packages that declare it may be initialized after this one.
func updateFlag() (value, declared bool) {
	f := flag.Lookup("update")
	if f == nil {
		return false, false
	}
	g, ok := f.Value.(flag.Getter)
	if !ok {
		return false, false
	}
	value, declared = g.Get().(bool)
	return value, declared
}

// howToUpdate is the command that has this test's snapshots written.
func howToUpdate(test string) string {
	run := fmt.Sprintf("go test -run '^%s$'", test)
	if _, declared := updateFlag(); declared {
		return run + " -update"
	}
	return updateVariable + "=1 " + run
}
