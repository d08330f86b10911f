package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/pathproof/pathproof/internal/gate"
)

// maxReport bounds a stored report, unpacked, in bytes.
const maxReport = 128 << 20

// store keeps reports in a bucket, as gzipped JSON. The bucket's own settings encrypt them. owner is the account that the
// bucket has to belong to, so that nobody else's bucket of that name gets them.
type store struct {
	api           s3API
	bucket, owner string
	pace          pace
}

// put stores a report and returns where.
func (s *store) put(ctx context.Context, r *gate.Report) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, s.pace.store)
	defer cancel()
	key := gate.ReportKey(r.Network, r.RunID)
	uri := "s3://" + s.bucket + "/" + key
	r.Stored = uri
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	err := json.NewEncoder(z).Encode(r)
	if err = errors.Join(err, z.Close()); err != nil {
		return "", fmt.Errorf("report not stored: %w", err)
	}
	_, err = s.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(s.bucket), Key: aws.String(key), Body: bytes.NewReader(b.Bytes()), ExpectedBucketOwner: s.expected(),
		ContentType: aws.String("application/json"), ContentEncoding: aws.String("gzip"),
	})
	if err != nil {
		return "", fmt.Errorf("report not stored: %s", brief(err))
	}
	return uri, nil
}

// get returns the report that an earlier event of the same run has stored, or nil. Without the right to list the bucket S3
// refuses instead of saying that there is none, so an error means no more than that.
func (s *store) get(ctx context.Context, network, runID string) *gate.Report {
	ctx, cancel := context.WithTimeout(ctx, s.pace.store)
	defer cancel()
	out, err := s.api.GetObject(ctx, &s3.GetObjectInput{
		Bucket: aws.String(s.bucket), Key: aws.String(gate.ReportKey(network, runID)), ExpectedBucketOwner: s.expected(),
	})
	if err != nil {
		return nil
	}
	defer out.Body.Close()
	z, err := gzip.NewReader(out.Body)
	if err != nil {
		return nil
	}
	var r gate.Report
	if err := json.NewDecoder(io.LimitReader(z, maxReport)).Decode(&r); err != nil || r.Schema != gate.ReportSchema || r.RunID != runID {
		return nil
	}
	return &r
}

func (s *store) expected() *string {
	if s.owner == "" {
		return nil
	}
	return aws.String(s.owner)
}
