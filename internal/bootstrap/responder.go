package bootstrap

import (
	"encoding/json"
	"path"
	"strconv"
)

// Responder answers the network's probes: the program pathproof, from the bucket of the deployment.
type Responder struct {
	// Port is where it answers TCP. Required.
	Port int
	// Bucket, Key and BucketRegion are where the program is; SHA256 is what it has to be, in hexadecimal. They may be tokens.
	Bucket, Key, BucketRegion, SHA256 string
	// ZoneID is the Availability Zone that it says it is in.
	ZoneID string
	// ZoneFile, if set, is a file with a line ZONE_ID=AZ-ID, in place of ZoneID.
	ZoneFile string
	// HTTP has it answer GET /whoami instead of echoes, and many of one source: a load balancer passes on its own address for all callers.
	HTTP bool
}

// ResponderMachine is a machine that does nothing but answer.
func ResponderMachine(os OS, name, region, namespace string, r Responder) Config {
	c := Config{OS: os, Role: "responder", Name: name, Region: region, Namespace: namespace, Packages: []string{"awscli:aws"}}
	r.add(&c)
	return c
}

func (r Responder) add(c *Config) {
	if c.Values == nil {
		c.Values = map[string]string{}
	}
	c.Values["RESPONDER_BUCKET"], c.Values["RESPONDER_KEY"] = r.Bucket, r.Key
	c.Values["RESPONDER_PORT"] = strconv.Itoa(r.Port)
	c.Values["RESPONDER_REGION"], c.Values["RESPONDER_SHA256"] = r.BucketRegion, r.SHA256
	c.Files = append(c.Files,
		File{"/etc/systemd/system/pathproof-responder.service", "", fillIn("responder/responder.service", r.unit(c.Region))})
	c.Steps = append(c.Steps, Script{"responder", text("responder/fetch.sh")})
	c.Checks = append(c.Checks, Script{"responder", text("responder/check.sh")})
}

// unit is what its unit has to know.
func (r Responder) unit(region string) map[string]any {
	zone := r.ZoneID
	if r.ZoneFile != "" {
		zone = "${ZONE_ID}"
	}
	return map[string]any{"Port": r.Port, "Region": region, "Zone": zone, "ZoneFile": r.ZoneFile, "HTTP": r.HTTP}
}

// addLogs has CloudWatch's agent, which Amazon Linux has in its repositories and Debian has not, send files to a log group.
func addLogs(c *Config, group string, files ...string) {
	var list []map[string]string
	for _, f := range files {
		stream := c.Role + "/" + c.Name + "/{instance_id}"
		if len(files) > 1 { // two files in one stream get in each other's way
			stream += "/" + path.Base(f)
		}
		list = append(list, map[string]string{"file_path": f, "log_group_name": group, "log_stream_name": stream})
	}
	config := map[string]any{"logs": map[string]any{"logs_collected": map[string]any{"files": map[string]any{"collect_list": list}}}}
	text, err := json.Marshal(config)
	if err != nil {
		panic(err) // texts only
	}
	const file = "/etc/pathproof/cloudwatch-agent.json"
	c.Packages = append(c.Packages, "amazon-cloudwatch-agent")
	c.Files = append(c.Files, File{file, "", string(text) + "\n"})
	c.Steps = append(c.Steps, Script{"logs", "/opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:" + file + "\n"})
}
