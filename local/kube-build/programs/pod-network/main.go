// Command pod-network gives pods a network with the reference CNI plug-ins, in the place of Calico: a bridge on each node
// with addresses out of the node's own part of the pods' network, and a VXLAN to the other nodes' parts: no node's port lets a
// pod's address through. It takes Calico's place in its containers: as `install` (the CNI installer), as `node` (the agent) and as `wait` (the controllers).
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	account  = "/var/run/secrets/kubernetes.io/serviceaccount/"
	plugins  = "/opt/cni/bin"
	wayOut   = "/host/opt/cni/bin"
	settings = "/host/etc/cni/net.d"
	tunnel   = "vxlan.calico"
	// What a network of 1450 leaves when it is wrapped.
	mtu = "1400"
)

type node struct {
	Metadata struct{ Name string }
	Status   struct {
		Addresses []struct{ Type, Address string }
	}
}

func (n node) address() net.IP {
	for _, one := range n.Status.Addresses {
		if ip := net.ParseIP(one.Address).To4(); one.Type == "InternalIP" && ip != nil {
			return ip
		}
	}
	return nil
}

// part is the node's /24 of the pods' network: the third octet is the last one of the node's address, which is its own
// within a subnet of up to 256 addresses.
func part(pool string, address net.IP) (string, error) {
	_, network, err := net.ParseCIDR(pool)
	if err != nil {
		return "", err
	}
	if ones, _ := network.Mask.Size(); ones > 16 {
		return "", fmt.Errorf("the pods' network %s is smaller than a /16", pool)
	}
	base := network.IP.To4()
	return fmt.Sprintf("%d.%d.%d.0/24", base[0], base[1], address[3]), nil
}

// end is the node's own address in the VXLAN: the first of its part, which no pod gets.
func end(subnet string) string {
	return strings.TrimSuffix(subnet, "/24")
}

// hardware is the address of the node's end of the VXLAN, which every other node knows without asking.
func hardware(address net.IP) string {
	return fmt.Sprintf("02:76:%02x:%02x:%02x:%02x", address[0], address[1], address[2], address[3])
}

func nodes() ([]node, error) {
	token, err := os.ReadFile(account + "token")
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(authority)
	client := http.Client{Timeout: 15 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	at := net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))
	request, err := http.NewRequest("GET", "https://"+at+"/api/v1/nodes", nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	answer, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", answer.Status, body)
	}
	var list struct{ Items []node }
	return list.Items, json.Unmarshal(body, &list)
}

// install copies the plug-ins to the node. Their configuration comes from the agent, which knows the node's part.
func install() {
	entries, err := os.ReadDir(plugins)
	if err != nil {
		log.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() == "install" {
			continue
		}
		content, err := os.ReadFile(filepath.Join(plugins, entry.Name()))
		if err != nil {
			log.Fatal(err)
		}
		// Under another name first: the one that is there may be running.
		target := filepath.Join(wayOut, entry.Name())
		if err := os.WriteFile(target+".new", content, 0o755); err != nil {
			log.Fatal(err)
		}
		if err := os.Rename(target+".new", target); err != nil {
			log.Fatal(err)
		}
	}
	log.Printf("%d plug-ins are on the node", len(entries)-1)
}

func configuration(subnet string) []byte {
	return []byte(fmt.Sprintf(`{
  "cniVersion": "0.4.0",
  "name": "k8s-pod-network",
  "plugins": [
    {
      "type": "bridge", "bridge": "pods0", "isGateway": true, "ipMasq": false, "hairpinMode": true, "mtu": %s,
      "ipam": { "type": "host-local", "ranges": [[{ "subnet": %q }]], "routes": [{ "dst": "0.0.0.0/0" }] }
    },
    { "type": "portmap", "snat": true, "capabilities": { "portMappings": true } }
  ]
}
`, mtu, subnet))
}

func run(command string, arguments ...string) error {
	if out, err := exec.Command(command, arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %v: %s", command, strings.Join(arguments, " "), err, bytes.TrimSpace(out))
	}
	return nil
}

