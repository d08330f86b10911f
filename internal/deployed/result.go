package deployed

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pathproof/pathproof/internal/cfn"
	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// result turns what was read into the state that plans are compared with.
func (r *reading) result() (change.Deployed, error) {
	d := change.Deployed{Plan: &topology.Plan{Name: r.plan.Name}, Source: r.source(), Protected: map[string]bool{}}
	if p := r.newest(); p != nil {
		d.Plan = p.plan
	}
	current, elsewhere := r.misplaced()
	f := &findings{reading: r, known: map[string]bool{}, elsewhere: elsewhere}
	for _, s := range current {
		d.Protected[s.name] = s.protected
	}
	stacks, err := r.read(current, r.accountOf)
	if err != nil {
		return change.Deployed{}, err
	}
	d.Stacks = stacks
	if err := r.addElsewhere(&d, elsewhere); err != nil {
		return change.Deployed{}, err
	}
	f.states(current)
	f.statesElsewhere()
	f.stale(stacks)
	f.values(current)
	d.Problems = f.problems
	return d, nil
}

// read reads the templates of stacks of different names.
func (r *reading) read(list []*stack, account func(*stack) string) ([]*cfn.Stack, error) {
	sources := map[string]cfn.Source{}
	for _, s := range list {
		template := s.template
		if template == nil {
			template = []byte("{}")
		}
		sources[s.name] = cfn.Source{Region: s.at.region, Account: account(s), Template: template}
	}
	stacks, err := cfn.Read(sources)
	if err != nil {
		return nil, fmt.Errorf("what is deployed cannot be compared: %w", err)
	}
	return r.comparable(stacks, list), nil
}

// addElsewhere adds the stacks that only share their name with another one, under names of their own. What they refer to is in
// their own environment: nothing else can import it.
func (r *reading) addElsewhere(d *change.Deployed, elsewhere []*stack) error {
	in := map[environment][]*stack{}
	for _, s := range elsewhere {
		in[s.at] = append(in[s.at], s)
	}
	for _, at := range slices.SortedFunc(maps.Keys(in), environment.compare) {
		stacks, err := r.read(in[at], func(*stack) string { return at.account })
		if err != nil {
			return err
		}
		stacks, names := change.SetApart(stacks, func(*cfn.Stack) bool { return true })
		d.Stacks, d.Elsewhere = append(d.Stacks, stacks...), append(d.Elsewhere, names...)
		for _, e := range names {
			i := slices.IndexFunc(in[at], func(s *stack) bool { return s.name == e.Stack })
			d.Protected[e.Name] = in[at][i].protected
		}
	}
	return nil
}

// source says where it was looked.
func (r *reading) source() string {
	regions := map[string][]string{}
	var accounts []string
	for e := range r.clients {
		regions[e.account] = append(regions[e.account], e.region)
		if !slices.Contains(accounts, e.account) {
			accounts = append(accounts, e.account)
		}
	}
	slices.Sort(accounts)
	for i, a := range accounts {
		slices.Sort(regions[a])
		accounts[i] = fmt.Sprintf("account %s in %s", a, strings.Join(regions[a], ", "))
	}
	return strings.Join(accounts, "; ")
}

// accountOf is the account of a stack the way plans write it: empty for the credentials' own, unless the plan names that.
func (r *reading) accountOf(s *stack) string {
	plans := []*topology.Plan{r.plan}
	for _, p := range slices.Backward(r.stored) {
		if p.plan != nil {
			plans = append(plans, p.plan)
		}
	}
	for _, p := range plans {
		for _, at := range p.Places() {
			if r.at(at) == s.at {
				return at.AccountID
			}
		}
	}
	if s.at.account == r.own {
		return ""
	}
	return s.at.account
}

// comparable leaves out of templates what plans do not have, and adds what people call things, by the last plan that says it.
// The stack of a network that was taken out is in no plan any more; its description says what it was.
func (r *reading) comparable(stacks []*cfn.Stack, from []*stack) []*cfn.Stack {
	names := map[cfn.ID]string{}
	for _, p := range r.stored {
		if p.plan == nil {
			continue
		}
		for _, s := range p.plan.Stacks {
			for _, x := range s.Resources {
				names[cfn.ID{Stack: s.Name, LogicalID: x.LogicalID}] = x.Name
			}
		}
	}
	out := make([]*cfn.Stack, 0, len(stacks)) // never nil: that would say "as the plan says"
	for _, s := range stacks {
		s.Resources = slices.DeleteFunc(s.Resources, func(x *cfn.Resource) bool { return Helper(x.Type, x.Properties["FunctionName"] != "") })
		described := described(from, s.Name)
		for _, x := range s.Resources {
			x.Name = names[cfn.ID{Stack: s.Name, LogicalID: x.LogicalID}]
			switch {
			case x.Name != "" || described == "":
			case x.Type == "AWS::EC2::VPC": // the network itself
				x.Name = described
			default:
				x.Name = described + "/" + x.LogicalID
			}
			delete(x.Properties, "ServiceToken") // the function of the place, which plans leave out
		}
		out = append(out, s)
	}
	return out
}

// described is what a stack's own description says that it is, such as network/seoul/app.
func described(stacks []*stack, name string) string {
	i := slices.IndexFunc(stacks, func(s *stack) bool { return s.name == name })
	var template struct{ Description string }
	if json.Unmarshal(stacks[i].template, &template) != nil {
		return "" // it has none; a template that is no JSON was refused before
	}
	return naming.Described(template.Description)
}

// helpers are the types of resources that only serve others. Plans do not have them; test/ holds this list against every
// template.
var helpers = []string{
	"AWS::IAM::InstanceProfile", "AWS::IAM::Policy", "AWS::IAM::Role", "AWS::Lambda::EventInvokeConfig", "AWS::Lambda::Function", "AWS::Lambda::Permission",
	"AWS::Logs::LogGroup", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy",
}

// Helper reports whether resources of a type only serve others, so that plans do not list them. A function that is named serves
// whoever calls it by that name: plans list it.
func Helper(typ string, named bool) bool {
	return slices.Contains(helpers, typ) && !(named && typ == "AWS::Lambda::Function")
}
