//go:build linux

package lab_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/pathproof/pathproof/internal/probe/lab"
)

// roleEnv makes the test program do a job in the namespace it was started in, instead of running tests: sockets belong
// to the namespace of the thread that opens them, and a whole program is the only way to have all threads in one.
const roleEnv = "PATHPROOF_LAB_JOB"

func TestMain(m *testing.M) {
	if job := os.Getenv(roleEnv); job != "" {
		if err := work(job); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func check(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// ends are two namespaces and the cable between them: A at 10.77.0.1, B at 10.77.0.2.
type ends struct {
	a, b  *lab.Namespace
	relay *lab.Relay
}

func newEnds(t *testing.T, cable lab.Cable) ends {
	t.Helper()
	a, err := lab.NewNamespace()
	check(t, err)
	b, err := lab.NewNamespace()
	check(t, err)
	t.Cleanup(func() { check(t, a.Close(), b.Close()) })
	e := ends{a: a, b: b}
	cable.Device = "t0"
	e.relay = e.connect(t, cable)
	check(t, a.IP("address add 10.77.0.1/30 dev t0"), b.IP("address add 10.77.0.2/30 dev t0"))
	return e
}

func (e ends) connect(t *testing.T, cable lab.Cable) *lab.Relay {
	t.Helper()
	cable.A, cable.B = e.a, e.b
	r, err := cable.Connect()
	check(t, err)
	t.Cleanup(func() { check(t, r.Close()) })
	return r
}

// inA does a job at end A, in a program of its own.
func (e ends) inA(t *testing.T, job string, question, answer any) {
	t.Helper()
	in, err := json.Marshal(question)
	check(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), roleEnv+"="+job)
	cmd.Stdin = bytes.NewReader(in)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	check(t, e.a.Do(cmd.Start))
	if err := cmd.Wait(); err != nil {
		t.Fatalf("%s: %v\n%s", job, err, stderr.String())
	}
	check(t, json.Unmarshal(out.Bytes(), answer))
}

// work does a job: a question on stdin, an answer on stdout.
func work(job string) error {
	jobs := map[string]func(*json.Decoder) (any, error){
		"measure":  measureJob,
		"flows":    flowsJob,
		"outcomes": outcomesJob,
		"denial":   denialJob,
	}
	do, ok := jobs[job]
	if !ok {
		return fmt.Errorf("there is no job %s", job)
	}
	answer, err := do(json.NewDecoder(os.Stdin))
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}