// ensureRule appends a rule of iptables unless it is there.
func ensureRule(table, chain string, rule ...string) error {
	if run("iptables", append([]string{"-w", "-t", table, "-C", chain}, rule...)...) == nil {
		return nil
	}
	return run("iptables", append([]string{"-w", "-t", table, "-A", chain}, rule...)...)
}

// ensureTunnel makes this node's end of the VXLAN, as Calico has it.
func ensureTunnel(address net.IP, subnet string) error {
	if _, err := net.InterfaceByName(tunnel); err != nil {
		if err := run("ip", "link", "add", tunnel, "address", hardware(address), "mtu", mtu,
			"type", "vxlan", "id", "4096", "dstport", "4789", "local", address.String(), "nolearning"); err != nil {
			return err
		}
	}
	if err := run("ip", "address", "replace", end(subnet)+"/32", "dev", tunnel); err != nil {
		return err
	}
	return run("ip", "link", "set", tunnel, "up")
}

// lead makes the pods of the node at that address reachable.
func lead(address net.IP, pool string) error {
	subnet, err := part(pool, address)
	if err != nil {
		return err
	}
	for _, command := range [][]string{
		{"bridge", "fdb", "replace", hardware(address), "dev", tunnel, "dst", address.String()},
		{"ip", "neighbour", "replace", end(subnet), "lladdr", hardware(address), "dev", tunnel, "nud", "permanent"},
		{"ip", "route", "replace", subnet, "via", end(subnet), "dev", tunnel, "onlink"},
	} {
		if err := run(command[0], command[1:]...); err != nil {
			return err
		}
	}
	return nil
}

// settle makes this node's configuration, and its routes to the pods of the others, what the list of nodes says.
func settle(own, pool string) error {
	list, err := nodes()
	if err != nil {
		return err
	}
	var others []node
	for _, one := range list {
		address := one.address()
		if address == nil {
			continue
		}
		subnet, err := part(pool, address)
		if err != nil {
			return err
		}
		if one.Metadata.Name != own {
			others = append(others, one)
			continue
		}
		if err := ensureTunnel(address, subnet); err != nil {
			return err
		}
		wanted := configuration(subnet)
		file := filepath.Join(settings, "10-calico.conflist")
		if there, err := os.ReadFile(file); err != nil || !bytes.Equal(there, wanted) {
			if err := os.WriteFile(file, wanted, 0o644); err != nil {
				return err
			}
			log.Printf("this node's pods are in %s", subnet)
		}
	}
	for _, one := range others {
		if err := lead(one.address(), pool); err != nil {
			return err
		}
	}
	if err := ensureRule("filter", "FORWARD", "-s", pool, "-j", "ACCEPT"); err != nil {
		return err
	}
	if err := ensureRule("filter", "FORWARD", "-d", pool, "-j", "ACCEPT"); err != nil {
		return err
	}
	// Outside, pods go by their node's address.
	return ensureRule("nat", "POSTROUTING", "-s", pool, "!", "-d", pool, "-j", "MASQUERADE")
}

func agent() {
	own, pool := os.Getenv("NODENAME"), os.Getenv("CALICO_IPV4POOL_CIDR")
	if err := os.WriteFile("/proc/sys/net/ipv4/ip_forward", []byte("1"), 0o644); err != nil {
		log.Printf("forwarding cannot be switched on: %v", err)
	}
	for {
		err := settle(own, pool)
		if err != nil {
			log.Print(err)
			os.Remove("/tmp/ready")
		} else if err := os.WriteFile("/tmp/ready", nil, 0o644); err != nil {
			log.Print(err)
		}
		time.Sleep(5 * time.Second)
	}
}

func main() {
	as := filepath.Base(os.Args[0])
	if len(os.Args) > 1 && strings.HasPrefix(os.Args[1], "-") {
		as = os.Args[1]
	}
	switch as {
	case "install":
		install()
	case "-felix-ready":
		if _, err := os.Stat("/tmp/ready"); err != nil {
			log.Fatal("not ready")
		}
	case "-felix-live", "-shutdown", "-l", "-r":
	case "kube-controllers":
		ended := make(chan os.Signal, 1)
		signal.Notify(ended, syscall.SIGTERM, syscall.SIGINT)
		<-ended
	default:
		agent()
	}
}
