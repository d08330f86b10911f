package zone

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// most is what a metadata document may be long. ECS describes every container of a task in it.
const most = 1 << 20

// fromLambda asks the endpoint that Lambda has in every execution environment since March 2026; it knows the ID:
// docs.aws.amazon.com/lambda/latest/dg/configuration-metadata-endpoint.html.
func fromLambda(ctx context.Context, f *finder) (Found, error) {
	host, token := f.Getenv("AWS_LAMBDA_METADATA_API"), f.Getenv("AWS_LAMBDA_METADATA_TOKEN")
	if host == "" || token == "" {
		return Found{}, fmt.Errorf("%w, AWS_LAMBDA_METADATA_API or its token is not set", errSkip)
	}
	body, err := f.get(ctx, "http://"+host+"/2026-01-15/metadata/execution-environment", "Authorization", "Bearer "+token)
	if err != nil {
		return Found{}, err
	}
	var doc struct{ AvailabilityZoneID string }
	if err := json.Unmarshal(body, &doc); err != nil {
		return Found{}, fmt.Errorf("not a metadata document, got %d bytes: %w", len(body), err)
	}
	return Found{ID: doc.AvailabilityZoneID}, nil
}

// fromECS asks the task metadata endpoint, version 4, which knows the zone's name, and on Fargate only:
// docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-response.html.
func fromECS(ctx context.Context, f *finder) (Found, error) {
	base := f.Getenv("ECS_CONTAINER_METADATA_URI_V4")
	if base == "" {
		return Found{}, fmt.Errorf("%w, ECS_CONTAINER_METADATA_URI_V4 is not set", errSkip)
	}
	body, err := f.get(ctx, strings.TrimSuffix(base, "/")+"/task")
	if err != nil {
		return Found{}, err
	}
	var doc struct{ AvailabilityZone string }
	if err := json.Unmarshal(body, &doc); err != nil {
		return Found{}, fmt.Errorf("not a metadata document, got %d bytes: %w", len(body), err)
	}
	switch name := doc.AvailabilityZone; {
	case name == "":
		return Found{}, errors.New("it names no zone, got nothing; tasks on EC2 need the instance's metadata")
	case f.IDOf == nil:
		return Found{}, fmt.Errorf("it knows the zone's name only, got %q; set IDOf, which turns names into IDs", name)
	default:
		id, err := f.IDOf(ctx, name)
		return Found{ID: id, Name: name}, err
	}
}

// fromIMDS asks the instance metadata service, version 2. It does not answer beyond the hop limit of the instance, which by default
// leaves containers with a network of their own out.
func fromIMDS(ctx context.Context, f *finder) (Found, error) {
	switch {
	case strings.EqualFold(f.Getenv("AWS_EC2_METADATA_DISABLED"), "true"):
		return Found{}, fmt.Errorf("%w, AWS_EC2_METADATA_DISABLED is true", errSkip)
	case f.Getenv("AWS_LAMBDA_FUNCTION_NAME") != "":
		return Found{}, fmt.Errorf("%w, a Lambda function has none", errSkip)
	}
	base := f.IMDS
	if base == "" {
		base = f.Getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT")
	}
	if base == "" {
		base = "http://169.254.169.254"
	}
	base = strings.TrimSuffix(base, "/")
	token, err := f.do(ctx, http.MethodPut, base+"/latest/api/token", "X-Aws-Ec2-Metadata-Token-Ttl-Seconds", "60")
	if err != nil {
		return Found{}, err
	}
	id, err := f.get(ctx, base+"/latest/meta-data/placement/availability-zone-id", "X-Aws-Ec2-Metadata-Token", string(token))
	if err != nil {
		return Found{}, err
	}
	found := Found{ID: string(id)}
	// The name is for people; it may be missing.
	if name, err := f.get(ctx, base+"/latest/meta-data/placement/availability-zone", "X-Aws-Ec2-Metadata-Token", string(token)); err == nil {
		found.Name = string(name)
	}
	return found, nil
}

func (f *finder) get(ctx context.Context, url string, header ...string) ([]byte, error) {
	return f.do(ctx, http.MethodGet, url, header...)
}

// do returns the body of a 200. Errors name the URL and never a header: tokens are secret.
func (f *finder) do(ctx context.Context, method, url string, header ...string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	if len(header) == 2 {
		req.Header.Set(header[0], header[1])
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s %s answered %s", method, url, resp.Status)
	}
	return body, nil
}
