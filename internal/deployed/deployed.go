package deployed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pathproof/pathproof/internal/change"
	"github.com/pathproof/pathproof/internal/topology"
)

// Options configures Read.
type Options struct {
	// Regions are searched for stacks of the network besides the Regions of the new and of the stored plans, in every account
	// of the network and in the credentials' own. A Region that nothing names any more can only be found here.
	Regions []string
	// Qualifier tells the roles of the bootstrap apart. Default: that of CDK, hnb659fds.
	Qualifier string
	// Profile is the profile of AWS credentials that printed commands name. Default: none.
	Profile string
}

// Read reads what is deployed of the network of a plan. Nothing deployed is no error: the state then has no stacks and an
// empty plan.
func (a *AWS) Read(ctx context.Context, plan *topology.Plan, opts Options) (change.Deployed, error) {
	return read(ctx, a, plan, opts)
}

// environment is an account and Region.
type environment struct{ account, region string }

func (e environment) String() string { return e.region + " of account " + e.account }

func (e environment) compare(other environment) int {
	return cmp.Or(strings.Compare(e.region, other.region), strings.Compare(e.account, other.account))
}

// cloud is as much of AWS as this package looks at.
type cloud interface {
	// account is the id of the credentials' own account. It is asked in one of the Regions.
	account(ctx context.Context, region string) (string, error)
	// in is one environment. bootstrapped is a Region of the account that the network uses, so that the roles of its bootstrap
	// are there.
	in(e environment, bootstrapped, qualifier string) (client, error)
}

// client reads one environment.
type client interface {
	// stacks lists every stack.
	stacks(ctx context.Context) ([]*stack, error)
	template(ctx context.Context, s *stack) ([]byte, error)
	// parameter is the value of an SSM parameter and when it changed; false if there is none.
	parameter(ctx context.Context, name string) (string, time.Time, bool, error)
	// object is what lies at an s3:// address; false if nothing does.
	object(ctx context.Context, url string) ([]byte, bool, error)
}

// stack is a stack as CloudFormation describes it.
type stack struct {
	name, id       string
	status, reason string
	network        string // in its tag
	protected      bool   // termination protection is on
	at             environment
	profile        string // for commands
	template       []byte // nil if it has none, or none that is in force
}

// parallel bounds how many calls run at a time, over all environments. CloudFormation throttles by account and Region.
const parallel = 8

// reading is the state of one Read.
type reading struct {
	cloud   cloud
	plan    *topology.Plan
	opts    Options
	own     string // the credentials' own account
	clients map[environment]client
	stacks  []*stack
	stored  []*storedPlan // one for each environment that has one, the oldest first
}

func read(ctx context.Context, c cloud, plan *topology.Plan, opts Options) (change.Deployed, error) {
	r := &reading{cloud: c, plan: plan, opts: opts, clients: map[environment]client{}}
	r.opts.Qualifier = cmp.Or(opts.Qualifier, defaultQualifier)
	if err := r.all(ctx); err != nil {
		return change.Deployed{}, err
	}
	return r.result()
}

// defaultQualifier is that of `cdk bootstrap` without --qualifier.
const defaultQualifier = "hnb659fds"

// all reads every environment that the new plan names, the credentials' own account in its Regions, and those that the plans
// found there name, until there are no more.
func (r *reading) all(ctx context.Context) error {
	places := r.plan.Places()
	if len(places) == 0 {
		return errors.New("a plan without Regions; give one that pathproof check accepts")
	}
	var err error
	if r.own, err = r.cloud.account(ctx, places[0].Region); err != nil {
		return err
	}
	plans := []*topology.Plan{r.plan}
	for len(plans) > 0 {
		fresh, err := r.enter(plans)
		if err != nil {
			return err
		}
		if err := r.stacksOf(ctx, fresh); err != nil {
			return err
		}
		if plans, err = r.plansOf(ctx, fresh); err != nil {
			return err
		}
	}
	slices.SortFunc(r.stacks, func(x, y *stack) int { return cmp.Or(strings.Compare(x.name, y.name), x.at.compare(y.at)) })
	return r.templates(ctx)
}

// enter connects to the environments of plans that are not known yet, and returns them in order.
func (r *reading) enter(plans []*topology.Plan) ([]environment, error) {
	bootstrapped, wanted := map[environment]string{}, map[environment]bool{}
	var used, home []environment
	for _, p := range plans {
		for _, at := range p.Places() {
			e := r.at(at)
			used, home = append(used, e), append(home, environment{r.own, e.region})
		}
	}
	for _, e := range append(used, home...) { // at home, because the network may have been there before it got an account
		wanted[e], bootstrapped[e] = true, e.region
		for _, region := range r.opts.Regions {
			extra := environment{e.account, region}
			wanted[extra], bootstrapped[extra] = true, cmp.Or(bootstrapped[extra], e.region)
		}
	}
	var fresh []environment
	for _, e := range slices.SortedFunc(maps.Keys(wanted), environment.compare) {
		if r.clients[e] != nil {
			continue
		}
		c, err := r.cloud.in(e, bootstrapped[e], r.opts.Qualifier)
		if err != nil {
			return nil, err
		}
		r.clients[e] = c
		fresh = append(fresh, e)
	}
	return fresh, nil
}

// at is where a place is: places without an account are in the credentials' own.
func (r *reading) at(p topology.Place) environment {
	return environment{cmp.Or(p.AccountID, r.own), p.Region}
}

// stacksOf lists the network's stacks in environments: those with its tag, and those that have the name of a planned one and so
// would be updated, whatever their tag. A stack that a deployment has only begun with may have none yet.
func (r *reading) stacksOf(ctx context.Context, in []environment) error {
	found := make([][]*stack, len(in))
	err := each(ctx, len(in), func(ctx context.Context, i int) error {
		all, err := r.clients[in[i]].stacks(ctx)
		for _, s := range all {
			s.at, s.profile = in[i], r.opts.Profile
			if planned := r.plan.Stack(s.name); s.network == r.plan.Name || planned != nil && r.at(planned.Place) == s.at {
				found[i] = append(found[i], s)
			}
		}
		return where(in[i], err)
	})
	r.stacks = append(r.stacks, slices.Concat(found...)...)
	return err
}

// templates reads the templates of the stacks that have one in force.
func (r *reading) templates(ctx context.Context) error {
	return each(ctx, len(r.stacks), func(ctx context.Context, i int) (err error) {
		s := r.stacks[i]
		if s.empty() {
			return nil
		}
		s.template, err = r.clients[s.at].template(ctx, s)
		return where(s.at, err)
	})
}

// where says which environment an error is of.
func where(e environment, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", e, err)
}
