// Package jsonfile reads JSON files of the CDK's cloud assembly.
package jsonfile

import (
	"encoding/json"
	"fmt"
	"os"
)

// Read reads a file into a value. Every error names the file.
func Read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
