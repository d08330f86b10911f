package topology

import "github.com/pathproof/pathproof/internal/config"

// These functions find what a part of the file names. They return nil for a name that is declared nowhere, which they
// report, and for something with problems of its own, which were reported there.

func (b *builder) findNetwork(path string, key config.NetworkKey) *Network {
	if _, declared := b.f.Networks[key]; !declared {
		unknown(b, path, "network", key, b.f.Networks)
		return nil
	}
	return b.plan.Network(string(key))
}

func (b *builder) findSite(path string, name config.Name) *Site {
	if _, declared := b.f.Sites[name]; !declared {
		unknown(b, path, "site", name, b.f.Sites)
		return nil
	}
	return b.plan.Site(string(name))
}

func (b *builder) findHost(path string, name config.Name) *Host {
	if _, declared := b.f.Hosts[name]; !declared {
		unknown(b, path, "host", name, b.f.Hosts)
		return nil
	}
	return b.plan.Host(string(name))
}
