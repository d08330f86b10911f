package zone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"
)

// EnvID is the environment variable that names the zone's ID where nothing else can tell it.
const EnvID = "PATHPROOF_ZONE_ID"

// Config says how [Detect] finds the zone. The zero value asks everything that can answer, for a second each.
type Config struct {
	// ID is the zone's ID where it is known already. Nothing else is asked then.
	ID string
	// IDOf turns a zone's name into its ID, as ECS tasks on Fargate need: their metadata has the name only. [Table] makes one of a
	// table; DescribeAvailabilityZones of EC2 is the source of such tables. Default: names are of no use.
	IDOf func(ctx context.Context, name string) (id string, err error)
	// Timeout bounds each thing that is asked. Default: 1 s.
	Timeout time.Duration
	// Getenv reads the environment. Default: os.Getenv.
	Getenv func(string) string
	// IMDS is the address of the instance metadata service. Default: http://169.254.169.254, or what the environment variable
	// AWS_EC2_METADATA_SERVICE_ENDPOINT says, as for AWS's SDKs.
	IMDS string
}

// Found is a zone, and who said so.
type Found struct {
	ID   string // such as apne2-az1
	Name string // such as ap-northeast-2a; empty where only the ID was said
	From string // such as "ECS task metadata"
}

// way is one way to find the zone. It returns errSkip, or an error that wraps it, where it does not apply.
type way struct {
	name string
	find func(context.Context, *finder) (Found, error)
}

var errSkip = errors.New("not asked")

// The order is from what somebody decided to what was measured, and the cheap ones first.
var ways = []way{
	{"the environment variable " + EnvID, fromEnvironment},
	{"Lambda's metadata", fromLambda},
	{"ECS task metadata", fromECS},
	{"instance metadata", fromIMDS},
}

// Detect returns the zone that the program runs in: what Config.ID says, else what PATHPROOF_ZONE_ID says, else what the metadata of
// Lambda, of the ECS task or of the instance say, whichever applies first and answers. The error says what each of them answered.
//
// A zone never changes while a program runs, but for a Lambda function with SnapStart: detect it after the snapshot is restored.
func Detect(ctx context.Context, config Config) (Found, error) {
	if config.ID != "" {
		if err := Check(config.ID); err != nil {
			return Found{}, err
		}
		return Found{ID: config.ID, From: "configuration"}, nil
	}
	f := newFinder(config)
	defer f.client.CloseIdleConnections()
	var tried []error
	for _, w := range ways {
		bounded, cancel := context.WithTimeout(ctx, f.Timeout)
		found, err := w.find(bounded, f)
		cancel()
		if err == nil {
			err = Check(found.ID)
		}
		if err == nil {
			found.From = w.name
			return found, nil
		}
		tried = append(tried, fmt.Errorf("%s: %w", w.name, err))
		// A wrong value that somebody set is not papered over by another answer.
		if w.name == ways[0].name && !errors.Is(err, errSkip) || ctx.Err() != nil {
			break
		}
	}
	return Found{}, fmt.Errorf("the Availability Zone is not known; set %s to its ID, such as apne2-az1:\n%w", EnvID, errors.Join(tried...))
}

// Table makes of a table from zone names to IDs what Config.IDOf needs. The table holds for one account.
func Table(ids map[string]string) func(context.Context, string) (string, error) {
	return func(_ context.Context, name string) (string, error) {
		if id, ok := ids[name]; ok {
			return id, nil
		}
		return "", fmt.Errorf("the table of zones lacks a name, got %q; add its ID", name)
	}
}

type finder struct {
	Config
	client *http.Client
}

func newFinder(config Config) *finder {
	if config.Timeout == 0 {
		config.Timeout = time.Second
	}
	if config.Getenv == nil {
		config.Getenv = os.Getenv
	}
	// Metadata is never behind a proxy, and a redirect is not metadata.
	return &finder{Config: config, client: &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func fromEnvironment(_ context.Context, f *finder) (Found, error) {
	if id := f.Getenv(EnvID); id != "" {
		return Found{ID: id}, nil
	}
	return Found{}, fmt.Errorf("%w, it is not set", errSkip)
}
