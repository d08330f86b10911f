package topology

import (
	"encoding/json"
	"fmt"
)

// PlanFormat is the version of the form in which plans are written as JSON. It changes when a reader of the old form would
// misread the new one.
const PlanFormat = 1

// Encode writes a plan as JSON, as ReadPlan takes it.
func (p *Plan) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the plan of %s: %w", p.Name, err)
	}
	return append(text, '\n'), nil
}

// ReadPlan reads a plan that Encode wrote, of this or an earlier version of pathproof. What the planner knows beyond the
// written form, such as which network a host lies in, is not there again: a plan that was read can be compared, not
// synthesized. It fails on every plan that Encode could not have written and that a comparison would trip over, with all that
// is wrong with it.
func ReadPlan(text []byte) (*Plan, error) {
	var head struct {
		Format *int
		Stacks []json.RawMessage
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return nil, fmt.Errorf("not a plan: %w; give the output of pathproof plan --json", err)
	}
	switch {
	case head.Format == nil || head.Stacks == nil:
		return nil, fmt.Errorf("not a plan, got JSON without format or stacks; give the output of pathproof plan --json")
	case *head.Format < 1 || *head.Format > PlanFormat:
		return nil, fmt.Errorf("a plan of another version of pathproof, got format %d; this one reads up to %d", *head.Format, PlanFormat)
	}
	p := &Plan{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, fmt.Errorf("not a plan: %w; give the output of pathproof plan --json", err)
	}
	if err := p.valid(); err != nil {
		return nil, fmt.Errorf("not a whole plan: %w; give the output of pathproof plan --json as it is", err)
	}
	return p, nil
}
