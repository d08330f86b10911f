package gate

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"

	"github.com/pathproof/pathproof/internal/probe"
	"github.com/pathproof/pathproof/internal/report"
)

// MaxPayload is the most that a function may answer when it is waited for, in bytes: 6 MB, less some room for what is around
// it.
const MaxPayload = 6<<20 - 64<<10

// maxUnpacked bounds what a small answer can unfold to.
const maxUnpacked = 64 << 20

// Pack compresses a result for a VantageResponse. A result that would be too long goes without its samples.
func (v *VantageResponse) Pack(r *probe.Result) error {
	var err error
	if v.Result, err = PackResult(r); err != nil {
		return err
	}
	if len(v.Result)*4/3 > MaxPayload { // base64
		v.SamplesDropped = true
		v.Result, err = PackResult(report.WithoutSamples(r))
	}
	return err
}

// PackResult writes a result for Direct.Result and VantageResponse.Result: JSON, gzipped.
func PackResult(r *probe.Result) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	if err := json.NewEncoder(z).Encode(r); err != nil {
		return nil, fmt.Errorf("encode result: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// UnpackResult reads what PackResult wrote. It trusts nothing in it.
func UnpackResult(packed []byte) (*probe.Result, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, maxUnpacked+1))
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	if len(text) > maxUnpacked {
		return nil, fmt.Errorf("result: longer than %d bytes", maxUnpacked)
	}
	return report.Read(text)
}
