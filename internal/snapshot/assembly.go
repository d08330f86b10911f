package snapshot

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/jsonfile"
)

// stagePrefix is how the folder of a stage's own assembly starts.
const stagePrefix = "assembly-"

// Assembly is what an app has synthesized.
type Assembly struct {
	Templates Set
	names     map[string]string     // of stacks, by label
	places    map[string]cfn.Source // without the template
}

// ReadAssembly reads the folder that a CDK app has written, cdk.out by default.
func ReadAssembly(dir string) (*Assembly, error) {
	a := &Assembly{names: map[string]string{}, places: map[string]cfn.Source{}}
	hashes := map[string]bool{}
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && file != dir && !strings.HasPrefix(d.Name(), stagePrefix):
			return fs.SkipDir
		case d.Name() == "manifest.json":
			return a.manifest(dir, file)
		case strings.HasSuffix(file, ".assets.json"):
			return assets(file, hashes)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if a.Templates, err = read(dir, hashes); err != nil {
		return nil, err
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); err != nil || len(a.Templates) == 0 {
		return nil, fmt.Errorf("%s: no manifest.json or no templates; give the folder that the app has synthesized to", dir)
	}
	a.nameAll()
	return a, nil
}

// manifest reads where stacks go, and what they are called.
func (a *Assembly) manifest(dir, file string) error {
	var manifest struct {
		Artifacts map[string]struct {
			Type        string
			Environment string // aws://ACCOUNT/REGION
			Properties  struct{ TemplateFile, StackName string }
		}
	}
	if err := jsonfile.Read(file, &manifest); err != nil {
		return err
	}
	for id, x := range manifest.Artifacts {
		if x.Type != "aws:cloudformation:stack" {
			continue
		}
		rel, err := filepath.Rel(dir, filepath.Join(filepath.Dir(file), x.Properties.TemplateFile))
		if err != nil {
			return err
		}
		label := strings.TrimSuffix(filepath.ToSlash(rel), suffix)
		account, region, _ := strings.Cut(strings.TrimPrefix(x.Environment, "aws://"), "/")
		a.names[label] = cmp.Or(x.Properties.StackName, id)
		a.places[label] = cfn.Source{Account: known(account), Region: known(region)}
	}
	return nil
}

// known leaves out what CDK writes for a place that only the deployment knows.
func known(s string) string {
	if strings.HasPrefix(s, "unknown-") {
		return ""
	}
	return s
}

// assets collects the hashes of what the templates refer to.
func assets(file string, hashes map[string]bool) error {
	var manifest struct{ Files, DockerImages map[string]any }
	if err := jsonfile.Read(file, &manifest); err != nil {
		return err
	}
	for h := range manifest.Files {
		hashes[h] = true
	}
	for h := range manifest.DockerImages {
		hashes[h] = true
	}
	return nil
}

// nameAll gives every stack a name of its own: one name may stand for stacks of several Regions.
func (a *Assembly) nameAll() {
	count := map[string]int{}
	for _, name := range a.names {
		count[name]++
	}
	for _, label := range slices.Sorted(maps.Keys(a.names)) {
		if count[a.names[label]] > 1 {
			delete(a.names, label)
		}
	}
}

// Name is what a stack is called in messages: as in CloudFormation, or by its label where that is not clear.
func (a *Assembly) Name(label string) string {
	if name := a.names[label]; name != "" {
		return name
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("/._", r) {
			return '-' // what a reference in a canonical value cannot hold
		}
		return r
	}, label)
}

// Pick finds the labels of stacks that somebody names, by label or as in CloudFormation. Without names it is all of them.
func (a *Assembly) Pick(names []string) ([]string, error) {
	if len(names) == 0 {
		return a.Templates.Labels(), nil
	}
	var labels []string
	var errs []error
	for _, name := range names {
		i := slices.IndexFunc(a.Templates.Labels(), func(l string) bool { return l == name || path.Base(l) == name || a.Name(l) == name })
		if i < 0 {
			errs = append(errs, fmt.Errorf("the app has no stack %s; it has %s", name, strings.Join(a.Templates.Labels(), ", ")))
			continue
		}
		labels = append(labels, a.Templates.Labels()[i])
	}
	return labels, errors.Join(errs...)
}
