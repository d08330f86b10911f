package cfntest

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/jsonfile"
)

// manifest is as much of a cloud assembly's manifest as deploying takes.
type manifest struct {
	Artifacts map[string]*artifact
}

type artifact struct {
	Type         string
	Environment  string // aws://ACCOUNT/REGION
	Dependencies []string
	Properties   struct {
		TemplateFile, StackName, File string
		TerminationProtection         bool
		Tags                          map[string]string
	}
}

// Load deploys a synthesized app without the CDK CLI, in milliseconds: it publishes the files and creates or updates every stack,
// producers first. The error is that of the first stack that fails.
func (s *Server) Load(dir string) error {
	var m manifest
	if err := jsonfile.Read(filepath.Join(dir, "manifest.json"), &m); err != nil {
		return err
	}
	done := map[string]bool{}
	var load func(id string) error
	load = func(id string) error {
		a := m.Artifacts[id]
		if a == nil || done[id] {
			return nil
		}
		done[id] = true
		for _, other := range slices.Sorted(slices.Values(a.Dependencies)) {
			if err := load(other); err != nil {
				return err
			}
		}
		switch a.Type {
		case "cdk:asset-manifest":
			return s.publish(dir, a.Properties.File)
		case "aws:cloudformation:stack":
			return s.deploy(dir, id, a)
		}
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(m.Artifacts)) {
		if err := load(id); err != nil {
			return err
		}
	}
	return nil
}

// publish copies files to where the assembly wants them. Folders are left out: nothing here unpacks them.
func (s *Server) publish(dir, file string) error {
	var assets struct {
		Files map[string]struct {
			Source       struct{ Path, Packaging string }
			Destinations map[string]struct{ BucketName, ObjectKey string }
		}
	}
	if err := jsonfile.Read(filepath.Join(dir, file), &assets); err != nil {
		return err
	}
	for _, f := range assets.Files {
		if f.Source.Packaging != "file" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, f.Source.Path))
		if err != nil {
			return err
		}
		s.mu.Lock()
		for _, d := range f.Destinations {
			s.objects[strings.ReplaceAll(d.BucketName, "${AWS::AccountId}", Account)+"/"+d.ObjectKey] = text
		}
		s.mu.Unlock()
	}
	return nil
}

func (s *Server) deploy(dir, id string, a *artifact) error {
	text, err := os.ReadFile(filepath.Join(dir, a.Properties.TemplateFile))
	if err != nil {
		return err
	}
	at := place{Account, filepath.Base(a.Environment), a.Properties.StackName}
	if at.name == "" {
		at.name = id
	}
	tags := []tag{}
	for _, key := range slices.Sorted(maps.Keys(a.Properties.Tags)) {
		tags = append(tags, tag{key, a.Properties.Tags[key]})
	}
	there := s.Engine.find(at)
	st, c, err := s.Engine.createChangeSet(at, "load", there == nil || there.status == reviewInProgress, text, tags)
	switch {
	case err != nil:
		return &StackError{Stack: at.name, Reason: err.Error()}
	case c.operation == nil && c.reason != noChanges:
		return &StackError{Stack: at.name, Reason: c.reason}
	}
	s.Engine.mu.Lock()
	st.protected = a.Properties.TerminationProtection
	delete(st.changeSets, "load")
	s.Engine.mu.Unlock()
	if c.operation == nil {
		return nil
	}
	return c.operation.run()
}
