package snapshot

import (
	"bytes"
	"encoding/json"
	"regexp"
)

// assetHash is how CDK names an asset: the SHA-256 of its content, which changes with every build.
var assetHash = regexp.MustCompile(`[0-9a-f]{64}`)

// parse reads a template and makes it neutral.
func parse(text []byte, hashes map[string]bool) (*Template, error) {
	text = assetHash.ReplaceAllFunc(text, func(h []byte) []byte {
		if hashes[string(h)] {
			return []byte("asset-hash")
		}
		return h
	})
	t := &Template{}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&t.tree); err != nil {
		return nil, err
	}
	dropMetadata(t.tree)
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	err := e.Encode(t.tree)
	t.Text = out.Bytes()
	return t, err
}

// dropMetadata leaves out the list of used constructs that the CDK CLI adds for its statistics and tests do not.
func dropMetadata(tree map[string]any) {
	resources, _ := tree["Resources"].(map[string]any)
	for id, r := range resources {
		if r, _ := r.(map[string]any); r["Type"] == "AWS::CDK::Metadata" {
			delete(resources, id)
			if conditions, _ := tree["Conditions"].(map[string]any); conditions != nil {
				delete(conditions, "CDKMetadataAvailable")
				if len(conditions) == 0 {
					delete(tree, "Conditions")
				}
			}
		}
	}
}
