package deployed

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/pathproof/pathproof/internal/naming"
	"github.com/pathproof/pathproof/internal/topology"
)

// storedPlan is where an environment says that the plan of its last complete deployment lies.
type storedPlan struct {
	at      environment
	url     string
	changed time.Time
	plan    *topology.Plan // nil if it is gone
}

// content identifies a plan: CDK names an asset by the hash of what is in it.
func (p *storedPlan) content() string { return path.Base(p.url) }

// plansOf reads the plans that environments name, and returns those that are new. Regions keep copies of one plan; one is
// enough.
func (r *reading) plansOf(ctx context.Context, in []environment) ([]*topology.Plan, error) {
	name := naming.PlanParameter(r.plan.Name)
	found := make([]*storedPlan, len(in))
	err := each(ctx, len(in), func(ctx context.Context, i int) error {
		url, changed, ok, err := r.clients[in[i]].parameter(ctx, name)
		if ok {
			found[i] = &storedPlan{at: in[i], url: url, changed: changed}
		}
		return where(in[i], err)
	})
	if err != nil {
		return nil, err
	}
	known := map[string]*topology.Plan{}
	for _, p := range r.stored {
		known[p.content()] = p.plan
	}
	var fresh []*topology.Plan
	for _, p := range found {
		if p == nil {
			continue
		}
		if known[p.content()] == nil {
			plan, err := r.load(ctx, p)
			if err != nil {
				return nil, where(p.at, err)
			}
			if plan != nil {
				fresh = append(fresh, plan)
			}
			known[p.content()] = plan
		}
		r.stored = append(r.stored, p)
	}
	for _, p := range r.stored {
		p.plan = known[p.content()]
	}
	slices.SortStableFunc(r.stored, func(x, y *storedPlan) int { return cmp.Or(x.changed.Compare(y.changed), x.at.compare(y.at)) })
	return fresh, nil
}

// load reads one plan; nil if the object is gone.
func (r *reading) load(ctx context.Context, p *storedPlan) (*topology.Plan, error) {
	text, ok, err := r.clients[p.at].object(ctx, p.url)
	if err != nil || !ok {
		return nil, err
	}
	plan, err := topology.ReadPlan(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.url, err)
	}
	if plan.Name != r.plan.Name {
		return nil, fmt.Errorf("%s: the plan of another network, got %q; expected %q, so deploy again or correct parameter %s", p.url, plan.Name, r.plan.Name, naming.PlanParameter(r.plan.Name))
	}
	return plan, nil
}

// newest is the plan that was stored last, nil if there is none.
func (r *reading) newest() *storedPlan {
	for _, p := range slices.Backward(r.stored) {
		if p.plan != nil {
			return p
		}
	}
	return nil
}

// storedIn is the plan of an environment, nil if there is none.
func (r *reading) storedIn(e environment) *storedPlan {
	if i := slices.IndexFunc(r.stored, func(p *storedPlan) bool { return p.at == e && p.plan != nil }); i >= 0 {
		return r.stored[i]
	}
	return nil
}
