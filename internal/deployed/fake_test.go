package deployed

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/topology"
)

const own = "111122223333"

// world is AWS as far as this package looks at it. A test deploys something and then changes it.
type world struct {
	places  map[environment]*place
	broken  error // of the credentials
	mu      sync.Mutex
	entered map[environment]string // the Region whose bootstrap roles would be used
}

// place is one environment of a world.
type place struct {
	byName    map[string]*stack
	order     []string
	templates map[string][]byte
	plan      string // the address in the parameter; empty: no parameter
	changed   time.Time
	objects   map[string][]byte
	fail      map[string]error // by call
	calls     []string
}

func (w *world) account(context.Context, string) (string, error) { return own, w.broken }

func (w *world) in(e environment, bootstrapped, _ string) (client, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.entered == nil {
		w.entered = map[environment]string{}
	}
	w.entered[e] = bootstrapped
	return &visit{w, w.at(e)}, nil
}

// at is a place of the world; there is one for everybody who asks.
func (w *world) at(e environment) *place {
	if w.places[e] == nil {
		w.places[e] = &place{byName: map[string]*stack{}, templates: map[string][]byte{}, objects: map[string][]byte{}, fail: map[string]error{}}
	}
	return w.places[e]
}

type visit struct {
	world *world
	place *place
}

func (v *visit) call(ctx context.Context, name string) error {
	v.world.mu.Lock()
	defer v.world.mu.Unlock()
	v.place.calls = append(v.place.calls, name)
	if err := ctx.Err(); err != nil {
		return err
	}
	return v.place.fail[name]
}

func (v *visit) stacks(ctx context.Context) ([]*stack, error) {
	var out []*stack
	for _, name := range v.place.order {
		if s := v.place.byName[name]; s != nil {
			c := *s
			out = append(out, &c)
		}
	}
	return out, v.call(ctx, "stacks")
}

func (v *visit) template(ctx context.Context, s *stack) ([]byte, error) {
	return v.place.templates[s.name], v.call(ctx, "template of "+s.name)
}

func (v *visit) parameter(ctx context.Context, name string) (string, time.Time, bool, error) {
	return v.place.plan, v.place.changed, v.place.plan != "", v.call(ctx, "parameter "+name)
}

func (v *visit) object(ctx context.Context, url string) ([]byte, bool, error) {
	b, ok := v.place.objects[url]
	return b, ok, v.call(ctx, "object "+url)
}

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// planOf reads a configuration of the repository.
func planOf(t *testing.T, file string) *topology.Plan {
	t.Helper()
	r := check.File(file)
	if !r.OK() {
		t.Fatalf("%s: %+v", file, r.Problems)
	}
	return r.Plan
}

// reference is a world in which the reference network is deployed, with the templates of its snapshots.
func reference(t *testing.T) (*world, *topology.Plan) {
	t.Helper()
	plan := planOf(t, "../../pathproof.yaml")
	w := &world{places: map[environment]*place{}}
	for _, s := range plan.Stacks {
		text, err := os.ReadFile("../../test/testdata/snapshots/reference/" + s.Name + ".template.json")
		if err != nil {
			t.Fatal(err)
		}
		w.add(environment{own, s.Place.Region}, s.Name, text)
	}
	for _, at := range plan.Places() {
		w.store(t, environment{own, at.Region}, plan, "now", noon)
	}
	return w, plan
}

func (w *world) add(e environment, name string, template []byte) *stack {
	p := w.at(e)
	p.byName[name] = &stack{name: name, id: "arn:" + name, status: "CREATE_COMPLETE", network: "reference"}
	p.templates[name], p.order = template, append(p.order, name)
	return p.byName[name]
}

// store stores a plan; content stands for the hash of it.
func (w *world) store(t *testing.T, e environment, plan *topology.Plan, content string, at time.Time) {
	t.Helper()
	text, err := plan.Encode()
	if err != nil {
		t.Fatal(err)
	}
	p := w.at(e)
	p.plan, p.changed = "s3://assets-"+e.region+"/"+content+".json", at
	p.objects[p.plan] = text
}
