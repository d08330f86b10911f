package bootstrap

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
)

// packAbove is how long a file may be, in bytes, before it is compressed: user data has little room. What is compressed
// cannot hold tokens, which are all in [EnvFile]; short files stay readable, and would not get much shorter.
const packAbove = 320

// pack compresses text as cloud-init's encoding gz+b64 has it. Other versions of Go may write other bytes for the same
// text, which replaces the machines: golden files say so before a deployment does.
func pack(text string) string {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = z.Write([]byte(text))
		err = errors.Join(err, z.Close())
	}
	if err != nil {
		panic(err) // a buffer takes everything
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}
