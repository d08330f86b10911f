package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/pathproof/pathproof/internal/amazonlinux"
	"github.com/pathproof/pathproof/internal/amazonlinux/images"
	"github.com/pathproof/pathproof/internal/amazonlinux/latest"
	"github.com/pathproof/pathproof/internal/atomicfile"
	"github.com/pathproof/pathproof/internal/check"
	"github.com/pathproof/pathproof/internal/config"
	"github.com/pathproof/pathproof/internal/deployed"
	"github.com/pathproof/pathproof/internal/topology"
)

func newImage() *cobra.Command {
	c := &cobra.Command{
		Use:   "image",
		Short: "Look after the images that OpenVPN servers and edge proxies start from",
		Args:  noArgument,
		RunE:  func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newImageLatest())
	return c
}

type imageFlags struct {
	profile, output string
	write           bool
}

func newImageLatest() *cobra.Command {
	var f imageFlags
	c := &cobra.Command{
		Use:   "latest [FILE]",
		Short: "Propose the newest release of Amazon Linux 2023 for the images that the file pins",
		Long: "latest asks EC2, wherever FILE (default pathproof.yaml) pins an image by a release of Amazon Linux 2023, which releases are offered for arm64, and\n" +
			"proposes the newest one that all these places have. It deploys nothing. With --write it changes these values in FILE, and nothing else there.\n" +
			"Images pinned by an id are named and left alone. It needs ec2:DescribeImages (docs/WAYS-IN.md).\n\n" +
			"Exit status: 0 nothing to do, or all of it written; 1 a newer release is proposed, or something failed, which the report says; 2 wrong input.",
		Args: oneFile,
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, fileOf(args)) },
	}
	c.Flags().BoolVar(&f.write, "write", false, "change the file")
	c.Flags().StringVar(&f.profile, "profile", "", "`PROFILE` of the AWS configuration")
	c.Flags().StringVarP(&f.output, "output", "o", "text", "`FORMAT` on standard output: text or json")
	return c
}

func (f *imageFlags) run(c *cobra.Command, name string) error {
	write, err := writerOf(f.output, latest.WriteText, latest.WriteJSON)
	if err != nil {
		return err
	}
	file, err := readImages(c.ErrOrStderr(), name)
	if err != nil {
		return err
	}
	if info, err := os.Stat(name); f.write && (err != nil || !info.Mode().IsRegular()) {
		return &usageError{fmt.Errorf("--write: not a regular file, got %s; name one, or leave --write out", name)}
	}
	r := latest.Read(c.Context(), file.plan.Name, file.pins(), (&imagePlaces{profile: f.profile}).list)
	if err := c.Context().Err(); err != nil {
		return err
	}
	if err := write(c.OutOrStdout(), r); err != nil {
		return err
	}
	outdated := len(r.Outdated())
	if f.write && outdated > 0 {
		if err := file.change(r); err != nil {
			return err
		}
		fmt.Fprintf(c.ErrOrStderr(), "pathproof: %s: changed %d of %d images\n", name, outdated, len(r.Images))
		outdated = 0
	}
	if outdated > 0 || len(r.Problems) > 0 {
		return exitStatus(exitOther)
	}
	return nil
}

// imageFile is a file that pins images. Its text is read once, so that what is changed is what was judged.
type imageFile struct {
	name   string
	text   []byte
	doc    *config.Document
	plan   *topology.Plan
	pinned []config.PinnedImage
}

// readImages reads and checks a file, and prints what is wrong with it.
func readImages(stderr io.Writer, name string) (*imageFile, error) {
	text, err := config.Read(name)
	if err != nil {
		return nil, &usageError{fmt.Errorf("%w; name the file that describes the network", err)}
	}
	r := check.Data(name, text)
	if err := r.Print(stderr); err != nil {
		return nil, err
	}
	if !r.OK() {
		return nil, errInput
	}
	doc, _ := config.Parse(name, text) // its problems are printed
	return &imageFile{name, text, doc, r.Plan, config.Images(doc.File)}, nil
}

// pins are the images of the file with their places, in the order of f.pinned.
func (f *imageFile) pins() []latest.Pin {
	var out []latest.Pin
	for _, i := range f.pinned {
		at := f.doc.Position(i.Path)
		p := latest.Pin{Key: i.Path, At: fmt.Sprintf("%s:%d:%d", f.name, at.Line, at.Column), Proxy: i.Of.Kind == config.KindEdgeProxy, Place: placeOf(f.plan, i.Of), Image: string(i.Image)}
		if release, ok := i.Image.Release(); ok {
			p.Pins = &release
		}
		out = append(out, p)
	}
	return out
}

// change writes the file with the releases that the report proposes. It keeps the file's permissions, and writes nothing when
// somebody changed the file since it was read.
func (f *imageFile) change(r *latest.Report) error {
	wanted := map[config.Ref]config.Image{}
	for i, image := range r.Images {
		if image.State == latest.Outdated {
			wanted[f.pinned[i].Of] = config.ImageOf(*image.Release)
		}
	}
	text, err := config.ReplaceImages(f.text, wanted)
	if err != nil {
		return fmt.Errorf("%s: not changed: %w", f.name, err)
	}
	at, err := filepath.EvalSymlinks(f.name)
	if err != nil {
		return fmt.Errorf("%s: not changed: %w", f.name, err)
	}
	info, err := os.Stat(at)
	if err != nil {
		return fmt.Errorf("%s: not changed: %w", f.name, err)
	}
	if now, err := config.Read(at); err != nil || !bytes.Equal(now, f.text) {
		return fmt.Errorf("%s: not changed: somebody else changed it meanwhile; run again", f.name)
	}
	if err := atomicfile.WriteAll(filepath.Dir(at), []atomicfile.File{{Name: filepath.Base(at), Mode: info.Mode().Perm(), Data: text}}); err != nil {
		return fmt.Errorf("%s: not changed: %w", f.name, err)
	}
	return nil
}

// placeOf is where an OpenVPN server or edge proxies stand.
func placeOf(plan *topology.Plan, of config.Ref) topology.Place {
	if of.Kind == config.KindOpenVPN {
		return plan.OpenVPN(of.Name).Place
	}
	return plan.EdgeProxy(of.Name).Place
}

// imagePlaces asks EC2 in each place with the credentials of a profile, which are looked for once.
type imagePlaces struct {
	profile string
	aws     *deployed.AWS
	err     error
}

func (p *imagePlaces) list(ctx context.Context, at topology.Place) ([]amazonlinux.Release, error) {
	if p.aws == nil && p.err == nil {
		p.aws, p.err = deployed.Connect(ctx, p.profile)
	}
	if p.err != nil {
		return nil, p.err
	}
	qualifier, err := bootstrapQualifier("cdk.json")
	if err != nil {
		return nil, err
	}
	cfg, _, err := p.aws.Config(ctx, at, qualifier)
	if err != nil {
		return nil, err
	}
	return images.Releases(ctx, cfg)
}
