package latencyprobe

import (
	"debug/elf"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"regexp"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/pathproof/pathproof/internal/cdkx"
)

const (
	targetInstanceType = "t4g.nano"
	targetPort         = 7007
)

var (
	imageForm = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)
	zoneForm  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*-az[0-9]+$`)
	armForm   = regexp.MustCompile(`^[a-z]+[0-9]+g[a-z]*\.[a-z0-9-]+$`)
)

// TargetProps configures a TargetInstance.
type TargetProps struct {
	// Program is the file of the pathproof command, compiled for Linux on arm64. Required.
	Program string
	// ImageID is the image, for example ami-0123456789abcdef0: Amazon Linux 2023 for arm64, not the minimal one, or one made from it that still has
	// cloud-init, systemd, curl, the AWS CLI and its root volume at /dev/xvda. A change replaces the instance. Required: with a parameter for the latest
	// one, unrelated deployments would replace it.
	ImageID string
	// ZoneID is the AZ ID of the subnet, for example apne2-az1. Answers carry it. Required.
	ZoneID string
	// SubnetId is the subnet that it stands in. A change replaces the instance. Required.
	SubnetId *string
	// PrivateIP is its address in that subnet, the one that paths name. A change replaces the instance. Required.
	PrivateIP netip.Addr
	// SecurityGroupIds are 1 to 5 of the caller's. Nothing is opened: they have to let probes in to Port, and HTTPS out to S3. Required.
	SecurityGroupIds []*string
	// InstanceType is the type, one with a Graviton processor.
	// Default: t4g.nano.
	InstanceType string
	// Port is where TCP echo answers, 1024 to 65535, since the service may not open lower ones.
	// Default: 7007.
	Port int
	// AssetKeyArn is the ARN of the KMS key that encrypts the bucket of CDK's assets.
	// Default: none, which fits a bucket as cdk bootstrap makes it unless told otherwise.
	AssetKeyArn *string
	// DependsOn has to be there before it boots: whatever makes the way to S3, if it is in the same stack.
	// Default: nothing.
	DependsOn []constructs.IDependable
}

// Validate reports every problem in p. It needs no Node.js runtime, and reads the header of Program.
func (p TargetProps) Validate() error {
	var f cdkx.Fields
	requireProgram(&f, p.Program)
	if !imageForm.MatchString(p.ImageID) {
		f.Addf("imageId", "want the id of an image, such as ami-0123456789abcdef0, got %q; pin one for arm64 of this Region", p.ImageID)
	}
	if !zoneForm.MatchString(p.ZoneID) {
		f.Addf("zoneId", "want an AZ ID, such as apne2-az1, got %q; give that of the subnet", p.ZoneID)
	}
	f.RequireText("subnetId", p.SubnetId)
	if !p.PrivateIP.Is4() {
		f.Addf("privateIp", "want an IPv4 address, got %s; give one of the subnet", p.PrivateIP)
	}
	if n := len(p.SecurityGroupIds); n < 1 || n > 5 {
		f.Addf("securityGroupIds", "want 1 to 5, got %d; give those that let probes in", n)
	}
	if p.InstanceType != "" && !armForm.MatchString(p.InstanceType) {
		f.Addf("instanceType", "not one with a Graviton processor, got %q; use one such as %s", p.InstanceType, targetInstanceType)
	}
	if p.Port != 0 && (p.Port < 1024 || p.Port > 65535) {
		f.Addf("port", "out of range, got %d; use 1024 to 65535", p.Port)
	}
	return f.Err()
}

// withDefaults returns p with its defaults.
func (p TargetProps) withDefaults() TargetProps {
	if p.InstanceType == "" {
		p.InstanceType = targetInstanceType
	}
	if p.Port == 0 {
		p.Port = targetPort
	}
	return p
}

// requireProgram wants what the instance can run: found out here, not by a deployment that waits for its boot.
func requireProgram(f *cdkx.Fields, file string) {
	const todo = "build it by: GOOS=linux GOARCH=arm64 CGO_ENABLED=0 go build -trimpath -o FILE ./bin/pathproof"
	if file == "" {
		f.Addf("program", "missing; %s", todo)
		return
	}
	if err := forArm(file); err != nil {
		f.Addf("program", "%w, got %q; %s", err, file, todo)
	}
}

func forArm(file string) error {
	if info, err := os.Stat(file); err != nil || !info.Mode().IsRegular() {
		return errors.New("no such file")
	}
	program, err := elf.Open(file)
	if err != nil {
		return errors.New("not a program for Linux")
	}
	defer program.Close()
	if program.Machine != elf.EM_AARCH64 {
		return fmt.Errorf("a program for another processor (%s)", program.Machine)
	}
	return nil
}
