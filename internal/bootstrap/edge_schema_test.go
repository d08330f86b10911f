package bootstrap_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// cloud-init's own schema knows the types of every key. These two proxies have every file.
func TestEdgeProxy_CloudInitTakesIt(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	if _, err := exec.LookPath("cloud-init"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("CI must be able to run this: %v", err)
		}
		t.Skipf("NOT TESTED: %v", err)
	}
	for _, name := range []string{"full", "full-debian"} {
		text, err := edges()[name].UserData()
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "user-data")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := exec.Command("cloud-init", "schema", "--config-file", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}

func TestEdgeProxy_AgentTakesJSON(t *testing.T) {
	text, err := edges()["full"].UserData()
	if err != nil {
		t.Fatal(err)
	}
	_, files := parse(t, text)
	var agent struct {
		Logs struct {
			Collected struct {
				Files struct {
					List []map[string]string `json:"collect_list"`
				} `json:"files"`
			} `json:"logs_collected"`
		} `json:"logs"`
	}
	if err := json.Unmarshal([]byte(files["/etc/pathproof/agent.json"]), &agent); err != nil {
		t.Fatal(err)
	}
	for _, f := range agent.Logs.Collected.Files.List {
		if f["log_group_name"] != "@LOG_GROUP@" || f["file_path"] == "" {
			t.Errorf("got %v", f)
		}
	}
	if n := len(agent.Logs.Collected.Files.List); n != 2 {
		t.Errorf("%d logs, want access and error", n)
	}
}
