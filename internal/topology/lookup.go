package topology

import "github.com/pathproof/pathproof/internal/config"

// resolve returns what a part of the file names. It returns nil for a name that is declared nowhere, which it reports, and for
// something with problems of its own, which were reported there.
func resolve[K ~string, V, T any](b *builder, path, what string, name K, declared map[K]V, get func(string) *T) *T {
	if _, ok := declared[name]; !ok {
		unknown(b, path, what, name, declared)
		return nil
	}
	return get(string(name))
}

func (b *builder) findNetwork(path string, key config.NetworkKey) *Network {
	return resolve(b, path, "network", key, b.f.Networks, b.plan.Network)
}

func (b *builder) findSite(path string, name config.Name) *Site {
	return resolve(b, path, "site", name, b.f.Sites, b.plan.Site)
}

func (b *builder) findHost(path string, name config.Name) *Host {
	return resolve(b, path, "host", name, b.f.Hosts, b.plan.Host)
}

func (b *builder) findOpenVPN(path string, name config.Name) *OpenVPN {
	return resolve(b, path, "OpenVPN server", name, b.f.OpenVPN, b.plan.OpenVPN)
}

func (b *builder) findClientVPN(path string, name config.Name) *ClientVPN {
	return resolve(b, path, "Client VPN", name, b.f.ClientVPNs, b.plan.ClientVPN)
}

func (b *builder) findBalancer(path string, name config.Name) *LoadBalancer {
	return resolve(b, path, "load balancer", name, b.f.LoadBalancers, b.plan.LoadBalancer)
}

func (b *builder) findZonalService(path string, name config.Name) *ZonalService {
	return resolve(b, path, "zonal service", name, b.f.ZonalServices, b.plan.ZonalService)
}

func (b *builder) findEdgeProxy(path string, name config.Name) *EdgeProxy {
	return resolve(b, path, "edge proxy", name, b.f.EdgeProxies, b.plan.EdgeProxy)
}
