package bootstrap

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"io/fs"
	"strconv"
	"strings"
)

// What is the same for every machine of a role travels as one archive, because user data ends at 16 KB.
//
// A compressor may put the same files into other bytes in another version of Go, other bytes are other user data, and other
// user data replaces a server. So the archives of pathproof's own roles are kept in the folder packed, under the hash of what is
// in them; go test -update writes them. Only an archive that is not there is compressed anew.

//go:embed packed
var packed embed.FS

// archive is the files as a tar of ustar form: no times, no names of owners.
func archive(files []File) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, f := range files {
		mode, err := strconv.ParseInt(f.mode(), 8, 32)
		if err == nil {
			err = w.WriteHeader(&tar.Header{Format: tar.FormatUSTAR, Name: strings.TrimPrefix(f.Path, "/"), Mode: mode, Size: int64(len(f.Content))})
		}
		if err == nil {
			_, err = w.Write([]byte(f.Content))
		}
		if err != nil {
			panic(err) // names are checked, and memory takes everything
		}
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// packedName is the file that keeps an archive.
func packedName(plain []byte) string {
	sum := sha256.Sum256(plain)
	return "packed/" + hex.EncodeToString(sum[:8]) + ".b64"
}

// pack returns an archive compressed, in base64, and whether it is a kept one.
func pack(files []File) (text string, kept bool) {
	plain := archive(files)
	if b, err := fs.ReadFile(packed, packedName(plain)); err == nil {
		return strings.TrimSpace(string(b)), true
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // memory takes everything
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), false
}

func (f File) mode() string {
	if f.Mode == "" {
		return "0644"
	}
	return f.Mode
}
