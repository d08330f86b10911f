package latencyprobe

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/pathproof/pathproof/internal/gate"
)

func encode(c *Config) ([]byte, error) {
	text, err := json.MarshalIndent(c, "", " ")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", gate.ConfigFile, err)
	}
	return append(text, '\n'), nil
}

// assemble writes the folder of the gate's asset: the program and its document. CDK copies it at once, so the caller may
// remove it as soon as the function is defined.
func assemble(code string, document []byte) (dir string, err error) {
	if dir, err = os.MkdirTemp("", "pathproof-gate-"); err != nil {
		return "", err
	}
	program, err := os.ReadFile(filepath.Join(code, "bootstrap"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "bootstrap"), program, 0o600)
	}
	if err == nil { // whatever the umask: the mode is part of the asset
		err = os.Chmod(filepath.Join(dir, "bootstrap"), 0o755) // #nosec G302 -- Lambda starts it
	}
	file := filepath.Join(dir, gate.ConfigFile)
	if err == nil {
		err = os.WriteFile(file, document, 0o600)
	}
	if err == nil {
		err = os.Chmod(file, 0o644) // #nosec G302 -- the function runs as another user
	}
	return dir, err
}
